//! Those who wait until another is healthy of which nothing ever says whether it is.

use super::start::{One, Waits};
use crate::engine::Result;
use crate::session::company::Company;
use crate::suite::ready::{ReadyWord, When};
use crate::suite::run::Run;
use crate::text::source::Span;

/// That one can never be started.
#[derive(Debug)]
pub(super) struct Never {
    /// Where the suite says for whom it waits.
    pub(super) span: Option<Span>,
    /// Why, and what to do.
    pub(super) message: String,
}

/// Refuses to take one for healthy of which nothing says so, as Compose does: `waits` cannot be started then.
pub(super) async fn never(
    company: &Company,
    at: usize,
    (waits, other): (&str, &str),
    all: &[One<'_>],
) -> Result<Option<Never>> {
    let named = |name: &str| all.iter().find(|one| one.name == name);
    let ready = named(other).and_then(|one| one.ready);
    let why = match ready.map(|ready| &ready.when) {
        Some(When::Items(_) | When::Word(ReadyWord::Healthy)) => return Ok(None),
        None if company.live(at).await?.declares_check() => return Ok(None),
        None => format!("`{other}` has no health check"),
        Some(When::Word(word)) => format!("`ready: {word}` of `{other}` has nobody wait for that"),
    };
    let (place, span, where_to) = match named(waits).map(|one| &one.waits) {
        Some(Waits::File(project)) => {
            let place = project.place(&["services", waits, "depends_on", other]);
            (
                format!("{place}: "),
                None,
                "a `healthcheck` in the Compose file",
            )
        }
        Some(Waits::Suite(run)) => (
            String::new(),
            said(run, other),
            "a `healthcheck` or a `ready`",
        ),
        None => (String::new(), None, "a `healthcheck`"),
    };
    let help = match ready {
        None => format!("give `{other}` {where_to}, or wait for `service_started`"),
        Some(_) => format!("leave `ready` of `{other}` out, or wait for `service_started`"),
    };
    let message = format!(
        "{place}`{waits}` cannot be started: it waits until `{other}` is healthy (`condition: service_healthy`), and \
         {why}\n  help: {help}"
    );
    Ok(Some(Never { span, message }))
}

/// Where it stands that another is waited for.
fn said(run: &Run, other: &str) -> Option<Span> {
    let mut names = run.depends_on.iter().flat_map(|names| &names.value.0);
    let (name, _) = names.find(|(name, _)| name.value == other)?;
    Some(name.span)
}
