//! Claims on containers that the tests started themselves.

use started::count;
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::{GenericImage, TestcontainersError};

const PORT: u16 = 6379;

fn redis() -> GenericImage {
    GenericImage::new("redis", "7.0")
        .with_exposed_port(PORT.tcp())
        .with_wait_for(WaitFor::message_on_stdout("Ready to accept connections"))
}

/// With blocking calls.
#[test]
fn the_counter_goes_on_and_the_server_is_nobody_special() -> Result<(), TestcontainersError> {
    use testcontainers::runners::SyncRunner;

    let container = redis().start()?;
    let address = ("127.0.0.1", container.get_host_port_ipv4(PORT)?);
    assert_eq!(count(address, "visits").unwrap(), 1);
    assert_eq!(count(address, "visits").unwrap(), 2);
    seaworthy::attach(&container).holds(
        "
        - ports: { listening: [6379/tcp], only: true }
        - whoami: redis
        - logs: Ready to accept connections
        ",
    );
    Ok(())
}

/// In an asynchronous test.
#[tokio::test]
async fn a_claim_that_does_not_hold_fails_the_test_as_the_command_says_it()
-> Result<(), TestcontainersError> {
    use testcontainers::runners::AsyncRunner;

    let container = redis().start().await?;
    let redis = seaworthy::attach(&container);
    redis.holds(r#"tcp: { to: "app:6379", send: "PING\r\n", receive: { starts_with: +PONG } }"#);
    let report = redis.judge("whoami: root").unwrap();
    assert!(!report.holds());
    assert!(report.to_string().contains("whoami"), "{report}");
    Ok(())
}
