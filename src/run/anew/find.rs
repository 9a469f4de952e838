//! Finds the facts that a claim is judged by among those of a saved case.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::fact::answer::{Answer, Answers};
use crate::fact::question::{Phase, Question};
use crate::run::facts::{Facts, Told};
use crate::run::keep::canonical;
use crate::run::record::{Look, On};
use crate::text::cover::Cover;

/// What a claim asks.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The claim's name.
    pub(super) name: &'a str,
    /// What tells it from others.
    pub(super) words: String,
    /// What it is about.
    pub(super) members: Vec<usize>,
    /// What it asks, and how that is written down.
    pub(super) questions: Vec<(Question, Value)>,
}

impl<'a> Asked<'a> {
    /// A claim of this name that asks this.
    pub(super) fn new(
        (name, words): (&'a str, String),
        members: Vec<usize>,
        questions: Vec<Question>,
        cover: &Cover,
    ) -> Self {
        let written = |question: Question| {
            let written = canonical(&question, cover);
            (question, written)
        };
        Self {
            name,
            words,
            members,
            questions: questions.into_iter().map(written).collect(),
        }
    }

    fn acts(&self) -> bool {
        let mut questions = self.questions.iter();
        questions.any(|(question, _)| question.phase() == Phase::Active)
    }
}

/// A claim of the saved case: its name, its step and its number there, and what it was judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    pub(super) at: (usize, usize),
    pub(super) look: &'a Look,
}

/// What a claim is judged by.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// It is the same as this one, whose facts were not all kept: what came of it then holds.
    Same(Known<'a>),
    /// These answers.
    Answers(Look, Vec<(usize, Answers)>),
    /// Nothing that is known.
    Nothing,
}

/// An answer, by its key.
struct Given<'a> {
    key: &'a str,
    question: Question,
    answer: Answer,
}

/// The facts of a report, each read once.
#[derive(Debug)]
pub(super) struct Finder<'a> {
    facts: &'a Facts,
    read: HashMap<&'a str, Option<Told>>,
    /// Claims that others were judged as.
    used: HashSet<(usize, usize)>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            read: HashMap::new(),
            used: HashSet::new(),
        }
    }

    /// What the claim is judged by: as the first of the same name that asked the same and that no other was judged
    /// as; else, where it only looks, by what others have asked.
    pub(super) fn find(&mut self, asked: &Asked<'_>, known: &[Known<'a>]) -> Found<'a> {
        let alike = known.iter().filter(|one| one.name == asked.name);
        let alike: Vec<Known<'a>> = alike.copied().collect();
        for one in alike {
            if self.used.contains(&one.at) {
                continue;
            }
            let is_same = one.look.claim.as_ref() == Some(&asked.words);
            let mut members = one.look.on.iter().map(|on| on.member);
            if is_same && members.by_ref().eq(asked.members.iter().copied()) {
                self.used.insert(one.at);
                return Found::Same(one);
            }
            if let Some(answers) = self.answers(asked, &[one]) {
                self.used.insert(one.at);
                return Self::found(asked, one.look, answers);
            }
        }
        if asked.acts() {
            return Found::Nothing;
        }
        match self.answers(asked, known) {
            Some(answers) => Self::found(asked, &Look::default(), answers),
            None => Found::Nothing,
        }
    }

    fn found(asked: &Asked<'_>, like: &Look, answers: Vec<(usize, Vec<Given<'a>>)>) -> Found<'a> {
        let mut look = Look {
            waited: like.waited,
            claim: like.claim.as_ref().map(|_| asked.words.clone()),
            ..Look::default()
        };
        let mut all = Vec::new();
        for (member, told) in answers {
            let mut of_member = Answers::default();
            let facts = told.iter().map(|given| given.key.to_owned()).collect();
            look.on.push(On { member, facts });
            for given in told {
                of_member.keep(0, given.question, given.answer);
            }
            all.push((member, of_member));
        }
        Found::Answers(look, all)
    }

    /// The answers to all that is asked of each member, with their keys; nothing where one is missing.
    fn answers(
        &mut self,
        asked: &Asked<'_>,
        known: &[Known<'a>],
    ) -> Option<Vec<(usize, Vec<Given<'a>>)>> {
        let mut all = Vec::new();
        for &member in &asked.members {
            let looks = known.iter().flat_map(|one| &one.look.on);
            let of_member = looks.filter(|on| on.member == member);
            let keys: Vec<&'a str> = of_member
                .flat_map(|on| on.facts.iter().map(String::as_str))
                .collect();
            let mut told = Vec::new();
            for (question, written) in &asked.questions {
                let (key, answer) = keys.iter().find_map(|key| {
                    let told = self.told(key)?;
                    (told.question == *written).then(|| (*key, told.answer.clone()))
                })?;
                let question = question.clone();
                told.push(Given {
                    key,
                    question,
                    answer,
                });
            }
            all.push((member, told));
        }
        Some(all)
    }

    fn told(&mut self, key: &'a str) -> Option<&Told> {
        let facts = self.facts;
        self.read
            .entry(key)
            .or_insert_with(|| facts.told(key))
            .as_ref()
    }
}
