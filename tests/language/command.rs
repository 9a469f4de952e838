//! The commands that need no engine, as a shell sees them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use libtest_mimic::{Failed, Trial};

use super::root;

/// A name, the folder below the fixtures, the arguments, the exit code, and what must be said.
type Asked = (
    &'static str,
    &'static str,
    &'static [&'static str],
    i32,
    &'static [&'static str],
);

const ASKED: &[Asked] = &[
    ("no arguments", ".", &[], 2, &["Usage: seaworthy"]),
    ("version", ".", &["--version"], 0, &["seaworthy "]),
    ("help", ".", &["check", "--help"], 0, &["[PATHS]"]),
    ("unknown command", ".", &["chekc"], 2, &["'check'"]),
    (
        "a path that is not there",
        ".",
        &["check", "rihgt/run.yaml", "right/runn.yaml"],
        2,
        &["did you mean `right`?", "did you mean `right/run.yaml`?"],
    ),
    (
        "no folder of suites",
        ".",
        &["check"],
        4,
        &[
            "no suites found below `suites/`",
            "there is no folder `suites`",
        ],
    ),
    (
        "a folder without suites",
        "context",
        &["check", "."],
        4,
        &["no suites found in `.`", ".yaml or .yml"],
    ),
    ("a folder", ".", &["check", "right"], 0, &["14 suites, "]),
    (
        "right and wrong together",
        ".",
        &["check", "right/case.yaml", "wrong/version-two.yaml"],
        2,
        &["1 error in 1 of 2 suites"],
    ),
    (
        "a fragment that is named is judged",
        ".",
        &["check", "parts/baseline.yaml"],
        2,
        &["the version of the language is missing"],
    ),
    (
        "list",
        ".",
        &["list", "right/case.yaml"],
        0,
        &[
            "right/case.yaml  case",
            "expects                    G1 2  #slow #release",
            "skipped: it waits for a fix",
            "1 suite, 6 cases",
        ],
    ),
    (
        "list of requirements",
        ".",
        &["list", "--requirements", "right/fragments.yaml"],
        0,
        &[
            "parts/requirements.yaml\n",
            "G1  it builds\n      fragments: from the baseline",
            "0 not covered",
        ],
    ),
    (
        "list of a wrong suite",
        ".",
        &["list", "wrong/expect-unknown-claim.yaml"],
        2,
        &["did you mean `whoami`?"],
    ),
    (
        "plan",
        ".",
        &["plan", "right/company.yaml"],
        0,
        &[
            "looks up nginx:1.22   used 2 times",
            "shop: app with db, cache, migrate, web\n",
            "            migrate: shop:1",
            "networks  back (internal): app, db, cache, migrate",
            "          front: app, web",
            "order     cache, db → migrate → app → web",
            "asked     all: health\n            app: http ×2, tcp\n            web: http",
            "shop: images, without a container\n  image     shop:1",
            "shop: app with db, cache, migrate, web, while nothing else runs",
            "steps     stop db, cache → judge 1 claim → start db → judge 1 claim",
            "later  right/company.yaml:49: not yet decided",
            "starts db until it is ready → starts migrate until it is ready",
            "5 cases, 4 images, 13 containers",
        ],
    ),
    (
        "plan of a Compose file",
        ".",
        &["plan", "right/compose.yaml"],
        0,
        &[
            "compose   parts/stack.yaml\n            app is web; web, db and what they need\n",
            "services  db: y\n            web: x ×2\n            not started: debug (profile more, debug)\n",
            "networks  back (internal): db\n            default: db, web\n",
            "order     db → web\n",
            "asked     all: limits\n            app/1: state\n            db: state\n            web/2: state\n",
            "4 cases, ",
        ],
    ),
    (
        "plan of a wrong suite",
        ".",
        &["plan", "wrong/company-circle.yaml"],
        2,
        &["`depends_on` goes in a circle"],
    ),
    (
        "plan of nothing",
        ".",
        &["plan", "right/company.yaml", "--filter", "nosuch"],
        4,
        &["`nosuch` in its name"],
    ),
    (
        "list as JSON",
        ".",
        &["list", "--format", "json", "right/smallest.yaml"],
        0,
        &["\"path\": \"right/smallest.yaml\"", "\"line\": 4"],
    ),
    (
        "explain",
        ".",
        &["explain"],
        0,
        &["whoami", "recreate", "stop_grace_period"],
    ),
    (
        "explain a claim",
        ".",
        &["explain", "whoami"],
        0,
        &["holds:", "fails:", "Takes"],
    ),
    (
        "explain a typing error",
        ".",
        &["explain", "whomai"],
        2,
        &["did you mean `whoami`?"],
    ),
];

pub fn trials() -> Vec<Trial> {
    let asked = ASKED.iter().map(|asked| {
        let (name, folder, arguments, code, said) = *asked;
        let run = move || ask(folder, arguments, code, said);
        Trial::test(format!("command/{name}"), run)
    });
    let own = [
        Trial::test("command/schema is the committed one", schema),
        Trial::test("command/a reader that goes away", reader_gone),
        Trial::test("command/colours", colours),
    ];
    asked.chain(own).collect()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.args(arguments).current_dir(folder).env_clear();
    command.env("FROM_ENVIRONMENT", "given");
    command
}

fn text(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ask(folder: &str, arguments: &[&str], code: i32, said: &[&str]) -> Result<(), Failed> {
    let output = command(&root().join(folder), arguments).output()?;
    let text = text(&output);
    let missing = said.iter().find(|said| !text.contains(**said));
    if output.status.code() == Some(code) && missing.is_none() {
        return Ok(());
    }
    Err(format!("{}, missing {missing:?}:\n{text}", output.status).into())
}

fn schema() -> Result<(), Failed> {
    let output = command(&root(), &["schema"]).output()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/suite.schema.json");
    if output.stdout == std::fs::read(path)? {
        return Ok(());
    }
    Err("the language changed; run: cargo run -- schema > schema/suite.schema.json".into())
}

/// `seaworthy schema | true` ends quietly.
fn reader_gone() -> Result<(), Failed> {
    let mut child = command(&root(), &["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    if output.status.code() == Some(0) && output.stderr.is_empty() {
        return Ok(());
    }
    Err(format!("{}: {}", output.status, text(&output)).into())
}

/// Colours only where they are asked for.
fn colours() -> Result<(), Failed> {
    let arguments = ["check", "wrong/version-two.yaml"];
    let plain = command(&root(), &arguments).output()?;
    let forced = command(&root(), &arguments)
        .env("CLICOLOR_FORCE", "1")
        .output()?;
    let refused = command(&root(), &arguments)
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()?;
    let colored = |output: &Output| output.stderr.contains(&0x1b);
    match (colored(&plain), colored(&forced), colored(&refused)) {
        (false, true, false) => Ok(()),
        seen => Err(format!("plain, forced, refused: {seen:?}").into()),
    }
}
