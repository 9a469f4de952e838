//! What a server shows while TLS is agreed on.

use std::time::Duration;

use super::ask;
use super::request::Way;
use crate::engine::handshake::look;
use crate::engine::{Fault, FaultKind};
use crate::fact::answer::{Answer, Fact};
use crate::fact::handshake::Handshake;
use crate::session::live::Live;

/// Looks at it.
pub async fn of(live: &mut Live, wanted: &Handshake) -> Answer {
    let within = Duration::from_millis(wanted.timeout_millis);
    let mut way = match Way::of(live, "host", within).await {
        Ok(way) => way,
        Err(answer) => return answer,
    };
    match look(wanted, &mut way).await {
        Ok(shown) => Answer::Seen(Fact::Certificate(shown)),
        Err(untried) => {
            let doing = "look at the certificate";
            let fault = Fault::new(FaultKind::Broken, doing, untried.0);
            ask::blocked(way.live, &fault).await
        }
    }
}
