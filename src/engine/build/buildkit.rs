//! A build by `BuildKit`: the request, the session beside it, and the account of what happens.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::progress::Progress;
use super::request::BuildRequest;
use super::session::{Offer, Session};
use super::trace::Trace;
use super::{Ended, Told, query};
use crate::engine::Engine;
use crate::engine::ask::Ask;
use crate::engine::context::{Context, hex};
use crate::text::base64;

/// One line of the engine's account.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: String,
    #[serde(default)]
    aux: Value,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    stream: String,
}

/// Builds, and gives what the build told until it ended.
pub(super) async fn build<'a>(
    engine: &Engine,
    request: &BuildRequest,
    context: &Arc<Context>,
    tag: &str,
    progress: Progress<'a>,
) -> Result<Told<'a>, super::BuildError> {
    let offer = Offer::new(context, &request.secrets, engine);
    let id = session_id();
    let shared = hex(&Sha256::digest(context.root.as_os_str().as_encoded_bytes()));
    let session = Session::open(offer, &id, &shared).await?;
    let path = query(engine, request, tag, &context.dockerfile.name())
        .query("version", "2")
        .query("remote", "client-session")
        .query("session", &id)
        .query("buildid", &id);
    let ask = Ask::post("build the image", path).within(request.within);
    let mut trace = Trace::new(progress);
    let mut ended = Ended::Well;
    match engine.api().lines::<Line>(ask, request.within).await {
        Ok(mut lines) => {
            while let Some(line) = lines.next().await? {
                take(line, &mut trace, &mut ended);
            }
        }
        Err(fault) => ended = Ended::Refused(fault),
    }
    if let Some(problem) = session.problem() {
        return Err(problem.into());
    }
    let (doing, step) = match trace.broken.take() {
        Some((name, step, _)) => (name, step),
        None => (String::new(), None),
    };
    Ok(Told {
        progress: trace.progress,
        ended,
        doing,
        step,
    })
}

fn take(line: Line, trace: &mut Trace<'_>, ended: &mut Ended) {
    if let Some(message) = line.error {
        *ended = Ended::Badly {
            message,
            exit_code: None,
        };
    } else if line.id == "moby.buildkit.trace" {
        if let Some(message) = line.aux.as_str().and_then(base64::decode) {
            trace.take(&message);
        }
    } else if line.stream.to_lowercase().contains("warning") {
        trace.progress.note(line.stream.trim());
    }
}

/// An id that no other session on the engine has.
fn session_id() -> String {
    use std::hash::{BuildHasher, RandomState};
    // Each hasher has keys of its own, made from the system's randomness.
    let part = |salt: u8| RandomState::new().hash_one(salt).to_be_bytes();
    hex(&[part(0), part(1)].concat())
}
