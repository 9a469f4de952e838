//! Keeps the facts that claims are judged by, for the report: each once, bounded, and with nothing in them that must
//! not be shown.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{Error, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

use super::facts::{Facts, Told, digest};
use super::judge::Judged;
use super::record::{Look, On, Record};
use crate::action::Action;
use crate::action::load::Load;
use crate::claim::{Claim, no_secrets};
use crate::dockerfile;
use crate::fact::answer::{Answer, Fact};
use crate::fact::image::ImageFacts;
use crate::fact::load::Traffic;
use crate::fact::question::Question;
use crate::lint::secrets;
use crate::suite::{Case, Suite};
use crate::text::cover::Cover;
use crate::text::source::FileId;
use crate::text::units::Bytes;

/// The most that one answer may take.
const ONE: usize = 256_000;
/// The most that all of a run may take together.
const ALL: usize = 8_000_000;
/// What stands for a secret that has no name in a suite.
const MASK: &str = "***";
/// A shorter secret of an image stands in many texts by chance.
const SHORTEST: usize = 8;

/// Keeps facts.
#[derive(Debug, Default)]
pub struct Keeper {
    /// The secrets of each suite: names and values.
    secrets: Vec<Vec<(String, String)>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    facts: Facts,
    bytes: usize,
    /// How often each is named by what was judged, by its key.
    named: HashMap<String, usize>,
    /// Secrets that images hold.
    hidden: Vec<String>,
    covers: Vec<Arc<Cover>>,
}

/// A question with its answer, as it is written.
#[derive(Serialize)]
struct Telling<'a> {
    question: &'a Question,
    answer: &'a Answer,
}

impl Keeper {
    /// Covers what these suites say must not be shown.
    pub fn new(suites: &[Suite]) -> Self {
        let secrets: Vec<_> = suites.iter().map(|suite| suite.secrets.clone()).collect();
        let keeper = Self {
            secrets,
            ..Self::default()
        };
        keeper.renew(&mut keeper.state());
        keeper
    }

    /// Covers what this image holds that must stay secret.
    pub fn hide(&self, image: &ImageFacts) {
        let found = no_secrets::stated(image).into_iter();
        let found: Vec<String> = found.filter(|text| text.len() >= SHORTEST).collect();
        if !found.is_empty() {
            let mut state = self.state();
            state.hidden.extend(found);
            self.renew(&mut state);
        }
    }

    /// What covers the secrets of the suite of that number.
    pub fn cover(&self, suite: usize) -> Arc<Cover> {
        self.state().covers.get(suite).cloned().unwrap_or_default()
    }

    /// All facts that were kept.
    pub fn facts(&self) -> Facts {
        std::mem::take(&mut self.state().facts)
    }

    /// Lets go of the facts that only this record names: nobody is going to judge by it again.
    pub fn release(&self, record: &Record) {
        let mut state = self.state();
        for key in record.facts() {
            state.release(key);
        }
    }

