//! Questions to facts, in one batch a container.
//!
//! Passive questions first, then commands and requests in written order, then the log. What the
//! harness adds to a container is taken out of what is seen.

pub mod ask;
mod budget;
pub mod cgroup;
pub mod contents;
pub mod ended;
pub mod handshake;
pub mod health;
pub mod layers;
mod linked;
pub mod load;
mod merge;
mod packages;
pub mod privileged;
pub mod reach;
pub mod read;
pub mod request;
mod shared;
pub mod sources;
pub mod spread;
pub mod tcp;
pub mod together;
mod writes;

use crate::engine::containers::logs::LogLimits;
use crate::engine::demux::Channel;
use crate::engine::probe::wire;
use crate::engine::{Engine, Fault, FaultKind};
use crate::fact::answer::{Answer, Answers, Fact};
use crate::fact::container::ContainerFacts;
use crate::fact::log::{Line, Log, Stream};
use crate::fact::question::{Phase, Question};
use crate::fact::search::Search;
use crate::session::all;
use crate::session::company::Company;
use crate::session::image::Ready;
use crate::session::live::{Live, ROOT};
use std::collections::BTreeMap;

use ask::Wanted;
use budget::Kept;

/// The most of a log that is kept.
const LOG_BYTES: usize = 8 << 20;

/// Answers what can be told of images alone.
pub async fn of_images(
    engine: &Engine,
    images: &[(Option<String>, &Ready)],
    asked: &[Asked],
) -> BTreeMap<usize, Answers> {
    let mut answers: BTreeMap<usize, Answers> = BTreeMap::new();
    for one in asked {
        let Some((_, image)) = images.get(one.member) else {
            continue;
        };
        let answer = match &one.question {
            Question::Image => Answer::Seen(Fact::Image(Box::new(image.facts.clone()))),
            Question::Layers(patterns) => layers::of(engine, image, patterns).await,
            Question::Other(key) => other(image, key),
            _ => Answer::Unseen("this case starts no container".to_owned()),
        };
        let answers = answers.entry(one.member).or_default();
        answers.keep(one.item, one.question.clone(), answer);
    }
    answers
}

/// What is known of an image that is compared with.
fn other(image: &Ready, key: &str) -> Answer {
    match image.others.get(key) {
        Some(Ok(other)) => Answer::Seen(Fact::Other(other.clone())),
        Some(Err(why)) => Answer::Unseen(why.clone()),
        None => Answer::Unseen(
            "there is no such image to compare with: the image of this case is not built, so it has no targets"
                .to_owned(),
        ),
    }
}

/// A question of an item about a member of a company.
#[derive(Debug)]
pub struct Asked {
    /// The item that asks.
    pub item: usize,
    /// The member that is asked about.
    pub member: usize,
    /// What is asked.
    pub question: Question,
}

/// Answers questions about containers that live together, by member: what only looks side by side, then
/// what acts in written order, then what they wrote.
pub async fn of_company(company: &Company, asked: &[Asked]) -> BTreeMap<usize, Answers> {
    let mut members: Vec<usize> = asked.iter().map(|one| one.member).collect();
    members.sort_unstable();
    members.dedup();
    let looks = members.iter().map(|&member| async move {
        let asked = of_member(asked, member);
        let mut answers = Kept::default();
        if let Ok(mut live) = company.live(member).await {
            Box::pin(looked_at(&mut live, &asked, &mut answers)).await;
        }
        (member, answers)
    });
    let mut answers: BTreeMap<usize, Kept> = all(looks).await.into_iter().collect();
    let mut told: Vec<(usize, &Question)> = Vec::new();
    for one in asked.iter().filter(|one| one.question.is_of_company()) {
        let question = (one.member, &one.question);
        if told.contains(&question) {
            continue;
        }
        told.push(question);
        let answer = together::of(company, one).await;
        if let Some(answers) = answers.get_mut(&one.member) {
            answers.keep(one.item, one.question.clone(), answer);
        }
    }
    active(company, asked, &mut answers).await;
    for (&member, answers) in &mut answers {
        if of_member(asked, member)
            .iter()
            .all(|(_, q)| **q != Question::Log)
        {
            continue;
        }
        let log = match company.live(member).await {
            Ok(mut live) => log(&mut live, None).await,
            Err(fault) => Err(fault),
        };
        let answer = match log {
            Ok(log) => Answer::Seen(Fact::Log(log)),
            Err(fault) => Answer::Unseen(fault.to_string()),
        };
        answers.keep(0, Question::Log, answer);
    }
    let done = answers.into_iter();
    done.map(|(member, answers)| (member, answers.done()))
        .collect()
}

