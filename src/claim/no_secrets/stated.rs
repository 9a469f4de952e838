//! Secrets in what an image states of itself: variables, labels, what it runs, and how it was made.

use std::collections::HashSet;

use super::assigned::{self, Style};
use super::told::masked;
use super::{Secret, command, content, name, url, value};
use crate::fact::image::ImageFacts;
use crate::text::cut::cut;

/// The most characters of a step that are shown.
const STEP: usize = 60;

/// What an image states that is a secret.
pub(super) fn find(image: &ImageFacts) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    for variable in &image.env {
        let (name, text) = variable.split_once('=').unwrap_or((variable, ""));
        known.insert(text.to_owned());
        found.extend(given(&format!("env {name}"), name, text));
    }
    for (name, text) in &image.labels {
        known.insert(text.clone());
        found.extend(given(&format!("label {name}"), name, text));
    }
    known.extend(found.iter().map(|secret| secret.text.clone()));
    let check = image.healthcheck.as_ref().map(|check| &check.test);
    let run = [
        ("entrypoint", Some(&image.entrypoint)),
        ("command", Some(&image.cmd)),
        ("healthcheck", check),
    ];
    let run = run.iter().map(|(place, words)| {
        let words = words.map_or(String::new(), |words| words.join(" "));
        (*place, words, Style::Running)
    });
    let onbuild = image.on_build.iter();
    let onbuild = onbuild.map(|step| ("onbuild", step.clone(), Style::Command));
    // The newest step is the engine's first. What a variable or label holds still was said.
    let history = image.history.iter().rev();
    let history = history.map(|step| ("history", step.created_by.clone(), Style::Command));
    for (place, text, style) in run.chain(onbuild).chain(history) {
        for secret in of_command(place, &text, style) {
            if known.insert(secret.text.clone()) {
                found.push(secret);
            }
        }
    }
    found
}

/// The secret that a variable or a label is given, going by its name and its value.
fn given(place: &str, name: &str, text: &str) -> Option<Secret> {
    let secret = |what: &'static str, text: &str| Secret {
        place: place.to_owned(),
        what,
        text: text.to_owned(),
        name: Some(name.to_owned()),
        line: None,
        more: Vec::new(),
        under: None,
        behind: String::new(),
    };
    if let Some((rule, _, found)) = content::in_text(text).into_iter().next() {
        return Some(secret(rule.what, &found));
    }
    if let Some((_, password)) = url::in_text(text).into_iter().next() {
        return Some(secret("a password in an address", password));
    }
    if let Some(password) = url::of_source(text).filter(|_| name::is_source(name)) {
        return Some(secret("a password in an address", password));
    }
    if !value::is_empty(text) && name::is_secret(name, text) {
        return Some(secret("a value under such a name", text));
    }
    // `Server=db;Password=…`, `{"password": "…"}`, `--password=…`
    let inner = command::secrets(text, Style::Command).into_iter().next()?;
    Some(secret(inner.what, &inner.text))
}

/// Secrets in a command, build arguments of a step among them.
fn of_command(place: &str, command: &str, style: Style) -> Vec<Secret> {
    let command = assigned::plain(command, style);
    let spoken = command::secrets(&command, style);
    // The step is shown, and no secret in it.
    let hidden = spoken
        .iter()
        .fold(tidy(&command).to_owned(), |step, secret| {
            step.replace(&secret.text, &masked(&secret.text))
        });
    let shown = cut(hidden.trim_end(), STEP);
    let told = spoken.into_iter().map(|spoken| Secret {
        place: match &spoken.name {
            Some(name) => format!("{place}: {name} in {shown}"),
            None => format!("{place}: {shown}"),
        },
        what: spoken.what,
        text: spoken.text,
        name: Some(spoken.name.unwrap_or_else(|| place.to_owned())),
        line: None,
        more: Vec::new(),
        under: None,
        behind: String::new(),
    });
    told.collect()
}

