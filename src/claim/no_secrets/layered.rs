//! Secrets that later layers took away or put something else over: no container has them, everyone with the
//! image has.

use super::{Findings, NoSecrets, Secret, gathered, in_files, is_example, whole};
use crate::fact::answer::Blocked;
use crate::fact::search::{Beneath, Searched};
use crate::text::cut::cut;
use crate::text::matcher::evident;

/// The most characters of a step that are told.
const STEP: usize = 100;
/// The characters of a checksum, and how many of them are told.
const SUM: usize = 64;
const SHORT: usize = 8;

/// What was found where containers see it, and what was found in layers and is not the same. Whether a container sees
/// it is not told by what the layers take away: engines lose such marks.
pub(super) fn with(mut found: Vec<Secret>, beneath: &Beneath) -> Vec<Secret> {
    for under in &beneath.found {
        for mut secret in gathered(in_files(&under.searched, is_example, false)) {
            let same = |one: &Secret| {
                (&one.name, &one.text, &one.behind) == (&secret.name, &secret.text, &secret.behind)
            };
            if found.iter().any(same) {
                continue;
            }
            let (number, all) = (under.number, beneath.layers);
            secret.place = format!("{} in layer {number} of {all}", secret.place);
            secret.under = Some(under.made_by.clone());
            found.push(secret);
        }
    }
    found
}

/// What was looked at there, as it follows what else was.
pub(super) fn looked(beneath: Option<&Beneath>) -> String {
    match beneath {
        None => "; what a later step removed was not looked for".to_owned(),
        Some(beneath) if beneath.layers < 2 => String::new(),
        Some(beneath) => {
            let (files, layers) = (beneath.files, beneath.layers);
            match beneath.hidden {
                true => {
                    format!(", nor in {files} files hidden by later ones of its {layers} layers")
                }
                false => format!(", nor in {files} files of its {layers} layers"),
            }
        }
    }
}

impl NoSecrets {
    /// Whether everything was searched there, but what is let through.
    pub(super) fn all_beneath(
        &self,
        beneath: &Beneath,
        seen: &Searched,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let all = Searched {
            cut: beneath.cut,
            ..Searched::default()
        };
        whole(&all, &self.places.except)?;
        for under in &beneath.found {
            self.read_to_its_end(&under.searched)?;
            let partly = under.searched.partly.iter();
            for path in partly.filter(|path| !seen.partly.contains(path)) {
                let number = under.number;
                findings.saw(format!(
                    "only the first part of {path} in layer {number} was searched"
                ));
            }
        }
        Ok(())
    }
}

impl Secret {
    /// Which step made the layer that it is in.
    pub(super) fn made_by(&self) -> Option<String> {
        let by = self.under.as_ref().filter(|by| !by.is_empty())?;
        let by = evident(&cut(&without_sums(by), STEP));
        Some(format!("that layer was made by: {by}"))
    }
}