fn of_member(asked: &[Asked], member: usize) -> Vec<(usize, &Question)> {
    let asked = asked.iter().filter(|one| one.member == member);
    asked.map(|one| (one.item, &one.question)).collect()
}

/// Answers the questions about a container that only look.
async fn looked_at(live: &mut Live, asked: &[(usize, &Question)], answers: &mut Kept) {
    let mut wanted: Vec<&Question> = Vec::new();
    for (_, question) in asked {
        let alone = question.phase() == Phase::Passive && !question.is_of_company();
        if alone && !wanted.contains(question) {
            wanted.push(question);
        }
    }
    // Who may write is tried where something is, so it is asked last.
    let (tries, wanted): (Vec<&Question>, Vec<&Question>) = wanted
        .into_iter()
        .partition(|q| matches!(q, Question::MayWrite { .. }));
    // What is asked of processes, or by way of the first of them, would be told of another's.
    let mut wanted = wanted;
    if let Some(why) = live.shares_numbers() {
        for question in wanted.extract_if(.., |question| is_by_number(question)) {
            answers.keep(0, question.clone(), Answer::Unseen(why.clone()));
        }
    }
    // And so are linked folders, once it is known which links there are.
    let (linked, wanted): (Vec<&Question>, Vec<&Question>) = wanted
        .into_iter()
        .partition(|q| matches!(q, Question::Linked { .. }));
    // An image's layers take a while to come, and its files can be searched meanwhile.
    let (beneath, wanted): (Vec<&Question>, Vec<&Question>) = wanted
        .into_iter()
        .partition(|q| matches!(q, Question::Beneath(_)));
    let (from_probe, from_engine): (Vec<&Question>, Vec<&Question>) =
        wanted.into_iter().partition(|q| by_probe(live, q));
    let acts = asked.iter().any(|(_, q)| q.phase() == Phase::Active);
    let writers = writes::users(live, &tries);
    // Not while it is counted what the container uses: the fewer of ours are in it, the better.
    let counts = from_probe.iter().any(|question| cgroup::answers(question));
    if (acts || !writers.is_empty()) && !from_probe.is_empty() && live.program && !counts {
        let own = acts.then_some(None);
        let others = writers.into_iter().map(Some).chain([Some(ROOT)]);
        live.open_all(&own.into_iter().chain(others).collect::<Vec<_>>())
            .await;
    }
    // What is used comes before anything else is done in the container.
    let (from_kernel, from_probe): (Vec<&Question>, Vec<&Question>) =
        from_probe.into_iter().partition(|q| cgroup::answers(q));
    for (question, answer) in cgroup::all(live, &from_kernel).await {
        answers.keep(0, question, answer);
    }
    let (session, image) = (live.session.clone(), live.image.clone());
    let under = layers::all_beneath(&session, &image, &beneath);
    let looks = async {
        let facts = by_engine(live, &from_engine, answers).await;
        for (question, answer) in passive(live, &from_probe).await {
            answers.keep(0, question, answer);
        }
        facts
    };
    let (under, facts) = tokio::join!(under, looks);
    for (question, answer) in under {
        answers.keep(0, question, answer);
    }
    linked::all(live, &linked, answers).await;
    writes::all(live, &tries, answers).await;
    let end = facts.and_then(|facts| live.down_by(&facts).ok()?);
    cgroup::unless_ended(end, &from_kernel, answers);
}

/// Whether it is answered by the numbers of processes.
fn is_by_number(question: &Question) -> bool {
    let by_processes = matches!(
        question,
        Question::Processes | Question::Environment | Question::Mounts { .. }
    );
    by_processes || cgroup::answers(question)
}

fn by_probe(live: &Live, question: &Question) -> bool {
    match question {
        Question::Image
        | Question::Layers(_)
        | Question::Other(_)
        | Question::Container
        | Question::State
        | Question::Life
        | Question::Restarts
        | Question::Health { .. }
        | Question::ExecUser => false,
        // What an image holds is not looked for among what its program wrote.
        Question::Search(_) => !live.program,
        _ => true,
    }
}

