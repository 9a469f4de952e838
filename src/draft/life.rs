//! What is claimed of how a container ends and comes back.

use super::seen::Seen;
use super::{Case, Part, scalar};
use crate::fact::ending::Ending;
use crate::report::clean;

/// The last lines of a log that are shown beside an end.
const LINES: usize = 5;
/// The code of a program that SIGKILL ended.
const KILLED: i32 = 137;

/// How it stops when it is asked to.
pub fn stops(ending: &Ending) -> Case {
    let name = "stops when it is asked to".to_owned();
    let mut parts = vec![Part::step("stop")];
    parts.push(if ending.code == KILLED {
        Part::claim("exited: { code: 0 }").off(
            "it went on until it was killed, so what it was doing is lost. A program that is process 1 has to \
             handle SIGTERM itself, or run under an init (`init: true`)",
        )
    } else {
        let took = ending.took_micros.unwrap_or_default() / 1_000_000;
        let seconds = scalar::room(took + 3);
        let part = Part::claim(format!(
            "exited: {{ code: {}, took: {{ below: {seconds}s }} }}",
            ending.code
        ));
        match ending.code {
            0 => part,
            143 => part.says("143 is SIGTERM: it did not handle the signal, but nothing kept it either."),
            _ => part.says("A program that ends as it should gives 0."),
        }
    });
    Case {
        name,
        parts,
        ..Case::default()
    }
}

/// That it serves again once it was restarted.
pub fn returns(claims: &[Part]) -> Case {
    let mut parts = vec![Part::step("restart")];
    parts.extend(
        claims
            .iter()
            .filter(|part| part.off.is_none())
            .map(|part| Part {
                says: None,
                ..part.clone()
            }),
    );
    Case {
        name: "is there again after a restart".to_owned(),
        parts,
        ..Case::default()
    }
}

/// Of a container that has ended by itself.
pub fn ends(ending: &Ending, seen: &Seen) -> Case {
    let mut says = vec![match ending.code {
        0 => "It did its work and ended. Claim here what it has done.".to_owned(),
        code => format!(
            "It ended with code {code} by itself. If it needs variables, files or services, give it those in `run` \
             and `services`, and let `seaworthy init` look at the Compose file or at a container that works."
        ),
    }];
    let lines = seen.log().map(|log| log.last(LINES)).unwrap_or_default();
    if !lines.is_empty() {
        says.push("Its last lines were:".to_owned());
        let shown = lines
            .iter()
            .filter_map(|line| clean::log(line).into_iter().next());
        says.extend(shown.map(|line| format!("| {line}")));
    }
    let code = ending.code;
    let parts = vec![Part::claim(format!("exited: {code}")).beside("within: 30s")];
    Case {
        name: match code {
            0 => "does its work and ends".to_owned(),
            _ => "ends without what it needs".to_owned(),
        },
        says,
        head: vec!["run: { ready: none }".to_owned()],
        parts,
        off: None,
    }
}
