//! The engine client against a real engine, and against peers that are none.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test's helpers fail as tests do"
)]

#[path = "engine/bench.rs"]
mod bench;
#[path = "engine/carriers.rs"]
mod carriers;
#[path = "engine/contents.rs"]
mod contents;
#[path = "engine/peer.rs"]
mod peer;
#[path = "engine/strangers.rs"]
mod strangers;

use std::time::Duration;

use bench::on_engine;
use seaworthy::engine::FaultKind;
use seaworthy::engine::containers::exec::Exec;
use seaworthy::engine::containers::logs::LogLimits;
use seaworthy::engine::demux::Channel;
use seaworthy::engine::version::NEWEST;
use serde_json::json;

const SOON: Duration = Duration::from_secs(20);

const ALL: LogLimits = LogLimits {
    bytes: 1 << 20,
    tail: None,
};

#[tokio::test]
async fn the_version_is_one_that_both_sides_speak() {
    on_engine("version", async |bench| {
        let api = bench.engine.api();
        assert_eq!(api.version(), api.ping().api.min(NEWEST));
        let facts = bench.engine.facts().await.unwrap();
        assert_eq!(facts.api_spoken, api.version().to_string());
        assert!(!facts.version.is_empty() && facts.memory.is_some());
        assert_eq!(facts.os.as_deref(), Some("linux"));
    })
    .await;
}

#[tokio::test]
async fn a_part_of_a_second_of_grace_is_no_whole_one() {
    on_engine("grace", async |bench| {
        let containers = bench.engine.containers();
        // As first processes they heed no signal that they do not ask for.
        let short = bench.create("short", &["serve"], &json!({})).await;
        let long = bench.create("long", &["serve"], &json!({})).await;
        containers.start(&short).await.unwrap();
        containers.start(&long).await.unwrap();
        let (one, other) = tokio::join!(
            containers.stop(&short, Duration::from_millis(100)),
            containers.stop(&long, Duration::from_secs(1))
        );
        assert!(one.unwrap() && other.unwrap());
        let mut ends = Vec::new();
        for id in [&short, &long] {
            let ended = containers.inspect(id).await.unwrap().state;
            assert_eq!(ended.exit_code, Some(137));
            ends.push(ended.finished_at.unwrap().nanos.unwrap());
        }
        let between = ends[1] - ends[0];
        assert!(between > 200_000_000, "{between} ns between the two");
    })
    .await;
}

