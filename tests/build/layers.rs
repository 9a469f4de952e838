//! What layers hold, as the engine packs them.

use seaworthy::engine::build::build;
use seaworthy::fact::search::Search;

use crate::bench::Bench;

#[tokio::test]
async fn what_later_steps_took_away_is_in_the_archive_with_its_layer() {
    let bench = Bench::new(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY key /a/\nCOPY other /a/key\n",
        ),
        ("key", "a needle\n"),
        ("other", "nothing\n"),
    ])
    .await;
    let built = build(&bench.engine, &bench.request(), |_| {}).await;
    let built = bench.keep(built).unwrap();
    let search = Search {
        words: vec!["needle".to_owned()],
        ..Search::default()
    };
    let images = bench.engine.images();
    let (layers, found) = images.searched(&built.image_id, &search).await.unwrap();
    assert!(
        layers
            .iter()
            .all(|layer| layer.paths.contains(&"/a/key".to_owned()))
    );
    assert_eq!((found.layers, found.files, found.cut), (2, 2, false));
    let [under] = found.found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(under.number, 1);
    assert!(under.made_by.contains("COPY"), "{}", under.made_by);
    assert_eq!(under.searched.finds[0].path, "/a/key");
}
