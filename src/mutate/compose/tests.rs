use std::path::Path;

use serde_json::json;

use super::*;
use crate::mutate::changed::{Changed, Known, changed};
use crate::mutate::dockerfile::Recipe;
use crate::mutate::dockerfile::tests::recipe;
use crate::mutate::tests::{names, read, suites};
use crate::mutate::{found, image};
use crate::session::compose::stack::{Stack, Wish};
use crate::suite::compose::laid::lay;
use crate::text::source::Sources;

const FILE: &str = "\
x-hard: &hard
  restart: unless-stopped
  cap_drop: [ALL]
  cap_add: [CHOWN]
services:
  web:
    <<: *hard
    build: app
    read_only: true
    init: true
    user: app:app
    stop_signal: SIGINT
    security_opt: ['no-new-privileges:true']
    environment: { A: one, B: '' }
    tmpfs: ['/tmp:size=1m']
    ports:
      - '8080:80'
    volumes: ['data:/data', './conf:/etc/app:ro']
    networks: [front, back]
    depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }
    mem_limit: 64m
    pids_limit: 20
  db:
    image: postgres:15
    networks: { back: { aliases: [store] } }
    healthcheck: { test: [CMD, pg_isready] }
    deploy: { resources: { limits: { cpus: '0.5', memory: 128M }, reservations: { memory: 64M } } }
  job:
    image: app
    networks: [back]
networks:
  front:
  back:
    internal: true
volumes: { data: }
";

/// What a tool makes of it, as far as it matters.
fn config() -> Json {
    json!({
        "services": {
            "web": {
                "restart": "unless-stopped", "cap_drop": ["ALL"], "cap_add": ["CHOWN"],
                "build": { "context": "/here/app", "target": "last" },
                "read_only": true, "init": true, "user": "app:app", "stop_signal": "SIGINT",
                "security_opt": ["no-new-privileges:true"],
                "environment": { "A": "one", "B": "" },
                "tmpfs": ["/tmp:size=1m"],
                "ports": [{ "mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp" }],
                "volumes": [{ "type": "volume", "source": "data", "target": "/data" }, "/here/conf:/etc/app:ro"],
                "networks": { "front": null, "back": null },
                "depends_on": {
                    "db": { "condition": "service_healthy", "required": true },
                    "job": { "condition": "service_completed_successfully" },
                },
                "mem_limit": "67108864", "pids_limit": 20,
            },
            "db": {
                "image": "postgres:15",
                "networks": { "back": { "aliases": ["store"] } },
                "healthcheck": { "test": ["CMD", "pg_isready"] },
                "deploy": { "resources": {
                    "limits": { "cpus": "0.5", "memory": "128M" }, "reservations": { "memory": "64M" },
                } },
            },
            "job": { "image": "app", "networks": ["back"] },
        },
        "networks": { "front": null, "back": { "internal": true } },
        "volumes": { "data": null },
    })
}

