//! Links on the engine's own network.

use seaworthy::engine::compose::Tool;

use super::super::{Result, ended, engine, runtime};
use super::{command, expecting, told, written};

const SERVICES: &str = "  web: { build: '${BARE}', network_mode: bridge, links: ['db:store'] }\n  \
    db: { build: '${BARE}', network_mode: bridge }";

/// The first tool would lose them, and that is told; the others make them.
pub(super) fn bridge() -> Result {
    let is_first = runtime().block_on(async {
        let tool = Tool::find(Some(engine().await?.address())).await;
        Ok::<_, String>(tool.map_err(|fault| fault.to_string())?.is_first())
    })?;
    if is_first {
        let says = [
            "`links` of the service `web` are lost",
            "help: leave `network_mode` out",
        ];
        return told(SERVICES, 3, &says);
    }
    let folder = written(SERVICES)?;
    let finds = "{ name: finds, steps: [{ expect: [{ tcp: { to: 'store:8080', from: web } }] }, { recreate: {}, service: web }, \
                 { expect: [{ tcp: { to: 'store:8080', from: web } }] }] }";
    expecting(folder.path(), finds)?;
    let (code, text) = ended(command(folder.path()))?;
    match code {
        0 => Ok(()),
        code => Err(format!("exit code {code}:\n{text}")),
    }
}