/// All that the engine is asked about the container, by one look at it; and what that look has shown.
async fn by_engine(
    live: &mut Live,
    questions: &[&Question],
    answers: &mut Kept,
) -> Option<ContainerFacts> {
    let looks = |question: &&Question| {
        !matches!(
            question,
            Question::Image
                | Question::ExecUser
                | Question::Layers(_)
                | Question::Other(_)
                | Question::Search(_)
        )
    };
    // How often it was started again is known once that has come to rest, and so is the rest of it then.
    let mut restarts = None;
    let is_of_state = questions.contains(&&Question::State);
    let mut facts = None;
    if is_of_state {
        live.ripens().await;
    }
    if questions.contains(&&Question::Restarts) {
        facts = Some(live.restarts().await.map(|(count, facts)| {
            restarts = Some(count);
            facts
        }));
    }
    facts = match facts {
        Some(Ok(seen)) if is_of_state => Some(live.steady(Some(seen)).await),
        None if is_of_state => Some(live.steady(None).await),
        None if questions.iter().any(looks) => Some(live.facts().await),
        facts => facts,
    };
    for question in questions {
        let answer = match (question, &facts) {
            (Question::Image, _) => Ok(Answer::Seen(Fact::Image(Box::new(
                live.image.facts.clone(),
            )))),
            (Question::ExecUser, _) => Ok(ask::exec_user(live).await),
            (Question::Layers(patterns), _) => {
                Ok(layers::of(&live.session.engine, &live.image, patterns).await)
            }
            (Question::Other(key), _) => Ok(other(&live.image, key)),
            (Question::Search(search), _) => searched(live, search).await.map(Answer::Seen),
            (_, Some(Err(fault))) => Err(fault.clone()),
            (Question::Container | Question::State, Some(Ok(facts))) => {
                let declared = live.declared(facts.clone());
                Ok(Answer::Seen(Fact::Container(Box::new(declared))))
            }
            (Question::Life, Some(Ok(facts))) => {
                let life = live.life(facts).await;
                life.map(|life| Answer::Seen(Fact::Life(life)))
            }
            (Question::Restarts, Some(Ok(_))) if restarts.is_some() => {
                let fact = restarts.take().unwrap_or_default();
                Ok(Answer::Seen(Fact::Restarts(fact)))
            }
            (Question::Health { declared }, Some(Ok(facts))) => {
                Ok(health::by(live, facts, *declared).await)
            }
            _ => Err(Fault::new(
                FaultKind::Broken,
                "observe the container",
                "this is no question for the engine",
            )),
        };
        let answer = answer.unwrap_or_else(|fault| Answer::Unseen(fault.to_string()));
        answers.keep(0, (*question).clone(), answer);
    }
    facts?.ok()
}

/// Searches the image's files in a container of their own, once a run.
async fn searched(live: &mut Live, search: &Search) -> Result<Fact, Fault> {
    let looked_up = live.image.kept.clone();
    let mut kept = looked_up.searched.lock().await;
    let known = kept.iter().find(|(asked, _)| asked == search);
    if let Some((_, known)) = known {
        return Ok(Fact::Searched(Box::new(known.clone())));
    }
    let mut files = Live::of_files(&live.session, &live.image).await?;
    let question = Question::Search(search.clone());
    let asked = async {
        files.launch().await?;
        ask::all(&mut files, &[Wanted::of(&question)]).await
    };
    let answers = asked.await;
    // What cannot be removed now is tried again, and told, when the session closes.
    let _ = files.remove().await;
    match answers?.pop() {
        Some(Answer::Seen(Fact::Searched(seen))) => {
            kept.push((search.clone(), (*seen).clone()));
            Ok(Fact::Searched(seen))
        }
        Some(Answer::Unseen(why)) => Err(Fault::new(
            FaultKind::Broken,
            "search the image's files",
            why,
        )),
        other => Err(Fault::new(
            FaultKind::Broken,
            "search the image's files",
            format!("the answer is {other:?}"),
        )),
    }
}

/// Asks the probe everything at once; where the container has ended, its files come by archive.
async fn passive(live: &mut Live, questions: &[&Question]) -> Vec<(Question, Answer)> {
    if questions.is_empty() {
        return Vec::new();
    }
    let folders = live.search_path();
    let wanted: Vec<Wanted> = questions
        .iter()
        .map(|question| match question {
            Question::Packages => packages::wanted(&folders),
            other => Wanted::of(&widened(live, other)),
        })
        .collect();
    match ask::all(live, &wanted).await {
        Ok(facts) => {
            let mut answers = Vec::new();
            for (question, mut answer) in questions.iter().zip(facts) {
                if let Answer::Seen(Fact::Privileged(seen)) = &mut answer
                    && let Err(fault) = privileged::complete(live, seen).await
                {
                    answer = Answer::Unseen(fault.to_string());
                }
                answers.push(((*question).clone(), answer));
            }
            answers
        }
        Err(fault) => {
            live.hang_up();
            let mut answers = Vec::new();
            let end = live.end_under(&fault).await;
            let silent = ask::silent(live, &fault).await;
            for question in questions {
                let answer = match &end {
                    Ok(Some(ending)) => ended::of(live, question, ending).await,
                    Ok(None) => Answer::Unseen(silent.clone()),
                    Err(worse) => Answer::Unseen(worse.to_string()),
                };
                answers.push(((*question).clone(), answer));
            }
            answers
        }
    }
}

