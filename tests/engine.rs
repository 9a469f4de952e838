//! The engine client against a real engine, and against peers that are none.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers fail as tests do"
)]

#[path = "engine/bench.rs"]
mod bench;
#[path = "engine/carriers.rs"]
mod carriers;
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
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
            ("exited", 137)
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
async fn programs_run_in_a_container_with_their_streams() {
    on_engine("exec", async |bench| {
        let containers = bench.engine.containers();
        let id = bench.create("c", &["serve"], &json!({})).await;
        containers.start(&id).await.unwrap();

        // Much more than any buffer between here and there.
        let text: Vec<u8> = (0..4_000_000_u32)
            .map(|at| b'a' + (at % 26) as u8)
            .collect();
        let echo = Exec::new(["/helper", "echo"]);
        let end = containers
            .exec_run(&id, &echo, &text, usize::MAX, SOON)
            .await
            .unwrap();
        assert!(end.stdout == text && !end.cut);
        assert_eq!(
            (end.exit_code, end.stderr),
            (0, b"echoed 4000000\n".to_vec())
        );
        let end = containers
            .exec_run(&id, &echo, &text, 5, SOON)
            .await
            .unwrap();
        assert_eq!((end.stdout, end.cut), (b"abcde".to_vec(), true));

        let mut exec = Exec::new(["/helper", "env", "FROM_EXEC"]);
        exec.env = vec!["FROM_EXEC=e".to_owned()];
        exec.user = Some("7:8".to_owned());
        let end = containers
            .exec_run(&id, &exec, b"", 100, SOON)
            .await
            .unwrap();
        assert_eq!(end.stdout, b"e\n");

        let end = containers
            .exec_run(&id, &Exec::new(["/helper", "exit", "3"]), b"", 9, SOON)
            .await;
        assert_eq!(end.unwrap().exit_code, 3);

        // A conversation: what is written comes back once the input has ended.
        let echo = Exec {
            stdin: true,
            ..echo
        };
        let exec_id = containers.exec_create(&id, &echo).await.unwrap();
        let mut streams = containers.exec_start(&exec_id, false).await.unwrap();
        assert!(containers.exec_inspect(&exec_id).await.unwrap().running);
        streams.stdin.write_all(b"one ").await.unwrap();
        streams.stdin.write_all(b"two").await.unwrap();
        streams.stdin.shutdown().await.unwrap();
        let mut seen = String::new();
        streams.output.read_to_string(&mut seen).await.unwrap();
        assert_eq!(seen, "one two");
        assert_eq!(streams.output.stderr().bytes(), b"echoed 7\n");
        assert_eq!(containers.exec_ended(&exec_id).await.unwrap(), 0);

        let absent = containers
            .exec_run(&id, &Exec::new(["/nothing"]), b"", 9, SOON)
            .await
            .unwrap();
        assert!(
            absent.exit_code == 126 || absent.exit_code == 127,
            "{absent:?}"
        );
        let hangs = Exec::new(["/helper", "serve"]);
        let late = containers
            .exec_run(&id, &hangs, b"", 99, Duration::from_millis(300))
            .await;
        assert_eq!(late.unwrap_err().kind, FaultKind::TimedOut);
    })
    .await;
}

