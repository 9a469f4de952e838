//! Connections that do not end as they should.

use super::*;

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_is_a_timeout() {
    for (said, says) in [
        ("", "no answer after 200 ms"),
        (
            "HTTP/1.1 200 OK\r\n",
            "no answer after 200 ms; 17 B of one came",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "no end of the answer after 200 ms; 42 B of one came (status 200)",
        ),
    ] {
        let port = serving(move |mut stream| async move {
            stream.write_all(said.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let mut request = request(&format!("http://app:{port}"));
        request.timeout_millis = 200;
        let (how, text) = failure(&request, true).await;
        assert_eq!(how, Failure::Timeout, "{said}: {text}");
        assert!(text.contains(says), "{text}");
    }
    let port = serving(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let mut request = request(&format!("https://app:{port}"));
    request.tls.insecure = true;
    request.timeout_millis = 200;
    let (how, text) = failure(&request, false).await;
    assert_eq!(
        (how, text.as_str()),
        (Failure::Timeout, "no end of the TLS handshake after 200 ms")
    );
}

#[tokio::test]
async fn a_connection_that_takes_too_long_is_a_timeout() {
    let mut request = request("https://[::1]/");
    request.timeout_millis = 50;
    let got = fetch(&request, &credentials(&request), &mut Nowhere(None), 1).await;
    let Ok(Outcome::Failed { failure, text }) = got else {
        panic!("no failure");
    };
    assert_eq!(
        (failure, text.as_str()),
        (Failure::Timeout, "not connected after 50 ms")
    );
}

#[tokio::test]
async fn a_large_body_is_kept_in_part_and_counted() {
    let body = "x".repeat(100_000);
    let said = format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{body}");
    let (port, _) = answering(vec![said]).await;
    let request = request(&format!("http://app:{port}"));
    let Outcome::Answered(response) = fetched(&request, 1000, false).await else {
        panic!("no answer");
    };
    assert_eq!(
        (response.body.bytes.len(), response.body.total),
        (1000, 100_000)
    );
}

#[tokio::test]
async fn a_long_body_is_heard_to_its_end_and_one_without_end_is_late() {
    const LONG: u64 = 100 << 20;
    const ENDLESS: u64 = 1 << 50;
    for (length, written) in [(LONG, LONG), (2 * LONG, LONG), (ENDLESS, ENDLESS)] {
        let port = serving(move |mut stream| async move {
            heard(&mut stream).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            let chunk = vec![b'x'; 1 << 20];
            let mut left = written;
            while left > 0 && stream.write_all(&chunk).await.is_ok() {
                left = left.saturating_sub(chunk.len() as u64);
            }
        })
        .await;
        let mut request = request(&format!("http://app:{port}"));
        if length == ENDLESS {
            request.timeout_millis = 1_000;
        }
        match fetched(&request, 10, false).await {
            Outcome::Answered(response) => {
                assert_eq!((written, response.body.total), (length, LONG));
                assert_eq!(response.body.bytes.len(), 10);
            }
            Outcome::Failed { failure, text } if length == ENDLESS => {
                assert_eq!(failure, Failure::Timeout, "{text}");
            }
            Outcome::Failed { failure, text } => {
                assert_eq!((failure, written), (Failure::Any, length / 2), "{text}");
            }
            Outcome::Circled { text } => panic!("{text}"),
        }
    }
}

#[tokio::test]
async fn a_head_without_end_is_given_up() {
    let port = serving(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"X-Again: and again\r\n").await.is_ok() {}
    })
    .await;
    let (how, text) = failure(&request(&format!("http://app:{port}")), false).await;
    assert_eq!(how, Failure::Any);
    assert!(text.contains("does not speak HTTP"), "{text}");
}

#[tokio::test]
async fn connections_that_break_off_are_told_apart() {
    for (said, relayed, how, says) in [
        ("", false, Failure::Any, "closed before any answer"),
        ("", true, Failure::Any, "closed before any answer"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            true,
            Failure::Any,
            ") (status 200)",
        ),
        ("HTTP/1.1 200", true, Failure::Any, "broke off"),
        (
            "SSH-2.0-OpenSSH_9.2\r\n",
            true,
            Failure::Any,
            "does not speak HTTP",
        ),
        (
            "\u{15}\u{3}\u{1}\0\u{2}\u{2}\n",
            true,
            Failure::Any,
            "speaks TLS",
        ),
    ] {
        for reset in [false, true] {
            let port = serving(move |mut stream| async move {
                // What was not read when a socket is closed makes the close a reset.
                match reset {
                    true => drop(stream.peek(&mut [0]).await),
                    false => drop(heard(&mut stream).await),
                }
                stream.write_all(said.as_bytes()).await.unwrap();
            })
            .await;
            let got = failure(&request(&format!("http://app:{port}")), relayed).await;
            assert_eq!(got.0, how, "{said} {reset}: {got:?}");
            assert!(got.1.contains(says), "{said} {reset}: {got:?}");
        }
    }
}

#[tokio::test]
async fn who_closes_in_a_handshake_may_speak_no_tls() {
    let port = serving(|mut stream| async move {
        let heard = stream.read(&mut [0; 4096]).await.unwrap();
        assert!(heard > 0);
    })
    .await;
    let mut request = request(&format!("https://app:{port}"));
    request.tls.insecure = true;
    let (how, text) = failure(&request, false).await;
    assert_eq!(
        (how, text.as_str()),
        (
            Failure::Tls,
            "the connection was closed during the handshake, as one does that speaks no TLS: then write http://, or name the port that does"
        )
    );
}

#[tokio::test]
async fn an_answer_to_a_request_that_was_not_heard_out_is_an_answer() {
    let port = serving(|mut stream| async move {
        let said = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(said.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        // Taken in, but not as a request: the client must not depend on it.
        let _ = stream.read(&mut [0; 10]).await;
    })
    .await;
    let mut request = request(&format!("http://app:{port}"));
    request.method = "PUT".to_owned();
    request.body = Some("x".repeat(8 << 20));
    assert_eq!(answer(&request).await.status, 413);
}

/// The end of a connection that takes nothing more, and on which an answer waits.
struct Shut(&'static [u8]);

impl AsyncRead for Shut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Shut {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Err(std::io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Connect for Shut {
    type Stream = Self;

    async fn connect(&mut self, _: Peer) -> Result<Line<Self>, Unconnected> {
        Ok(Line {
            stream: Self(self.0),
            relayed: true,
        })
    }
}

#[tokio::test]
async fn an_answer_that_waits_behind_a_closed_door_is_read() {
    let request = request("http://app/");
    let got = fetch(
        &request,
        &credentials(&request),
        &mut Shut(OK.as_bytes()),
        10,
    )
    .await;
    assert!(
        matches!(&got, Ok(Outcome::Answered(response)) if response.status == 200),
        "{got:?}"
    );
    let Ok(Outcome::Failed { failure, .. }) =
        fetch(&request, &credentials(&request), &mut Shut(b""), 10).await
    else {
        panic!("no failure");
    };
    assert_eq!(failure, Failure::Refused);
}
