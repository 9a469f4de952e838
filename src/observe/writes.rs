//! Who may write where: the kernel is asked by a process that is that user.

mod person;

use std::collections::BTreeMap;

use super::ask::{BATCH, blocked, says_no_user, works_as_root};
use super::budget::Kept;
use super::errno;
use super::read::ABSENT;
use crate::engine::probe::wire::{Answer as Told, Request};
use crate::fact::answer::{Answer, Answers, Blocked, Fact};
use crate::fact::linked::Branch;
use crate::fact::path::{Attempts, Kind};
use crate::fact::question::Question;
use crate::session::live::{Live, ROOT};
use crate::text::glob::{Glob, is_pattern};
use person::Person;

/// The most paths that one user tries.
const MOST: usize = 50_000;

/// As many paths as go into one request for sure.
const PIECE: usize = 5_000;

/// Answers who may write, given what was seen of the files before. The root probe becomes that user
/// where it surely is then what an exec as that user would be, else the container's engine makes a process
/// that user; nothing is opened or changed. Each user is asked once.
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
                    Blocked::Ended(_) => untried(),
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
    for (question, ..) in open.extract_if(.., |(.., paths)| paths.is_empty()) {
        let nothing = Attempts::Tried(BTreeMap::new());
        answers.keep(0, question.clone(), Answer::Seen(Fact::MayWrite(nothing)));
    }
    let paths_of = |user| {
        let own = open.iter().filter(move |(_, of, _)| *of == user);
        own.flat_map(|(.., paths)| paths)
    };
    let mut known = BTreeMap::new();
    if live.becomes_others() {
        let people = people(live, &users).await;
        for (user, person) in people {
            if let Some(told) = ask_aside(live, &person, paths_of(user).collect()).await {
                known.insert(user, told);
            }
        }
    }
    let others: Vec<_> = users
        .iter()
        .filter(|user| !known.contains_key(**user))
        .collect();
    if others.len() > 1 {
        let all: Vec<_> = others.iter().map(|user| Some(**user)).collect();
        live.open_all(&all).await;
    }
    for user in users {
        let told = match known.remove(user) {
            Some(told) => Ok(told),
            None => ask(live, user, paths_of(user)).await,
        };
        let mut told = told.map(Vec::into_iter);
        for (question, _, paths) in open.iter().filter(|(_, of, _)| *of == user) {
            let answer = match &mut told {
                Ok(told) => read(paths, told),
                // It is worked out from owner and mode then.
                Err(Answer::Ended(_)) => untried(),
                Err(answer) => answer.clone(),
            };
            answers.keep(0, (*question).clone(), answer);
        }
    }
}

/// Nobody could be asked.
fn untried() -> Answer {
    Answer::Seen(Fact::MayWrite(Attempts::Untried))
}

/// Users for whom an exec is begun, each once.
pub fn users<'a>(live: &Live, tries: &[&'a Question]) -> Vec<&'a str> {
    let mut users: Vec<&str> = Vec::new();
    if live.becomes_others() {
        return users;
    }
    for question in tries {
        if let Question::MayWrite { user, .. } = question
            && !users.contains(&user.as_str())
        {
            users.push(user);
        }
    }
    users
}

/// Those of the users that are surely known by number.
async fn people<'a>(live: &mut Live, users: &[&'a str]) -> Vec<(&'a str, Person)> {
    if users.is_empty() {
        return Vec::new();
    }
    let told = ask_root(live, &person::requests()).await;
    let Some((passwd, group)) = told.and_then(|told| person::accounts(&told)) else {
        return Vec::new();
    };
    let known = |user: &&'a str| Some((*user, Person::of(user, &passwd, &group)?));
    users.iter().filter_map(known).collect()
}

/// What root is told. What goes wrong here goes wrong again, and is told, where each user asks.
async fn ask_root(live: &mut Live, requests: &[Request]) -> Option<Vec<Told>> {
    let told = live.link(Some(ROOT)).await.ok()?.ask(requests, BATCH).await;
    if told.is_err() {
        live.let_go(Some(ROOT));
    }
    told.ok()
}

/// What the kernel says of each path to a child of the root probe that has become this user; `None`
/// where it cannot, or would not be what an exec as that user is.
async fn ask_aside(live: &mut Live, person: &Person, paths: Vec<&String>) -> Option<Vec<i32>> {
    let request = |paths: &[&String]| Request::OtherMayWrite {
        uid: person.uid,
        gid: person.gid,
        groups: person.groups.clone(),
        paths: paths.iter().map(|path| path.as_bytes().to_vec()).collect(),
    };
    let requests: Vec<Request> = paths.chunks(PIECE).map(request).collect();
    let mut all = Vec::with_capacity(paths.len());
    for told in ask_root(live, &requests).await? {
        match told {
            Told::OtherMayWrite { errnos } => all.extend(errnos),
            _ => return None,
        }
    }
    (all.len() == paths.len()).then_some(all)
}

/// What the kernel says to a user of each path, or why that is not known.
async fn ask(
    live: &mut Live,
    user: &str,
    paths: impl Iterator<Item = &String>,
) -> Result<Vec<i32>, Answer> {
    let request = |path: &String| Request::MayWrite {
        path: path.as_bytes().to_vec(),
    };
    let requests: Vec<Request> = paths.map(request).collect();
    let told = match live.link(Some(user)).await {
        Ok(link) => link.ask(&requests, BATCH).await,
        Err(fault) => Err(fault),
    };
    match told {
        Ok(told) => {
            let all: Result<_, String> = told.into_iter().map(errno_of).collect();
            all.map_err(Answer::Unseen)
        }
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
    let linked = match Branch::of(&glob).may_lead_on() {
        true => answers.of(0).linked(at)?.found.as_slice(),
        false => &[],
    };
    let matching = matching.chain(linked);
    let own = matching.filter(|entry| entry.stat.kind != Kind::Link);
    let paths: Vec<String> = own.map(|entry| entry.path.clone()).collect();
    match paths.len() {
        0..=MOST => Ok(paths),
        more => Err(Blocked::Unseen(format!(
            "{more} files match {at}, and at most {MOST} are tried"
        ))),
    }
}

fn errno_of(told: Told) -> Result<i32, String> {
    match told {
        Told::MayWrite { errno } => Ok(errno),
        other => Err(format!(
            "the probe answered whether a file can be written with {other:?}"
        )),
    }
}

/// What was told of these paths, which comes next.
fn read(paths: &[String], told: &mut impl Iterator<Item = i32>) -> Answer {
    let mut tried = BTreeMap::new();
    // All of them, so that what comes next is of the next.
    for (path, number) in paths.iter().zip(told.take(paths.len())) {
        match number {
            0 => tried.insert(path.clone(), None),
            // It went away meanwhile, or its name is no text and was not asked for as it is.
            number if ABSENT.contains(&number) => continue,
            number => tried.insert(path.clone(), Some(errno(number))),
        };
    }
    Answer::Seen(Fact::MayWrite(Attempts::Tried(tried)))
}