/// A step without the words that every step has.
fn tidy(command: &str) -> &str {
    let command = command.strip_prefix("/bin/sh -c ").unwrap_or(command);
    let command = command.strip_prefix("#(nop)").unwrap_or(command);
    command.trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::image::HistoryStep;

    fn told(facts: &ImageFacts) -> Vec<String> {
        let found = find(facts).into_iter();
        found
            .map(|secret| format!("{}: {}", secret.place, secret.text))
            .collect()
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn image(env: &[&str], labels: &[(&str, &str)], history: &[&str]) -> Vec<String> {
        let step = |command: &&str| HistoryStep {
            created_by: (*command).to_owned(),
            ..HistoryStep::default()
        };
        let facts = ImageFacts {
            env: env.iter().map(|e| (*e).to_owned()).collect(),
            labels: labels
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            history: history.iter().rev().map(step).collect(),
            ..ImageFacts::default()
        };
        told(&facts)
    }

    #[test]
    fn what_an_image_runs_is_read_too() {
        let check = |test: &[&str]| crate::fact::image::Healthcheck {
            test: texts(test),
            ..Default::default()
        };
        let facts = ImageFacts {
            entrypoint: texts(&["redis-server", "--requirepass", "changeme"]),
            cmd: texts(&["--token=hunter2"]),
            healthcheck: Some(check(&[
                "CMD-SHELL",
                "curl -H 'Authorization: Bearer hunter3' http://localhost/",
            ])),
            on_build: texts(&[
                "ENV DB_PASSWORD=hunter4",
                "RUN export X=1 API_KEY='hunter5'",
            ]),
            ..ImageFacts::default()
        };
        assert_eq!(
            told(&facts),
            [
                "entrypoint: requirepass in redis-server --requirepass ch… (8 characters): changeme",
                "command: token in --token=h… (7 characters): hunter2",
                "healthcheck: CMD-SHELL curl -H 'Authorization: Bearer h… (7 characters)' …: hunter3",
                "onbuild: DB_PASSWORD in ENV DB_PASSWORD=h… (7 characters): hunter4",
                "onbuild: API_KEY in RUN export X=1 API_KEY='h… (7 characters)': hunter5",
            ]
        );
        let facts = ImageFacts {
            entrypoint: texts(&["/docker-entrypoint.sh"]),
            cmd: texts(&["gunicorn", "--certfile", "/run/tls.pem", "app:wsgi"]),
            healthcheck: Some(check(&["CMD", "pg_isready", "-U", "postgres"])),
            on_build: texts(&["ARG DB_PASSWORD", "RUN --mount=type=secret,id=t make"]),
            ..ImageFacts::default()
        };
        assert_eq!(told(&facts), [""; 0]);
    }

    #[test]
    fn a_variable_may_hold_a_secret_inside() {
        for variable in [
            "MYSQL_PWD=hunter2",
            "DB_DSN=app:hunter2@tcp(db:3306)/app",
            "CONN=Server=db;User=a;Password=hunter2",
            "CONF={\"db\": {\"password\": \"hunter2\"}}",
            "JAVA_OPTS=-Xmx1g -Dapp.password=hunter2",
            "REDIS_ARGS=--requirepass hunter2",
        ] {
            let said = image(&[variable], &[], &[]);
            assert!(
                said.len() == 1 && said[0].ends_with(": hunter2"),
                "{variable}: {said:?}"
            );
        }
    }

    #[test]
    fn secrets_are_found_in_each_place() {
        let token = format!("ghp_{}", "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN");
        let signed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.q8Zr2LmW0vTn5KdJaB3cD4eF";
        let env = [
            "DB_PASSWORD=changeme",
            &format!("X={token}"),
            "URL=amqp://a:hunter2@q",
            &format!("J={signed}"),
        ];
        assert_eq!(
            image(&env, &[("app.token", "abc")], &[]),
            [
                "env DB_PASSWORD: changeme".to_owned(),
                format!("env X: {token}"),
                "env URL: hunter2".to_owned(),
                format!("env J: {signed}"),
                "label app.token: abc".to_owned(),
            ]
        );
        assert_eq!(
            image(
                &[],
                &[],
                &[
                    "|2 API_KEY=k-1234 VERSION=1 /bin/sh -c make",
                    "/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2"
                ]
            ),
            [
                "history: API_KEY in |2 API_KEY=k… (6 characters) VERSION=1 /bin/sh -c make: k-1234",
                "history: DB_PASSWORD in ENV DB_PASSWORD=h… (7 characters): hunter2"
            ]
        );
        let step = format!(
            "RUN /bin/sh -c curl -H 'Authorization: {token}' https://me:hunter2@h/x # buildkit"
        );
        assert_eq!(image(&[], &[], &[&step]).len(), 2);
    }

    #[test]
    fn a_secret_that_a_variable_holds_is_said_once() {
        let step = "/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2";
        let said = image(
            &["DB_PASSWORD=hunter2"],
            &[],
            &[step, "|1 P=1 /bin/sh -c DB_PASSWORD=hunter2 make"],
        );
        assert_eq!(said, ["env DB_PASSWORD: hunter2"]);
        let step = "/bin/sh -c #(nop)  ENV QUEUE=amqp://a:hunter3@q/";
        assert_eq!(image(&["QUEUE=amqp://a:hunter3@q/"], &[], &[step]).len(), 1);
    }

    #[test]
    fn what_images_state_as_a_rule_is_none() {
        let env = [
            "PATH=/usr/bin",
            "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "PYTHON_GET_PIP_SHA256=96461deced5c2a487ddc65207ec5a9cffeca0d34e7af7ea1afc470ff0d746207",
            "DB_PASSWORD_FILE=/run/secrets/db",
            "DB_PASSWORD=",
            "NGINX_VERSION=1.22.1",
            "PWD=/app",
        ];
        let history = [
            "/bin/sh -c #(nop)  ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "RUN /bin/sh -c set -eux; key='B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8'; gpg --recv-keys \"$key\" # buildkit",
            "RUN SECRET_KEY=dummy python manage.py collectstatic # buildkit",
            "|1 NPM_TOKEN= /bin/sh -c npm ci",
            "ARG DB_PASSWORD",
            "RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) make",
            "/bin/sh -c #(nop) COPY file:0123 in / ",
        ];
        let labels = [(
            "org.opencontainers.image.revision",
            "a035c8c19219ba821ecea86b64e628f8d684696d",
        )];
        assert_eq!(image(&env, &labels, &history), [""; 0]);
    }
}
