//! What a server shows while TLS is agreed on: its certificates, and the versions that it speaks.

mod hello;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

use super::http::{Connect, Failed, Peer, Unconnected, Untried, certificates_of};
use super::{clock, world};
use crate::fact::blob::Blob;
use crate::fact::handshake::{Handshake, Missing, Reply, Shown, Version};
use crate::fact::http::Failure;
use crate::text::units::show_time;

/// Looks at a server; a connection for its certificates, and one for each version that is tried.
pub async fn look<C: Connect>(wanted: &Handshake, connect: &mut C) -> Result<Shown, Untried> {
    let chain = match chain(wanted, connect).await {
        Ok(chain) => Ok(chain),
        Err(Stopped::Untried(why)) => return Err(Untried(why)),
        Err(Stopped::Missing(missing)) => Err(missing),
    };
    let mut versions = Vec::new();
    // Where nothing listens, nothing is learnt by knocking five times more.
    let gone = matches!(&chain, Err(missing) if missing.failure != Failure::Tls);
    for version in Version::ALL
        .into_iter()
        .filter(|_| wanted.versions && !gone)
    {
        let reply = match greet(wanted, version, connect).await {
            Ok(reply) => reply,
            Err(Stopped::Untried(why)) => return Err(Untried(why)),
            Err(Stopped::Missing(missing)) => Reply::Unknown(missing.text),
        };
        versions.push((version, reply));
    }
    Ok(Shown {
        chain,
        versions,
        seconds: clock::wall_nanos() / 1_000_000_000,
    })
}

/// Why there is nothing to see.
enum Stopped {
    /// The server has nothing.
    Missing(Missing),
    /// It could not be tried.
    Untried(String),
}

impl Stopped {
    fn new(failure: Failure, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Missing(Missing { failure, text })
    }

    fn late(step: &str, wanted: &Handshake) -> Self {
        let text = format!("{step} after {}", show_time(time(wanted)));
        Self::new(Failure::Timeout, text)
    }
}

impl From<Unconnected> for Stopped {
    fn from(why: Unconnected) -> Self {
        match why {
            Unconnected::Refused(text) => Self::new(Failure::Refused, text),
            Unconnected::Timeout(text) => Self::new(Failure::Timeout, text),
            Unconnected::Dns(text) => Self::new(Failure::Dns, text),
            Unconnected::Other(text) => Self::new(Failure::Any, text),
            Unconnected::Untried(text) => Self::Untried(text),
        }
    }
}

/// Opens a connection within the time that is given to each.
async fn open<C: Connect>(wanted: &Handshake, connect: &mut C) -> Result<C::Stream, Stopped> {
    let peer = Peer {
        host: "app".to_owned(),
        port: wanted.port,
    };
    connect.prepare(&peer).await?;
    match timeout(time(wanted), connect.connect(peer)).await {
        Ok(line) => Ok(line?.stream),
        Err(_) => Err(Stopped::late("not connected", wanted)),
    }
}

fn time(wanted: &Handshake) -> Duration {
    Duration::from_millis(wanted.timeout_millis)
}

/// What a server says to a client that speaks this version only.
async fn greet<C: Connect>(
    wanted: &Handshake,
    version: Version,
    connect: &mut C,
) -> Result<Reply, Stopped> {
    let mut stream = open(wanted, connect).await?;
    let mut random = [0; 64];
    random.copy_from_slice(world::random(64).as_bytes().get(..64).unwrap_or(&[0; 64]));
    let hello = hello::client(version, &wanted.name, random);
    let talk = talk(&mut stream, &hello, version);
    match timeout(time(wanted), talk).await {
        Ok(reply) => Ok(reply),
        Err(_) => Err(Stopped::late("no answer", wanted)),
    }
}

async fn talk<S>(stream: &mut S, hello: &[u8], version: Version) -> Reply
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // One that cannot be written is one that the other end has closed, which reading tells.
    let _ = stream.write_all(hello).await;
    let _ = stream.flush().await;
    let mut heard = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes).await {
            Ok(count) if count > 0 => heard.extend(bytes.iter().take(count)),
            _ if heard.is_empty() => return Reply::Closed,
            _ => return Reply::Unknown("the answer broke off".to_owned()),
        }
        if let Some(reply) = hello::reply(version, &heard) {
            return reply;
        }
        if heard.len() > hello::MOST {
            return Reply::Unknown("the answer has no end".to_owned());
        }
    }
}

/// The certificates that a server shows, whether it then goes on with us or not.
async fn chain<C: Connect>(wanted: &Handshake, connect: &mut C) -> Result<Vec<Blob>, Stopped> {
    let stream = open(wanted, connect).await?;
    let name = ServerName::try_from(wanted.name.clone())
        .map_err(|_| Stopped::Untried(format!("`{}` is no name", wanted.name)))?;
    let shown = Arc::new(Mutex::new(Vec::new()));
    let connector = certificates_of(&shown).map_err(Stopped::Untried)?;
    let ended = timeout(time(wanted), connector.connect(name, stream)).await;
    let chain = std::mem::take(&mut *shown.lock().unwrap_or_else(PoisonError::into_inner));
    match (chain.is_empty(), ended) {
        (false, _) => Ok(chain.into_iter().map(Blob::whole).collect()),
        (true, Err(_)) => Err(Stopped::late("no end of the TLS handshake", wanted)),
        (true, Ok(Err(error))) => Err(Stopped::new(
            Failure::Tls,
            Failed::in_handshake(&error).text,
        )),
        (true, Ok(Ok(_))) => Err(Stopped::new(Failure::Tls, "the server showed none")),
    }
}

#[cfg(test)]
mod tests;
