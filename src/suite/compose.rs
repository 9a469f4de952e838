//! An existing Compose file as the system under test.

pub mod laid;
pub mod texts;
pub mod variables;

use super::pairs::Pairs;
use super::ready::Ready;
use crate::record;
use crate::text::path::Absolute;
use crate::text::read::Named;
use crate::text::source::Spanned;

record! {
    /// An existing Compose file that is tested as it is. Your own Compose tool (`docker compose` or
    /// `docker-compose`) reads it, builds its images and makes its containers, under a project name of the
    /// run. Its fixed host ports are published at free ones, `container_name` is one more name
    /// of its service on its networks, and networks and volumes have names of their own, so that it never
    /// meets your own stack; claims see what the file declares. External networks and volumes are refused, and
    /// so is what the file binds from this machine and is not there. Services start in the order of
    /// `depends_on`, and each is waited for, until it is healthy where it has a health check. All that
    /// the run has made is removed after it, images that were built included.
    pub struct Compose {
        /// The files, relative to this one; later ones are laid over those before.
        files: Vec<Spanned<String>>,
        /// The service that `app` means, in `service` and in URLs; its own name means it too.
        app: Spanned<String>,
        /// The services that are started, with those that they depend on; all without it.
        services: Vec<Spanned<String>>,
        /// Profiles that are switched on.
        profiles: Vec<Spanned<String>>,
        /// A file of variables for the Compose file, in place of the `.env` beside it.
        env_file: Option<Spanned<String>>,
        /// Variables for the Compose file; they win over the environment and `env_file`.
        environment: Pairs,
        /// How many replicas of a service are started, in place of what the file says.
        scale: Named<u32>,
        /// When a service counts as ready, as `ready` of `services` is written, such as
        /// `{ db: { health: healthy, within: 5m } }`. Without it one is waited for until it is healthy where
        /// it has a health check, for as long as that check itself takes to call it unhealthy and at least a
        /// minute; else until it runs.
        ready: Named<Ready>,
        /// The folder in which a service finds the suite's `certificates`, such as `{ web: /etc/tls }`, in
        /// place of what the file mounts there or below. They lie in a volume of the run, and their files
        /// belong to the user that the service is started as. It is read-only, unless the file mounts
        /// something that can be written to in just that place.
        certificates: Named<Spanned<Absolute>>,
    }
}
