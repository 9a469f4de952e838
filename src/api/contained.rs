//! What a test has in its hands of a container that it has started.

/// A running container: its name or id, or, with the feature `testcontainers`, what that crate gave for it.
pub trait Contained {
    /// Its name or id, as the engine knows it.
    fn known_as(&self) -> String;
}

impl Contained for &str {
    fn known_as(&self) -> String {
        (*self).to_owned()
    }
}

impl Contained for String {
    fn known_as(&self) -> String {
        self.clone()
    }
}

impl Contained for &String {
    fn known_as(&self) -> String {
        (*self).clone()
    }
}

#[cfg(feature = "testcontainers")]
impl<I: testcontainers::Image> Contained for &testcontainers::ContainerAsync<I> {
    fn known_as(&self) -> String {
        self.id().to_owned()
    }
}

#[cfg(feature = "testcontainers")]
impl<I: testcontainers::Image> Contained for &testcontainers::Container<I> {
    fn known_as(&self) -> String {
        self.id().to_owned()
    }
}
