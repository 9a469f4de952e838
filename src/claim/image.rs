//! `image`: what an image states about itself.

mod check;
mod command;
mod layers;
mod other;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::image::ImageFacts;
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::names::Names;
use crate::text::matcher::pairs::PairsMatch;
use crate::text::matcher::texts::TextMatch;
use crate::text::read::Filled;
use crate::text::signal::Signal;
use crate::text::source::Spanned;
use crate::text::units::{Bulk, Port};
pub use check::{DeclaredCheck, HealthcheckRule};
pub use command::Form;
pub use layers::Layers;
pub use other::{Other, OtherSource};

record! {
    /// What an image states about itself.
    pub struct Image {
        /// Bytes of all its layers, unpacked, as `docker images` shows them; `MB` is a million.
        size: Option<Spanned<Bound<Bulk>>>,
        /// Its `USER`, as it is written there; `root` where it has none.
        user: Option<Spanned<String>>,
        /// The folder its process starts in.
        workdir: Option<Spanned<TextMatch>>,
        /// Its `ENTRYPOINT`: a list, exactly, the text of a shell form, or rules about the words in a row. `[]` is none.
        entrypoint: Option<Spanned<Form>>,
        /// Its `CMD`: a list, exactly, the text of a shell form, or rules about the words in a row. `[]` is none.
        cmd: Option<Spanned<Form>>,
        /// Its variables: names that are among them, or a map of name to text, `null` for one that
        /// is not set.
        env: Option<PairsMatch>,
        /// Its labels, in the same ways as `env`.
        labels: Option<PairsMatch>,
        /// Its `EXPOSE`d ports.
        exposes: Option<Spanned<Names<Port>>>,
        /// Its declared volumes.
        volumes: Option<Spanned<Names<String>>>,
        /// The signal that stops it; `TERM` where it names none.
        stop_signal: Option<Spanned<Signal>>,
        /// `none`, or what its health check is.
        healthcheck: Option<Spanned<HealthcheckRule>>,
        /// How many layers it has, or `{ none_holds: [PATH] }`: what none of them may hold.
        layers: Option<Spanned<Layers>>,
        /// What it was built for: `linux/amd64`, `linux/arm/v7`.
        platform: Option<Spanned<Filled>>,
        /// Another image that it is smaller than: `{ target: NAME }`, `{ ref: NAME }` or `{ build: … }`,
        /// with `by: 60%` by so much at least.
        smaller_than: Option<Other>,
    }
}

impl Judge for Image {
    const SCOPE: Scope = Scope::Image;

    fn questions(&self) -> Vec<Question> {
        let layers = self
            .layers
            .as_ref()
            .and_then(|layers| layers.value.question());
        let other = self.smaller_than.as_ref().map(Other::question);
        [Question::Image]
            .into_iter()
            .chain(layers)
            .chain(other)
            .collect()
    }

    fn others(&self) -> Vec<&Other> {
        self.smaller_than.iter().collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let image = seen.image()?;
        self.content(image, findings);
        self.process(image, findings);
        self.names(image, findings);
        if let Some(rule) = &self.healthcheck {
            rule.value
                .judge(rule.span, image.healthcheck.as_ref(), findings);
        }
        if let Some(layers) = &self.layers {
            layers.value.judge(layers.span, image, seen, findings)?;
        }
        if let Some(other) = &self.smaller_than {
            other.judge(image, seen, findings)?;
        }
        Ok(())
    }
}

impl Image {
    fn content(&self, image: &ImageFacts, findings: &mut Findings) {
        if let Some(rule) = &self.size {
            let size = Bulk(image.size);
            findings.compare(rule.span, "size", rule.value.miss(&size), size);
        }
        if let Some(rule) = &self.platform {
            let plain = |part: &Option<String>| part.clone().unwrap_or_else(|| "unknown".into());
            let short = format!("{}/{}", plain(&image.os), plain(&image.architecture));
            let long = image.variant.as_ref().map(|v| format!("{short}/{v}"));
            let wanted = &rule.value.0;
            let holds = *wanted == short || Some(wanted) == long.as_ref();
            let actual = long.unwrap_or(short);
            let miss = (!holds).then(|| Miss::new(wanted, &actual));
            findings.compare(rule.span, "platform", miss, actual);
        }
    }

    fn process(&self, image: &ImageFacts, findings: &mut Findings) {
        if let Some(rule) = &self.user {
            let actual = image.user.as_deref();
            let shown = actual.unwrap_or("root, since no USER is set");
            let holds = match actual {
                Some(user) => rule.value == user,
                None => matches!(rule.value.as_str(), "" | "root" | "0" | "root:root" | "0:0"),
            };
            match holds {
                true => findings.saw(format!("user {shown}")),
                false => {
                    let miss = Some(Miss::new(&rule.value, shown));
                    let note = "compared as it is written: a name and its number are told apart \
                                here; as whom the program runs is what `whoami` says";
                    findings.check_with(rule.span, "user", miss, note);
                }
            }
        }
        if let Some(rule) = &self.workdir {
            let workdir = image.workdir.as_deref().unwrap_or("/");
            findings.compare(rule.span, "workdir", rule.value.miss(workdir), workdir);
        }
        let commands = [
            ("entrypoint", &self.entrypoint, &image.entrypoint),
            ("cmd", &self.cmd, &image.cmd),
        ];
        for (name, rule, actual) in commands {
            let Some(rule) = rule else { continue };
            let miss = rule.value.miss(actual, &image.shell);
            findings.compare(rule.span, name, miss, command::show(actual));
        }
        if let Some(rule) = &self.stop_signal {
            let written = image.stop_signal.as_deref();
            let actual = written.map_or(Some(Signal::TERM), Signal::parse);
            let shown = match (written, actual) {
                (None, _) => "SIGTERM, since the image names none".to_owned(),
                (Some(_), Some(signal)) => signal.to_string(),
                (Some(written), None) => written.to_owned(),
            };
            let miss = (actual != Some(rule.value))
                .then(|| Miss::new(rule.value.to_string(), shown.as_str()));
            findings.compare(rule.span, "stop_signal", miss, shown);
        }
    }

    fn names(&self, image: &ImageFacts, findings: &mut Findings) {
        let env = image
            .env
            .iter()
            .map(|e| e.split_once('=').unwrap_or((e, "")));
        let labels = image.labels.iter().map(|(n, t)| (n.as_str(), t.as_str()));
        let maps = [
            ("env", &self.env, env.collect::<Vec<_>>()),
            ("label", &self.labels, labels.collect()),
        ];
        for (kind, rule, actual) in maps {
            for judged in rule.iter().flat_map(|rule| rule.judge(&actual)) {
                let what = format!("{kind} {}", judged.name);
                findings.compare(judged.span, what.trim_end(), judged.miss, judged.seen);
            }
        }
        let exposes = self.exposes.as_ref();
        let exposes = exposes.map(|rule| (rule.span, rule.value.shown()));
        let volumes = self.volumes.as_ref();
        let volumes = volumes.map(|rule| (rule.span, rule.value.shown()));
        let lists = [
            ("exposes", exposes, &image.exposed_ports),
            ("volumes", volumes, &image.volumes),
        ];
        for (name, rule, actual) in lists {
            let Some((span, rule)) = rule else { continue };
            findings.compare(span, name, rule.miss(actual), actual.join(", "));
        }
    }
}

#[cfg(test)]
mod tests;
