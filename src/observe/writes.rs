//! Who may write where: the kernel is asked by a process that is that user.

use std::collections::BTreeMap;

use super::ask::{BATCH, blocked, says_no_user, works_as_root};
use super::errno;
use crate::engine::probe::wire::{Answer as Told, Request};
use crate::fact::answer::{Answer, Answers, Blocked, Fact};
use crate::fact::path::{Attempts, Kind};
use crate::session::live::Live;
use crate::text::glob::{Glob, is_pattern};

/// The most paths that one user tries.
const MOST: usize = 50_000;

/// The answer, given what was seen of the files before. The container's engine makes the process that
/// user, with its groups; nothing is opened or changed.
pub async fn may_write(live: &mut Live, at: &str, user: &str, answers: &Answers) -> Answer {
    let paths = match paths(at, answers) {
        Ok(paths) => paths,
        Err(Blocked::Unseen(why)) => return Answer::Unseen(why),
        Err(Blocked::Ended(ending)) => return Answer::Ended(ending),
    };
    if paths.len() > MOST {
        let why = format!(
            "{} files match {at}, and at most {MOST} are tried",
            paths.len()
        );
        return Answer::Unseen(why);
    }
    if paths.is_empty() {
        return Answer::Seen(Fact::MayWrite(Attempts::Tried(BTreeMap::new())));
    }
    let request = |path: &String| Request::MayWrite {
        path: path.as_bytes().to_vec(),
    };
    let requests: Vec<Request> = paths.iter().map(request).collect();
    let told = match live.link(Some(user)).await {
        Ok(link) => link.ask(&requests, BATCH).await,
        Err(fault) => Err(fault),
    };
    match told {
        Ok(told) => read(paths, told),
        Err(fault) => {
            // Not the others: where the probe is the container's program, one is what it lives by.
            live.let_go(Some(user));
            match says_no_user(&fault) && works_as_root(live).await {
                true => Answer::Seen(Fact::MayWrite(Attempts::NoUser(fault.message))),
                false => blocked(live, &fault).await,
            }
        }
    }
}

/// The path itself, or all that match a pattern but links.
fn paths(at: &str, answers: &Answers) -> Result<Vec<String>, Blocked> {
    if !is_pattern(at) {
        return Ok(vec![at.to_owned()]);
    }
    let glob = Glob::new(at).map_err(Blocked::Unseen)?;
    let walk = answers.of(0).walk(&glob.root, glob.depth)?;
    let matching = walk
        .entries
        .iter()
        .filter(|entry| glob.matches(&entry.path));
    let own = matching.filter(|entry| entry.stat.kind != Kind::Link);
    Ok(own.map(|entry| entry.path.clone()).collect())
}

fn read(paths: Vec<String>, told: Vec<Told>) -> Answer {
    let mut tried = BTreeMap::new();
    for (path, told) in paths.into_iter().zip(told) {
        match told {
            Told::MayWrite { errno: 0 } => tried.insert(path, None),
            Told::MayWrite { errno: number } => tried.insert(path, Some(errno(number))),
            other => {
                let why =
                    format!("the probe answered whether {path} can be written with {other:?}");
                return Answer::Unseen(why);
            }
        };
    }
    Answer::Seen(Fact::MayWrite(Attempts::Tried(tried)))
}
