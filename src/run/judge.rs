//! Judging items, again and again where they may come true late. The only retry loop of claims.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::among::{Among, Kind, Who};
use super::early::{EARLY, may_be_early};
use super::outcome::{ClaimOutcome, Failure, Trouble, Verdict};
use super::progress::Progress;
use crate::claim::{Findings, Scope};
use crate::engine::Engine;
use crate::engine::clock::{Looks, now};
use crate::fact::answer::Answers;
use crate::fact::question::{Phase, Question};
use crate::observe::{self, Asked, sources::Grounds};
use crate::session::company::{Company, Member};
use crate::session::image::Ready;
use crate::suite::service::APP;
use crate::suite::{Case, Item, Suite};
use crate::text::source::Sources;

/// What is looked at.
#[derive(Debug)]
pub enum Subject<'a> {
    /// Sources alone, of these services, one of which `app` means.
    Sources(&'a [String], &'a str),
    /// Images alone, each with how it is called where there are several.
    Images(&'a [(Option<String>, &'a Ready)], &'a Engine),
    /// Containers.
    Company(&'a Company),
}

impl Subject<'_> {
    async fn observe(
        &self,
        ground: Option<&Grounds<'_>>,
        asked: Vec<Asked>,
    ) -> BTreeMap<usize, Answers> {
        let (of_sources, asked): (Vec<_>, Vec<_>) = asked
            .into_iter()
            .partition(|one| one.question.is_of_sources());
        let mut answers = match self {
            Self::Sources(..) => BTreeMap::new(),
            Self::Images(images, engine) => observe::of_images(engine, images, &asked).await,
            Self::Company(company) => Box::pin(observe::of_company(company, &asked)).await,
        };
        let mut by_member: BTreeMap<usize, Vec<(usize, Question)>> = BTreeMap::new();
        for one in of_sources {
            let asked = by_member.entry(one.member).or_default();
            asked.push((one.item, one.question));
        }
        for (member, asked) in by_member {
            let answers = answers.entry(member).or_default();
            let ground = ground.map(|all| all.of(self.service(member)));
            Box::pin(observe::sources::of(ground.as_ref(), &asked, answers)).await;
        }
        answers
    }

    /// The service of a member.
    fn service(&self, member: usize) -> &str {
        let name = match self {
            Self::Sources(services, _) => services.get(member).map(String::as_str),
            Self::Images(images, _) => images.get(member).and_then(|(label, _)| label.as_deref()),
            Self::Company(company) => company.members().get(member).map(|m| m.service.as_str()),
        };
        name.unwrap_or(APP)
    }

    /// Who is there.
    pub fn among(&self) -> Among {
        match self {
            Self::Sources(services, app) => {
                let names = services.iter().map(String::as_str);
                Among {
                    app: (*app).to_owned(),
                    ..Among::services(Kind::Sources, names)
                }
            }
            Self::Images(images, _) => {
                let names = images
                    .iter()
                    .map(|(label, _)| label.as_deref().unwrap_or(APP));
                Among::services(Kind::Images, names)
            }
            Self::Company(company) => Among {
                kind: Kind::Containers,
                app: company.called(APP).to_owned(),
                all: company.members().iter().map(who).collect(),
            },
        }
    }
}

fn who(member: &Member) -> Who {
    Who {
        service: member.service.clone(),
        number: member.number,
        label: member.label(),
    }
}

/// An item with the time that it may take to come true.
#[derive(Debug)]
pub struct Pending<'a> {
    /// The item.
    pub item: &'a Item,
    /// How long; judged once without it.
    pub within: Option<Duration>,
    /// Which case it belongs to.
    pub case: usize,
    /// The containers or images that it is about.
    pub members: Vec<usize>,
}

/// What came of an item.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The item.
    pub item: &'a Item,
    /// What judging found the last time, by how the container is called where there are several.
    pub found: Vec<(Option<String>, Findings)>,
    /// The answers that it was judged by, for each container or image that it is about.
    pub looks: Vec<(usize, Arc<Answers>)>,
    /// Its number among those who asked.
    pub asked: usize,
    /// How long it was waited for, where it was.
    pub waited: Option<Duration>,
    /// From the first look to the one that told.
    pub took: Duration,
}

