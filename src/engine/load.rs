//! Requests without a pause, from many clients at once, while something else is done.
//!
//! Each client makes one request after the other, each on a connection of its own. What comes of them is
//! counted as it comes, so that any number of them takes no more memory than a few.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::clock::{self, Instant};
use super::http::{Connect, Credentials, Untried, fetch};
use crate::fact::http::{Outcome, Request};
use crate::fact::load::{Loss, Traffic};

/// The most that is kept of a body.
const BODY: usize = 1 << 20;
/// How long a client rests that nobody has connected, and who looks again, so that they do not take the
/// processor from those who are to come up.
const REST: Duration = Duration::from_millis(10);

/// How often a client asks in vain before it is not waited for any longer.
const TRIES: u32 = 3;

/// How long a request is under way before it has come to where its program runs for certain.
const ARRIVED: Duration = Duration::from_millis(50);
/// How long a moment is waited for at which the program has every request, and not only the kernel, which
/// drops what it holds for a program that no longer listens. Where all requests are shorter there is none.
const SETTLING: Duration = Duration::from_secs(1);
/// How long where requests take longer, but the program had not taken them.
const TAKING: Duration = Duration::from_secs(5);

/// Says in what way an answer is not as claimed, if it is not.
pub type Sort = Arc<dyn Fn(&Outcome) -> Option<String> + Send + Sync>;

/// What all clients ask for.
pub struct Wanted {
    /// The request.
    pub request: Request,
    /// What the names in it stand for.
    pub credentials: Credentials,
    /// Who knows a right answer.
    pub sort: Sort,
}

impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wanted")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// Requests that are being made. They end when this is dropped.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// What the clients have in common.
#[derive(Debug)]
struct Shared {
    wanted: Wanted,
    began: Instant,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    traffic: Traffic,
    clients: Vec<Client>,
    /// What kept a request from being tried, which says nothing of the container.
    untried: Option<String>,
}

/// One client.
#[derive(Debug, Clone, Copy, Default)]
struct Client {
    /// When its request began that is under way.
    asks: Option<Instant>,
    /// When its last request began that has come to something.
    asked: Option<Instant>,
    /// Whether any of its requests was answered, in whatever way.
    answered: bool,
    /// How many of its requests have come to something.
    tries: u32,
}

impl Load {
    /// Begins: a client for each of these.
    pub fn begin<C: Connect + Send + 'static>(wanted: Wanted, connects: Vec<C>) -> Self {
        let count = connects.len();
        let state = State {
            traffic: Traffic {
                clients: u32::try_from(count).unwrap_or(u32::MAX),
                ..Traffic::default()
            },
            clients: vec![Client::default(); count],
            untried: None,
        };
        let shared = Arc::new(Shared {
            wanted,
            began: clock::now(),
            state: Mutex::new(state),
            changed: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        for (number, connect) in connects.into_iter().enumerate() {
            tasks.spawn(ask(Arc::clone(&shared), number, connect));
        }
        Self { shared, tasks }
    }

    /// Waits until each client was answered, or has tried often enough, and asks again; whether any was
    /// answered as it should.
    pub async fn flows(&self) -> bool {
        let all = |state: &State| {
            let tried = |client: &Client| client.answered || client.tries >= TRIES;
            let on = |client: &Client| tried(client) && client.asks.is_some();
            state.clients.iter().all(on)
        };
        self.shared.until(all).await;
        self.shared.state().traffic.counts.ok > 0
    }

    /// Waits for a moment at which the program has every request, if there is one. What the kernel still holds
    /// for the program `held` tells.
    pub async fn settles<F: Future<Output = bool>>(&self, held: impl Fn() -> F) {
        let (began, mut within) = (clock::now(), SETTLING);
        while began.elapsed() < within {
            let at = clock::now();
            if self.shared.state().untried.is_some() {
                return;
            }
            if self.shared.state().is_settled() {
                within = TAKING;
                if !held().await && self.shared.state().is_since(at) {
                    let until = at.saturating_duration_since(self.shared.began);
                    self.shared.state().traffic.has_taken(until);
                    return;
                }
            }
            clock::pass(REST).await;
        }
    }

    /// Marks the beginning of something.
    pub fn mark(&self, step: &str) {
        let at = self.shared.began.elapsed();
        self.shared.state().traffic.mark(step, at);
    }

    /// Waits until each client has come to something that it began to ask from now on, and ends. What is
    /// under way then is nobody's.
    pub async fn done(mut self) -> Result<Traffic, String> {
        let now = clock::now();
        let all = |state: &State| {
            let after = |client: &Client| client.asked.is_some_and(|asked| asked >= now);
            state.clients.iter().all(after)
        };
        self.shared.until(all).await;
        self.tasks.abort_all();
        let mut state = self.shared.state();
        if let Some(why) = state.untried.take() {
            return Err(why);
        }
        let mut traffic = std::mem::take(&mut state.traffic);
        let took = self.shared.began.elapsed();
        traffic.micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        Ok(traffic)
    }
}

impl State {
    /// Whether no client has begun another request since then.
    fn is_since(&self, at: Instant) -> bool {
        let same = |client: &Client| client.asks.is_some_and(|asks| asks <= at);
        self.clients.iter().all(same)
    }

