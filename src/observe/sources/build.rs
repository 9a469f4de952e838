//! Builds that claims ask for: the images are of no use once it is known how they were built.

use super::{Ground, told};
use crate::engine::build::{BuildRequest, builder_of, lacks_checks};
use crate::engine::context::{Context, EntryKind};
use crate::engine::off_thread;
use crate::fact::answer::Fact;
use crate::fact::build::BuilderKind;
use crate::fact::source::{Attempt, Sort, Tried as Both};
use crate::session::build::Tried;

impl Ground<'_> {
    pub(super) async fn build(&self, attempt: &Attempt) -> Result<Fact, String> {
        let mut request = self.buildable()?;
        request.no_cache |= *attempt == Attempt::Anew;
        if *attempt == Attempt::Checked
            && let Some(why) = lacks_checks(&self.session.engine, &request).await?
        {
            return Err(why);
        }
        let _alone = self.session.alone().await;
        let Attempt::Changed(path) = attempt else {
            let (name, built) = self.try_build(request).await;
            self.removed(&[name]).await;
            return Ok(fact(built?, None, None));
        };
        request.no_cache = false;
        let sort = self.sort(&request, path).await?;
        // Asking the registry twice could give two bases.
        let again = BuildRequest {
            change: Some(path.clone()),
            pull: false,
            ..request.clone()
        };
        let (first, built) = self.try_build(request).await;
        let mut names = vec![first];
        let mut changed = None;
        if sort == Sort::File && matches!(built, Ok(Ok(_))) {
            // The first stays till then: with the classic builder its steps are the cache.
            let (second, built) = self.try_build(again).await;
            names.push(second);
            changed = Some(built);
        }
        self.removed(&names).await;
        Ok(fact(built?, Some(sort), changed.transpose()?))
    }

    async fn try_build(&self, request: BuildRequest) -> (String, Result<Tried, String>) {
        Box::pin(self.session.try_build(request)).await
    }

    /// What cannot be removed now is tried again, and told, when the session closes.
    async fn removed(&self, names: &[String]) {
        for name in names.iter().rev() {
            let _ = self.session.remove_image(name).await;
        }
    }

    /// What the builder is sent under this path.
    async fn sort(&self, request: &BuildRequest, path: &str) -> Result<Sort, String> {
        let builder = builder_of(&self.session.engine);
        let (folder, dockerfile) = (request.context.clone(), request.dockerfile.clone());
        let read = move || Context::read(&folder, dockerfile.as_deref(), builder);
        let context = off_thread(read).await?.map_err(|error| told(&error))?;
        let read_by_it = [Some(".dockerignore"), context.dockerfile.within.as_deref()];
        if builder == BuilderKind::Classic && read_by_it.contains(&Some(path)) {
            return Err(format!(
                "this engine's builder reads {path} itself, so it cannot be sent changed; name another file"
            ));
        }
        let mut entries = context.entries.iter();
        let sent = entries.find(|entry| entry.path.to_str() == Some(path));
        Ok(match sent.map(|entry| &entry.kind) {
            Some(EntryKind::File) => Sort::File,
            Some(EntryKind::Folder) => Sort::Folder,
            Some(EntryKind::Link(_)) => Sort::Link,
            None if context.is_there(path) => Sort::Ignored,
            None => Sort::Nothing,
        })
    }
}

fn fact(built: Tried, sent: Option<Sort>, again: Option<Tried>) -> Fact {
    Fact::Build(Box::new(Both { built, sent, again }))
}
