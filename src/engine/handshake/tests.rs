//! Against servers of its own, on sockets, that do not do as they should.
#![expect(clippy::disallowed_methods, reason = "a server must listen somewhere")]

use tokio::net::TcpListener;

use super::*;
use crate::engine::http::tests::{Here, serving};

async fn seen(port: u16, timeout_millis: u64) -> Shown {
    let wanted = Handshake {
        port,
        name: "app".to_owned(),
        versions: true,
        timeout_millis,
    };
    look(&wanted, &mut Here::default()).await.unwrap()
}

fn replies(shown: &Shown) -> Vec<&Reply> {
    shown.versions.iter().map(|(_, reply)| reply).collect()
}

#[tokio::test]
async fn a_server_that_says_nothing_leaves_everything_open() {
    let port = serving(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let shown = seen(port, 50).await;
    let missing = shown.chain.unwrap_err();
    assert_eq!(missing.failure, Failure::Timeout);
    assert_eq!(missing.text, "no end of the TLS handshake after 50 ms");
    assert_eq!(shown.versions, [], "one wait is enough");
}

#[tokio::test]
async fn what_a_server_says_to_each_version_is_kept() {
    // It says to old clients that it will not, and nothing to others.
    let port = serving(|mut stream| async move {
        let mut heard = [0; 11];
        let old = stream.read_exact(&mut heard).await.is_ok() && heard[10] < 3;
        if old {
            let _ = stream.write_all(&[21, 3, 1, 0, 2, 2, 70]).await;
        } else if heard[0] == 22 {
            let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await;
        }
    })
    .await;
    let shown = seen(port, 20_000).await;
    assert_eq!(shown.chain.as_ref().unwrap_err().failure, Failure::Tls);
    let refused = |text: &str| Reply::Refused(text.to_owned());
    let (old, new) = (refused("protocol version"), refused("handshake failure"));
    assert_eq!(replies(&shown), [&old, &old, &old, &new, &new]);
}

#[tokio::test]
async fn ends_that_are_none_are_told_apart() {
    for (said, reply) in [
        (&b""[..], Reply::Closed),
        (
            &b"\x16\x03\x03\x40\x00half"[..],
            Reply::Unknown("the answer broke off".to_owned()),
        ),
        (
            &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
            Reply::Unknown("what answered does not speak TLS".to_owned()),
        ),
    ] {
        let port = serving(move |mut stream| async move {
            let _ = stream.read(&mut [0; 2048]).await;
            let _ = stream.write_all(said).await;
        })
        .await;
        let shown = seen(port, 20_000).await;
        assert_eq!(shown.chain.as_ref().unwrap_err().failure, Failure::Tls);
        assert_eq!(replies(&shown), [&reply; 5]);
    }
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let port = serving(|mut stream| async move {
        let _ = stream.read(&mut [0; 2048]).await;
        // The beginning of a message that is never whole, in ever more records.
        let record = [&[22, 3, 3, 0x10, 0][..], &[2, 0, 0xff, 0xff], &[0; 4092]].concat();
        while stream.write_all(&record).await.is_ok() {}
    })
    .await;
    let shown = seen(port, 20_000).await;
    for reply in replies(&shown) {
        assert!(matches!(reply, Reply::Unknown(_)), "{reply:?}");
    }
}

#[tokio::test]
async fn where_nothing_listens_nobody_knocks_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let shown = seen(port, 20_000).await;
    assert_eq!(shown.chain.unwrap_err().failure, Failure::Refused);
    assert_eq!(shown.versions, []);
}
