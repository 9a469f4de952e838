//! Settings of one container that contradict each other.

use std::collections::HashMap;

use crate::suite::run::Run;
use crate::text::read::Reader;
use crate::text::source::Span;
use crate::text::units::Memory;

/// Says what no engine can set together.
pub(super) fn check(run: &Run, reader: &mut Reader) {
    memory(run, reader);
    mounted_twice(run, reader);
    let Some(check) = &run.healthcheck else {
        return;
    };
    if let Some(test) = check.test.as_ref().filter(|_| check.disable.0) {
        let said = reader.say(test.span, "this health check is switched off beside it");
        said.help("leave out `disable: true`, or `test`");
    }
}

fn memory(run: &Run, reader: &mut Reader) {
    let limit = run.mem_limit.as_ref();
    if let (Some(kept), Some(limit)) = (&run.mem_reservation, limit)
        && kept.value > limit.value
    {
        let message = format!(
            "{} set aside are more than the limit of {}",
            Memory(kept.value.0),
            Memory(limit.value.0)
        );
        let said = reader.say(kept.span, message);
        said.related(limit.span, "the limit");
    }
    let Some(both) = &run.memswap_limit else {
        return;
    };
    match (limit, both.value.0) {
        (None, _) => {
            let said = reader.say(both.span, "`memswap_limit` needs `mem_limit` beside it");
            said.help("it is memory and swap together");
        }
        (Some(limit), Some(size)) if size < limit.value.0 => {
            let message = format!(
                "memory and swap together, {}, are less than the limit of memory, {}",
                Memory(size),
                Memory(limit.value.0)
            );
            let said = reader.say(both.span, message);
            said.related(limit.span, "the limit of memory")
                .help("the same as `mem_limit` gives it no swap");
        }
        _ => {}
    }
}

/// Of two mounts at one place an engine makes none.
fn mounted_twice(run: &Run, reader: &mut Reader) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let volumes = run.volumes.iter().map(|m| (m.target.as_str(), m.span));
    let memory = run.tmpfs.0.iter().map(|t| (t.path.as_str(), t.span));
    for (place, span) in volumes.chain(memory) {
        let bare = match place.trim_end_matches('/') {
            "" => "/",
            bare => bare,
        };
        if bare == "/" {
            let said = reader.say(span, "nothing can be mounted over the whole container");
            said.help("name a folder below `/`");
        } else if let Some(first) = seen.get(bare) {
            let said = reader.say(span, format!("two mounts are at `{bare}`"));
            said.related(*first, "the first").help("keep one of them");
        } else {
            seen.insert(bare, span);
        }
    }
}
