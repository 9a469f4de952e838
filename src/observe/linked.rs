//! Patterns that name folders which are links: what stands behind these.

use std::collections::HashMap;

use super::ask::{self, ENTRIES};
use super::budget::Kept;
use super::ended;
use super::read::{ABSENT, View, fact};
use super::{errno, text};
use crate::engine::probe::FOLDER;
use crate::engine::probe::wire::{Answer as Told, Request};
use crate::fact::answer::{Answer, Blocked, Fact};
use crate::fact::linked::{Branch, Linked, MOST, too_many};
use crate::fact::path::{Entry, Walk};
use crate::fact::question::Question;
use crate::session::live::Live;
use crate::text::glob::Glob;

/// Folders that a walk does not enter unless it begins there: the kernel's, and our own.
pub const SKIPPED: [&str; 4] = ["/proc", "/sys", "/dev", FOLDER];
/// The most links of one pattern that are asked where they lead.
const LINKS: usize = 100_000;
/// As many folders are walked by one batch.
const PIECE: usize = 16;

/// Answers what matches patterns behind links, given what was seen of the files before.
pub async fn all(live: &mut Live, questions: &[&Question], answers: &mut Kept) {
    for question in questions {
        let Question::Linked { pattern } = question else {
            continue;
        };
        let answer = match of(live, pattern, answers).await {
            Ok(linked) => Answer::Seen(Fact::Linked(linked)),
            Err(Blocked::Unseen(why)) => Answer::Unseen(why),
            Err(Blocked::Ended(ending)) => Answer::Ended(ending),
        };
        answers.keep(0, (*question).clone(), answer);
    }
}

async fn of(live: &mut Live, pattern: &str, answers: &Kept) -> Result<Linked, Blocked> {
    let glob = Glob::new(pattern).map_err(Blocked::Unseen)?;
    let walk = answers.so_far().of(0).walk(&glob.root, glob.depth)?;
    let first = Branch::of(&glob);
    let links = first.beyond(walk).map_err(Blocked::Unseen)?;
    if links.is_empty() {
        return Ok(Linked::default());
    }
    match live.down().await {
        Ok(None) => {}
        Ok(Some(_)) => {
            let seen = ended::walk::behind(live, pattern, links).await;
            return seen.map_err(Blocked::Unseen);
        }
        Err(fault) => return Err(Blocked::Unseen(fault.to_string())),
    }
    let begun = SKIPPED.iter().any(|at| is_below(&glob.root, at));
    let mut looker = Looker {
        live,
        pattern,
        begun,
        linked: Linked::default(),
    };
    looker.look(links).await.map_err(Blocked::Unseen)?;
    looker.linked.settle();
    Ok(looker.linked)
}

/// Whether a path is this folder or lies in it.
pub fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

struct Looker<'a> {
    live: &'a mut Live,
    pattern: &'a str,
    /// Whether the pattern begins in one of the folders that are not entered else.
    begun: bool,
    linked: Linked,
}

impl Looker<'_> {
    /// Goes from link to link until none leads on. What lies behind several of them is walked once.
    async fn look(&mut self, links: Vec<Branch>) -> Result<(), String> {
        let mut known: HashMap<Place, Walk> = HashMap::new();
        let mut ahead: Vec<(Branch, String)> = links.into_iter().map(as_written).collect();
        let (mut entered, mut listed) = (0, 0);
        while !ahead.is_empty() {
            let folders = self.folders(ahead).await?;
            let mut open: Vec<Place> = folders.iter().map(place).collect();
            open.sort_unstable();
            open.dedup();
            open.retain(|place| !known.contains_key(place));
            for piece in open.chunks(PIECE) {
                let requests: Vec<Request> = piece.iter().map(walk).collect();
                for (place, told) in piece.iter().zip(self.ask(&requests).await?) {
                    known.insert(place.clone(), walked(place, told)?);
                }
            }
            ahead = Vec::new();
            for (branch, real) in folders {
                let Some(walk) = known.get(&place(&(branch.clone(), real.clone()))) else {
                    continue;
                };
                listed += walk.entries.len();
                entered += usize::from(walk.entries.len() > 1);
                if entered > MOST {
                    return Err(too_many(self.pattern));
                }
                if listed > ENTRIES as usize {
                    self.linked.cut = true;
                    return Ok(());
                }
                let seen = told_from(walk, &real, &branch.root);
                self.linked.add(&branch, &seen)?;
                let beyond = branch.beyond(&seen)?.into_iter();
                ahead.extend(beyond.map(|next| {
                    let at = moved(&next.root, &branch.root, &real);
                    (next, at)
                }));
            }
        }
        Ok(())
    }

    async fn ask(&mut self, requests: &[Request]) -> Result<Vec<Told>, String> {
        let told = ask::told(self.live, requests).await;
        told.map_err(|fault| fault.to_string())
    }

    /// Those of the branches that lead to something, each with where that is; they come with a way there.
    async fn folders(
        &mut self,
        branches: Vec<(Branch, String)>,
    ) -> Result<Vec<(Branch, String)>, String> {
        if branches.len() > LINKS {
            return Err(too_many(self.pattern));
        }
        let mut ways: Vec<&str> = branches
            .iter()
            .map(|(branch, at)| way(branch, at))
            .collect();
        ways.sort_unstable();
        ways.dedup();
        let real = ways.iter().map(|path| Request::Real {
            path: path.as_bytes().to_vec(),
        });
        let told = self.ask(&real.collect::<Vec<_>>()).await?;
        let told: HashMap<&str, Told> = ways.into_iter().zip(told).collect();
        let mut found = Vec::new();
        for (branch, at) in &branches {
            let real = match told.get(way(branch, at)) {
                Some(Told::Path { path }) => text(path),
                Some(Told::Errno { errno: number })
                    if ABSENT.contains(number) && !at.contains(NO_TEXT) =>
                {
                    continue;
                }
                Some(Told::Errno { errno: number }) => {
                    let unread = (branch.root.clone(), errno(*number));
                    self.linked.unread.push(unread);
                    continue;
                }
                other => return Err(format!("the probe said where a link leads with {other:?}")),
            };
            let real = match (branch.depth(), at.rsplit_once('/')) {
                (Some(0), Some((_, name))) => format!("{}/{name}", real.trim_end_matches('/')),
                _ => real,
            };
            if real.contains(NO_TEXT) {
                let why = "its name is no UTF-8, and cannot be asked for".to_owned();
                self.linked.unread.push((branch.root.clone(), why));
            } else if self.is_entered(&real) {
                found.push((branch.clone(), real));
            }
        }
        Ok(found)
    }

    /// Whether what lies there is looked into.
    fn is_entered(&self, real: &str) -> bool {
        let within = SKIPPED.iter().find(|at| is_below(real, at));
        within.is_none_or(|at| self.begun && *at != FOLDER)
    }
}

