//! What is fuzzed. Each takes any bytes: it must not panic, must end, and must not take much memory. `fuzz/targets` hand
//! them to `libFuzzer`, `tests/fuzz.rs` runs the kept corpora through them.

use std::path::Path;

use seaworthy::cli::{judge, saved};
use seaworthy::engine::containers::logs::LogBytes;
use seaworthy::engine::probe::wire::{Answer, HEADER, MAX_FRAME, Request, Wire, first_frame};
use seaworthy::fact::metrics::{Page, Series};
use seaworthy::fact::question::Question;
use seaworthy::fact::search::Search;
use seaworthy::observe::read::{View, fact};
use seaworthy::plan::{Plan, Selection};
use seaworthy::report::{human, json, lint, style};
use seaworthy::suite::grant::Allowed;
use seaworthy::suite::{Outside, load};
use seaworthy::text::ignore::{Above, Ignore};
use seaworthy::text::source::Sources;

/// Takes any bytes.
pub type Entry = fn(&[u8]);

/// All of them, by name.
pub const ALL: [(&str, Entry); 7] = [
    ("suite", suite),
    ("dockerfile", dockerfile),
    ("dockerignore", dockerignore),
    ("probe", probe),
    ("logs", logs),
    ("prometheus", prometheus),
    ("report", report),
];

/// The line between a suite and the file that it includes.
const BETWEEN: &str = "\n=====\n";

/// A world that holds a suite, and one text at every other path.
struct World<'a> {
    suite: &'a str,
    other: Option<&'a str>,
}

/// The suite's path.
const SUITE: &str = "suites/suite.yaml";

impl Outside for World<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        let text = match path == Path::new(SUITE) {
            true => Some(self.suite),
            false => self.other,
        };
        text.map(str::to_owned)
            .ok_or_else(|| "there is no such file".to_owned())
    }

    fn is_folder(&self, path: &Path) -> Option<bool> {
        Some(path.extension().is_none())
    }

    fn env(&self, name: &str) -> Option<String> {
        name.len().is_multiple_of(2).then(|| name.to_lowercase())
    }

    fn random(&self, count: u32) -> String {
        "r".repeat(count as usize)
    }
}

/// A suite, perhaps with what it includes, up to the plan; and what is said of it.
pub fn suite(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (suite, other) = match text.split_once(BETWEEN) {
        Some((suite, other)) => (suite, Some(other)),
        None => (&*text, None),
    };
    let mut sources = Sources::default();
    let world = World { suite, other };
    let loaded = load(&mut sources, Path::new(SUITE), &world, &Allowed::default());
    for said in &loaded.diagnostics {
        let _ = said.render(&sources, false);
    }
    assert!(
        !loaded.suites.is_empty() || !loaded.diagnostics.is_empty(),
        "neither a suite nor a word about it"
    );
    if loaded.diagnostics.is_empty() {
        let _ = Plan::new(&loaded.suites, &Selection::default());
    }
}

/// A Dockerfile: read, resolved, linted, and what was found shown.
pub fn dockerfile(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let args = [("VERSION", "1"), ("BASE", "debian:12"), ("EMPTY", "")];
    let wanted = lint::Wanted {
        args: args.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        ..lint::Wanted::default()
    };
    if let Ok(linted) = lint::judge("Dockerfile", &text, &wanted) {
        let _ = linted.text();
        let _ = linted.json().to_string();
    }
}

/// An ignore file, and behind the first zero byte the paths that it judges.
pub fn dockerignore(bytes: &[u8]) {
    let (rules, paths) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &b"a\nsrc/main.rs\n.git/config\ndocs/a b/c.md"[..]),
    };
    let Ok(ignore) = Ignore::parse(rules) else {
        return;
    };
    for path in String::from_utf8_lossy(paths).lines() {
        let whole = ignore.decide(path);
        let mut above = Above::default();
        for (end, _) in path.match_indices('/') {
            above = ignore.decide_below(&above, &path[..end]).1;
        }
        let (below, _) = ignore.decide_below(&above, path);
        assert_eq!(whole, below, "{path} is judged in two ways");
        let _ = ignore.may_take_back_below(path, true);
        let _ = ignore.may_take_back_below(path, false);
        let _ = ignore.reaches_below(path);
    }
}

/// What comes from a probe, frame by frame, and the facts that are made of it; and what goes to it.
pub fn probe(bytes: &[u8]) {
    let (mut rest, mut told) = (bytes, Vec::new());
    while let Ok(Some(payload)) = first_frame(rest, MAX_FRAME) {
        rest = &rest[HEADER + payload.len()..];
        if let Ok(answer) = Answer::decode(payload) {
            assert_eq!(Answer::decode(&answer.encode()).as_ref(), Ok(&answer));
            told.push(answer);
        }
        if let Ok(request) = Request::decode(payload) {
            assert_eq!(Request::decode(&request.encode()), Ok(request));
        }
    }
    let view = View {
        own: vec![7],
        init: bytes.len().is_multiple_of(2),
    };
    let path = || "/etc/passwd".to_owned();
    let questions = [
        Question::Stat {
            path: path(),
            follow: true,
        },
        Question::Read {
            path: path(),
            most: 100,
        },
        Question::Digest {
            path: path(),
            most: 100,
        },
        Question::Walk {
            root: "/".to_owned(),
            depth: None,
        },
        Question::Packages,
        Question::Privileged,
        Question::Search(Search::default()),
        Question::Processes,
        Question::Environment,
        Question::Listeners,
        Question::Mounts { at: vec![path()] },
        Question::Create { folder: path() },
    ];
    for question in questions {
        let _ = fact(&question, told.clone(), &view);
    }
}

/// A log in pieces: the first byte says how long they are, and whether it is a terminal's.
pub fn logs(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let mut log = LogBytes::new(first % 2 == 1);
    let mut kept = 0;
    for piece in rest.chunks(usize::from(first / 2).max(1)) {
        if log.take(piece).is_err() {
            return;
        }
        while let Some(line) = log.line() {
            kept += line.bytes.len();
        }
    }
    log.end();
    while let Some(line) = log.line() {
        kept += line.bytes.len();
    }
    assert!(kept <= rest.len(), "more lines than were sent");
}

/// A page of metrics, and each of its lines as a series that a suite names.
pub fn prometheus(bytes: &[u8]) {
    if let Ok(page) = Page::parse(bytes) {
        let mut series = page.samples.iter().map(|sample| &sample.series);
        if let Some(first) = series.next() {
            assert!(first.is_of(first), "a series is not of itself");
        }
    }
    for line in String::from_utf8_lossy(bytes).lines().take(100) {
        let _ = Series::read(line);
    }
}

/// A `report.json`: read, judged again by what it holds, shown and written.
pub fn report(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(read) = saved::of_text("report.json", text, "judged again", judge::FACTS) else {
        return;
    };
    let _ = read.began();
    let _ = human::whole(&read.outcome, style::Characters::Unicode);
    if let Ok(judged) = judge::alone(&read.outcome) {
        let _ = json::of(&judged, read.began());
    }
}
