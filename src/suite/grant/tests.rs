use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::suite::run::Run;
use crate::suite::{Outside, load};
use crate::text::read::{Read, Reader};
use crate::text::source::{FileId, Sources};
use crate::text::yaml;

fn of_run(text: &str) -> Vec<String> {
    let node = yaml::parse(FileId(0), text).0.unwrap();
    let mut reader = Reader::default();
    let run = Run::read(&node, &mut reader).unwrap();
    assert!(reader.diagnostics.is_empty(), "{:?}", reader.diagnostics);
    asked(&run).iter().map(|one| one.value.grant()).collect()
}

#[test]
fn what_gives_power_over_the_machine_is_asked_for() {
    for (run, power) in [
        ("{ privileged: true }", "privileged"),
        ("{ cap_add: [sys_ptrace] }", "cap_add=SYS_PTRACE"),
        ("{ cap_add: [CHOWN, ALL] }", "cap_add=ALL"),
        ("{ cap_add: [CAP_NET_ADMIN] }", "cap_add=NET_ADMIN"),
        (
            "{ security_opt: ['seccomp:unconfined'] }",
            "security_opt=seccomp=unconfined",
        ),
        (
            "{ security_opt: ['seccomp={\"a\": 1}'] }",
            "security_opt=seccomp=profile",
        ),
        (
            "{ security_opt: [apparmor=unconfined] }",
            "security_opt=apparmor=unconfined",
        ),
        (
            "{ security_opt: ['label:disable'] }",
            "security_opt=label=disable",
        ),
        ("{ security_opt: [unmask=ALL] }", "security_opt=unmask=ALL"),
        (
            "{ security_opt: ['no-new-privileges:false'] }",
            "security_opt=no-new-privileges=false",
        ),
        (
            "{ security_opt: [writable-cgroups=true] }",
            "security_opt=writable-cgroups=true",
        ),
        ("{ devices: ['/dev/kvm:/dev/x:r'] }", "devices=/dev/kvm"),
        ("{ network_mode: host }", "network_mode=host"),
        (
            "{ network_mode: 'slirp4netns:allow_host_loopback=true' }",
            "network_mode=slirp4netns:allow_host_loopback=true",
        ),
        ("{ ipc: host }", "ipc=host"),
        ("{ userns_mode: host }", "userns_mode=host"),
        ("{ runtime: nvidia }", "runtime=nvidia"),
        ("{ ports: ['0.0.0.0:80:80'] }", "ports=0.0.0.0"),
        ("{ ports: [':80:80'] }", "ports=0.0.0.0"),
        ("{ ports: ['[::]:80:80'] }", "ports=::"),
        (
            "{ ports: [{ target: 80, host_ip: 10.0.0.1 }] }",
            "ports=10.0.0.1",
        ),
        ("{ oom_score_adj: -1 }", "oom_score_adj=-1"),
        ("{ pids_limit: -1 }", "pids_limit=-1"),
        ("{ pids_limit: 8193 }", "pids_limit=8193"),
    ] {
        assert_eq!(of_run(run), [power], "{run}");
        let grant = Grant::parse(power).unwrap();
        let kind = Grant::parse(power.split('=').next().unwrap()).unwrap();
        for grant in [grant, kind] {
            let allowed = Allowed::only([grant]);
            assert!(
                asked_of(run).iter().all(|power| allowed.has(power)),
                "{run}"
            );
        }
        let other = Allowed::only([Grant::parse("build").unwrap()]);
        for allowed in [other, Allowed::default()] {
            assert!(
                !asked_of(run).iter().any(|power| allowed.has(power)),
                "{run}"
            );
        }
    }
}

fn asked_of(text: &str) -> Vec<Power> {
    let node = yaml::parse(FileId(0), text).0.unwrap();
    let run = Run::read(&node, &mut Reader::default()).unwrap();
    asked(&run).into_iter().map(|one| one.value).collect()
}

#[test]
fn what_every_container_may_asks_for_nothing() {
    let usual = USUAL.join(", ");
    let given_back = format!("{{ cap_drop: [ALL], cap_add: [{usual}] }}");
    for run in [
        "{}",
        "{ privileged: false, cap_drop: [ALL], read_only: true, user: '0:0', group_add: [audio] }",
        given_back.as_str(),
        "{ security_opt: ['no-new-privileges:true', no-new-privileges, 'seccomp:builtin', mask=/proc/kcore, proc-opts=hidepid=2] }",
        "{ network_mode: none, ipc: private, userns_mode: keep-id }",
        "{ ipc: shareable, network_mode: bridge, oom_score_adj: 100, pids_limit: 8192 }",
        "{ ports: [80, '8080:80', '127.0.0.1:81:81', '[::1]:82:82', '127.8.0.1::83'] }",
        "{ volumes: ['data:/data', /x], tmpfs: [/tmp], sysctls: { net.core.somaxconn: 1 }, ulimits: { nofile: 9 } }",
    ] {
        assert_eq!(of_run(run), [""; 0], "{run}");
    }
}

