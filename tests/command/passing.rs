//! Images that go with their run and have no label, once the run is gone.

use seaworthy::session::build::tag;

use super::{containers, docker, ended, folder, import, kill, label, ran, send, waiting};

/// An image that is removed when this goes.
struct Image(String);

impl Image {
    /// One as the run of this container makes them of mutants.
    fn of(container: &str) -> Self {
        let (run, owner) = (
            label(container, "io.seaworthy.run"),
            label(container, "io.seaworthy.owner"),
        );
        let image = Self(format!("seaworthy-{run}-900-build:{}", tag(&owner)));
        import(&image.0, &[]);
        image
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        docker(&["image", "rm", "--force", &self.0]);
    }
}

#[test]
fn images_of_mutants_are_collected_by_their_names_unless_their_run_goes_on() {
    let folder = folder();
    let mut killed = waiting(folder.path());
    let living = waiting(folder.path());
    let image = |pid| Image::of(containers(pid)[0].split(' ').next().unwrap());
    let (dead, alive) = (image(killed.id()), image(living.id()));
    kill(&mut killed);
    let (code, text) = ran(folder.path(), &["gc"]);
    let left = docker(&["image", "ls", "--quiet", &alive.0]);
    send("-INT", &living);
    ended(living.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!("removed image {}\n", dead.0)),
        "{text}"
    );
    assert!(
        text.contains(&format!("left image {}: its run ", alive.0)),
        "{text}"
    );
    assert!(!left.is_empty(), "{text}");
}