/// A question about mounts asks where those lead, too, that were declared: the engine knows them by the
/// places that were written, the kernel by those that links lead to.
fn widened(live: &Live, question: &Question) -> Question {
    match question {
        Question::Mounts { at } => {
            let at = at.iter().cloned().chain(live.mounted());
            Question::Mounts { at: at.collect() }
        }
        other => other.clone(),
    }
}

/// Commands and requests in written order; commands of the same user in the same container that follow
/// each other go as one batch.
async fn active(company: &Company, asked: &[Asked], answers: &mut BTreeMap<usize, Kept>) {
    let acts: Vec<&Asked> = asked
        .iter()
        .filter(|one| one.question.phase() == Phase::Active)
        .collect();
    let mut rest = acts.as_slice();
    while let Some((first, _)) = rest.split_first() {
        let alike = |one: &&&Asked| match (&first.question, &one.question) {
            (Question::Run(a), Question::Run(b)) => one.member == first.member && a.user == b.user,
            _ => std::ptr::eq(**one, *first),
        };
        let count = rest.iter().take_while(alike).count();
        let (now, later) = rest.split_at(count.max(1));
        rest = later;
        let at = first.member;
        let got = match &first.question {
            Question::Run(_) => match company.live(at).await {
                Ok(mut live) => {
                    let now: Vec<&Question> = now.iter().map(|one| &one.question).collect();
                    ask::commands(&mut live, &now).await
                }
                Err(fault) => vec![Answer::Unseen(fault.to_string()); now.len()],
            },
            Question::Http(request) => vec![Box::pin(request::of(company, at, request)).await],
            Question::Spread(request) => vec![Box::pin(spread::of(company, at, request)).await],
            Question::Certificate(wanted) => {
                vec![Box::pin(handshake::of(company, at, wanted)).await]
            }
            Question::Tcp(talk) => vec![Box::pin(tcp::of(company, at, talk)).await],
            Question::Reach(sight) => vec![Box::pin(reach::of(company, at, sight)).await],
            _ => Vec::new(),
        };
        if let Some(answers) = answers.get_mut(&at) {
            for (one, answer) in now.iter().zip(got) {
                answers.keep(one.item, one.question.clone(), answer);
            }
        }
    }
}

/// What the container wrote: all of it, or the last lines as the engine counts them, which cuts long ones.
pub async fn log(live: &mut Live, tail: Option<usize>) -> Result<Log, Fault> {
    let limits = LogLimits {
        bytes: LOG_BYTES,
        tail,
    };
    let terminal = live.has_terminal();
    let logs = live
        .session
        .engine
        .containers()
        .logs(&live.name, terminal, limits)
        .await?;
    let lines = logs.lines.into_iter().map(|line| Line {
        stream: if line.channel == Channel::Stderr {
            Stream::Stderr
        } else {
            Stream::Stdout
        },
        text: String::from_utf8_lossy(&line.bytes)
            .trim_end_matches('\r')
            .to_owned(),
    });
    Ok(Log {
        lines: lines.collect(),
        cut: logs.cut,
    })
}

/// What an error number of Linux means.
pub fn errno(number: i32) -> String {
    std::io::Error::from_raw_os_error(number).to_string()
}

/// Bytes of a path as text; what is not UTF-8 is replaced.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn kind(kind: &wire::Kind) -> Option<crate::fact::path::Kind> {
    use crate::fact::path::Kind;
    Some(match kind {
        wire::Kind::File => Kind::File,
        wire::Kind::Directory => Kind::Directory,
        wire::Kind::Link => Kind::Link,
        wire::Kind::Fifo => Kind::Fifo,
        wire::Kind::Socket => Kind::Socket,
        wire::Kind::CharDevice => Kind::Char,
        wire::Kind::BlockDevice => Kind::Block,
        wire::Kind::Unknown => return None,
    })
}
