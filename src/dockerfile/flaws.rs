//! What the builder refuses once the words are known.

mod array;
mod flags;
mod mounts;
mod timing;

use super::instruction::{Instruction, Kind};
use super::words::{self, Pair};
use super::{Dockerfile, Fault};
use crate::text::cut::named;
use crate::text::near::nearest;
use crate::text::source::Span;

/// Notes everything that is wrong with the instructions.
pub fn look(file: &mut Dockerfile) {
    let mut faults = Vec::new();
    for (at, one) in file.instructions.iter().enumerate() {
        let mut say = |span: Span, message: String, mend: &str| {
            faults.push(Fault::new(at, span, message, mend));
        };
        if one.stage.is_none() && !matches!(one.kind, Kind::Arg | Kind::Unknown) {
            let what = format!("`{}` stands before the first `FROM`", one.kind);
            say(one.keyword.span, what, "only `ARG` may stand there");
        }
        flags::look(one, &mut say);
        array::look(one, &mut say);
        arity(one, &mut say);
        if one.kind == Kind::Unknown {
            faults.push(stranger(at, one));
        }
    }
    if file.stages.is_empty() && file.faults.is_empty() {
        let start = Span {
            file: file.file,
            start: 0,
            end: 0,
        };
        let place = file.instructions.first().map_or(start, |one| one.span);
        let mend = "a Dockerfile begins with `FROM IMAGE`, or `FROM scratch`";
        faults.push(Fault::new(0, place, "there is no `FROM`", mend));
    }
    file.faults.extend(faults);
    file.faults.sort_by_key(|fault| fault.span.start);
}

fn stranger(at: usize, one: &Instruction) -> Fault {
    let written = &one.keyword.value;
    let known = Kind::WORDS.iter().copied().filter(|word| !word.is_empty());
    let mend = match nearest(&written.to_uppercase(), known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a line that goes on needs the escape character at the end of the one before it"
            .to_owned(),
    };
    Fault {
        span: one.keyword.span,
        instruction: at,
        message: format!("`{}` is no instruction", named(written)),
        mend,
        is_stranger: true,
    }
}

fn arity(one: &Instruction, say: &mut impl FnMut(Span, String, &str)) {
    let keyword = one.keyword.span;
    let words = one.words();
    match one.kind {
        Kind::From => from(one, say),
        Kind::Copy | Kind::Add if one.copied().is_none() => {
            let what = format!("`{}` needs what it takes and where it puts it", one.kind);
            say(keyword, what, "such as `COPY app /usr/local/bin/app`");
        }
        Kind::Env | Kind::Label if words.is_empty() => {
            say(
                keyword,
                format!("`{}` names nothing", one.kind),
                "NAME=VALUE belongs here",
            );
        }
        Kind::Env | Kind::Label => match words::pairs(&one.rest, one.escape) {
            Ok(pairs) => nameless(one, &pairs, say),
            Err(span) => {
                let what = "there is no `=` in this word".to_owned();
                say(
                    span,
                    what,
                    "write NAME=VALUE; a value with spaces needs quotes",
                );
            }
        },
        Kind::Arg if !words.is_empty() => nameless(one, &one.pairs(), say),
        Kind::User
        | Kind::Stopsignal
        | Kind::Workdir
        | Kind::Arg
        | Kind::Expose
        | Kind::Volume
        | Kind::Run
        | Kind::Onbuild
        | Kind::Maintainer
            if one.rest.as_str().trim().is_empty() =>
        {
            let what = format!("`{}` has nothing behind it", one.kind);
            say(keyword, what, "give it a value, or remove it");
        }
        Kind::Stopsignal if words.len() > 1 => {
            let what = "`STOPSIGNAL` takes one signal".to_owned();
            let mend = "a name or number without spaces belongs here";
            say(one.rest.whole(), what, mend);
        }
        Kind::Shell if one.json.as_ref().is_none_or(Vec::is_empty) && !array::is_begun(one) => {
            let what = "`SHELL` takes a JSON array".to_owned();
            say(
                one.rest.whole(),
                what,
                "such as `SHELL [\"/bin/bash\", \"-c\"]`",
            );
        }
        Kind::Run | Kind::Volume if one.json.as_ref().is_some_and(Vec::is_empty) => {
            let (what, mend) = match one.kind {
                Kind::Run => ("command", "such as `RUN [\"make\"]`"),
                _ => ("folder", "such as `VOLUME [\"/data\"]`"),
            };
            say(
                one.rest.whole(),
                format!("there is no {what} in the array"),
                mend,
            );
        }
        Kind::Healthcheck => healthcheck(one, say),
        _ => {}
    }
    if one.onbuild && matches!(one.kind, Kind::From | Kind::Maintainer | Kind::Onbuild) {
        let what = format!("`ONBUILD` cannot hold `{}`", one.kind);
        say(
            keyword,
            what,
            "put it into the Dockerfile that builds on this one",
        );
    }
}

/// Values without a name.
fn nameless(one: &Instruction, pairs: &[Pair], say: &mut impl FnMut(Span, String, &str)) {
    for pair in pairs.iter().filter(|pair| pair.name.is_empty()) {
        let what = format!("`{}` gives a value to no name", one.kind);
        // The value may be a secret.
        let place = Span {
            end: pair.span.start + 1,
            ..pair.span
        };
        say(place, what, "a name belongs before the `=`");
    }
}

fn healthcheck(one: &Instruction, say: &mut impl FnMut(Span, String, &str)) {
    let words = one.words();
    let mend = "`HEALTHCHECK CMD COMMAND` or `HEALTHCHECK NONE`";
    let first = words.first().map(|word| word.text.to_ascii_uppercase());
    match first.as_deref() {
        Some("NONE") if words.len() > 1 => {
            say(
                one.rest.whole(),
                "`NONE` takes nothing behind it".to_owned(),
                mend,
            );
        }
        Some("CMD") if words.len() == 1 => {
            say(
                one.rest.whole(),
                "there is no command behind `CMD`".to_owned(),
                mend,
            );
        }
        Some("NONE" | "CMD") => {}
        _ => say(
            one.keyword.span,
            "`HEALTHCHECK` lacks its `CMD`".to_owned(),
            mend,
        ),
    }
}

fn from(one: &Instruction, say: &mut impl FnMut(Span, String, &str)) {
    let words = one.words();
    let is_as = words
        .get(1)
        .is_some_and(|word| word.text.eq_ignore_ascii_case("as"));
    match words.as_slice() {
        [_] => {}
        [_, _, name] if is_as => {
            if !is_name(&name.text) {
                let what = format!("`{}` cannot be the name of a stage", named(&name.text));
                say(
                    name.span,
                    what,
                    "a letter first, then letters, digits, `-`, `_` and `.`",
                );
            }
        }
        [] => say(
            one.keyword.span,
            "`FROM` names no image".to_owned(),
            "such as `FROM debian:12`",
        ),
        [_, ..] => say(
            one.rest.whole(),
            "`FROM` takes an image, or an image and a name".to_owned(),
            "such as `FROM debian:12 AS build`",
        ),
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|ch| ch.is_ascii_alphabetic());
    first && chars.all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.'))
}
