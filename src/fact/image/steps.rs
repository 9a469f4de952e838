//! Which steps of an image's history made its layers.

use super::{HistoryStep, ImageFacts};

/// Instructions that add no layer.
const SETTINGS: [&str; 13] = [
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
];

impl ImageFacts {
    /// The step that made each layer, as the builder wrote it, the lowest first; none where that is not clear: a
    /// history does not say which of its steps added a layer, and `WORKDIR` does only where there is no such folder.
    pub fn made_by(&self) -> Vec<String> {
        let steps = || {
            let steps = self.history.iter().rev();
            steps.filter(|step| step.size > 0 || !SETTINGS.contains(&instruction(step)))
        };
        let of_files = steps().filter(|step| step.size > 0 || instruction(step) != "WORKDIR");
        let (all, of_files): (Vec<_>, Vec<_>) = (steps().collect(), of_files.collect());
        let made = [all, of_files].into_iter();
        let mut made = made.filter(|steps| steps.len() == self.layers.len());
        let steps = made.next().unwrap_or_default().into_iter();
        steps.map(|step| step.created_by.clone()).collect()
    }
}

/// The first word of a step, as a Dockerfile has it.
fn instruction(step: &HistoryStep) -> &str {
    let by = step.created_by.as_str();
    let by = by.strip_prefix("/bin/sh -c ").unwrap_or(by).trim_start();
    let by = by.strip_prefix("#(nop)").unwrap_or(by);
    by.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image with so many layers and these steps, the first one first.
    fn made(layers: usize, steps: &[(&str, u64)]) -> Vec<String> {
        let step = |(by, size): &(&str, u64)| HistoryStep {
            created_by: (*by).to_owned(),
            size: *size,
            ..HistoryStep::default()
        };
        let facts = ImageFacts {
            layers: vec![String::new(); layers],
            history: steps.iter().rev().map(step).collect(),
            ..ImageFacts::default()
        };
        facts.made_by()
    }

    #[test]
    fn settings_made_no_layer_and_commands_did_even_where_they_wrote_nothing() {
        let classic = [
            ("", 9),
            ("/bin/sh -c #(nop)  ENV A=b", 0),
            ("/bin/sh -c #(nop) COPY file:1 in /a ", 3),
            ("|1 V=1 /bin/sh -c true", 0),
            ("/bin/sh -c #(nop)  CMD [\"a\"]", 0),
        ];
        let layers = [
            "",
            "/bin/sh -c #(nop) COPY file:1 in /a ",
            "|1 V=1 /bin/sh -c true",
        ];
        assert_eq!(made(3, &classic), layers);
        let buildkit = [
            ("RUN /bin/sh -c true # buildkit", 0),
            ("USER 5", 0),
            ("COPY a b # buildkit", 2),
        ];
        assert_eq!(made(2, &buildkit), [buildkit[0].0, buildkit[2].0]);
    }

    #[test]
    fn a_folder_may_have_been_there_and_what_is_not_clear_is_not_told() {
        let steps = [
            ("ADD x / # buildkit", 5),
            ("WORKDIR /a", 0),
            ("WORKDIR /b", 0),
        ];
        assert_eq!(made(3, &steps), steps.map(|(by, _)| by));
        assert_eq!(made(1, &steps), [steps[0].0]);
        assert_eq!(made(2, &steps), [""; 0]);
        let steps = [
            ("ADD x / # buildkit", 5),
            ("WORKDIR /a", 0),
            ("RUN true # buildkit", 0),
        ];
        assert_eq!(made(2, &steps), [steps[0].0, steps[2].0]);
        // What a container was committed as may be anything.
        let steps = [("ADD x / # buildkit", 5), ("USER 5", 7)];
        assert_eq!(made(2, &steps), steps.map(|(by, _)| by));
        assert_eq!(made(2, &[]), [""; 0]);
    }
}
