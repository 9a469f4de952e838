//! Which services an item is about, and where its connections lead.

use crate::fact::question::Question;
use crate::suite::service::APP;
use crate::suite::{Case, Item};
use crate::text::url::Url;

/// The names of services that an item is about, as written: those that it names, or its case; else the one
/// that its connection leads to; else the image under test.
pub fn whom(item: &Item, case: &Case) -> Vec<String> {
    let is_known = |host: &str| case.services.iter().any(|(name, _)| name.value == host);
    whom_of(item, case, is_known)
}

/// Likewise, where these are the services.
pub fn whom_of(item: &Item, case: &Case, is_known: impl Fn(&str) -> bool) -> Vec<String> {
    if let Some(names) = item.modifiers.service.as_ref().or(case.service.as_ref()) {
        return names.0.iter().map(|name| name.value.clone()).collect();
    }
    let questions = item.claim.questions();
    let mut hosts = questions.iter().filter_map(end).map(|(host, _)| host);
    let service = hosts.find(|host| is_known(host));
    vec![service.unwrap_or_else(|| APP.to_owned())]
}

/// The host and port that a connection from outside leads to.
pub fn end(question: &Question) -> Option<(String, u16)> {
    match question {
        Question::Http(request) | Question::Spread(request) if request.from == "host" => {
            let url = Url::parse(&request.url).ok()?;
            Some((url.host, url.port))
        }
        Question::Tcp(talk) if talk.from == "host" => Some((talk.host.clone(), talk.port)),
        _ => None,
    }
}
