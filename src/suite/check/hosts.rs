//! Hosts that nobody answers to, near the name of one that somebody does.

use super::Whole;
use crate::suite::assemble::Draft;
use crate::suite::run::Run;
use crate::text::near::nearest;
use crate::text::read::Reader;

/// What is a host wherever a connection starts, or means something else than a host.
const EVERYWHERE: [&str; 2] = ["localhost", "outside"];

/// Says which hosts are mistyped. What names a Compose file gives is known only when it is read, and a
/// name with a dot or a colon in it is of the world outside.
pub(super) fn check(whole: &Whole<'_>, reader: &mut Reader) {
    if whole.top.get("compose").is_some() {
        return;
    }
    for draft in whole.drafts {
        of_case(draft, reader);
    }
}

fn of_case(draft: &Draft, reader: &mut Reader) {
    // What could not be read may have names of its own.
    let Some(case) = &draft.case else { return };
    let services = case.services.iter().map(|(_, service)| &service.run);
    let runs: Vec<&Run> = services.chain([&case.run]).collect();
    if runs.iter().any(|run| knows_more(run)) {
        return;
    }
    let mut known: Vec<&str> = draft.scale.iter().map(|(name, _)| name.as_str()).collect();
    for run in runs {
        let networks = run.networks.iter().flat_map(|networks| &networks.value.0);
        known.extend(networks.flat_map(|(_, how)| how.aliases.iter().map(String::as_str)));
        known.extend(run.hostname.iter().map(|name| name.0.as_str()));
        known.extend(run.extra_hosts.given().map(|(name, _)| name));
    }
    known.extend(EVERYWHERE);
    for host in &draft.addressed {
        let name = host.value.as_str();
        let is_outside = name.contains(['.', ':']);
        if is_outside || known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        if let Some(near) = nearest(name, known.iter().copied()) {
            let message = format!("nobody answers to the name `{name}`");
            let said = reader.say(host.span, message);
            said.help(format!("did you mean `{near}`?"))
                .help("a host outside is written with its domain, or by its address");
        }
    }
}

/// Whether its resolver may know short names that no suite says: with a domain behind them, by another name
/// server, or as this machine knows them.
fn knows_more(run: &Run) -> bool {
    let is_host = run.network_mode.iter().any(|mode| mode.value.0 == "host");
    is_host || !run.dns.0.is_empty() || !run.dns_search.0.is_empty()
}
