//! A published port is closed.

use super::Edit;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    run.ports
        .iter()
        .map(|port| {
            let target = port.value.target.to_string();
            let close = |run: &mut Run, part: &str| {
                run.ports.retain(|port| port.value.target.to_string() != part);
            };
            Edit::of("ports", &format!("{target} closed"), close)
                .part(&target, Some(port.span))
                .says(format!("the port {target} is not published"))
                .noticed_by(format!("- ports: {{ published: [{target}] }}"))
        })
        .collect()
}
