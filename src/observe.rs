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
mod merge;
mod packages;
pub mod privileged;
pub mod read;
pub mod request;
pub mod sources;
pub mod tcp;
mod writes;

use crate::engine::containers::logs::LogLimits;
use crate::engine::demux::Channel;
use crate::engine::probe::wire;
use crate::engine::{Engine, Fault, FaultKind};
use crate::fact::answer::{Answer, Answers, Fact};
use crate::fact::log::{Line, Log, Stream};
use crate::fact::question::{Phase, Question};
use crate::fact::search::Search;
use crate::session::image::Ready;
use crate::session::live::{Live, ROOT};
use ask::Wanted;
use budget::Kept;

/// The most of a log that is kept.
const LOG_BYTES: usize = 8 << 20;

/// Answers what can be told of the image alone.
pub async fn of_image(engine: &Engine, image: &Ready, asked: &[(usize, Question)]) -> Answers {
    let mut answers = Answers::default();
    for (item, question) in asked {
        let answer = match question {
            Question::Image => Answer::Seen(Fact::Image(Box::new(image.facts.clone()))),
            Question::Layers(patterns) => layers::of(engine, image, patterns).await,
            Question::Other(key) => other(image, key),
            _ => Answer::Unseen("this case starts no container".to_owned()),
        };
        answers.keep(*item, question.clone(), answer);
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

/// Answers questions about a container.
pub async fn of_container(live: &mut Live, asked: &[(usize, Question)]) -> Answers {
    let mut answers = Kept::default();
    let mut wanted: Vec<&Question> = Vec::new();
    for (_, question) in asked {
        if question.phase() == Phase::Passive && !wanted.contains(&question) {
            wanted.push(question);
        }
    }
    // Who may write is tried where something is, so it is asked last.
    let (tries, wanted): (Vec<&Question>, Vec<&Question>) = wanted
        .into_iter()
        .partition(|q| matches!(q, Question::MayWrite { .. }));
    let (from_probe, from_engine): (Vec<&Question>, Vec<&Question>) =
        wanted.into_iter().partition(|q| by_probe(live, q));
    let acts = asked.iter().any(|(_, q)| q.phase() == Phase::Active);
    let writers = writes::users(&tries);
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
    by_engine(live, &from_engine, &mut answers).await;
    for (question, answer) in passive(live, &from_probe).await {
        answers.keep(0, question, answer);
    }
    writes::all(live, &tries, &mut answers).await;
    active(live, asked, &mut answers).await;
    if asked.iter().any(|(_, q)| *q == Question::Log) {
        let answer = match log(live).await {
            Ok(log) => Answer::Seen(Fact::Log(log)),
            Err(fault) => Answer::Unseen(fault.to_string()),
        };
        answers.keep(0, Question::Log, answer);
    }
    answers.done()
}

fn by_probe(live: &Live, question: &Question) -> bool {
    match question {
        Question::Image
        | Question::Layers(_)
        | Question::Other(_)
        | Question::Container
        | Question::Life
        | Question::Restarts
        | Question::Health { .. }
        | Question::ExecUser => false,
        // What an image holds is not looked for among what its program wrote.
        Question::Search(_) => !live.program,
        _ => true,
    }
}

/// All that the engine is asked about the container, by one look at it.
async fn by_engine(live: &mut Live, questions: &[&Question], answers: &mut Kept) {
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
    let facts = if questions.contains(&&Question::Restarts) {
        Some(live.restarts().await.map(|(count, facts)| {
            restarts = Some(count);
            facts
        }))
    } else if questions.iter().any(looks) {
        Some(live.facts().await)
    } else {
        None
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
            (Question::Container, Some(Ok(facts))) => {
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
}

/// Searches the image's files in a container of their own, once a run.
async fn searched(live: &mut Live, search: &Search) -> Result<Fact, Fault> {
    let mut kept = live.image.kept.lock().await;
    let known = kept.searched.iter().find(|(asked, _)| asked == search);
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
            kept.searched.push((search.clone(), (*seen).clone()));
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
            let end = live.down().await;
            for question in questions {
                let answer = match &end {
                    Ok(Some(ending)) => ended::of(live, question, ending).await,
                    Ok(None) => Answer::Unseen(fault.to_string()),
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

/// Commands and requests in written order; commands of the same user that follow each other go as
/// one batch.
async fn active(live: &mut Live, asked: &[(usize, Question)], answers: &mut Kept) {
    let acts: Vec<&(usize, Question)> = asked
        .iter()
        .filter(|(_, q)| q.phase() == Phase::Active)
        .collect();
    let mut rest = acts.as_slice();
    while let Some((first, _)) = rest.split_first() {
        let count = match &first.1 {
            Question::Run(command) => rest
                .iter()
                .take_while(|(_, q)| matches!(q, Question::Run(c) if c.user == command.user))
                .count(),
            _ => 1,
        };
        let (now, later) = rest.split_at(count.max(1));
        rest = later;
        match &first.1 {
            Question::Run(_) => {
                let got = ask::commands(live, now).await;
                for ((item, question), answer) in now.iter().zip(got) {
                    answers.keep(*item, question.clone(), answer);
                }
            }
            Question::Http(request) => {
                let answer = Box::pin(request::of(live, request)).await;
                answers.keep(first.0, first.1.clone(), answer);
            }
            Question::Certificate(handshake) => {
                let answer = Box::pin(handshake::of(live, handshake)).await;
                answers.keep(first.0, first.1.clone(), answer);
            }
            Question::Tcp(talk) => {
                let answer = Box::pin(tcp::of(live, talk)).await;
                answers.keep(first.0, first.1.clone(), answer);
            }
            _ => {}
        }
    }
}

/// What the container wrote.
pub async fn log(live: &mut Live) -> Result<Log, Fault> {
    let limits = LogLimits {
        bytes: LOG_BYTES,
        tail: None,
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
