//! Layers that the engine keeps as folders, looked at from a container that has them.

use super::super::ask::BATCH;
use super::super::contents;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::search::{Beneath, Search, Searched, Under};
use crate::session::Session;
use crate::session::image::Ready;
use crate::session::live::{Live, ROOT};

/// What is found in files that later layers took away or put others over. Nothing where the engine keeps layers in
/// another way, or not all can be read.
pub(super) async fn beneath(
    session: &Session,
    image: &Ready,
    search: &Search,
) -> Result<Option<Beneath>> {
    let folders = session.engine.images().layer_folders(&image.id).await?;
    if folders.len() != image.facts.layers.len() {
        return Ok(None);
    }
    let (mut live, places) = Live::of_layers(session, image, &folders).await?;
    let requests = contents::beneath_requests(search, &places);
    let asked = async {
        live.launch().await?;
        live.link(Some(ROOT)).await?.ask(&requests, BATCH).await
    };
    let told = asked.await;
    // What cannot be removed now is tried again, and told, when the session closes.
    let _ = live.remove().await;
    let searched = places.iter().zip(told?);
    let searched = searched.map(|(place, told)| contents::beneath(search, place, told));
    let searched: std::result::Result<Vec<Searched>, String> = searched.collect();
    let searched = searched
        .map_err(|why| Fault::new(FaultKind::Broken, "search the layers of the image", why))?;
    // An archive has every file, whoever may read it.
    let is_whole = searched.iter().all(|searched| searched.unread.is_empty());
    Ok(is_whole.then(|| joined(searched, image)))
}

/// What was found in an image's layers, the lowest first.
fn joined(searched: Vec<Searched>, image: &Ready) -> Beneath {
    let made_by = image.facts.made_by();
    let mut all = Beneath {
        layers: image.facts.layers.len() as u64,
        hidden: true,
        ..Beneath::default()
    };
    for (at, searched) in searched.into_iter().enumerate() {
        all.files += searched.count;
        all.cut |= searched.cut;
        if !searched.is_empty() {
            all.found.push(Under {
                number: at as u64 + 1,
                made_by: made_by.get(at).cloned().unwrap_or_default(),
                searched,
            });
        }
    }
    all
}
