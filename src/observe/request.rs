//! Requests to the container.

use crate::fact::answer::Answer;
use crate::fact::http::Request;
use crate::session::live::Live;

/// What came of a request.
pub async fn of(_live: &mut Live, _request: &Request) -> Answer {
    Answer::Unseen("requests are not made yet".to_owned())
}