impl Judged<'_> {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        let holds = |f: &Findings| f.misses.is_empty() && f.unseen.is_empty();
        self.found.iter().all(|(_, findings)| holds(findings))
    }

    /// Whether every container has ended that it does not hold for, so that it can only hold of another start.
    fn ended(&self) -> bool {
        let open = self.found.iter().map(|(_, findings)| findings);
        let mut open = open.filter(|f| !f.misses.is_empty() || !f.unseen.is_empty());
        open.all(|findings| findings.ended)
    }

    /// Says of a claim what to do about it where it may hold once the program is ready.
    pub fn hint_at_ready(&mut self) {
        if self.waited.is_some() {
            return;
        }
        let name = self.item.claim.name();
        let findings = self.found.iter_mut().map(|(_, findings)| findings);
        let misses = findings.flat_map(|findings| &mut findings.misses);
        // One of several is enough.
        if let Some(miss) = misses.into_iter().find(|one| may_be_early(name, &one.miss)) {
            miss.notes.push(EARLY.to_owned());
        }
    }

    /// As values for the report.
    pub fn told(self, sources: &Sources) -> (ClaimOutcome, Vec<Failure>, Vec<Trouble>) {
        let Self {
            item,
            found,
            waited,
            ..
        } = self;
        let name = item.claim.name();
        let failed = found
            .iter()
            .any(|(_, findings)| !findings.misses.is_empty());
        let unseen = found
            .iter()
            .any(|(_, findings)| !findings.unseen.is_empty());
        let verdict = match (failed, unseen) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::Errored,
            (false, false) => Verdict::Passed,
        };
        let several = found.len() > 1;
        let (mut seen, mut failures, mut troubles) = (Vec::new(), Vec::new(), Vec::new());
        for (on, findings) in found {
            let on = on.as_deref();
            seen.extend(findings.seen.into_iter().map(|text| match on {
                Some(on) if several => format!("{on}: {text}"),
                _ => text,
            }));
            failures.extend(findings.misses.into_iter().map(|miss| Failure {
                place: sources.place(miss.span),
                claim: name.to_owned(),
                what: miss.what,
                service: on.map(str::to_owned),
                expected: miss.miss.expected,
                actual: miss.miss.actual,
                diff: miss.miss.diff,
                notes: miss.notes,
                waited,
            }));
            troubles.extend(findings.unseen.into_iter().map(|text| Trouble {
                place: Some(sources.place(item.span)),
                message: on.map_or(text.clone(), |on| format!("on {on}: {text}")),
            }));
        }
        let claim = ClaimOutcome {
            claim: name.to_owned(),
            place: sources.place(item.span),
            verdict,
            seen,
            note: item.modifiers.note.clone(),
        };
        (claim, failures, troubles)
    }
}

/// Whose end stops the waiting.
#[derive(Debug, Clone, Copy)]
pub struct Until<'a> {
    /// Once this one has ended, however it did.
    pub ended: Option<usize>,
    /// Once any of these has ended badly: what depends on it does not come true any more.
    pub dead: &'a [usize],
}

impl Until<'_> {
    async fn is_over(self, company: &Company) -> bool {
        let dead = self.dead.iter().map(|at| (*at, false));
        for (at, however) in self.ended.map(|at| (at, true)).into_iter().chain(dead) {
            let Ok(mut live) = company.live(at).await else {
                return true;
            };
            if !(however || live.program && live.is_made()) {
                continue;
            }
            if let Ok(Some(ending)) = live.gone().await
                && (however || ending.is_bad())
            {
                return true;
            }
        }
        false
    }
}

/// Judges all of them from one observation, and those that may come true late again until they do or
/// their time is up. A claim that is judged once, and that only looks, is judged by what is seen when
/// its own case waits for nothing any more, so that `exited: … within: 10s` can stand before what is
/// claimed of the end. `until` says whose end stops it, whatever is waited for.
/// `ground` is where sources lie; `watch` is told what is looked at, and what was seen.
pub async fn judge<'a>(
    subject: &Subject<'_>,
    ground: Option<&Grounds<'_>>,
    mut items: Vec<Pending<'a>>,
    until: Until<'_>,
    watch: (&Progress, &Sources),
) -> Vec<Judged<'a>> {
    let (progress, sources) = watch;
    let among = subject.among();
    for pending in &mut items {
        // Neither an image nor what it is built from changes.
        if !may_wait(&among, pending.item) {
            pending.within = None;
        }
    }
    let began = now();
    let longest = items.iter().filter_map(|p| p.within).max();
    let mut looks = Looks::within(longest.unwrap_or_default());
    let mut judged: Vec<Option<Judged<'a>>> = items.iter().map(|_| None).collect();
    let mut settled = vec![false; items.len()];
    let (mut ending, mut over) = (false, false);
    loop {
        let looked = began.elapsed();
        let open = to_look_at(&items, &judged, &settled, over);
        if open.is_empty() {
            break;
        }
        let looked_at: Vec<&Item> = open.iter().map(|at| items[*at].item).collect();
        progress.judges(&looked_at, sources);
        let asked = asked(open.iter().map(|at| (*at, &items[*at])));
        let answers = subject.observe(ground, asked).await.into_iter();
        let answers: BTreeMap<usize, Arc<Answers>> = answers
            .map(|(member, all)| (member, Arc::new(all)))
            .collect();
        for &at in &open {
            let Pending {
                item,
                within,
                members,
                ..
            } = &items[at];
            let looks = members.iter().map(|member| {
                let answers = answers.get(member).cloned().unwrap_or_default();
                (*member, answers)
            });
            let looks: Vec<(usize, Arc<Answers>)> = looks.collect();
            let found = looks.iter().map(|(member, answers)| {
                let findings = item.claim.judge(item.span, answers.of(at));
                (among.label(item, *member), findings)
            });
            let waited = within.map(|_| looked);
            judged[at] = Some(Judged {
                item,
                found: found.collect(),
                looks,
                asked: at,
                waited,
                took: began.elapsed(),
            });
        }
        let waiting_cases = waiting_cases(&items, &judged, over);
        for at in open {
            settled[at] = !waiting_cases.contains(&items[at].case);
        }
        progress.judged(judged.iter().flatten());
        let (waiting, in_vain) = still_waiting(&items, &judged);
        if !waiting || over {
            continue;
        }
        if let Subject::Company(company) = subject {
            over = ending || in_vain && !may_return(company, &items).await;
            // Once it has ended, everything is looked at one last time.
            ending = until.is_over(company).await;
            let unseen = |j: &Judged<'_>| j.found.iter().any(|(_, f)| !f.unseen.is_empty());
            if !over && !ending && judged.iter().flatten().any(unseen) {
                over = match company.live(0).await {
                    Ok(mut live) => live.is_lost().await,
                    Err(_) => true,
                };
            }
            if over || ending {
                continue;
            }
        }
        looks.again().await;
    }
    judged.into_iter().flatten().collect()
}

