//! The programs that keep credentials: `docker-credential-NAME get`.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use super::Login;

/// How long a credential helper may take: some ask a keychain.
const HELPER: Duration = Duration::from_secs(30);

/// The most that is read from a credential helper.
const HELPER_LIMIT: u64 = 1024 * 1024;

/// Asks `docker-credential-NAME`; `None` where it keeps nothing for the server.
pub(super) async fn ask(name: &str, server: &str) -> Result<Option<Login>, String> {
    let program = format!("docker-credential-{name}");
    if name.contains(['/', '\\']) {
        return Err(format!("`{program}` is not the name of a program"));
    }
    match timeout(HELPER, run(&program, server)).await {
        Err(_) => Err(format!("`{program}` gave no answer within {HELPER:?}")),
        Ok(Err(error)) => Err(format!("`{program}` cannot be run: {error}")),
        Ok(Ok((succeeded, said))) => read(&program, server, succeeded, &said),
    }
}

async fn run(program: &str, server: &str) -> io::Result<(bool, Vec<u8>)> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its question says so by its answer.
        let _ = stdin.write_all(server.as_bytes()).await;
    }
    let mut said = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(HELPER_LIMIT).read_to_end(&mut said).await?;
    }
    Ok((child.wait().await?.success(), said))
}

fn read(
    program: &str,
    server: &str,
    succeeded: bool,
    said: &[u8],
) -> Result<Option<Login>, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "Username", default)]
        username: String,
        #[serde(rename = "Secret", default)]
        secret: String,
    }
    if !succeeded {
        let said = String::from_utf8_lossy(said);
        return if said.contains("credentials not found") {
            Ok(None)
        } else {
            Err(format!("`{program}` failed: {}", said.trim()))
        };
    }
    let answer: Answer = serde_json::from_slice(said)
        // The answer holds a secret: only the place of the error may be told.
        .map_err(|error| {
            format!(
                "`{program}` gave an answer that cannot be read (line {}, column {})",
                error.line(),
                error.column()
            )
        })?;
    let server = server.to_owned();
    Ok(match answer.username.as_str() {
        "" => None,
        "<token>" => Some(Login {
            server,
            username: String::new(),
            password: String::new(),
            identity_token: Some(answer.secret),
        }),
        _ => Some(Login {
            server,
            username: answer.username,
            password: answer.secret,
            identity_token: None,
        }),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_helper_is_understood() {
        let read = |succeeded, said: &str| super::read("h", "s", succeeded, said.as_bytes());
        let token = read(true, r#"{"Username":"<token>","Secret":"t"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(token.identity_token.as_deref(), Some("t"));
        let login = read(true, r#"{"Username":"u","Secret":"p"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(login.password, "p");
        assert_eq!(
            read(false, "credentials not found in native keychain\n"),
            Ok(None)
        );
        assert_eq!(read(false, "locked").unwrap_err(), "`h` failed: locked");
        let broken = read(true, r#"{"Secret":"hush" oops"#).unwrap_err();
        assert!(!broken.contains("hush"), "{broken}");
    }
}
