//! Secrets in what an image states of itself: variables, labels, and how it was made.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Secret, content, masked, url, value};
use crate::fact::image::ImageFacts;

/// `NAME=value`, the value quoted or up to a space.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s|;&(])([A-Za-z_][A-Za-z0-9_.]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s;&|)]*)"#)
        .ok()
});

/// The most characters of a step that are shown.
const STEP: usize = 60;

/// What an image states that is a secret.
pub(super) fn find(image: &ImageFacts) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    for variable in &image.env {
        let (name, text) = variable.split_once('=').unwrap_or((variable, ""));
        known.insert(text.to_owned());
        found.extend(given(&format!("env {name}"), name, text, false));
    }
    for (name, text) in &image.labels {
        known.insert(text.clone());
        found.extend(given(&format!("label {name}"), name, text, false));
    }
    known.extend(found.iter().map(|secret| secret.text.clone()));
    // The newest step is the engine's first. What a variable or label holds still was said.
    for step in image.history.iter().rev() {
        for secret in of_step(&step.created_by) {
            if known.insert(secret.text.clone()) {
                found.push(secret);
            }
        }
    }
    found
}

/// The secret that a name is given, going by both; `lenient` where nothing is run with it.
fn given(place: &str, name: &str, text: &str, lenient: bool) -> Option<Secret> {
    let secret = |what: &'static str, text: &str| Secret {
        place: place.to_owned(),
        what,
        text: text.to_owned(),
        name: Some(name.to_owned()),
        line: None,
        more: 0,
    };
    if let Some((rule, _, found)) = content::in_text(text).into_iter().next() {
        return Some(secret(rule.what, &found));
    }
    if let Some((_, password)) = url::in_text(text).into_iter().next() {
        return Some(secret("a password in an address", password));
    }
    if is_signed(text) {
        return Some(secret("a signed token", text));
    }
    let none = value::is_empty(text) || lenient && value::is_placeholder(text);
    (!none && value::is_secret(name, text)).then(|| secret("a value under such a name", text))
}

/// Secrets in the command of a step, build arguments among them.
fn of_step(command: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let assignments = ASSIGNMENT
        .iter()
        .flat_map(|regex| regex.captures_iter(command));
    for captured in assignments {
        let (_, [name, text]) = captured.extract();
        let text = text.trim_matches(['"', '\'']);
        found.extend(given("", name, text, true));
    }
    let bare = |what, text: &str| Secret {
        place: String::new(),
        what,
        text: text.to_owned(),
        name: None,
        line: None,
        more: 0,
    };
    let rules = content::in_text(command).into_iter();
    found.extend(rules.map(|(rule, _, text)| bare(rule.what, &text)));
    let addresses = url::in_text(command).into_iter();
    found.extend(addresses.map(|(_, text)| bare("a password in an address", text)));
    // The step is shown, and no secret in it.
    let hidden = found.iter().fold(tidy(command).to_owned(), |step, secret| {
        step.replace(&secret.text, &masked(&secret.text))
    });
    let shown: String = hidden.chars().take(STEP).collect();
    for secret in &mut found {
        secret.place = match &secret.name {
            Some(name) => format!("history: {name} in {shown}"),
            None => format!("history: {shown}"),
        };
    }
    found
}

/// A step without the words that every step has.
fn tidy(command: &str) -> &str {
    let command = command.strip_prefix("/bin/sh -c ").unwrap_or(command);
    let command = command.strip_prefix("#(nop)").unwrap_or(command);
    command.trim()
}

/// A JSON web token with its signature.
fn is_signed(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let encoded = |part: &&str| part.len() >= 16 && part.chars().all(content::is_url_word);
    parts.len() == 3
        && parts.iter().all(encoded)
        && parts.iter().take(2).all(|p| p.starts_with("eyJ"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::image::HistoryStep;

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
        let found = find(&facts).into_iter();
        found
            .map(|secret| format!("{}: {}", secret.place, secret.text))
            .collect()
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