/// A step in which the checksums that the classic builder writes are cut, so that what was copied where is seen.
fn without_sums(step: &str) -> String {
    let mut words = step.split(' ').map(|word| {
        let (_, sum) = word.split_once(':').unwrap_or(("", ""));
        let is_sum = sum.len() == SUM && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        match is_sum {
            true => format!("{}…", &word[..word.len() - SUM + SHORT]),
            false => word.to_owned(),
        }
    });
    let first = words.next().unwrap_or_default();
    words.fold(first, |all, word| format!("{all} {word}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TOKEN, clean, find, held};
    use super::*;
    use crate::claim::trial::{judged, misses};
    use crate::fact::answer::Fact;
    use crate::fact::question::Question;
    use crate::fact::search::Under;

    fn under(number: u64, searched: Searched) -> Under {
        let made_by = format!("COPY number {number}");
        Under {
            number,
            made_by,
            searched,
        }
    }

    fn beneath(found: Vec<Under>) -> Beneath {
        Beneath {
            layers: 4,
            files: 9,
            hidden: false,
            found,
            cut: false,
        }
    }

    fn answer(searched: Searched, beneath: Beneath) -> impl Fn(&Question) -> Fact {
        move |question| match question {
            Question::Image => Fact::Image(Box::default()),
            Question::Beneath(_) => Fact::Beneath(Box::new(beneath.clone())),
            _ => Fact::Searched(Box::new(searched.clone())),
        }
    }

    fn key(path: &str) -> Searched {
        Searched {
            finds: vec![find(path, 3, "ghp_", TOKEN)],
            ..clean()
        }
    }

    #[test]
    fn what_a_later_layer_hides_is_found_with_its_layer_and_its_step() {
        let there = || answer(clean(), beneath(vec![under(2, key("/app/key"))]));
        let said = misses("no_secrets", "true", there());
        let [said] = said.as_slice() else {
            panic!("{said:?}");
        };
        let start = "/app/key:3 in layer 2 of 4: expected no secret, actual a token of GitHub: ghp_… (40 characters) | \
                     that layer was made by: COPY number 2";
        assert!(said.starts_with(start), "{said}");
        assert!(
            said.contains("no container has the file, and whoever has the image has"),
            "{said}"
        );
        assert_eq!(
            misses("no_secrets", "{ except: [/app/key] }", there()),
            [""; 0]
        );
        assert_eq!(misses("no_secrets", "{ layers: false }", there()), [""; 0]);
        assert_eq!(misses("no_secrets", "{ layers: true }", there()).len(), 1);
        // Files that come with packages to show something are none here either.
        let shown = beneath(vec![under(2, key("/v/site-packages/a/tests/key"))]);
        assert_eq!(
            misses("no_secrets", "true", answer(clean(), shown)),
            [""; 0]
        );
    }

    #[test]
    fn a_step_is_told_without_its_checksums() {
        let sum = "2892ec01".repeat(8);
        let step = format!("/bin/sh -c #(nop) COPY file:{sum} in /a/key ");
        let short = "/bin/sh -c #(nop) COPY file:2892ec01… in /a/key ";
        assert_eq!(without_sums(&step), short);
        assert_eq!(without_sums("RUN a:b  c"), "RUN a:b  c");
    }

    #[test]
    fn the_same_secret_is_told_once_and_another_one_of_the_file_by_itself() {
        let twice = beneath(vec![under(1, key("/a")), under(3, key("/a"))]);
        assert_eq!(
            misses("no_secrets", "true", answer(clean(), twice)).len(),
            1
        );
        let both = beneath(vec![under(1, key("/a"))]);
        let said = misses("no_secrets", "true", answer(key("/a"), both));
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("/a:3: expected"), "{said:?}");
        // Of a key only the first line is told, by which all keys are the same.
        let pem = |body: &str| {
            let mut key = find("/k.pem", 1, "PRIVATE KEY-----", &format!("\n{body}\n"));
            key.before = "-----BEGIN ".to_owned();
            Searched {
                finds: vec![key],
                ..clean()
            }
        };
        let bodies = [TOKEN.repeat(2), TOKEN.to_lowercase().repeat(2)];
        let keys = [&bodies[0], &bodies[1], &bodies[0]].map(|body| pem(body));
        let keys = (1..).zip(keys).map(|(number, key)| under(number, key));
        let said = misses(
            "no_secrets",
            "true",
            answer(clean(), beneath(keys.collect())),
        );
        assert_eq!(said.len(), 2, "{said:?}");
        let old = Searched {
            files: vec![held("/root/.npmrc", "//r/:_authToken=abcdef")],
            ..clean()
        };
        let new = Searched {
            files: vec![held("/root/.npmrc", "//r/:_authToken=ghijkl")],
            ..clean()
        };
        let said = misses(
            "no_secrets",
            "true",
            answer(new, beneath(vec![under(1, old)])),
        );
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[1].starts_with("/root/.npmrc:1 in layer 1 of 4"),
            "{said:?}"
        );
    }

    #[test]
    fn it_is_said_how_much_was_looked_at() {
        let saw = |text: &str, beneath: Beneath| {
            judged("no_secrets", text, answer(clean(), beneath))
                .seen
                .join("; ")
        };
        let first = "none in variables, labels, history and 12 files (3 MB)";
        let hidden = ", nor in 9 files of its 4 layers";
        assert_eq!(saw("true", beneath(Vec::new())), format!("{first}{hidden}"));
        let compared = Beneath {
            hidden: true,
            ..beneath(Vec::new())
        };
        let those = ", nor in 9 files hidden by later ones of its 4 layers";
        assert_eq!(saw("true", compared), format!("{first}{those}"));
        let one = Beneath {
            layers: 1,
            ..Beneath::default()
        };
        assert_eq!(saw("true", one), first);
        let left_out = "; what a later step removed was not looked for";
        assert_eq!(
            saw("{ layers: false }", beneath(Vec::new())),
            format!("{first}{left_out}")
        );
        let partly = Searched {
            partly: vec!["/big".to_owned()],
            ..Searched::default()
        };
        let said = saw("true", beneath(vec![under(2, partly)]));
        assert!(
            said.contains("only the first part of /big in layer 2 was searched"),
            "{said}"
        );
    }

    #[test]
    fn what_was_not_searched_whole_is_no_pass() {
        let cut = Beneath {
            cut: true,
            ..beneath(Vec::new())
        };
        let judged = judged("no_secrets", "true", answer(clean(), cut));
        assert_eq!(judged.unseen.len(), 1, "{:?}", judged.seen);
    }
}