const SUITE: &str = "
seaworthy: 1
compose: { files: [c.yaml], app: web, ready: { db: { tcp: \"db:5432\", within: 30s } } }
cases:
  - { name: works, expect: [{ state: running }] }
  - { name: skipped, skip: why, expect: [{ state: running }] }
  - { name: its own, image: { ref: app }, expect: [{ image: { user: app } }] }
";

/// What is described, of a suite of this number.
fn composed(suite: usize) -> (Composed, Sources) {
    let (suites, mut sources) = suites(SUITE);
    let mut roots = Roots::default();
    roots.add(&mut sources, "suites/c.yaml", FILE);
    let named = suites[0].compose.as_ref().unwrap().value.files[0].span;
    let composed = Composed {
        suite,
        files: "suites/c.yaml".to_owned(),
        named,
        roots,
        config: config(),
        app: "web".to_owned(),
        started: ["web", "db", "job"].map(str::to_owned).into(),
        is_fixed: false,
        builds: vec![("web".to_owned(), image::built(named, "app", "Dockerfile"))],
        cases: vec![0],
    };
    (composed, sources)
}

#[test]
fn each_setting_of_a_service_has_its_mutants() {
    let (one, sources) = composed(0);
    let all = mutants(&[one]);
    let names: Vec<&str> = names(&all)
        .into_iter()
        .map(|id| id.strip_prefix("suites/c.yaml ").unwrap())
        .collect();
    let expected = [
        "web.cap_drop lifted",
        "web.cap_drop NET_RAW given",
        "web.cap_add CHOWN taken",
        "web.environment A unset",
        "web.init off",
        "web.mem_limit dropped",
        "web.pids_limit dropped",
        "web.networks one more",
        "web.security_opt no-new-privileges lifted",
        "web.ports 80/tcp closed",
        "web.read_only lifted",
        "web.restart off",
        "web.stop_signal swallowed",
        "web.tmpfs /tmp gone",
        "web.user root",
        "web.volumes /data gone",
        "web.volumes /etc/app gone",
        "db.healthcheck off",
        "db.healthcheck always true",
        "db.deploy.resources.limits.memory dropped",
        "db.deploy.resources.limits.cpus dropped",
        "db.deploy.resources.reservations.memory dropped",
        "db.networks one more",
        "job.networks one more",
        "networks.back opened",
        "db away",
    ];
    assert_eq!(names, expected);
    let place = |what: &str| {
        let mutant = all.iter().find(|mutant| mutant.id.ends_with(what)).unwrap();
        let place = sources.place(mutant.span);
        (place.file, place.line, place.text.trim().to_owned())
    };
    let line = |what: &str| place(what).2;
    assert_eq!(place("web.user root").0, "suites/c.yaml");
    assert_eq!(line("web.user root"), "user: app:app");
    // What is merged in stands where it is written.
    assert_eq!(place("web.restart off").1, 2);
    assert_eq!(line("web.ports 80/tcp closed"), "- '8080:80'");
    assert_eq!(line("networks.back opened"), "internal: true");
    assert_eq!(line("db away"), "db:");
}

fn made(what: &str) -> (Json, Changed) {
    let (suites, _) = suites(SUITE);
    let (one, _) = composed(0);
    let all = mutants(std::slice::from_ref(&one));
    let known = Known {
        suites: &suites,
        recipes: &[],
        composed: &[one],
    };
    let mutant = all.iter().find(|mutant| mutant.id.ends_with(what)).unwrap();
    let made = changed(mutant, known, None).unwrap();
    let mut config = config();
    lay(&made.suites[0].laid, &mut config);
    (config, made)
}

#[test]
fn each_changes_what_the_tool_resolved_and_nothing_else_than_it_says() {
    let of = |what: &str| made(what).0["services"]["web"].clone();
    assert_eq!(of("web.user root")["user"], "0:0");
    assert_eq!(
        of("web.environment A unset")["environment"],
        json!({ "B": "" })
    );
    assert_eq!(of("web.cap_drop lifted").get("cap_drop"), None);
    assert_eq!(of("NET_RAW given")["cap_add"], json!(["CHOWN", "NET_RAW"]));
    assert_eq!(of("CHOWN taken").get("cap_add"), None);
    assert_eq!(of("80/tcp closed").get("ports"), None);
    assert_eq!(
        of("/data gone")["volumes"],
        json!(["/here/conf:/etc/app:ro"])
    );
    assert_eq!(of("web.restart off")["restart"], "no");
    let (more, _) = made("db.networks one more");
    let joined = json!({ "back": { "aliases": ["store"] }, "seaworthy_more": null });
    assert_eq!(more["services"]["db"]["networks"], joined);
    assert!(more["networks"]["seaworthy_more"].is_object());
    assert_eq!(made("back opened").0["networks"]["back"], json!({}));
    let limits = made("limits.memory dropped").0;
    let limits = &limits["services"]["db"]["deploy"]["resources"]["limits"];
    assert_eq!(*limits, json!({ "cpus": "0.5" }));
    for mutant in mutants(&[composed(0).0]) {
        let (changed, all) = made(&mutant.id);
        assert_ne!(changed, config(), "{}", mutant.id);
        assert_eq!(all.cases, [(0, 0)].into(), "{}", mutant.id);
        let wish = Wish {
            app: "web".to_owned(),
            ..Wish::default()
        };
        assert!(
            Stack::read(&changed, &wish).is_ok(),
            "{}: {changed:#}",
            mutant.id
        );
    }
}

#[test]
fn nobody_waits_for_what_can_no_longer_come() {
    for what in ["db away", "db.healthcheck off"] {
        let (config, made) = made(what);
        let waits = &config["services"]["web"]["depends_on"];
        assert_eq!(waits["db"]["condition"], "service_started", "{what}");
        assert_eq!(waits["job"]["condition"], "service_completed_successfully");
        let compose = made.suites[0].compose.as_ref().unwrap();
        assert_eq!(compose.value.ready.0.len(), 0, "{what}");
    }
    let (config, made) = made("db.networks one more");
    assert_eq!(
        config["services"]["web"]["depends_on"]["db"]["condition"],
        "service_healthy"
    );
    assert_eq!(
        made.suites[0].compose.as_ref().unwrap().value.ready.0.len(),
        1
    );
}

#[test]
fn one_change_stands_for_all_suites_of_the_same_files() {
    let (mut other, _) = composed(1);
    // Where a suite gives a variable another value, its own is what is left.
    other.config["services"]["web"]["ports"] = json!(["8080:80", "9090:90"]);
    let all = mutants(&[composed(0).0, other]);
    let closed = all
        .iter()
        .find(|mutant| mutant.id.ends_with("80/tcp closed"))
        .unwrap();
    assert_eq!(closed.cases, [(0, 0), (1, 0)]);
    let Change::Compose(of_suites) = &closed.change else {
        panic!("{closed:?}");
    };
    assert_eq!(of_suites[&0].laid[0].value, None);
    assert_eq!(of_suites[&1].laid[0].value, Some(json!(["9090:90"])));
    let own = all
        .iter()
        .find(|mutant| mutant.id.ends_with("90/tcp closed"))
        .unwrap();
    assert_eq!(own.cases, [(1, 0)]);
}

#[test]
fn services_are_built_from_the_changed_dockerfile_where_it_is_theirs() {
    let (suites, _) = suites(SUITE);
    let (one, _) = composed(0);
    let other = Recipe {
        path: "other/Dockerfile".to_owned(),
        ..recipe("FROM debian:12\nUSER app\n")
    };
    let recipes = [recipe("FROM debian:12\nUSER app\n"), other];
    let composed = [one];
    let known = Known {
        suites: &suites,
        recipes: &recipes,
        composed: &composed,
    };
    let all = found::mutants(known, &[]);
    let laid = |id: &str| {
        let mutant = all.iter().find(|mutant| mutant.id == id).unwrap();
        let file = Path::new("/changed/$1/Dockerfile");
        changed(mutant, known, Some(file)).unwrap().suites[0]
            .laid
            .clone()
    };
    let own = laid("app/Dockerfile:2 USER removed");
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].keys, ["services", "web", "build"]);
    let build = json!({ "context": "/here/app", "target": "last", "dockerfile": "/changed/$$1/Dockerfile" });
    assert_eq!(own[0].value, Some(build));
    assert_eq!(laid("other/Dockerfile:2 USER removed"), []);
}

#[test]
fn every_claim_that_would_notice_is_one() {
    for mutant in mutants(&[composed(0).0]) {
        let claim = &mutant.claim;
        let text = format!(
            "seaworthy: 1\nimage: {{ build: {{ context: a }} }}\nnetworks: {{ back: , front: }}\n\
             services: {{ db: {{ image: a, networks: [back] }}, job: {{ image: a }} }}\n\
             run: {{ networks: [back, front] }}\n\
             cases:\n  - name: c\n    expect:\n      {claim}\n"
        );
        let (_, _, said) = read(&text);
        assert!(said.is_empty(), "{}: {claim}: {said:?}", mutant.id);
    }
    assert_eq!(
        about("- restarts: 1 # after the step `crash`", "db"),
        "- { restarts: 1, service: db } # after the step `crash`"
    );
}
