//! What goes into a container and comes out of it: programs, streams, logs, files.

use std::time::Duration;

use seaworthy::engine::FaultKind;
use seaworthy::engine::containers::exec::Exec;
use seaworthy::engine::containers::logs::LogLimits;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::bench::on_engine;
use crate::{ALL, SOON};

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
