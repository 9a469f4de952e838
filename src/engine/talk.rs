//! Saying something on a connection and hearing what comes back, bounded in size and time.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use crate::fact::blob::Blob;
use crate::fact::tcp::Finish;

/// How much is read at once.
const CHUNK: usize = 8 << 10;

/// What is said on a connection, and for how long it is listened.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// What is sent.
    pub send: &'a [u8],
    /// The most that is kept; with 0 nothing is waited for.
    pub most: usize,
    /// Whether what has come is enough.
    pub enough: &'a (dyn Fn(&[u8]) -> bool + Send + Sync),
    /// How long it may take.
    pub within: Duration,
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is sent may hold a secret.
        write!(f, "Words({} bytes, {:?})", self.send.len(), self.within)
    }
}

/// Sends, and receives until it is enough, the other end closes, or the time is up. What came before
/// a connection broke still counts.
pub async fn talk<S>(stream: S, words: Words<'_>) -> (Blob, Finish)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Words {
        send,
        most,
        enough,
        within,
    } = words;
    let end = Instant::now() + within.min(Duration::from_hours(24));
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut heard = Vec::new();
    let mut sent: Option<std::io::Error> = None;
    let finish = {
        let write = async {
            writer.write_all(send).await?;
            writer.flush().await
        };
        let listen = async {
            if most == 0 {
                std::future::pending::<()>().await;
            }
            hear(&mut reader, &mut heard, most, enough).await
        };
        let both = async {
            tokio::pin!(write);
            tokio::pin!(listen);
            let mut writing = true;
            loop {
                tokio::select! {
                    result = &mut write, if writing => {
                        writing = false;
                        sent = result.err();
                        if most == 0 {
                            break Finish::Unasked;
                        }
                    }
                    finish = &mut listen => break finish,
                }
            }
        };
        timeout_at(end, both).await.unwrap_or(Finish::TimeUp)
    };
    let finish = match (sent, finish) {
        (Some(error), Finish::Unasked | Finish::Closed) => Finish::Broken(error.to_string()),
        (_, finish) => finish,
    };
    let total = heard.len() as u64 + u64::from(finish == Finish::Full);
    let bytes = heard;
    (Blob { bytes, total }, finish)
}

async fn hear<R: AsyncRead + Unpin>(
    reader: &mut R,
    heard: &mut Vec<u8>,
    most: usize,
    enough: &(dyn Fn(&[u8]) -> bool + Send + Sync),
) -> Finish {
    let mut chunk = vec![0; CHUNK];
    loop {
        let room = (most - heard.len()).min(chunk.len());
        if room == 0 {
            return Finish::Full;
        }
        match reader.read(&mut chunk[..room]).await {
            Ok(0) => return Finish::Closed,
            Ok(count) => heard.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Finish::Closed;
            }
            Err(error) => return Finish::Broken(error.to_string()),
        }
        if enough(heard) {
            return Finish::Enough;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);
    const SHORT: Duration = Duration::from_millis(50);

    fn words<'a>(
        send: &'a [u8],
        most: usize,
        enough: &'a (dyn Fn(&[u8]) -> bool + Send + Sync),
        within: Duration,
    ) -> Words<'a> {
        Words {
            send,
            most,
            enough,
            within,
        }
    }

    #[tokio::test]
    async fn it_ends_when_enough_has_come_or_no_more_can() {
        let pong = |bytes: &[u8]| bytes.ends_with(b"PONG\r\n");
        let (here, mut there) = tokio::io::duplex(64);
        let other = async move {
            let mut asked = [0; 4];
            there.read_exact(&mut asked).await.unwrap();
            for byte in b"+PONG\r\n" {
                there.write_all(&[*byte]).await.unwrap();
            }
            (asked, there)
        };
        let (heard, (asked, _there)) =
            tokio::join!(talk(here, words(b"PING", 99, &pong, LONG)), other);
        assert_eq!(&asked, b"PING");
        assert_eq!(heard, (Blob::whole(*b"+PONG\r\n"), Finish::Enough));

        let (here, mut there) = tokio::io::duplex(64);
        there.write_all(b"bye").await.unwrap();
        drop(there);
        let heard = talk(here, words(b"", 99, &pong, LONG)).await;
        assert_eq!(heard, (Blob::whole(*b"bye"), Finish::Closed));
    }

    #[tokio::test]
    async fn a_peer_that_says_nothing_more_or_far_too_much_is_left_in_bounded_time_and_memory() {
        let never = |_: &[u8]| false;
        let (here, mut there) = tokio::io::duplex(64);
        there.write_all(b"wait").await.unwrap();
        let heard = talk(here, words(b"", 99, &never, SHORT)).await;
        assert_eq!(heard, (Blob::whole(*b"wait"), Finish::TimeUp));

        // It takes nothing and says without end.
        let endless = tokio::io::join(tokio::io::repeat(b'x'), tokio::io::sink());
        let (blob, finish) = talk(endless, words(b"", 1000, &never, LONG)).await;
        assert_eq!(
            (blob.bytes.len(), blob.is_cut(), finish),
            (1000, true, Finish::Full)
        );

        let (here, _there) = tokio::io::duplex(1);
        let (_, finish) = talk(here, words(b"too much for it", 0, &never, SHORT)).await;
        assert_eq!(finish, Finish::TimeUp);
    }

    #[tokio::test]
    async fn nothing_is_waited_for_where_nothing_is_to_be_heard() {
        let (here, mut there) = tokio::io::duplex(64);
        let (_, finish) = talk(here, words(b"hi", 0, &|_| false, LONG)).await;
        assert_eq!(finish, Finish::Unasked);
        let mut said = [0; 2];
        there.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hi");
    }
}