/// Whether an item may come true late.
pub fn may_wait(among: &Among, item: &Item) -> bool {
    among.kind == Kind::Containers && item.claim.scope() != Scope::Sources
}

/// How long an item may take to come true, where that is said.
pub fn within(item: &Item, case: &Case, suite: &Suite) -> Option<Duration> {
    let own = item.modifiers.within.or(case.within);
    own.or(suite.defaults.within).map(|time| time.0)
}

/// The questions of these items about each container that they are about, in written order.
fn asked<'a>(items: impl Iterator<Item = (usize, &'a Pending<'a>)>) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (number, pending) in items {
        let questions = pending.item.claim.questions();
        for &member in &pending.members {
            asked.extend(questions.iter().map(|question| Asked {
                item: number,
                member,
                question: question.clone(),
            }));
        }
    }
    asked
}

/// Whether a policy may start any of the containers again that these items are about.
async fn may_return(company: &Company, items: &[Pending<'_>]) -> bool {
    let late = items.iter().filter(|pending| pending.within.is_some());
    let mut members: Vec<usize> = late.flat_map(|pending| pending.members.clone()).collect();
    members.sort_unstable();
    members.dedup();
    for member in members {
        if let Ok(live) = company.live(member).await
            && live.may_return()
        {
            return true;
        }
    }
    false
}

/// The items to look at now: those that may still come true, those that were not looked at yet, and
/// those that only look, once their case waits for nothing any more.
fn to_look_at(
    items: &[Pending<'_>],
    judged: &[Option<Judged<'_>>],
    settled: &[bool],
    over: bool,
) -> Vec<usize> {
    let waiting = waiting_cases(items, judged, over);
    let wanted = |at: &usize| {
        let (pending, judged) = (&items[*at], judged[*at].as_ref());
        match pending.within {
            Some(_) => waits(pending, judged, over),
            None if judged.is_none() => true,
            None => !settled[*at] && only_looks(pending.item) && !waiting.contains(&pending.case),
        }
    };
    (0..items.len()).filter(wanted).collect()
}

/// Whether asking changes nothing and may give another answer, so that it can be asked again.
fn only_looks(item: &Item) -> bool {
    item.claim
        .questions()
        .iter()
        .all(|question| question.phase() != Phase::Active && !question.is_of_sources())
}

fn waits(pending: &Pending<'_>, judged: Option<&Judged<'_>>, over: bool) -> bool {
    let late = pending.within.is_some() && is_open(pending, judged);
    late && !(over && judged.is_some())
}

/// The cases that wait for something to come true.
fn waiting_cases(
    items: &[Pending<'_>],
    judged: &[Option<Judged<'_>>],
    over: bool,
) -> HashSet<usize> {
    let both = items.iter().zip(judged);
    let late = both.filter(|(pending, judged)| waits(pending, judged.as_ref(), over));
    late.map(|(pending, _)| pending.case).collect()
}

/// Whether any item that may come true late is to be looked at again, and whether all that are
/// about containers that have ended.
fn still_waiting(items: &[Pending<'_>], judged: &[Option<Judged<'_>>]) -> (bool, bool) {
    let both = items.iter().zip(judged.iter().map(Option::as_ref));
    let late =
        both.filter(|(pending, judged)| pending.within.is_some() && is_open(pending, *judged));
    let mut open = late.peekable();
    let waiting = open.peek().is_some();
    (
        waiting,
        open.all(|(_, judged)| judged.is_some_and(Judged::ended)),
    )
}

/// Whether an item is to be looked at (again): its last look, if any, was before its time was up, so
/// that there is always one when it is.
fn is_open(pending: &Pending<'_>, judged: Option<&Judged<'_>>) -> bool {
    match judged {
        None => true,
        Some(judged) => {
            let waited = judged.waited.unwrap_or_default();
            !judged.holds() && pending.within.is_some_and(|within| waited < within)
        }
    }
}