#[test]
fn a_power_of_one_value_is_not_that_of_another() {
    let allows = |grant: &str, kind: Kind, value: &str| {
        Allowed::only([Grant::parse(grant).unwrap()]).has(&Power::new(kind, value))
    };
    assert!(allows("bind=/srv/data", Kind::Bind, "/srv/data"));
    assert!(allows("bind=/srv/data", Kind::Bind, "/srv/data/deep"));
    assert!(!allows("bind=/srv/data", Kind::Bind, "/srv/database"));
    assert!(!allows("bind=/srv/data", Kind::Bind, "/srv"));
    assert!(!allows("bind=/", Kind::EngineSocket, ""));
    assert!(!allows("bind=/srv", Kind::Read, "/srv/x"));
    assert!(allows(
        "cap_add=cap_sys_ptrace",
        Kind::Capability,
        "SYS_PTRACE"
    ));
    assert!(!allows("cap_add=SYS_PTRACE", Kind::Capability, "ALL"));
    assert!(!allows("privileged", Kind::Device, "/dev/kvm"));
}

#[test]
fn who_starts_nothing_is_refused_what_is_read_alone() {
    let allowed = Allowed::default().unstarted();
    assert!(allowed.has(&Power::new(Kind::Privileged, "")));
    assert!(!allowed.has(&Power::new(Kind::Read, "/etc/shadow")));
}

