//! A limit is dropped.

use super::Edit;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let dropped = |key: &'static str, apply: fn(&mut Run, &str)| Edit::of(key, "dropped", apply);
    let memory = run.mem_limit.as_ref().map(|limit| {
        let drop = |run: &mut Run, _: &str| {
            run.mem_limit = None;
            // It says how much there is beyond the limit.
            run.memswap_limit = None;
        };
        dropped("mem_limit", drop)
            .part("", Some(limit.span))
            .says("it may take all memory")
            .noticed_by(format!("- limits: {{ memory: {}B }}", limit.value.0))
    });
    let cpus = run.cpus.map(|cpus| {
        dropped("cpus", |run, _| run.cpus = None)
            .says("it may take all processors")
            .noticed_by(format!("- limits: {{ cpus: {} }}", cpus.0))
    });
    let pids = run.pids_limit.as_ref().map(|pids| pids.value).filter(|pids| pids.0 > 0).map(|pids| {
        dropped("pids_limit", |run, _| run.pids_limit = None)
            .says("it may have any number of processes")
            .noticed_by(format!("- limits: {{ pids: {} }}", pids.0))
    });
    [memory, cpus, pids].into_iter().flatten().collect()
}
