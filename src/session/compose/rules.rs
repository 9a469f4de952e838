//! The rules by which a Compose file is read and lifted, one at a time.

use super::config::plain;
use super::file::Added;
use super::refused::Refused;
use super::stack::Wish;
use super::*;
use crate::suite::image::Pull;
use crate::suite::run::Wait;
use crate::text::{source::FileId, yaml};
use serde_json::json;

fn config(text: &str) -> Json {
    plain(&yaml::parse(FileId(0), text).0.unwrap())
}

fn wish() -> Wish {
    Wish {
        app: "web".to_owned(),
        ..Wish::default()
    }
}

fn read(text: &str) -> std::result::Result<Stack, Refused> {
    Stack::read(&config(text), &wish())
}

fn part<'a>(stack: &'a Stack, name: &str) -> &'a stack::Part {
    stack.parts.iter().find(|part| part.name == name).unwrap()
}

fn names(stack: &Stack) -> Vec<&str> {
    stack.parts.iter().map(|part| part.name.as_str()).collect()
}

#[test]
fn what_is_needed_has_to_be_on_or_optional() {
    let text = "
services:
  web: { image: a, depends_on: { debug: { condition: service_started } } }
  debug: { image: a, profiles: [tools], depends_on: [more] }
  more: { image: a, profiles: [tools] }
  other: { image: a, profiles: [tools] }
";
    let said = read(text).unwrap_err().said;
    assert_eq!(
        said,
        "the service `web` needs `debug`, which is started with the profile tools alone\n  help: switch it on in the suite's `compose`: `profiles: [tools]`"
    );
    let on = Wish {
        profiles: vec!["tools".to_owned()],
        ..wish()
    };
    let stack = Stack::read(&config(text), &on).unwrap();
    assert_eq!(names(&stack), ["debug", "more", "other", "web"]);
    // Who names a service switches on what it needs, and no other.
    let named = Wish {
        services: vec!["web".to_owned(), "debug".to_owned()],
        ..wish()
    };
    let stack = Stack::read(&config(text), &named).unwrap();
    assert_eq!(names(&stack), ["debug", "more", "web"]);
    let optional = text.replace("service_started", "service_started, required: false");
    let stack = read(&optional).unwrap();
    assert_eq!(names(&stack), ["web"]);
    assert_eq!(part(&stack, "web").before, []);
    let unknown = Wish {
        services: vec!["web".to_owned(), "debgu".to_owned()],
        ..wish()
    };
    let said = Stack::read(&config(text), &unknown).unwrap_err().said;
    assert!(said.ends_with("help: did you mean `debug`?"), "{said}");
    let scaled = Wish {
        scale: [("debug".to_owned(), 2)].into(),
        ..wish()
    };
    let said = Stack::read(&config(&optional), &scaled).unwrap_err().said;
    assert!(
        said.starts_with("`scale` names the service `debug`, which is not started"),
        "{said}"
    );
}