/// What stands for a byte that is no text.
const NO_TEXT: char = '\u{fffd}';

/// Where a walk begins, with no link in it, and how deep it goes.
type Place = (String, Option<u32>);

fn as_written(branch: Branch) -> (Branch, String) {
    let at = branch.root.clone();
    (branch, at)
}

fn place((branch, real): &(Branch, String)) -> Place {
    (real.clone(), branch.depth())
}

/// What is asked where it leads: of what is itself meant, and so not followed, the folder.
fn way<'a>(branch: &Branch, at: &'a str) -> &'a str {
    match (branch.depth(), at.rsplit_once('/')) {
        (Some(0), Some(("", _))) => "/",
        (Some(0), Some((folder, _))) => folder,
        _ => at,
    }
}

/// A path below one folder as it is below another.
fn moved(path: &str, from: &str, to: &str) -> String {
    let rest = path.strip_prefix(from.trim_end_matches('/'));
    match (to.trim_end_matches('/'), rest.unwrap_or(path)) {
        ("", "") => "/".to_owned(),
        (to, rest) => format!("{to}{rest}"),
    }
}

/// A walk of the place that a link leads to, told under the link's name.
fn told_from(walk: &Walk, real: &str, root: &str) -> Walk {
    let entries = walk.entries.iter().map(|entry| Entry {
        path: moved(&entry.path, real, root),
        stat: entry.stat.clone(),
    });
    let unread = walk.unread.iter();
    Walk {
        entries: entries.collect(),
        cut: walk.cut,
        unread: unread
            .map(|(path, why)| (moved(path, real, root), why.clone()))
            .collect(),
    }
}

fn walk((real, depth): &Place) -> Request {
    Request::Walk {
        root: real.as_bytes().to_vec(),
        max_depth: depth.unwrap_or(u32::MAX),
        max_entries: ENTRIES,
        same_device: false,
        skip: SKIPPED.map(|at| at.as_bytes().to_vec()).into(),
    }
}

/// What a walk met, without what is ours.
fn walked((real, depth): &Place, told: Told) -> Result<Walk, String> {
    let question = Question::Walk {
        root: real.clone(),
        depth: *depth,
    };
    match fact(&question, vec![told], &View::default()) {
        Answer::Seen(Fact::Walk(walk)) => Ok(walk),
        Answer::Unseen(why) => Err(why),
        other => Err(format!("the probe answered a walk with {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::path::{Kind, Stat};

    #[test]
    fn what_lies_behind_a_link_has_its_path_by_the_link() {
        for (path, from, to, moved_to) in [
            ("/usr/bin/sh", "/usr/bin", "/bin", "/bin/sh"),
            ("/usr/bin", "/usr/bin", "/bin", "/bin"),
            ("/etc/x", "/", "/l/root", "/l/root/etc/x"),
            ("/l/root/etc", "/l/root", "/", "/etc"),
            ("/l/root", "/l/root", "/", "/"),
        ] {
            assert_eq!(moved(path, from, to), moved_to);
        }
        let stat = Stat {
            kind: Kind::File,
            mode: 0,
            uid: 0,
            gid: 0,
            size: 0,
            modified: 0,
            target: None,
        };
        let path = "/usr/bin/sh".to_owned();
        let walk = Walk {
            entries: vec![Entry { path, stat }],
            cut: true,
            unread: vec![("/usr/bin/x".to_owned(), "denied".to_owned())],
        };
        let told = told_from(&walk, "/usr/bin", "/bin");
        assert_eq!(told.entries[0].path, "/bin/sh");
        assert_eq!((told.cut, told.unread[0].0.as_str()), (true, "/bin/x"));
    }
}