    /// Whether every client's request has been under way for a while, or nothing can be told any more.
    fn is_settled(&self) -> bool {
        let taken = |client: &Client| client.asks.is_some_and(|asks| asks.elapsed() >= ARRIVED);
        self.untried.is_some() || self.clients.iter().all(taken)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this is so, or nothing can be told any more.
    async fn until(&self, so: impl Fn(&State) -> bool) {
        loop {
            {
                let state = self.state();
                if state.untried.is_some() || so(&state) {
                    return;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Counts what has come of a request.
    fn count(&self, number: usize, began: Instant, outcome: &Outcome) -> Option<Loss> {
        let lost = match Loss::of(outcome) {
            Some((loss, text)) => Some((loss, text.to_owned())),
            None => (self.wanted.sort)(outcome).map(|text| (Loss::Wrong, text)),
        };
        let mut state = self.state();
        let asked = began.saturating_duration_since(self.began);
        state
            .traffic
            .begun(asked, lost.as_ref().map(|(loss, _)| *loss));
        match (&lost, outcome) {
            (None, Outcome::Answered(response)) => {
                state
                    .traffic
                    .answered(Duration::from_micros(response.micros));
            }
            (None, Outcome::Failed { .. } | Outcome::Circled { .. }) => {}
            (Some((loss, text)), _) => state.traffic.lose(*loss, self.began.elapsed(), text),
        }
        if let Some(client) = state.clients.get_mut(number) {
            client.asks = None;
            client.asked = Some(began);
            client.answered |= matches!(outcome, Outcome::Answered(_));
            client.tries = client.tries.saturating_add(1);
        }
        lost.map(|(loss, _)| loss)
    }
}

/// One client: one request after the other.
async fn ask<C: Connect + Send + 'static>(shared: Arc<Shared>, number: usize, mut connect: C) {
    let Wanted {
        request,
        credentials,
        ..
    } = &shared.wanted;
    loop {
        let began = clock::now();
        if let Some(client) = shared.state().clients.get_mut(number) {
            client.asks = Some(began);
        }
        shared.changed.notify_one();
        let came = match Box::pin(fetch(request, credentials, &mut connect, BODY)).await {
            Ok(outcome) => shared.count(number, began, &outcome),
            Err(Untried(why)) => {
                shared.state().untried.get_or_insert(why);
                shared.changed.notify_one();
                return;
            }
        };
        shared.changed.notify_one();
        if came == Some(Loss::Refused) {
            clock::pass(REST).await;
        }
    }
}

#[cfg(test)]
mod tests;