#[test]
fn an_image_that_is_judged_stands_for_all_that_are_of_the_same() {
    let text = "
services:
  web: { build: { context: /src } }
  worker: { build: { context: /src }, command: [work] }
  other: { build: { context: /src, target: other } }
  db: { image: 'postgres:15' }
";
    let judged = |app: &str, text: &str| {
        let wish = Wish {
            app: app.to_owned(),
            image: Some("mine:2".to_owned()),
            ..Wish::default()
        };
        let stack = Stack::read(&config(text), &wish).unwrap();
        let is_it =
            |part: &&stack::Part| part.source == Source::Ref("mine:2".into(), Pull::Missing);
        let parts = stack.parts.iter().filter(is_it);
        parts.map(|part| part.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(judged("web", text), ["web", "worker"]);
    assert_eq!(judged("db", text), ["db"]);
    let two = text.replace("command: [work]", "image: x") + "  more: { image: 'postgres:15' }\n";
    assert_eq!(judged("db", &two), ["db", "more"]);
}

#[test]
fn files_that_are_made_of_words_are_taken_out() {
    let stack = read(
        "
services:
  web:
    image: a
    configs: [text, file, { source: made, target: /etc/made }, { source: text, target: below }]
    secrets: [word, key, { source: word, target: other }]
configs: { text: { content: a, name: p_text }, file: { file: /f, name: p_file }, made: { environment: A } }
secrets: { word: { environment: WORD }, key: { file: /k }, theirs: { external: true, name: theirs } }
",
    )
    .unwrap();
    let given = part(&stack, "web").given.iter();
    assert_eq!(
        given.map(|file| file.at.as_str()).collect::<Vec<_>>(),
        [
            "/text",
            "/etc/made",
            "/below",
            "/run/secrets/word",
            "/run/secrets/other"
        ]
    );
    let file = stack.file(&Added::default());
    assert_eq!(file["configs"]["file"], json!({ "file": "/f" }));
    assert_eq!(file["configs"]["text"], json!({ "content": "a" }));
    assert_eq!(file["secrets"]["theirs"]["name"], "theirs");
}

#[test]
fn what_comes_before_is_told_by_every_key_that_says_so() {
    let stack = read(
        "
services:
  web:
    image: a
    depends_on: { job: { condition: service_completed_successfully } }
    ipc: 'service:shared'
    volumes_from: ['files:ro', web]
    network_mode: host
  worker: { image: a, depends_on: [web], links: ['files:f', worker] }
  job: { image: a }
  shared: { image: a }
  files: { image: a }
",
    )
    .unwrap();
    let completed = ("job".to_owned(), Wait::Completed);
    let started = |name: &str| (name.to_owned(), Wait::Started);
    assert_eq!(
        part(&stack, "web").before,
        [completed, started("shared"), started("files")]
    );
    assert_eq!(
        part(&stack, "worker").before,
        [started("web"), started("files")]
    );
    for key in ["ipc", "network_mode", "pid"] {
        let said = read(&format!(
            "services: {{ web: {{ image: a, {key}: 'container:x' }} }}"
        ));
        assert!(
            said.unwrap_err()
                .said
                .starts_with(&format!("`{key}` of the service `web`"))
        );
    }
    let said = read("services: { web: { image: a, volumes_from: ['container:x'] } }");
    assert!(
        said.unwrap_err()
            .said
            .starts_with("`volumes_from` of the service")
    );
}

#[test]
fn how_many_and_from_where() {
    let stack = read(
        "
services:
  web: { image: a, scale: 3, deploy: { replicas: 2 }, pull_policy: always, networks: [one, two] }
  b: { image: a, deploy: { replicas: 2 }, pull_policy: never, user: null }
  c: { image: a, pull_policy: missing }
networks: { one: { external: false }, two: { internal: true } }
",
    )
    .unwrap();
    assert_eq!(
        stack.parts.iter().map(|p| p.of).collect::<Vec<_>>(),
        [2, 1, 3]
    );
    let pull = |name: &str| match &part(&stack, name).source {
        Source::Ref(_, pull) => *pull,
        Source::Build(_) => panic!("{name} is not built"),
    };
    assert_eq!(pull("web"), Pull::Always);
    assert_eq!(pull("b"), Pull::Never);
    assert_eq!(pull("c"), Pull::Missing);
    assert_eq!(part(&stack, "web").networks, ["one", "two"]);
    let networks = [("default", false), ("one", false), ("two", true)];
    assert_eq!(
        stack.networks,
        networks.map(|(name, internal)| (name.to_owned(), internal))
    );
    let file = stack.file(&Added::default());
    for gone in ["scale", "pull_policy"] {
        assert_eq!(file["services"]["web"].get(gone), None, "{gone}");
    }
    assert_eq!(file["services"]["b"].get("user"), None);
    let said = read("services: { web: { command: x } }").unwrap_err().said;
    assert_eq!(said, "the service `web` has neither `image` nor `build`");
    let said = read("services: { web: { image: x, ports: [{ target: x }] } }")
        .unwrap_err()
        .said;
    assert!(
        said.starts_with("a port of the service `web` is not understood"),
        "{said}"
    );
    let external = "services: { web: { image: x, networks: [n] } }\nnetworks: { n: { external: { name: x } } }";
    assert!(
        read(external)
            .unwrap_err()
            .said
            .starts_with("the network `n`")
    );
}

#[test]
fn named_volumes_are_those_that_are_no_folders() {
    let stack = read(
        "
services:
  web:
    image: a
    labels: { own: '1' }
    volumes: ['data:/data', '/host:/a', './here:/b', '~/home:/c', '/anonymous', { type: bind, source: /x, target: /d }, { type: volume, source: more, target: /e }]
    networks: { n: { ipv6_address: 'fd00::5' } }
networks: { n: { ipam: { config: [{ subnet: 'fd00::/64' }] } } }
",
    )
    .unwrap();
    assert_eq!(stack.volumes, ["data", "more"]);
    let added = Added {
        labels: [("io.seaworthy.run".to_owned(), "r".to_owned())].into(),
        ..Added::default()
    };
    let file = stack.file(&added);
    let labels = json!({ "own": "1", "io.seaworthy.run": "r" });
    assert_eq!(file["services"]["web"]["labels"], labels);
    assert_eq!(
        file["networks"]["n"]["ipam"]["config"][0]["subnet"],
        "fd00::/64"
    );
}

#[test]
fn a_range_of_ipv6_is_the_runs_own() {
    let text = "
services:
  web: { image: a, networks: [six, four, none] }
networks:
  six: { enable_ipv6: true, ipam: { config: [{ subnet: 10.9.0.0/24 }, { subnet: 'fd00::/64' }] } }
  four: { enable_ipv6: true, ipam: { config: [{ subnet: 10.9.1.0/24 }] } }
  none: { ipam: { config: [{ subnet: 'fd01::/64' }] } }
";
    let stack = read(text).unwrap();
    let ranges = |project: &str| {
        let file = stack.file(&Added {
            project: project.to_owned(),
            ..Added::default()
        });
        ["six", "four", "none"].map(|name| file["networks"][name]["ipam"]["config"].clone())
    };
    let (one, other) = (ranges("one"), ranges("other"));
    let range = one[0][0]["subnet"].as_str().unwrap();
    assert!(
        range.starts_with("fd") && range.ends_with("::/64"),
        "{range}"
    );
    assert_ne!(one[0], other[0]);
    assert_eq!([&one[1], &one[2]], [&Json::Null, &Json::Null]);
    let fixed = text
        .replace("six, four, none", "six")
        .replace("[six]", "{ six: { ipv6_address: 'fd00::5' } }");
    let file = read(&fixed).unwrap().file(&Added::default());
    let kept = &file["networks"]["six"]["ipam"]["config"][1]["subnet"];
    assert_eq!(kept, "fd00::/64");
}

#[test]
fn labels_are_laid_over_none_too() {
    let stack = read(
        "
services:
  web: { image: a, networks: [n], volumes: ['data:/data'], labels: null }
networks: { n: { labels: null } }
volumes: { data: { labels: [own=1] } }
",
    )
    .unwrap();
    let added = Added {
        labels: [("run".to_owned(), "r".to_owned())].into(),
        ..Added::default()
    };
    let file = stack.file(&added);
    let labels = json!({ "run": "r" });
    assert_eq!(file["services"]["web"]["labels"], labels);
    assert_eq!(file["networks"]["n"]["labels"], labels);
    assert_eq!(file["volumes"]["data"]["labels"], json!(["own=1", "run=r"]));
}

#[test]
fn a_build_of_a_folder_alone_is_labelled_too_and_has_its_secrets() {
    let stack = read("services: { web: { build: /src } }\nsecrets: { key: { file: /k } }").unwrap();
    let added = Added {
        images: [("web".to_owned(), "b-1".to_owned())].into(),
        labels: [("run".to_owned(), "r".to_owned())].into(),
        ..Added::default()
    };
    let file = stack.builds(&added, &["b-1".to_owned()]).unwrap();
    let build = json!({ "context": "/src", "labels": { "run": "r" } });
    assert_eq!(
        file["services"]["web"],
        json!({ "build": build, "image": "b-1" })
    );
    assert_eq!(file["secrets"]["key"]["file"], "/k");
    // A port that is reached and declared for another protocol is published beside it.
    let reached = Added {
        reached: [("web".to_owned(), vec![53])].into(),
        ..added
    };
    let stack = read("services: { web: { image: a, ports: ['53/udp'] } }").unwrap();
    let file = stack.file(&reached);
    assert_eq!(
        file["services"]["web"]["ports"],
        json!(["127.0.0.1::53/udp", "127.0.0.1::53/tcp"])
    );
}
