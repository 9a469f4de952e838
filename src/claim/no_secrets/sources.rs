//! Secrets in files beside the suite: what an image is built from, and how it is run.

use super::{Findings, NoSecrets, content, files, in_files, of_file, whole};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::search::{Search, Searched};
use crate::fact::source::Look;
use crate::text::matcher::Miss;

/// What sources are searched for: as images are, and files of settings are wanted whole.
fn search() -> Search {
    let mut search = super::search();
    search.names.retain(|name| !name.contains("/.git/"));
    search.names.extend(files::SETTINGS.map(str::to_owned));
    search
}

pub(super) fn questions(paths: &[String]) -> Vec<Question> {
    let ask = |path: &String| {
        let (path, again) = (path.clone(), path.clone());
        let search = search();
        let looks = [
            Look::Stat { path, follow: true },
            Look::Search {
                path: again,
                search,
            },
        ];
        looks.map(Question::Source)
    };
    paths.iter().flat_map(ask).collect()
}

impl NoSecrets {
    pub(super) fn judge_sources(
        &self,
        paths: &[String],
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let (mut all, mut count) = (Vec::new(), 0);
        for path in paths {
            if seen.source_stat(path, true)?.is_none() {
                let miss = Miss::new("a file or folder without secrets", "nothing is there");
                findings.check(self.span, path, Some(miss));
                continue;
            }
            let searched = seen.source_searched(path, &search())?;
            all.extend(secrets(searched));
            count += searched.count;
        }
        let found = self.tell(all, findings);
        for path in paths {
            if seen.source_stat(path, true)?.is_none() {
                continue;
            }
            let searched = seen.source_searched(path, &search())?;
            whole(searched)?;
            for path in &searched.partly {
                findings.saw(format!("only the first part of {path} was searched"));
            }
        }
        if found == 0 && findings.misses.is_empty() {
            findings.saw(format!("none in {count} files of {}", paths.join(", ")));
        }
        Ok(())
    }
}

fn secrets(searched: &Searched) -> Vec<super::Secret> {
    let mut found = in_files(searched, |_| false);
    for held in &searched.files {
        // A sample is looked at where it is named: it shall show no real value.
        let (text, path) = (held.content.text(), &held.path);
        for (line, value) in files::settings(&text, &['=', ':']) {
            let known = |secret: &super::Secret| {
                secret.line == Some(line) && secret.name.as_deref() == Some(path)
            };
            let token = content::in_text(&value).into_iter().next();
            if !found.iter().any(known) && token.is_none() {
                found.push(of_file(path, line, "a value under such a name", value));
            }
        }
    }
    found.sort_by(|a, b| (&a.place, a.line).cmp(&(&b.place, b.line)));
    found
}
