use super::chosen::needs;
use super::config::plain;
use super::refused::Named;
use super::stack::Wish;
use super::*;
use crate::text::cpus::Cpus;
use crate::text::{source::FileId, yaml};
use serde_json::json;

fn wish(app: &str) -> Wish {
    Wish {
        app: app.to_owned(),
        ..Wish::default()
    }
}

fn config() -> Json {
    let text = "
version: '3.8'
services:
  web:
    build: { context: /src/web, tags: [mine] }
    image: mine/web
    container_name: fixed
    command: [serve, 'a$$b']
    environment: { SHA: 8e10427, COUNT: '1000', ON: 'yes' }
    ports: ['8080:80', { published: 9000, target: 90, protocol: udp }]
    depends_on: { db: { condition: service_healthy } }
    deploy: { resources: { limits: { cpus: 0.5, memory: 64M } } }
    labels: [a=b]
  db:
    image: postgres:15
    networks: { back: { aliases: [store] } }
    volumes: ['data:/data:rw', '/host:/bind:ro', { type: volume, source: more, target: /more }]
  cache: { image: 'redis:7', network_mode: 'service:db' }
  debug: { image: x, profiles: [debug], networks: [theirs] }
networks:
  back: { internal: true, name: fixed, ipam: { config: [{ subnet: 10.9.0.0/24 }] } }
  theirs: { external: true, name: theirs }
volumes: { data: { name: fixed }, more: null, unused: { external: true } }
secrets: { key: { file: /src/key } }
";
    plain(&yaml::parse(FileId(0), text).0.unwrap())
}

fn added() -> Added {
    Added {
        ceilings: false,
        is_first: false,
        images: [
            ("web", "built-1"),
            ("db", "postgres:15"),
            ("cache", "redis:7"),
        ]
        .map(|(name, image)| (name.to_owned(), image.to_owned()))
        .into(),
        labels: [("io.seaworthy.run".to_owned(), "r".to_owned())].into(),
        probe: "the-probe".to_owned(),
        project: "p".to_owned(),
        reached: [
            ("web".to_owned(), vec![80, 8443]),
            ("db".to_owned(), vec![5432]),
        ]
        .into(),
    }
}

#[test]
fn what_is_fixed_is_lifted_and_the_rest_stays() {
    let stack = Stack::read(&config(), &wish("web")).unwrap();
    let file = stack.file(&added());
    let web = &file["services"]["web"];
    for gone in ["container_name", "build", "depends_on", "profiles"] {
        assert_eq!(web[gone], Json::Null, "{gone}");
    }
    assert_eq!(web["image"], "built-1");
    assert_eq!(
        web["ports"],
        json!([
            "127.0.0.1::80/tcp",
            "127.0.0.1::90/udp",
            "127.0.0.1::8443/tcp"
        ])
    );
    assert_eq!(web["labels"], json!(["a=b", "io.seaworthy.run=r"]));
    assert_eq!(web["command"], json!(["serve", "a$$b"]));
    assert_eq!(
        web["environment"],
        json!({ "SHA": "8e10427", "COUNT": "1000", "ON": "yes" })
    );
    assert_eq!(
        web["deploy"],
        json!({ "resources": { "limits": { "cpus": 0.5, "memory": "64M" } } })
    );
    assert_eq!(
        web["volumes"],
        json!(["seaworthy_probe:/.seaworthy:ro,nocopy"])
    );
    let db = &file["services"]["db"];
    assert_eq!(
        db["ports"],
        Json::Null,
        "it is on an internal network alone"
    );
    assert_eq!(db["networks"]["back"]["aliases"], json!(["store"]));
    let labels = json!({ "io.seaworthy.run": "r" });
    assert_eq!(
        file["networks"],
        json!({ "back": { "internal": true, "labels": labels }, "default": { "labels": labels } })
    );
    assert_eq!(file["volumes"]["data"], json!({ "labels": labels }));
    assert_eq!(file["volumes"]["unused"], Json::Null);
    assert_eq!(
        file["volumes"]["seaworthy_probe"],
        json!({ "external": true, "name": "the-probe" })
    );
    assert_eq!(file["secrets"]["key"]["file"], "/src/key");
    assert_eq!(file["version"], Json::Null);
}

#[test]
fn what_is_built_has_a_name_of_the_run() {
    let names = ["built-1".to_owned()];
    let stack = Stack::read(&config(), &wish("web")).unwrap();
    // What our own builder has made has a name that is shared, and the tool has nothing to do.
    assert_eq!(stack.builds(&added(), &[]), None);
    let file = stack.builds(&added(), &names).unwrap();
    let web = json!({
        "build": { "context": "/src/web", "labels": { "io.seaworthy.run": "r" } },
        "image": "built-1",
    });
    assert_eq!(file["services"], json!({ "web": web }));
    let mut twice = config();
    twice["services"]["db"]["build"] = twice["services"]["web"]["build"].clone();
    let mut same = added();
    same.images.insert("db".to_owned(), "built-1".to_owned());
    let file = Stack::read(&twice, &wish("web"))
        .unwrap()
        .builds(&same, &names)
        .unwrap();
    assert_eq!(file["services"].as_object().map(Map::len), Some(1));
    let other = Wish {
        image: Some("other:1".to_owned()),
        ..wish("web")
    };
    let stack = Stack::read(&config(), &other).unwrap();
    assert_eq!(stack.builds(&added(), &names), None);
}