    /// Keeps what these claims of the suite of that number were judged by.
    pub fn looks(&self, suite: usize, judged: &[Judged<'_>]) -> Vec<Look> {
        let cover = self.cover(suite);
        // Claims share answers: each is written once.
        let mut known: HashMap<*const Answer, (String, bool)> = HashMap::new();
        let mut looks = Vec::new();
        for one in judged {
            let mut whole = !is_covered(&one.item.claim, &cover);
            let questions = one.item.claim.questions();
            let mut look = Look {
                waited: one.waited,
                ..Look::default()
            };
            for (member, answers) in &one.looks {
                let mut facts = Vec::new();
                for question in &questions {
                    let Some(answer) = answers.of(one.asked).told(question) else {
                        continue;
                    };
                    let (key, is_whole) = match known.entry(std::ptr::from_ref(answer)) {
                        Entry::Occupied(known) => {
                            let known = known.into_mut();
                            self.state().name(&known.0);
                            known
                        }
                        Entry::Vacant(new) => new.insert(self.told(question, answer, &cover)),
                    };
                    whole &= *is_whole;
                    facts.push(key.clone());
                }
                let member = *member;
                look.on.push(On { member, facts });
            }
            look.claim = (!whole).then(|| words(&one.item.claim, &cover));
            looks.push(look);
        }
        looks
    }

    /// Keeps what came of requests under load.
    pub fn traffic(&self, suite: usize, traffic: &Traffic) -> String {
        let mut value = serde_json::to_value(traffic).unwrap_or_default();
        self.cover(suite).value(&mut value);
        self.state().take(value.to_string()).unwrap_or_default()
    }

    /// Keeps an answer, or why it is not kept; gives its key, and whether it is as it was seen.
    fn told(&self, question: &Question, answer: &Answer, cover: &Cover) -> (String, bool) {
        let kept = match kept(question, answer, cover) {
            Ok((text, is_whole)) => self.state().take(text).map(|key| (key, is_whole)),
            Err(why) => Err(why),
        };
        kept.unwrap_or_else(|why| {
            let answer = Answer::Unseen(format!("{why}: run the suite again"));
            let told = json!({ "question": canonical(question, cover), "answer": answer });
            let text = told.to_string();
            (self.state().put(text), false)
        })
    }

    fn renew(&self, state: &mut State) {
        let covers = (0..self.secrets.len()).map(|own| {
            // A suite's own names come first where two suites have one secret.
            let others = self.secrets.iter().enumerate();
            let others = others.filter(|(at, _)| *at != own).map(|(_, all)| all);
            let all = self.secrets.get(own).into_iter().chain(others).flatten();
            let named: Vec<(String, String)> = all
                .map(|(name, value)| (value.clone(), format!("${{{name}}}")))
                .collect();
            let named = named
                .iter()
                .map(|(value, name)| (value.as_str(), name.as_str()));
            let hidden = state.hidden.iter().map(|text| (text.as_str(), MASK));
            Arc::new(Cover::new(named.chain(hidden)))
        });
        state.covers = covers.collect();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a fact in, where there is room for it.
    fn take(&mut self, text: String) -> Result<String, String> {
        if self.bytes + text.len() > ALL {
            let most = Bytes(ALL as u64);
            return Err(format!(
                "a report keeps {most} of answers, and this one did not fit in"
            ));
        }
        Ok(self.put(text))
    }

    fn put(&mut self, text: String) -> String {
        let (before, length) = (self.facts.len(), text.len());
        let key = self.facts.take(text);
        if self.facts.len() > before {
            self.bytes += length;
        }
        self.name(&key);
        key
    }

    /// One more names this fact.
    fn name(&mut self, key: &str) {
        *self.named.entry(key.to_owned()).or_default() += 1;
    }

    /// One less names this fact; where nobody does any more, there is room for another.
    fn release(&mut self, key: &str) {
        let Some(count) = self.named.get_mut(key) else {
            return;
        };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.named.remove(key);
            let length = self.facts.remove(key).map_or(0, |text| text.len());
            self.bytes = self.bytes.saturating_sub(length);
        }
    }
}

/// What is kept of an answer, and whether that is all of it; else why it is not kept.
fn kept(question: &Question, answer: &Answer, cover: &Cover) -> Result<(String, bool), String> {
    if let Answer::Seen(Fact::Searched(_) | Fact::Beneath(_)) = answer {
        let why = "what files hold that looks like a secret is not kept in reports";
        return Err(why.to_owned());
    }
    let (clean, is_clean) = without_secrets(answer);
    let telling = Telling {
        question,
        answer: clean.as_ref().unwrap_or(answer),
    };
    serde_json::to_writer(Room(ONE), &telling).map_err(|_| {
        let most = Bytes(ONE as u64);
        format!("this answer is larger than the {most} that a report keeps of one")
    })?;
    if cover.is_empty() {
        let text = serde_json::to_string(&telling).map_err(|error| error.to_string())?;
        return Ok((text, is_clean));
    }
    let mut told = serde_json::to_value(&telling).map_err(|error| error.to_string())?;
    let is_whole = !cover.value(&mut told["answer"]) && is_clean;
    told["question"] = canonical(question, cover);
    let text = told.to_string();
    // A word of ours may be a secret by chance.
    if !is_whole && serde_json::from_value::<Told>(told).is_err() {
        return Err("a secret is a part of the words that this answer is written in".to_owned());
    }
    Ok((text, is_whole))
}

/// The answer without secrets of an image or of a Dockerfile, which no suite has a name for; and whether there were
/// none.
fn without_secrets(answer: &Answer) -> (Option<Answer>, bool) {
    match answer {
        Answer::Seen(Fact::Image(image)) => {
            let found = no_secrets::stated(image);
            let cover = Cover::new(found.iter().map(|text| (text.as_str(), MASK)));
            let mut value = serde_json::to_value(answer).unwrap_or_default();
            match cover.value(&mut value) {
                true => (serde_json::from_value(value).ok(), false),
                false => (None, true),
            }
        }
        Answer::Seen(Fact::Dockerfile(file)) => {
            let text = file.text.text();
            let read = dockerfile::Dockerfile::read(FileId(0), &text);
            let masked = secrets::masked(&read, &text).text;
            if masked == text {
                return (None, true);
            }
            let mut clean = file.clone();
            clean.text.bytes = masked.into_bytes();
            (Some(Answer::Seen(Fact::Dockerfile(clean))), false)
        }
        _ => (None, true),
    }
}

/// A question with the names of secrets in the place of these, by which it is found again.
pub fn canonical(question: &Question, cover: &Cover) -> Value {
    let mut value = serde_json::to_value(question).unwrap_or_default();
    // One that is a word has nothing in it.
    if !value.is_string() {
        cover.value(&mut value);
    }
    value
}

/// What tells a claim from others, wherever it stands.
pub fn words(claim: &Claim, cover: &Cover) -> String {
    digest(&cover.text(unplaced(claim)))
}

fn is_covered(claim: &Claim, cover: &Cover) -> bool {
    if cover.is_empty() {
        return false;
    }
    let text = unplaced(claim);
    cover.text(text.clone()) != text
}

/// A claim in words, without its places.
fn unplaced(claim: &Claim) -> String {
    const PLACE: &str = "Span { file: FileId(";
    let text = format!("{claim:?}");
    let mut parts = text.split(PLACE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let behind = part.split_once(" }").map_or(part, |(_, behind)| behind);
        out.push_str(behind);
    }
    out
}

/// What tells the image, the way it is run and the services of a case from others.
pub fn ran(case: &Case, cover: &Cover) -> String {
    digest(&cover.text(case.key.clone()))
}

/// What tells the Compose files of a suite from what they may be later, and behind it what tells the files of variables
/// that they name; nothing of those that cannot all be read.
pub fn composed(suite: &Suite) -> String {
    let texts = &suite.composed;
    if texts.own.is_empty() {
        return String::new();
    }
    let files: Vec<&str> = texts
        .own
        .iter()
        .chain(&texts.more)
        .map(String::as_str)
        .collect();
    let files = digest(&files.join("\n---\n"));
    match texts.partial_variables || texts.variables.is_empty() {
        true => files,
        false => format!("{files} {}", digest(&texts.variables.join("\n---\n"))),
    }
}

/// Whether Compose files may be what they were, by what told them then and what does now.
pub fn may_be_same(then: &str, now: &str) -> bool {
    let parts = |told: &str| {
        let (files, variables) = told.split_once(' ').unwrap_or((told, ""));
        [files.to_owned(), variables.to_owned()]
    };
    let (then, now) = (parts(then), parts(now));
    let mut each = then.iter().zip(&now);
    each.all(|(then, now)| then.is_empty() || now.is_empty() || then == now)
}

/// What tells a step from others: what is done, to whom, with which image.
pub fn step(action: &Action, on: &[usize], cover: &Cover) -> String {
    let image = action.image().map(|image| image.source.words());
    let mut deed = json!({ "does": action.deed(), "image": image });
    cover.value(&mut deed);
    json!({ "step": action.name(), "on": on, "deed": deed }).to_string()
}

/// What tells requests under load from others.
pub fn load(load: &Load, cover: &Cover) -> String {
    let claim = words(&load.claim(), cover);
    json!({ "step": "load", "clients": load.clients(), "claim": claim }).to_string()
}

/// Room for so many bytes, of which none is kept.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => {
                self.0 = left;
                Ok(bytes.len())
            }
            None => Err(Error::other("there is no more room")),
        }
    }
    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
