//! `seaworthy schema`: prints the JSON Schema of suites.

use super::exit::Exit;
use super::out::Out;
use crate::suite::schema::schema;

/// Prints it, with a newline at its end.
pub fn run(out: &mut Out) -> Exit {
    out.say(&pretty());
    Exit::Held
}

fn pretty() -> String {
    format!("{:#}", schema())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_one_of_the_language() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/suite.schema.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == pretty() + "\n",
            "the language changed; run: cargo run -- schema > schema/suite.schema.json"
        );
    }
}