#[test]
fn what_is_started_is_known_with_its_order() {
    let stack = Stack::read(&config(), &wish("web")).unwrap();
    let part = |name: &str| stack.parts.iter().find(|part| part.name == name).unwrap();
    let names: Vec<&str> = stack.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["cache", "db", "web"]);
    assert_eq!(part("web").of, 1);
    let before = |name: &str| {
        let before = part(name).before.iter();
        before
            .map(|(name, how)| format!("{name} {how:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(before("web"), ["db Healthy"]);
    assert_eq!(before("db"), [""; 0]);
    assert_eq!(before("cache"), ["db Started"]);
    assert_eq!(part("web").published["80/tcp"][0].host_port, Some(8080));
    assert_eq!(part("cache").networks, [""; 0]);
    assert_eq!(part("web").reserved_cpus, None);
    let reserved = |cpus: Json| {
        let mut config = config();
        config["services"]["db"]["deploy"] =
            json!({ "resources": { "reservations": { "cpus": cpus } } });
        let db = |stack: Stack| stack.parts.into_iter().find(|part| part.name == "db");
        let read = Stack::read(&config, &wish("web"));
        read.map(|stack| db(stack).and_then(|db| db.reserved_cpus))
    };
    for cpus in [json!("0.25"), json!(0.25)] {
        assert_eq!(reserved(cpus), Ok(Some(Cpus(25_000))));
    }
    assert_eq!(reserved(json!(1)), Ok(Some(Cpus(100_000))));
    let refused = reserved(json!("few"));
    assert!(
        refused
            .unwrap_err()
            .said
            .contains("`db` are not understood: few")
    );
    let few = Wish {
        services: vec!["cache".to_owned()],
        scale: [("db".to_owned(), 3)].into(),
        ..wish("db")
    };
    let stack = Stack::read(&config(), &few).unwrap();
    let all: Vec<(&str, u32)> = stack
        .parts
        .iter()
        .map(|p| (p.name.as_str(), p.of))
        .collect();
    assert_eq!(all, [("cache", 1), ("db", 3)]);
}

#[test]
fn what_belongs_to_others_is_refused() {
    let refused = |change: &dyn Fn(&mut Json), wish: &Wish| {
        let mut config = config();
        change(&mut config);
        Stack::read(&config, wish).unwrap_err().said
    };
    let debug = Wish {
        profiles: vec!["debug".to_owned()],
        ..wish("web")
    };
    let said = refused(&|_| (), &debug);
    assert!(
        said.starts_with("the network `theirs` of the Compose file is external"),
        "{said}"
    );
    let said = refused(
        &|c| c["volumes"]["data"] = json!({ "external": true }),
        &wish("web"),
    );
    assert!(
        said.starts_with("the volume `data` of the Compose file is external"),
        "{said}"
    );
    let said = refused(
        &|c| c["services"]["db"]["external_links"] = json!(["x"]),
        &wish("web"),
    );
    assert!(said.contains("`external_links`"), "{said}");
    let said = refused(
        &|c| c["services"]["db"]["pid"] = json!("container:x"),
        &wish("web"),
    );
    assert!(said.starts_with("`pid` of the service `db`"), "{said}");
    let said = refused(
        &|c| c["services"]["db"]["links"] = json!(["cache:c"]),
        &wish("web"),
    );
    assert!(
        said.starts_with("the services `cache`, `db`, `web` wait for each other"),
        "{said}"
    );
    let said = refused(&|_| (), &wish("wbe"));
    assert_eq!(
        said,
        "the Compose file has no service `wbe`\n  help: did you mean `web`?"
    );
    let said = refused(&|_| (), &wish("debug"));
    assert!(said.contains("which is not started"), "{said}");
    let said = refused(
        &|c| c["services"]["app"] = json!({ "image": "x" }),
        &wish("web"),
    );
    assert!(said.contains("has a service `app`"), "{said}");
}

#[test]
fn fixed_addresses_keep_their_range() {
    let mut config = config();
    config["services"]["db"]["networks"]["back"]["ipv4_address"] = json!("10.9.0.5");
    config["networks"]["default"] = json!({ "ipam": { "config": [{ "subnet": "10.8.0.0/24" }] } });
    let stack = Stack::read(&config, &wish("web")).unwrap();
    let file = stack.file(&added());
    let subnet = |name: &str| file["networks"][name]["ipam"]["config"][0]["subnet"].clone();
    // Else the engine could give the range of the one to the other.
    assert_eq!(
        (subnet("back"), subnet("default")),
        (json!("10.9.0.0/24"), json!("10.8.0.0/24"))
    );
}

#[test]
fn a_name_of_a_container_is_one_more_on_each_of_its_networks() {
    let config = json!({
        "services": {
            "web": { "image": "a", "container_name": "fixed" },
            "db": {
                "image": "a", "container_name": "store",
                "networks": { "back": { "aliases": ["data"], "ipv4_address": "10.9.0.5" }, "front": null },
            },
            "list": { "image": "a", "container_name": "x", "networks": ["back", "front"] },
            "own": { "image": "a", "container_name": "y", "network_mode": "host" },
        },
        "networks": { "back": {}, "front": {} },
    });
    let stack = Stack::read(&config, &wish("web")).unwrap();
    let file = stack.file(&added());
    let networks = |name: &str| &file["services"][name]["networks"];
    assert_eq!(
        networks("web"),
        &json!({ "default": { "aliases": ["fixed"] } })
    );
    let db = json!({
        "back": { "aliases": ["data", "store"], "ipv4_address": "10.9.0.5" },
        "front": { "aliases": ["store"] },
    });
    assert_eq!(networks("db"), &db);
    let list = json!({ "back": { "aliases": ["x"] }, "front": { "aliases": ["x"] } });
    assert_eq!(networks("list"), &list);
    assert_eq!(networks("own"), &Json::Null);
}

#[test]
fn a_volume_of_a_project_tells_its_run_by_its_name() {
    let name = format!("{}12_data", name_of_projects("2yoktia5"));
    assert_eq!(run_of(&name), Some("2yoktia5"));
    assert_eq!(run_of("seaworthyxxxxxxxxx3_a_b"), Some("xxxxxxxx"));
    for other in [
        "seaworthy-2yoktia5-1-data",
        "seaworthy2yoktia5x1",
        "seaworthy2yoktia5x_data",
        "seaworthy2yoktia5y1_data",
        "seaworthyyoktia5x1_data",
        "seaworthy_probe",
        "mine_2yoktia5x1_data",
    ] {
        assert_eq!(run_of(other), None, "{other}");
    }
}

#[test]
fn names_that_the_file_does_not_have_are_refused() {
    let mut mistyped = config();
    mistyped["services"]["db"]["networks"] = json!({ "bakc": null });
    assert_eq!(
        Stack::read(&mistyped, &wish("web")).unwrap_err().said,
        "the service `db` is on the network `bakc`, which the Compose file does not declare\n  help: did you mean `back`?"
    );
    let profile = |name: &str| Wish {
        profiles: vec![name.to_owned()],
        ..wish("web")
    };
    let refused = Stack::read(&config(), &profile("debgu")).unwrap_err();
    assert_eq!(
        refused.said,
        "no service has the profile `debgu`\n  help: did you mean `debug`?"
    );
    assert_eq!(refused.about, Some(Named::Profile("debgu".to_owned())));
    let refused = Stack::read(&config(), &profile("other")).unwrap_err();
    assert!(
        refused.said.ends_with("help: there is debug"),
        "{refused:?}"
    );
    let name = || "bd".to_owned();
    let (service, scale) = (Named::Service(name()), Named::Scale(name()));
    for (wish, about) in [
        (wish("bd"), Named::App),
        (
            Wish {
                services: vec![name()],
                ..wish("web")
            },
            service,
        ),
        (
            Wish {
                scale: [(name(), 2)].into(),
                ..wish("web")
            },
            scale,
        ),
    ] {
        let refused = Stack::read(&config(), &wish).unwrap_err();
        assert_eq!(refused.about, Some(about), "{refused:?}");
    }
}

#[test]
fn names_of_the_run_are_not_the_files() {
    for name in ["seaworthy_probe", "seaworthy_certificates_web"] {
        let text = format!(
            "services: {{ web: {{ image: a, volumes: ['{name}:/w'] }} }}\nvolumes: {{ {name}: {{}} }}"
        );
        let config = plain(&yaml::parse(FileId(0), &text).0.unwrap());
        let refused = Stack::read(&config, &wish("web")).unwrap_err();
        let said = refused.said;
        assert!(
            said.starts_with(&format!("the volume `{name}` has a name that a run gives")),
            "{said}"
        );
    }
}

#[test]
fn volumes_of_another_service_are_waited_for_however_a_tool_writes_them() {
    for written in ["db", "db:ro", "service:db:rw"] {
        let service = json!({ "volumes_from": [written] });
        let found = needs("web", service.as_object().unwrap()).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["db"], "{written}");
    }
}
