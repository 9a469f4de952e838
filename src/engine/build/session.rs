//! The session beside a build: the builder calls back through it for files, secrets and logins.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;

use super::filesync::{self, Offered};
use super::grpc::{self, Messages, Reply};
use super::protobuf::{Message, fields};
use super::request::SecretValue;
use crate::engine::Engine;
use crate::engine::ask::Ask;
use crate::engine::context::{Context, ContextError};

/// What a session has to offer to the builder.
#[derive(Debug)]
pub(super) struct Offer {
    context: Vec<Offered>,
    dockerfile: Vec<Offered>,
    secrets: HashMap<String, SecretValue>,
    engine: Engine,
    problem: Mutex<Option<ContextError>>,
}

impl Offer {
    pub(super) fn new(
        context: &Context,
        secrets: &[(String, SecretValue)],
        engine: &Engine,
    ) -> Arc<Self> {
        Arc::new(Self {
            context: filesync::of_context(context),
            dockerfile: filesync::of_dockerfile(context),
            secrets: secrets.iter().cloned().collect(),
            engine: engine.clone(),
            problem: Mutex::default(),
        })
    }
}

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const FILES: &str = "/moby.filesync.v1.FileSync/DiffCopy";
const SECRET: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const LOGIN: &str = "/moby.filesync.v1.Auth/Credentials";

/// An open session; dropping it closes it.
#[derive(Debug)]
pub(super) struct Session {
    offer: Arc<Offer>,
    task: JoinHandle<()>,
}

impl Session {
    /// Opens a session under an id of the caller's making. `shared` names the context's folder, so that
    /// the builder can keep the files for the next build from there.
    pub(super) async fn open(
        offer: Arc<Offer>,
        id: &str,
        shared: &str,
    ) -> crate::engine::Result<Self> {
        let mut ask = Ask::post("open a build session", "/session")
            .header("X-Docker-Expose-Session-Uuid", id)
            .header("X-Docker-Expose-Session-Name", "context")
            .header("X-Docker-Expose-Session-Sharedkey", shared);
        for method in [HEALTH, FILES, SECRET, LOGIN] {
            ask = ask.header("X-Docker-Expose-Session-Grpc-Method", method);
        }
        let stream = offer.engine.api().upgrade(ask, "h2c").await?;
        let ours = Arc::clone(&offer);
        let task = tokio::spawn(async move {
            let service = service_fn(move |request| {
                let offer = Arc::clone(&ours);
                async move { Ok::<_, Infallible>(answer(&offer, request).await) }
            });
            let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            // The patterns of a long ignore file come as headers.
            server.max_header_list_size(4 * 1024 * 1024);
            // How it ends tells nothing: the engine hangs up when the build is over.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
        Ok(Self { offer, task })
    }

    /// What went wrong with the context while it was being sent.
    pub(super) fn problem(&self) -> Option<ContextError> {
        let problem = self.offer.problem.lock();
        problem.unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(offer: &Arc<Offer>, request: Request<Incoming>) -> Response<Reply> {
    let (head, body) = request.into_parts();
    let mut messages = Messages::new(body);
    match head.uri.path() {
        // "Serving", in the health service's numbers.
        HEALTH => grpc::single(&Message::default().number(1, 1).done()),
        FILES => {
            let name = head
                .headers
                .get("dir-name")
                .and_then(|name| name.to_str().ok());
            let all = match name {
                Some("context") => &offer.context,
                Some("dockerfile") => &offer.dockerfile,
                _ => return grpc::refused(grpc::NOT_FOUND, "no such folder is offered"),
            };
            let wanted = filesync::wanted(all, &head.headers);
            let (sender, response) = grpc::streaming();
            let offer = Arc::clone(offer);
            tokio::spawn(async move {
                if let Err(error) = filesync::serve(wanted, messages, sender).await {
                    let mut problem = offer.problem.lock().unwrap_or_else(PoisonError::into_inner);
                    *problem = Some(error);
                }
            });
            response
        }
        SECRET => {
            let id = first_text(messages.next().await.as_deref());
            match offer.secrets.get(&id) {
                Some(value) => grpc::single(&Message::default().bytes(1, value.bytes()).done()),
                None => grpc::refused(grpc::NOT_FOUND, &format!("secret {id} is not given")),
            }
        }
        LOGIN => {
            let host = first_text(messages.next().await.as_deref());
            let host = if host == "registry-1.docker.io" {
                "docker.io"
            } else {
                &host
            };
            let found = offer.engine.config().credentials_at(host).await;
            // An empty answer means "nobody in particular"; a token comes without a user.
            let message = found.login.map_or_else(Message::default, |login| {
                let secret = login.identity_token.unwrap_or(login.password);
                Message::default()
                    .bytes(1, login.username.as_bytes())
                    .bytes(2, secret.as_bytes())
            });
            grpc::single(&message.done())
        }
        other => grpc::refused(grpc::UNIMPLEMENTED, &format!("{other} is not served here")),
    }
}

/// The text in a message's first field.
fn first_text(message: Option<&[u8]>) -> String {
    let mut found = fields(message.unwrap_or_default()).filter(|(field, _)| *field == 1);
    found
        .next()
        .map(|(_, value)| value.text())
        .unwrap_or_default()
}