#[test]
fn a_power_that_there_is_none_of_is_told_with_the_one_that_was_meant() {
    for (written, said) in [
        (
            "privilegd",
            "there is no power `privilegd`; did you mean `privileged`?",
        ),
        (
            "zzz",
            "there is no power `zzz`; known are bind, read, engine-socket",
        ),
        (
            "bind=",
            "`bind=` says nothing: `bind` alone allows all of it",
        ),
        ("bind=data", "`data` is not the whole path"),
        ("read=/a/../b", "without `..`"),
    ] {
        let why = Grant::parse(written).unwrap_err();
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn the_words_that_allow_it_stand_in_the_refusal() {
    let power = Power::new(Kind::Bind, "/srv/it's");
    assert_eq!(
        power.refusal(),
        "`bind=/srv/it's` is refused: it shows a container what lies outside the project"
    );
    let help = power.help();
    assert!(help.contains(r"`--allow 'bind=/srv/it'\''s'`"), "{help}");
    assert!(help.contains(r#"`allow = ["bind=/srv/it's"]`"#), "{help}");
    for kind in Kind::ALL {
        assert!(Power::new(*kind, "x").why().len() > 10);
        assert!(Grant::parse(kind.word()).is_ok());
    }
}

/// Links of a machine, each to where it leads; every other path that begins with one of `there` is itself.
fn sight<'a>(links: &'a [(&str, &str)], there: &'a [&str]) -> impl Fn(&Path) -> Option<PathBuf> {
    move |path| {
        let text = path.to_str()?;
        for (link, to) in links {
            if let Some(rest) = text
                .strip_prefix(link)
                .filter(|r| r.is_empty() || r.starts_with('/'))
            {
                return Some(PathBuf::from(format!("{to}{rest}")));
            }
        }
        there.contains(&text).then(|| path.to_owned())
    }
}

#[test]
fn a_path_is_inside_where_it_leads_to() {
    let bounds = Bounds::of(Path::new("/p/suites"), |dir| dir == Path::new("/p"));
    let there = ["/p", "/p/data", "/etc", "/etc/passwd", "/"];
    let links = [
        ("/p/link", "/etc"),
        ("/p/sock", "/run/docker.sock"),
        ("/p/own", "/p/data"),
    ];
    let real = sight(&links, &there);
    let binds = |path: &str| {
        let powers = bounds.bind(Path::new(path), &real);
        powers
            .iter()
            .map(Power::grant)
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (path, asks) in [
        ("/p/data", ""),
        ("/p/suites/../data", ""),
        ("/p/own", ""),
        ("/p/new", ""),
        ("/p/link", "bind=/etc"),
        ("/p/link/new", "bind=/etc/new"),
        ("/p/link/../data", "bind=/data"),
        ("/p/suites/../../etc", "bind=/etc"),
        ("/p/~/x", "bind=/p/~/x"),
        ("/pp", "bind=/pp"),
        ("/", "bind=/ engine-socket"),
        ("/var/run", "bind=/var/run engine-socket"),
        ("/run/user/1000", "bind=/run/user/1000 engine-socket"),
        ("/p/sock", "engine-socket"),
        ("/x/podman.sock", "engine-socket"),
    ] {
        // A kernel follows the link before it goes up.
        let seen = match path {
            "/p/link/../data" => bounds
                .bind(Path::new(path), &|path| match path.to_str()? {
                    "/p/link/../data" => Some(PathBuf::from("/data")),
                    _ => real(path),
                })
                .iter()
                .map(Power::grant)
                .collect(),
            path => binds(path),
        };
        assert_eq!(seen, asks, "{path}");
    }
    let read = |path: &str| {
        bounds
            .read(Path::new(path), &real)
            .map(|power| power.grant())
    };
    assert_eq!(read("/p/link/passwd").as_deref(), Some("read=/etc/passwd"));
    // Where it leads depends on who looks, so nothing but all of it is enough.
    let either = |path: &Path| match path.to_str()? {
        "/q/link/../x" => Some(PathBuf::from("/etc/x")),
        _ => Some(path.to_owned()),
    };
    let asked = bounds.read(Path::new("/q/link/../x"), &either);
    assert_eq!(asked, Some(Power::new(Kind::Read, "")));
    assert_eq!(read("/p/data"), None);
    // Of what is marked by nothing no folder may be bound.
    let unmarked = Bounds::of(Path::new("/p/suites"), |_| false);
    let asks = unmarked.bind(Path::new("/p/suites"), &|path| Some(path.to_owned()));
    assert_eq!(asks, [Power::new(Kind::Bind, "/p/suites")]);
    assert_eq!(unmarked.read(Path::new("/p/suites/a"), &real), None);
    assert!(unmarked.read(Path::new("/p/a"), &real).is_some());
}

#[test]
fn what_may_not_be_looked_at_is_told_as_the_cause() {
    let bounds = Bounds::of(Path::new("/p"), |dir| dir == Path::new("/p"));
    let real = |path: &Path| match path.to_str()? {
        // What cannot be told could be anywhere; of a link to everything what lies there is known.
        "/p/closed/data" | "/p/closed/data/x" | "/p/all" => Some(PathBuf::from("/")),
        "/p/all/x" => Some(PathBuf::from("/x")),
        "/" | "/p" => Some(path.to_owned()),
        _ => None,
    };
    let said = |path: &str| -> Vec<String> {
        let binds = bounds.bind(Path::new(path), &real).into_iter();
        let reads = bounds.read(Path::new(path), &real);
        binds.chain(reads).map(|power| power.refusal()).collect()
    };
    let cause = "; you may not look at `/p/closed/data`, or at a folder that it lies in";
    let hidden = said("/p/closed/data");
    assert_eq!(hidden.len(), 3, "{hidden:?}");
    for (said, power) in hidden
        .iter()
        .zip(["`bind=/`", "`engine-socket`", "`read=/`"])
    {
        assert!(said.starts_with(power) && said.contains(cause), "{said}");
    }
    for path in ["/p/all", "/"] {
        let known = said(path);
        assert_eq!(known.len(), 3, "{known:?}");
        assert!(known.iter().all(|said| !said.contains(';')), "{known:?}");
    }
}

/// A machine with these files, where a text of `-> PATH` is a link and an empty one a folder.
struct Machine(BTreeMap<&'static str, &'static str>);

impl Machine {
    fn at(&self, path: &Path) -> Option<PathBuf> {
        let text = path.to_str()?.replace("/./", "/");
        match self.0.get(text.as_str())?.strip_prefix("-> ") {
            Some(to) => Some(PathBuf::from(to)),
            None => Some(PathBuf::from(text)),
        }
    }
}

impl Outside for Machine {
    fn read(&self, path: &Path) -> Result<String, String> {
        let text = self.0.get(
            self.at(path)
                .as_ref()
                .and_then(|p| p.to_str())
                .unwrap_or(""),
        );
        text.map(|text| (*text).to_owned())
            .ok_or_else(|| "gone".to_owned())
    }
    fn is_folder(&self, path: &Path) -> Option<bool> {
        let at = self.at(path)?;
        self.0.get(at.to_str()?).map(|text| text.is_empty())
    }
    fn real(&self, path: &Path) -> Option<PathBuf> {
        self.at(path)
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn random(&self, _: u32) -> String {
        "x".to_owned()
    }
}

fn said(suite: &'static str, powers: &[&str]) -> (Vec<String>, Vec<String>) {
    let machine = Machine(
        [
            ("/p/.git", ""),
            ("/p", ""),
            ("/p/s.yaml", suite),
            ("/p/ctx", ""),
            ("/p/ctx/Dockerfile", "FROM scratch"),
            ("/p/ctx/Outer", "-> /etc/shadow"),
            ("/p/leak.env", "-> /etc/shadow"),
            ("/p/socket", "-> /run/docker.sock"),
            ("/run/docker.sock", "s"),
            ("/etc/shadow", "root: x"),
            ("/etc", ""),
        ]
        .into(),
    );
    let mut sources = Sources::default();
    let allowed = Allowed::only(powers.iter().map(|power| Grant::parse(power).unwrap()));
    let read = load(&mut sources, Path::new("/p/s.yaml"), &machine, &allowed);
    let said = read.diagnostics.iter().map(|one| {
        let place = sources.place(one.span);
        format!("{}: {}", place.line, one.message)
    });
    let granted = read.suites.iter().flat_map(|suite| &suite.granted);
    let granted = granted.map(|one| one.value.grant()).collect();
    (said.collect(), granted)
}

#[test]
fn a_suite_is_refused_what_it_asks_for_all_at_once_and_cannot_allow_it() {
    let suite = "seaworthy: 1
image: { build: { context: ctx, dockerfile: Outer, network: host } }
services:
  db: { image: db, privileged: true }
run:
  env_file: leak.env
  volumes: ['./socket:/s', '/etc:/e:ro']
cases:
  - { name: a, expect: [{ source: { at: leak.env, content: x } }] }
  - { name: b, run: { cap_add: [SYS_ADMIN] }, expect: [{ state: running }] }
";
    let (refused, granted) = said(suite, &[]);
    let expected = [
        ("2", "build=network:host"),
        ("2", "read=/etc/shadow"),
        ("4", "privileged"),
        ("6", "read=/etc/shadow"),
        ("7", "engine-socket"),
        ("7", "bind=/etc"),
        ("9", "read=/etc/shadow"),
        ("10", "cap_add=SYS_ADMIN"),
    ];
    assert_eq!(granted, [""; 0]);
    assert_eq!(refused.len(), expected.len(), "{refused:#?}");
    for ((line, power), said) in expected.iter().zip(&refused) {
        let start = format!("{line}: `{power}` is refused: it ");
        assert!(said.starts_with(&start), "{start} {said}");
    }
    let all = [
        "build",
        "read",
        "privileged",
        "engine-socket",
        "bind=/etc",
        "cap_add",
    ];
    let (refused, granted) = said(suite, &all);
    assert_eq!(refused, [""; 0]);
    assert_eq!(granted.len(), expected.len(), "{granted:?}");
    let (refused, _) = said(suite, &all[1..]);
    assert_eq!(refused.len(), 1, "{refused:?}");
}

#[test]
fn files_that_a_suite_takes_in_lie_in_the_project() {
    let suite = "seaworthy: 1
include: [/etc/shadow]
requirements: leak.env
secrets: { S: { file: /etc/shadow } }
image: x
run: { environment: { S: \"${S}\" } }
cases: [{ name: a, expect: [{ state: running }] }]
";
    let (refused, _) = said(suite, &[]);
    assert_eq!(refused.len(), 3, "{refused:#?}");
    for (line, said) in [2, 3, 4].iter().zip(&refused) {
        assert!(
            said.starts_with(&format!("{line}: `read=/etc/shadow` is refused")),
            "{said}"
        );
    }
}

#[test]
fn networks_and_folders_in_folders_are_asked_for_too() {
    let suite = "seaworthy: 1
image: x
networks:
  lan: { driver: macvlan, driver_opts: { parent: eth0, com.docker.network.driver.mtu: 1400 } }
run: { networks: [lan] }
cases:
  - { name: a, run: { volumes: ['./ctx:/c'] }, expect: [{ state: running }] }
  - { name: b, run: { volumes: ['./ctx/Dockerfile:/d:ro'] }, expect: [{ state: running }] }
";
    let (refused, _) = said(suite, &[]);
    let starts = [
        "4: `driver=macvlan` is refused",
        "4: `driver=parent` is refused",
        "8: `nested-bind=/p/ctx/Dockerfile` is refused",
    ];
    assert_eq!(refused.len(), starts.len(), "{refused:#?}");
    for (start, said) in starts.iter().zip(&refused) {
        assert!(said.starts_with(start), "{start} {said}");
    }
    let (refused, granted) = said(suite, &["driver", "nested-bind=/p/ctx"]);
    assert_eq!((refused.len(), granted.len()), (0, 3));
}
