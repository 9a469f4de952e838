//! How fast the tool is, as ratios to `docker run --rm IMAGE true`, or to what a row names, on the same machine in
//! the same run: `ci/bench`. Prints medians of pairs taken in turn; judges nothing. `cargo bench --bench speed --
//! services` takes one part of it.
#![expect(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "it starts programs and takes their time"
)]

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The image that everything runs on.
const IMAGE: &str = "debian:bookworm-slim";
/// One with more than 500 MB of files.
const LARGE: &str = "rust:1.63-slim";
/// What looks at all of its files for two words.
const GREP: &str = "grep -rcaF -e 'PRIVATE KEY' -e AKIA / --exclude-dir=proc --exclude-dir=sys >/dev/null 2>&1; true";
/// What a case is given as its services.
const SERVICES: [&str; 3] = ["db", "cache", "queue"];
/// Pairs that are counted, after one that is not.
const PAIRS: usize = 9;

/// What one run of a program took.
struct Run {
    time: Duration,
    peak_kib: u64,
}

/// Prints some figures; its files are in this folder.
type Part = fn(&Path) -> io::Result<()>;

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("medians of {PAIRS} pairs; `docker` is `docker run --rm {IMAGE} true`\n");
    println!(
        "{:<34} {:>9} {:>9} {:>7} {:>9}",
        "", "docker", "seaworthy", "ratio", "peak"
    );
    let parts: [(&str, Part); 5] = [
        ("claims", claims),
        ("files", files),
        ("commands", |_| commands(500)),
        ("services", services),
        ("check", checks),
    ];
    // `--bench` is what cargo adds.
    let given = std::env::args().skip(1).filter(|one| one != "--bench");
    let wanted: Vec<String> = given.collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|one| one == part);
    for (_, part) in parts.iter().filter(|(name, _)| is_wanted(name)) {
        part(folder.path())?;
    }
    Ok(())
}

fn claims(folder: &Path) -> io::Result<()> {
    for (claims, bound) in [(1, None), (100, Some(1.6)), (1000, Some(3.0))] {
        let suite = folder.join(format!("{claims}.yaml"));
        std::fs::write(&suite, claims_suite(claims))?;
        let theirs = ["run", "--rm", IMAGE, "true"];
        pairs(
            &format!("one case, {claims} claims"),
            &theirs,
            &suite,
            bound,
        )?;
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<()> {
    let grep = ["run", "--rm", LARGE, "sh", "-c", GREP];
    for (claim, bound) in [
        ("no_secrets: true", Some(1.0)),
        ("setuid: { only: [\"/**\"] }", None),
    ] {
        let suite = folder.join("files.yaml");
        let text = format!(
            "seaworthy: 1\nimage: {{ ref: \"{LARGE}\" }}\ncases: [{{ name: all, expect: [{{ {claim} }}] }}]\n"
        );
        std::fs::write(&suite, text)?;
        let name = claim.split(':').next().unwrap_or_default();
        pairs(&format!("{name}, beside grep"), &grep, &suite, bound)?;
    }
    Ok(())
}

fn checks(folder: &Path) -> io::Result<()> {
    println!();
    let one = folder.join("one.yaml");
    std::fs::write(&one, cases_suite(0..10_000))?;
    check("check 10,000 cases in one file", &one)?;
    let many = folder.join("many");
    std::fs::create_dir(&many)?;
    for number in 0..10_000 {
        std::fs::write(
            many.join(format!("{number}.yaml")),
            cases_suite(number..number + 1),
        )?;
    }
    check("check 10,000 cases in as many files", &many)
}

/// What that many commands cost by themselves: a shell's loop in the same image, without what its container
/// costs. The case with 1,000 claims runs as many, so it cannot take less than that and a container.
fn commands(count: usize) -> io::Result<()> {
    let script = format!("for ((i = 0; i < {count}; i++)); do /usr/bin/true; done");
    let docker = |command: &[&str]| {
        run(Command::new("docker")
            .args(["run", "--rm", IMAGE])
            .args(command))
    };
    let (mut alone, mut loops) = (Vec::new(), Vec::new());
    for pair in 0..=PAIRS {
        let (without, with) = (docker(&["true"])?, docker(&["bash", "-c", &script])?);
        if pair > 0 {
            alone.push(without.time.as_secs_f64());
            loops.push(with.time.saturating_sub(without.time).as_secs_f64());
        }
    }
    alone.sort_by(f64::total_cmp);
    loops.sort_by(f64::total_cmp);
    let (alone, loops) = (alone[alone.len() / 2], loops[loops.len() / 2]);
    println!(
        "{:<34} {:>6.0} ms {:>9}    {:>7.2}",
        format!("{count} commands in a shell's loop"),
        loops * 1000.0,
        "",
        loops / alone
    );
    Ok(())
}

/// Half of the claims about files, half about commands.
fn claims_suite(claims: usize) -> String {
    let mut suite = head();
    suite.push_str("run: { command: [sleep, infinity] }\ncases:\n  - name: all\n    expect:\n");
    for number in 0..claims {
        suite.push_str(match number % 4 {
            0 => "      - path: { at: /etc/passwd, type: file, mode: 0644, owner: root }\n",
            2 => "      - path: { at: /usr/bin/env, type: file, not_writable_by: nobody }\n",
            _ => "      - exec: { command: [\"true\"] }\n",
        });
    }
    suite
}

/// One claim about a container that has these services.
fn company_suite(services: &[&str]) -> String {
    let mut suite = head();
    if !services.is_empty() {
        suite.push_str("services:\n");
    }
    for name in services {
        let _ = writeln!(
            suite,
            "  {name}: {{ image: \"{IMAGE}\", command: [sleep, infinity] }}"
        );
    }
    suite.push_str("run: { command: [sleep, infinity] }\ncases:\n  - name: all\n    expect: [{ exec: { command: [\"true\"] } }]\n");
    suite
}

/// What three services add to a case, beside what they add to a script that starts them at once, waits for
/// nothing but their start, and removes them.
fn services(folder: &Path) -> io::Result<()> {
    let (alone, company) = (folder.join("alone.yaml"), folder.join("company.yaml"));
    std::fs::write(&alone, company_suite(&[]))?;
    std::fs::write(&company, company_suite(&SERVICES))?;
    let script = |services: &[&str]| {
        let mut text = "set -e\n".to_owned();
        let network = if services.is_empty() {
            ""
        } else {
            "--network sw-bench"
        };
        if !services.is_empty() {
            text.push_str("docker network create sw-bench\n");
        }
        for name in services {
            let _ = writeln!(
                text,
                "docker run -d {network} --network-alias {name} --name sw-bench-{name} {IMAGE} sleep infinity &"
            );
        }
        let _ = writeln!(text, "wait\ndocker run --rm {network} {IMAGE} true");
        if !services.is_empty() {
            let names: Vec<String> = services
                .iter()
                .map(|name| format!("sw-bench-{name}"))
                .collect();
            let _ = writeln!(
                text,
                "docker rm -f {}\ndocker network rm sw-bench",
                names.join(" ")
            );
        }
        text
    };
    let shell = |services: &[&str]| run(Command::new("bash").arg("-c").arg(script(services)));
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for pair in 0..=PAIRS {
        let without = (shell(&[])?, run(seaworthy().arg("run").arg(&alone))?);
        let with = (
            shell(&SERVICES)?,
            run(seaworthy().arg("run").arg(&company))?,
        );
        if pair > 0 {
            theirs.push(with.0.time.saturating_sub(without.0.time).as_secs_f64());
            ours.push(with.1.time.saturating_sub(without.1.time).as_secs_f64());
        }
    }
    let mut ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2] * 1000.0
    };
    println!(
        "{:<34} {:>6.0} ms {:>6.0} ms {:>7.2} {:>9}  (at most 1.3 wanted)",
        "what three services add",
        middle(&mut theirs),
        middle(&mut ours),
        ratios[ratios.len() / 2],
        "",
    );
    Ok(())
}

