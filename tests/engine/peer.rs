//! A peer that is no engine, or not a well-behaved one.

use seaworthy::engine::transport::{Address, Dialer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The answer of a proper engine to a ping.
pub(crate) const PING: &str = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";

/// No answer: the connection is closed when the request has come.
pub(crate) const CLOSE: &str = "close";

/// Listens on this machine; each connection gets the answers in turn, one to a request, and is
/// then closed. An empty answer is silence: the connection stays open. [`CLOSE`] closes it at once.
pub(crate) async fn peer(answers: &'static [&'static str]) -> Dialer {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, answers));
        }
    });
    Dialer::new(Address::Tcp {
        host: "127.0.0.1".to_owned(),
        port,
        tls: None,
    })
    .unwrap()
}

async fn answer(mut stream: TcpStream, answers: &[&str]) {
    for text in answers {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        if *text == CLOSE {
            return;
        }
        if text.is_empty() {
            std::future::pending::<()>().await;
        }
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}