#[tokio::test]
async fn a_container_lives_and_ends() {
    on_engine("life", async |bench| {
        let containers = bench.engine.containers();
        let id = bench
            .create("c", &["serve"], &json!({ "Env": ["A=b"] }))
            .await;
        let made = containers.inspect(&id).await.unwrap();
        assert_eq!(made.state.status, "created");
        assert_eq!(
            (made.id.as_str(), made.image_id),
            (id.as_str(), bench.image.clone())
        );
        assert_eq!(made.name, bench.name("c"));
        assert_eq!(made.env[0], "A=b");

        assert!(containers.start(&id).await.unwrap());
        assert!(!containers.start(&id).await.unwrap());
        let facts = containers.inspect(&id).await.unwrap();
        assert!(facts.state.running && facts.state.pid.is_some());
        assert_eq!(facts.command, ["/helper", "serve"]);

        let mut log = containers.follow_logs(&id, false).await.unwrap();
        let mut seen = [
            log.next(SOON).await.unwrap().unwrap(),
            log.next(SOON).await.unwrap().unwrap(),
        ];
        seen.sort_by_key(|line| line.channel != Channel::Stdout);
        assert_eq!(seen[0].bytes, b"hello out");
        assert_eq!(seen[1].bytes, b"hello err");
        assert!(
            seen.iter()
                .all(|line| line.at.as_ref().unwrap().nanos.is_some())
        );

        containers.pause(&id).await.unwrap();
        assert!(containers.inspect(&id).await.unwrap().state.paused);
        let paused = containers
            .exec_run(&id, &Exec::new(["/helper"]), b"", 9, SOON)
            .await;
        assert_eq!(paused.unwrap_err().kind, FaultKind::Conflict);
        containers.unpause(&id).await.unwrap();

        assert_eq!(
            containers
                .wait(&id, Duration::from_millis(50))
                .await
                .unwrap(),
            None
        );
        assert!(containers.stop(&id, Duration::ZERO).await.unwrap());
        assert!(!containers.stop(&id, Duration::ZERO).await.unwrap());
        assert_eq!(log.next(SOON).await.unwrap(), None);
        assert_eq!(containers.wait(&id, SOON).await.unwrap(), Some(137));
        let ended = containers.inspect(&id).await.unwrap();
        assert_eq!(
            (ended.state.status.as_str(), ended.state.exit_code),
            ("exited", Some(137))
        );
        assert!(ended.state.finished_at.is_some());

        let logs = containers.logs(&id, false, ALL).await.unwrap();
        assert_eq!((logs.lines.len(), logs.cut), (2, false));

        assert!(containers.remove(&id).await.unwrap());
        assert!(!containers.remove(&id).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn everything_is_found_by_its_label() {
    on_engine("labels", async |bench| {
        let (engine, label) = (&bench.engine, bench.label.as_str());
        let (volume, network) = (bench.name("volume"), bench.name("network"));
        engine.volumes().create(&volume, &bench.labels()).await.unwrap();
        engine.volumes().create(&volume, &bench.labels()).await.unwrap();
        let internal = seaworthy::engine::networks::Wish { internal: true, ..Default::default() };
        let network_id = engine.networks().create(&network, &internal, &bench.labels()).await.unwrap();
        let mounts = json!({ "HostConfig": { "NetworkMode": "none", "Binds": [format!("{volume}:/data")] } });
        let id = bench.create("c", &["serve"], &mounts).await;

        assert_eq!(engine.volumes().list(label).await.unwrap()[0].name, volume);
        let listed = engine.networks().list(label).await.unwrap();
        assert_eq!((listed[0].id.as_str(), listed[0].internal), (network_id.as_str(), true));
        assert_eq!(engine.containers().list(label).await.unwrap()[0].id, id);
        assert_eq!(engine.images().list(label).await.unwrap()[0].id, bench.image);
        assert!(engine.containers().list("io.seaworthy.run=none such").await.unwrap().is_empty());

        let used = engine.volumes().remove(&volume).await.unwrap_err();
        assert_eq!(used.kind, FaultKind::Conflict);
        assert!(engine.networks().inspect(&network_id).await.unwrap().pools()[0].gateway.is_some());
        assert!(engine.networks().remove(&network_id).await.unwrap());
        assert!(!engine.networks().remove(&network_id).await.unwrap());
        assert!(!engine.volumes().remove(&bench.name("none")).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_container_joins_and_leaves_a_network() {
    on_engine("network", async |bench| {
        let (containers, networks) = (bench.engine.containers(), bench.engine.networks());
        networks
            .create(
                &bench.name("one"),
                &seaworthy::engine::networks::Wish::default(),
                &bench.labels(),
            )
            .await
            .unwrap();
        let two = networks
            .create(
                &bench.name("two"),
                &seaworthy::engine::networks::Wish::default(),
                &bench.labels(),
            )
            .await
            .unwrap();
        let on_one = json!({
            "HostConfig": {
                "NetworkMode": bench.name("one"),
                "PortBindings": { "8080/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "0" }] },
            },
            "ExposedPorts": { "8080/tcp": {} },
        });
        let id = bench.create("c", &["serve"], &on_one).await;
        containers.start(&id).await.unwrap();
        networks
            .connect(&two, &id, &json!({ "Aliases": ["other"] }))
            .await
            .unwrap();
        let facts = containers.inspect(&id).await.unwrap();
        assert!(facts.networks[&bench.name("one")].ip.is_some());
        assert!(
            facts.networks[&bench.name("two")]
                .aliases
                .contains(&"other".to_owned())
        );
        let published = &facts.published["8080/tcp"][0];
        assert_eq!(published.host_ip.as_deref(), Some("127.0.0.1"));
        assert!(published.host_port.is_some());
        assert_eq!(
            networks.inspect(&two).await.unwrap().containers().next(),
            Some(id.as_str())
        );
        networks.disconnect(&two, &id).await.unwrap();
        assert!(
            !containers
                .inspect(&id)
                .await
                .unwrap()
                .networks
                .contains_key(&bench.name("two"))
        );
    })
    .await;
}

#[tokio::test]
async fn images_are_named_inspected_and_removed() {
    on_engine("image", async |bench| {
        let images = bench.engine.images();
        let facts = images.inspect(&bench.image).await.unwrap();
        assert_eq!(facts.id, bench.image);
        assert_eq!(facts.entrypoint, ["/helper"]);
        assert!(facts.env.contains(&"FROM_IMAGE=yes".to_owned()));
        assert_eq!(
            (facts.layers.len(), facts.history[0].comment.as_str()),
            (1, "test")
        );

        let other = format!("{}:2", bench.name("other"));
        images
            .tag(&bench.image, &bench.name("other"), "2")
            .await
            .unwrap();
        assert_eq!(
            images.id_of(&other).await.unwrap(),
            Some(bench.image.clone())
        );
        assert!(images.remove(&other, false).await.unwrap());
        assert!(!images.exists(&other).await.unwrap());
        assert!(!images.remove(&other, false).await.unwrap());

        // A port on which nothing listens.
        let fault = images
            .pull("127.0.0.1:9/no/such:1", None, |_| ())
            .await
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::Registry, "{fault}");
        assert!(fault.to_string().contains("127.0.0.1:9"), "{fault}");
        let fault = images
            .load(b"not a tar archive".to_vec())
            .await
            .unwrap_err();
        assert!(!fault.message.is_empty());
    })
    .await;
}

#[tokio::test]
async fn refusals_are_told_apart() {
    on_engine("refusals", async |bench| {
        let containers = bench.engine.containers();
        let absent = containers.inspect("no-such-container").await.unwrap_err();
        assert_eq!(absent.kind, FaultKind::NotFound);
        assert!(
            absent
                .to_string()
                .starts_with("cannot inspect container no-such-container: ")
        );
        // An id from outside is never another request.
        assert!(containers.inspect("../images/json?x=").await.is_err());
        assert!(containers.inspect("").await.is_err());

        let id = bench.create("c", &["serve"], &json!({})).await;
        let description = json!({ "Image": bench.image, "Labels": bench.labels() });
        let taken = containers
            .create(&bench.name("c"), &description)
            .await
            .unwrap_err();
        assert_eq!(taken.kind, FaultKind::Conflict);
        let not_running = containers
            .exec_create(&id, &Exec::new(["/helper"]))
            .await
            .unwrap_err();
        assert_eq!(not_running.kind, FaultKind::Conflict);
        let unknown = json!({ "Image": "seaworthy-no-such-image:0", "Labels": bench.labels() });
        let unknown = containers
            .create(&bench.name("d"), &unknown)
            .await
            .unwrap_err();
        assert_eq!(unknown.kind, FaultKind::NotFound);
    })
    .await;
}