fn cases_suite(numbers: std::ops::Range<usize>) -> String {
    let mut suite = head();
    suite.push_str("cases:\n");
    for number in numbers {
        let _ = write!(
            suite,
            "  - name: case {number}\n    tags: [fast]\n    expect:\n      - whoami: root\n      \
             - path: {{ at: /etc/passwd, mode: 0644 }}\n      \
             - exec: {{ command: [echo, hello], stdout: {{ contains: hello }} }}\n"
        );
    }
    suite
}

fn head() -> String {
    format!("seaworthy: 1\nimage: {{ ref: \"{IMAGE}\" }}\n")
}

fn pairs(what: &str, docker: &[&str], suite: &Path, bound: Option<f64>) -> io::Result<()> {
    let mut theirs = Vec::new();
    let mut ours = Vec::new();
    for pair in 0..=PAIRS {
        let one = run(Command::new("docker").args(docker))?;
        let mine = run(seaworthy().arg("run").arg(suite))?;
        if pair > 0 {
            theirs.push(one);
            ours.push(mine);
        }
    }
    let mut ratios: Vec<f64> = ours
        .iter()
        .zip(&theirs)
        .map(|(a, b)| a.time.as_secs_f64() / b.time.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    let said = bound.map_or_else(String::new, |bound| {
        format!("  (at most {bound:.1} wanted)")
    });
    println!(
        "{what:<34} {:>6} ms {:>6} ms {ratio:>7.2} {:>9}{said}",
        median(&theirs).as_millis(),
        median(&ours).as_millis(),
        peak(&ours),
    );
    Ok(())
}

fn check(what: &str, path: &Path) -> io::Result<()> {
    let mut runs = Vec::new();
    for count in 0..=PAIRS {
        let one = run(seaworthy().arg("check").arg(path))?;
        if count > 0 {
            runs.push(one);
        }
    }
    let time = median(&runs).as_millis();
    println!(
        "{what:<34} {:>9} {time:>6} ms {:>7} {:>9}  (below 1000 ms wanted)",
        "",
        "",
        peak(&runs)
    );
    Ok(())
}

fn seaworthy() -> Command {
    Command::new(env!("CARGO_BIN_EXE_seaworthy"))
}

fn median(runs: &[Run]) -> Duration {
    let mut times: Vec<Duration> = runs.iter().map(|r| r.time).collect();
    times.sort();
    times[times.len() / 2]
}

/// The largest resident memory of any run, as the kernel counts it.
fn peak(runs: &[Run]) -> String {
    let most = runs.iter().map(|r| r.peak_kib).max().unwrap_or_default();
    format!("{} MiB", most.div_ceil(1024))
}

fn run(command: &mut Command) -> io::Result<Run> {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let peak_kib = watch(&mut child)?;
    let time = began.elapsed();
    let status = child.wait()?;
    if status.success() {
        return Ok(Run { time, peak_kib });
    }
    Err(io::Error::other(format!(
        "{command:?} ended with {status}; try it by hand"
    )))
}

/// Reads the kernel's high-water mark until the program has ended.
fn watch(child: &mut Child) -> io::Result<u64> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|l| l.split_whitespace().next()?.parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(peak)
}
