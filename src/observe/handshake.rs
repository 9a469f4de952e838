//! What a server shows while TLS is agreed on.

use std::time::Duration;

use super::ask;
use super::request::Way;
use crate::engine::handshake::look;
use crate::engine::{Fault, FaultKind};
use crate::fact::answer::{Answer, Fact};
use crate::fact::handshake::Handshake;
use crate::session::company::Company;

/// Looks at it.
pub async fn of(company: &Company, at: usize, wanted: &Handshake) -> Answer {
    let within = Duration::from_millis(wanted.timeout_millis);
    // It is the member itself that is looked at, whatever it is called.
    let mut way = match Way::of(company, at, ("host", None), within).await {
        Ok(way) => way,
        Err(answer) => return answer,
    };
    match look(wanted, &mut way).await {
        Ok(shown) if shown.chain.is_err() => {
            ask::unless_ended(company, at, Fact::Certificate(shown)).await
        }
        Ok(shown) => Answer::Seen(Fact::Certificate(shown)),
        Err(untried) => {
            let doing = "look at the certificate";
            let fault = Fault::new(FaultKind::Broken, doing, untried.0);
            way.blocked(&fault).await
        }
    }
}
