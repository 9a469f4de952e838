//! What is left for the user to look at.

use std::time::Duration;

use super::Company;
use crate::engine::probe::wire::{Answer, Request};
use crate::session::all;
use crate::session::live::{Live, ROOT};

/// How long the probe has to say whether there is a shell.
const PROBE: Duration = Duration::from_secs(5);

impl Company {
    /// Leaves everything, and says how to look at and remove it. `docker` is how the Docker CLI is called for this
    /// engine.
    pub async fn keep(&mut self, docker: &str) -> Vec<String> {
        let (mut said, mut names, mut volumes) = (Vec::new(), Vec::new(), Vec::new());
        let mut look = None;
        for member in &mut self.members {
            let live = member.live.get_mut();
            if live.is_made() {
                let shell = look.is_none() && has_shell(live).await;
                volumes.extend(live.keep().await);
                names.push(live.name.clone());
                look = look.or(Some(match shell {
                    true => format!("{docker} exec -it {} sh", live.name),
                    // Of what has ended, or holds no shell, the files can be listed all the same.
                    false => format!("{docker} export {} | tar tv", live.name),
                }));
            }
        }
        let clients = std::mem::take(self.clients.get_mut());
        all(clients.into_values().map(Live::remove)).await;
        said.extend(names.iter().map(|name| format!("{docker} logs {name}")));
        said.extend(look);
        volumes.extend(self.volumes.values().cloned());
        let networks: Vec<String> = self
            .networks
            .values()
            .map(|made| made.name.clone())
            .collect();
        for name in volumes.iter().chain(&networks) {
            self.session.keep(name);
        }
        for (command, names) in [
            ("rm -fv", names),
            ("network rm", networks),
            ("volume rm", volumes),
        ] {
            if !names.is_empty() {
                said.push(format!("{docker} {command} {}", names.join(" ")));
            }
        }
        if let Some((project, images)) = &self.project {
            self.session.keep(project);
            for image in images {
                self.session.keep(image);
                said.push(format!("{docker} image rm {image}"));
            }
        }
        said
    }
}

/// Whether a command can be run in it by hand: it runs, and has a shell.
async fn has_shell(live: &mut Live) -> bool {
    if !matches!(live.down().await, Ok(None)) || live.facts().await.is_ok_and(|f| f.state.paused) {
        return false;
    }
    let ask = [Request::Stat {
        path: b"/bin/sh".to_vec(),
        follow: true,
    }];
    let Ok(link) = live.link(Some(ROOT)).await else {
        return false;
    };
    let told = link
        .ask(&ask, PROBE)
        .await
        .ok()
        .and_then(|mut told| told.pop());
    matches!(told, Some(Answer::Stat { result: Ok(_), .. }))
}
