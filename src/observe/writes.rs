//! Who may write where: the kernel is asked by a process that is that user.

use std::collections::BTreeMap;

use super::ask::{BATCH, blocked, says_no_user, works_as_root};
use super::budget::Kept;
use super::errno;
use super::read::ABSENT;
use crate::engine::probe::wire::{Answer as Told, Request};
use crate::fact::answer::{Answer, Answers, Blocked, Fact};
use crate::fact::path::{Attempts, Kind};
use crate::fact::question::Question;
use crate::session::live::Live;
use crate::text::glob::{Glob, is_pattern};

/// The most paths that one user tries.
const MOST: usize = 50_000;

/// Answers who may write, given what was seen of the files before. The container's engine makes the
/// process that user, with its groups; nothing is opened or changed. Each user is asked once.
pub async fn all(live: &mut Live, tries: &[&Question], answers: &mut Kept) {
    let mut users: Vec<&str> = Vec::new();
    let mut open: Vec<(&Question, &str, Vec<String>)> = Vec::new();
    for question in tries {
        let Question::MayWrite { at, user } = question else {
            continue;
        };
        match paths(at, answers.so_far()) {
            Ok(paths) => open.push((question, user, paths)),
            Err(blocked) => {
                let answer = match blocked {
                    Blocked::Unseen(why) => Answer::Unseen(why),
                    Blocked::Ended(ending) => Answer::Ended(ending),
                };
                answers.keep(0, (*question).clone(), answer);
            }
        }
    }
    for (_, user, paths) in &open {
        if !paths.is_empty() && !users.contains(user) {
            users.push(user);
        }
    }
    if users.len() > 1 {
        let all: Vec<_> = users.iter().copied().map(Some).collect();
        live.open_all(&all).await;
    }
    for (question, ..) in open.extract_if(.., |(.., paths)| paths.is_empty()) {
        let nothing = Attempts::Tried(BTreeMap::new());
        answers.keep(0, question.clone(), Answer::Seen(Fact::MayWrite(nothing)));
    }
    for user in users {
        let own: Vec<_> = open.extract_if(.., |(_, of, _)| *of == user).collect();
        let told = ask(live, user, own.iter().flat_map(|(.., paths)| paths)).await;
        let mut told = told.map(Vec::into_iter);
        for (question, _, paths) in own {
            let answer = match &mut told {
                Ok(told) => read(paths, told),
                Err(answer) => answer.clone(),
            };
            answers.keep(0, question.clone(), answer);
        }
    }
}

/// Users who are asked, each once.
pub fn users<'a>(tries: &[&'a Question]) -> Vec<&'a str> {
    let mut users: Vec<&str> = Vec::new();
    for question in tries {
        if let Question::MayWrite { user, .. } = question
            && !users.contains(&user.as_str())
        {
            users.push(user);
        }
    }
    users
}

/// What the kernel says to a user of each path, or why that is not known.
async fn ask(
    live: &mut Live,
    user: &str,
    paths: impl Iterator<Item = &String>,
) -> Result<Vec<Told>, Answer> {
    let request = |path: &String| Request::MayWrite {
        path: path.as_bytes().to_vec(),
    };
    let requests: Vec<Request> = paths.map(request).collect();
    let told = match live.link(Some(user)).await {
        Ok(link) => link.ask(&requests, BATCH).await,
        Err(fault) => Err(fault),
    };
    match told {
        Ok(told) => Ok(told),
        Err(fault) => {
            // Not the others: where the probe is the container's program, one is what it lives by.
            live.let_go(Some(user));
            Err(match says_no_user(&fault) && works_as_root(live).await {
                true => Answer::Seen(Fact::MayWrite(Attempts::NoUser(fault.message))),
                false => blocked(live, &fault).await,
            })
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
    let paths: Vec<String> = own.map(|entry| entry.path.clone()).collect();
    match paths.len() {
        0..=MOST => Ok(paths),
        more => Err(Blocked::Unseen(format!(
            "{more} files match {at}, and at most {MOST} are tried"
        ))),
    }
}

/// What was told of these paths, which comes next.
fn read(paths: Vec<String>, told: &mut impl Iterator<Item = Told>) -> Answer {
    let mut tried = BTreeMap::new();
    // All of them, so that what comes next is of the next.
    let told: Vec<Told> = told.take(paths.len()).collect();
    for (path, told) in paths.into_iter().zip(told) {
        match told {
            Told::MayWrite { errno: 0 } => tried.insert(path, None),
            // It went away meanwhile, or its name is no text and was not asked for as it is.
            Told::MayWrite { errno: number } if ABSENT.contains(&number) => continue,
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
