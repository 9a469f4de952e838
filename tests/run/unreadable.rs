//! A Dockerfile that the user may not read.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use seaworthy::engine::transport::Address;

use super::{Result, ended, engine, runtime};

/// Nobody's number on every Linux.
const NOBODY: u32 = 65534;

const SUITE: &str = "\
seaworthy: 1
image: { build: { context: . } }
cases: [{ name: it is root's, expect: [{ image: { user: root } }] }]
";

pub(super) fn trials() -> Vec<Trial> {
    vec![Trial::test("wrong::unreadable_dockerfile", || {
        unreadable().map_err(Into::into)
    })]
}

fn unreadable() -> Result {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let prepared = prepare(folder.path()).map_err(|e| e.to_string());
    let (code, said) = ended(prepared?)?;
    let told = said.contains("Dockerfile: permission denied") && said.contains("let this user");
    if code != 3 || !told || said.contains(".dockerignore") {
        return Err(format!("exit code {code}, and it said:\n{said}"));
    }
    Ok(())
}

/// The command, as somebody who may speak to the engine and may not read the Dockerfile: root reads
/// everything, so root has it run by nobody.
fn prepare(folder: &Path) -> std::io::Result<Command> {
    let allow =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    let (program, dockerfile) = (folder.join("seaworthy"), folder.join("Dockerfile"));
    std::fs::copy(env!("CARGO_BIN_EXE_seaworthy"), &program)?;
    std::fs::write(&dockerfile, "FROM scratch\n")?;
    std::fs::write(folder.join("suite.yaml"), SUITE)?;
    allow(folder, 0o755)?;
    allow(&program, 0o755)?;
    allow(&dockerfile, 0)?;
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(["run", "suite.yaml", "--color", "never"])
        .env("HOME", folder);
    if std::fs::metadata(folder)?.uid() == 0 {
        let engine = runtime()
            .block_on(engine())
            .map_err(std::io::Error::other)?;
        if let Address::Unix(socket) = engine.address() {
            command.gid(std::fs::metadata(socket)?.gid());
        }
        command.uid(NOBODY);
    }
    command.stdout(std::process::Stdio::piped());
    Ok(command)
}
