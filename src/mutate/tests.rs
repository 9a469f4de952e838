use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::changed::{Changed, Known};
use super::dockerfile::Recipe;
use super::dockerfile::tests::{DOCKERFILE, recipe};
use super::*;
use crate::fact::image::ImageFacts;
use crate::session::create::{Frame, body};
use crate::suite::grant::{Allowed, Grant};
use crate::suite::{Outside, Suite, load};
use crate::text::source::Sources;

struct One(String);

impl Outside for One {
    fn read(&self, _: &Path) -> Result<String, String> {
        Ok(self.0.clone())
    }
    fn is_folder(&self, _: &Path) -> Option<bool> {
        None
    }
    fn has_files(&self) -> bool {
        false
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn random(&self, _: u32) -> String {
        String::new()
    }
}

/// The suites of a file, and what is wrong with it.
pub(super) fn read(text: &str) -> (Vec<Suite>, Sources, Vec<String>) {
    let (mut sources, file) = (Sources::default(), One(text.to_owned()));
    let allowed = Allowed::only([Grant::parse("pids_limit").unwrap()]);
    let read = load(&mut sources, Path::new("s.yaml"), &file, &allowed);
    let said = read.diagnostics.into_iter().map(|d| d.message).collect();
    (read.suites, sources, said)
}

fn known<'a>(suites: &'a [Suite], recipes: &'a [Recipe]) -> Known<'a> {
    Known {
        suites,
        recipes,
        composed: &[],
    }
}

fn mutants(suites: &[Suite], recipes: &[Recipe], images: &[image::Named]) -> Vec<Mutant> {
    found::mutants(known(suites, recipes), images)
}

fn changed(
    mutant: &Mutant,
    suites: &[Suite],
    recipes: &[Recipe],
    file: Option<&Path>,
) -> Option<Changed> {
    changed::changed(mutant, known(suites, recipes), file)
}

pub(super) fn suites(text: &str) -> (Vec<Suite>, Sources) {
    let (suites, sources, said) = read(text);
    assert_eq!(said, [""; 0], "{text}");
    (suites, sources)
}

const SUITE: &str = "
seaworthy: 1
image: { ref: app:1 }
networks: { back: { internal: true }, front: }
services:
  db: { image: postgres:15, networks: [back], ready: { exec: pg_isready, within: 30s } }
  job: { image: app:1, networks: [back], command: migrate }
run:
  user: app:app
  environment: { A: 1, B: two, C: null }
  volumes: [\"data:/data\", \"./conf:/etc/app:ro\"]
  tmpfs: [/tmp]
  read_only: true
  init: true
  networks: [back, front]
  ports: [\"8080:80\"]
  depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }
  cap_drop: [ALL]
  cap_add: [NET_BIND_SERVICE]
  security_opt: [\"no-new-privileges:true\"]
  restart: on-failure
  stop_signal: SIGINT
  mem_limit: 64m
  cpus: 0.5
  pids_limit: 20
  healthcheck: { test: [CMD, app, health] }
cases:
  - { name: works, expect: [{ state: running }] }
  - { name: unset, run: { environment: { B: other }, user: root }, expect: [{ state: running }] }
  - { name: stated, expect: [{ image: { user: app } }] }
  - { name: skipped, skip: why, run: { user: nobody }, expect: [{ state: running }] }
";

/// What each mutant is called, behind the suite's name.
pub(super) fn names(all: &[Mutant]) -> Vec<&str> {
    all.iter().map(|mutant| mutant.id.as_str()).collect()
}

#[test]
fn each_setting_of_a_run_has_its_mutants() {
    let (suites, sources) = suites(SUITE);
    let all = mutants(&suites, &[], &[]);
    let expected = [
        "s run.cap_drop lifted",
        "s run.cap_drop NET_RAW given",
        "s run.cap_add NET_BIND_SERVICE taken",
        "s run.environment A unset",
        "s run.environment B unset",
        "s run.healthcheck off",
        "s run.healthcheck always true",
        "s run.init off",
        "s run.mem_limit dropped",
        "s run.cpus dropped",
        "s run.pids_limit dropped",
        "s run.networks one more",
        "s run.security_opt no-new-privileges lifted",
        "s run.ports 80/tcp closed",
        "s run.read_only lifted",
        "s run.restart off",
        "s run.stop_signal swallowed",
        "s run.tmpfs /tmp gone",
        "s run.user root",
        "s run.volumes /data gone",
        "s run.volumes /etc/app gone",
        "s::unset run.environment B unset",
        "s networks.back opened",
        "s services.db away",
    ];
    assert_eq!(names(&all), expected);
    let named = |id: &str| all.iter().find(|m| m.id == id).unwrap();
    // What a case says for itself is not the suite's, and what is not started is not concerned.
    assert_eq!(named("s run.environment A unset").cases, [(0, 0), (0, 1)]);
    assert_eq!(named("s run.environment B unset").cases, [(0, 0)]);
    assert_eq!(named("s::unset run.environment B unset").cases, [(0, 1)]);
    assert_eq!(named("s run.user root").cases, [(0, 0)]);
    let line = |id: &str| sources.place(named(id).span).text.trim().to_owned();
    assert_eq!(line("s run.user root"), "user: app:app");
    assert_eq!(
        line("s run.volumes /data gone"),
        line("s run.volumes /etc/app gone")
    );
    assert!(line("s services.db away").starts_with("db: {"));
    assert!(line("s::unset run.environment B unset").starts_with("- { name: unset"));
}

#[test]
fn each_changes_what_the_engine_is_asked_and_nothing_else_than_it_says() {
    let (suites, _) = suites(SUITE);
    let all = mutants(&suites, &[], &[]);
    let case = |suites: &[Suite]| suites[0].cases[0].clone();
    let before = body(&case(&suites).run, &Frame::default());
    for mutant in &all {
        let made = changed(mutant, &suites, &[], None);
        let made = made.unwrap_or_else(|| panic!("{} changes nothing", mutant.id));
        assert_eq!(made.cases.len(), mutant.cases.len(), "{}", mutant.id);
    }
    let of = |id: &str| {
        let mutant = all.iter().find(|mutant| mutant.id == id).unwrap();
        let made = changed(mutant, &suites, &[], None).unwrap();
        (
            body(&case(&made.suites).run, &Frame::default()),
            made.suites,
        )
    };
    assert_eq!(of("s run.user root").0["User"], "0:0");
    assert_eq!(before["Env"], serde_json::json!(["A=1", "B=two", "C"]));
    let unset = of("s run.environment B unset").0;
    assert_eq!(unset["Env"], serde_json::json!(["A=1", "B", "C"]));
    assert_eq!(
        of("s run.healthcheck off").0["Healthcheck"]["Test"][0],
        "NONE"
    );
    let good = of("s run.healthcheck always true").0;
    assert_eq!(good["Healthcheck"]["Test"][1], "/.seaworthy/probe");
    assert!(
        of("s run.read_only lifted").0["HostConfig"]
            .get("ReadonlyRootfs")
            .is_none()
    );
    let lifted = of("s run.cap_drop lifted").0;
    assert!(lifted["HostConfig"].get("CapDrop").is_none());
    assert_eq!(
        lifted["HostConfig"]["CapAdd"],
        before["HostConfig"]["CapAdd"]
    );
    let volumes = of("s run.volumes /data gone").0;
    assert_eq!(volumes["HostConfig"]["Mounts"][0]["Target"], "/etc/app");
    let opened = of("s networks.back opened").1;
    let network = opened[0].networks[0].1.as_ref().unwrap();
    assert!(!network.internal.0);
    let (_, away) = of("s services.db away");
    let db = &away[0].cases[0].services[0].1.run;
    assert_eq!(db.entrypoint.as_ref().unwrap().0[1], "serve");
    let waits = away[0].cases[0].run.depends_on.as_ref().unwrap();
    assert_eq!(waits.value.0[0].1, crate::suite::run::Wait::Started);
}

#[test]
fn cases_that_share_a_container_do_so_still_and_no_others() {
    let (suites, _) = suites(SUITE);
    let all = mutants(&suites, &[], &[]);
    let keys = |id: &str| -> Vec<String> {
        let mutant = all.iter().find(|mutant| mutant.id == id).unwrap();
        let made = changed(mutant, &suites, &[], None).unwrap();
        made.suites[0]
            .cases
            .iter()
            .map(|case| case.key.clone())
            .collect()
    };
    let before: Vec<String> = suites[0]
        .cases
        .iter()
        .map(|case| case.key.clone())
        .collect();
    let user = keys("s run.user root");
    assert_ne!(user[0], before[0]);
    assert_eq!(user[1..], before[1..]);
}

#[test]
fn what_would_change_nothing_is_no_mutant() {
    let (suites, _) = suites(
        "
seaworthy: 1
image: { ref: app:1 }
run: { user: root, restart: no, pids_limit: -1, healthcheck: { disable: true }, environment: { A: null, B: '' } }
cases: [{ name: works, expect: [{ state: running }] }]
",
    );
    assert_eq!(names(&mutants(&suites, &[], &[])), [""; 0]);
}

#[test]
fn no_two_are_called_alike_and_all_are_called_so_again() {
    let twice = "FROM a:1\nENV A=1 A=2\nEXPOSE 80 80\n";
    let (suites, _) = suites(SUITE);
    let of = || mutants(&suites, &[recipe(DOCKERFILE), recipe(twice)], &[]);
    let all = of();
    let unique: BTreeSet<&str> = names(&all).into_iter().collect();
    assert_eq!(unique.len(), all.len());
    assert!(
        unique.contains("app/Dockerfile:3 EXPOSE 80 moved (2)"),
        "{unique:?}"
    );
    assert_eq!(names(&all), names(&of()));
}

#[test]
fn every_claim_that_would_notice_is_one() {
    let (own, _) = suites(SUITE);
    let last = DOCKERFILE.replace("USER app", "USER nobody\nSTOPSIGNAL SIGINT\nUSER app");
    let all = mutants(&own, &[recipe(DOCKERFILE), recipe(&last)], &[named(&own)]);
    for mutant in &all {
        let claim = &mutant.claim;
        let text = format!(
            "seaworthy: 1\nimage: {{ build: {{ context: a }} }}\nnetworks: {{ back: , front: }}\n\
             run: {{ networks: [back, front] }}\n\
             cases:\n  - name: c\n    expect:\n      {claim}\n"
        );
        let (_, _, said) = read(&text);
        assert!(said.is_empty(), "{}: {claim}: {said:?}", mutant.id);
    }
}

#[test]
fn images_of_the_changed_dockerfile_are_built_from_that() {
    let text = "
seaworthy: 1
image: { build: { context: app } }
cases:
  - { name: own, expect: [{ state: running }] }
  - { name: other, image: { build: { context: app, dockerfile: Other } }, expect: [{ state: running }] }
  - { name: told, expect: [{ dockerfile: { bases: pinned } }, { state: running }] }
";
    let (suites, _) = suites(text);
    let mut recipe = recipe("FROM debian:12\nUSER app\n");
    recipe.cases = vec![(0, 0), (0, 2)];
    recipe.of_sources = vec![(0, 2)];
    let recipes = [recipe];
    let all = mutants(&suites, &recipes, &[]);
    assert_eq!(
        names(&all),
        [
            "app/Dockerfile:1 FROM floating",
            "app/Dockerfile:2 USER removed"
        ]
    );
    let file = PathBuf::from("/changed/Dockerfile");
    let made = changed(&all[1], &suites, &recipes, Some(&file)).unwrap();
    let words = |image: Option<&crate::suite::image::Image>| image.unwrap().source.words();
    assert!(words(made.suites[0].image.as_ref()).contains("/changed/Dockerfile"));
    assert!(!words(made.suites[0].cases[1].image.as_ref()).contains("/changed"));
    assert_eq!(made.cases, [(0, 0), (0, 2)].into());
    // A base without a version is looked at where that is claimed, and nothing is built for it.
    assert!(!all[0].builds() && all[1].builds());
    let made = changed(&all[0], &suites, &recipes, Some(&file)).unwrap();
    assert_eq!(made.cases, [(0, 2)].into());
    assert_eq!(made.suites[0].cases[2].items().len(), 1);
}

/// What the suite's image says of itself.
fn named(suites: &[Suite]) -> image::Named {
    let facts = ImageFacts {
        user: Some("app".to_owned()),
        env: vec!["PATH=/bin".to_owned(), "MODE=a=b".to_owned()],
        healthcheck: Some(crate::fact::image::Healthcheck {
            test: vec!["CMD".to_owned(), "app".to_owned()],
            ..Default::default()
        }),
        ..ImageFacts::default()
    };
    image::Named {
        name: "app:1".to_owned(),
        span: suites[0].image.as_ref().unwrap().span,
        facts,
        cases: vec![(0, 0), (0, 2)],
    }
}

#[test]
fn what_an_image_by_name_says_is_said_otherwise_by_one_that_builds_on_it() {
    let (suites, _) = suites(SUITE);
    let all = image::mutants(&named(&suites));
    let expected = [
        "app:1 USER root",
        "app:1 ENV PATH emptied",
        "app:1 ENV MODE emptied",
        "app:1 HEALTHCHECK off",
        "app:1 HEALTHCHECK always true",
        "app:1 STOPSIGNAL swallowed",
    ];
    assert_eq!(names(&all), expected);
    assert_eq!(all[0].text(), Some("FROM app:1\nUSER 0:0\n"));
    let file = PathBuf::from("/changed/Dockerfile");
    let made = changed(&all[0], &suites, &[], Some(&file)).unwrap();
    let own = &made.suites[0].image.as_ref().unwrap().source;
    assert!(
        own.words()
            .starts_with("build /changed Some(\"/changed/Dockerfile\")"),
        "{}",
        own.words()
    );
    // A service that is the same image is so too, and no other is.
    let services = &made.suites[0].cases[0].services;
    assert!(services[1].1.image.source.words().starts_with("build"));
    assert_eq!(
        services[0].1.image.source.words(),
        "ref missing postgres:15"
    );
    assert!(image::can_be_base("registry:5000/app:1") && image::can_be_base("decade"));
    assert!(!image::can_be_base("app@sha256:0123") && !image::can_be_base("0123456789ab"));
}