#[tokio::test]
async fn logs_are_whole_and_bounded() {
    on_engine("logs", async |bench| {
        let containers = bench.engine.containers();
        let many = bench.create("many", &["lines", "2000"], &json!({})).await;
        containers.start(&many).await.unwrap();
        assert_eq!(containers.wait(&many, SOON).await.unwrap(), Some(0));
        let logs = containers.logs(&many, false, ALL).await.unwrap();
        assert_eq!((logs.lines.len(), logs.cut), (2000, false));
        assert_eq!(logs.lines[1999].bytes, b"line 1999");
        let tail = LogLimits {
            tail: Some(2),
            ..ALL
        };
        let logs = containers.logs(&many, false, tail).await.unwrap();
        assert_eq!(logs.lines[0].bytes, b"line 1998");
        let little = LogLimits { bytes: 1000, ..ALL };
        let logs = containers.logs(&many, false, little).await.unwrap();
        assert!(logs.cut && logs.lines.len() < 20);
        assert_eq!(logs.lines.last().unwrap().bytes, b"line 1999");

        // Longer than an engine keeps in one piece.
        let long = bench.create("long", &["long", "50000"], &json!({})).await;
        containers.start(&long).await.unwrap();
        containers.wait(&long, SOON).await.unwrap();
        let logs = containers.logs(&long, false, ALL).await.unwrap();
        assert_eq!(logs.lines.len(), 1);
        assert!(logs.lines[0].bytes == "x".repeat(50_000).as_bytes());

        let terminal = bench
            .create("terminal", &["lines", "3"], &json!({ "Tty": true }))
            .await;
        containers.start(&terminal).await.unwrap();
        containers.wait(&terminal, SOON).await.unwrap();
        let logs = containers.logs(&terminal, true, ALL).await.unwrap();
        assert_eq!(logs.lines[2].bytes, b"line 2\r");
        assert!(logs.lines[2].at.is_some());
    })
    .await;
}

#[tokio::test]
async fn streams_of_the_main_process_can_be_attached() {
    on_engine("attach", async |bench| {
        let containers = bench.engine.containers();
        let more = json!({ "OpenStdin": true, "StdinOnce": true, "AttachStdin": true });
        let id = bench.create("c", &["echo"], &more).await;
        let mut streams = containers.attach(&id, false).await.unwrap();
        containers.start(&id).await.unwrap();
        streams.stdin.write_all(b"over").await.unwrap();
        streams.stdin.shutdown().await.unwrap();
        let mut seen = String::new();
        streams.output.read_to_string(&mut seen).await.unwrap();
        assert_eq!(seen, "over");
        assert_eq!(containers.wait(&id, SOON).await.unwrap(), Some(0));
    })
    .await;
}

#[tokio::test]
async fn files_come_and_go_by_archive() {
    on_engine("archive", async |bench| {
        let containers = bench.engine.containers();
        let id = bench.create("c", &["serve"], &json!({})).await;
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(4);
        header.set_mode(0o640);
        header.set_cksum();
        tar.append_data(&mut header, "new file", &b"text"[..])
            .unwrap();
        containers
            .unpack(&id, "/", tar.into_inner().unwrap())
            .await
            .unwrap();

        let bytes = containers.archive(&id, "/new file", 1 << 20).await.unwrap();
        assert_eq!(mode_of_first(&bytes) & 0o777, 0o640);

        let large = containers.archive(&id, "/helper", 1000).await.unwrap_err();
        assert_eq!(large.kind, FaultKind::Broken);
        let absent = containers.archive(&id, "/absent", 1000).await.unwrap_err();
        assert_eq!(absent.kind, FaultKind::NotFound);
    })
    .await;
}

fn mode_of_first(tar: &[u8]) -> u32 {
    let mut archive = tar::Archive::new(tar);
    let entry = archive.entries().unwrap().next().unwrap().unwrap();
    entry.header().mode().unwrap()
}

#[tokio::test]
async fn everything_is_found_by_its_label() {
    on_engine("labels", async |bench| {
        let (engine, label) = (&bench.engine, bench.label.as_str());
        let (volume, network) = (bench.name("volume"), bench.name("network"));
        engine.volumes().create(&volume, &bench.labels()).await.unwrap();
        engine.volumes().create(&volume, &bench.labels()).await.unwrap();
        let network_id = engine.networks().create(&network, true, &bench.labels()).await.unwrap();
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
            .create(&bench.name("one"), false, &bench.labels())
            .await
            .unwrap();
        let two = networks
            .create(&bench.name("two"), false, &bench.labels())
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
            .connect(&two, &id, &["other".to_owned()])
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
