//! Steps as they are called.

use super::*;
use crate::text::source::FileId;
use crate::text::yaml;

#[test]
fn a_claim_that_stands_as_a_step_is_called_by_its_name() {
    for (text, name) in [
        ("exec: [a]", "exec"),
        ("http: 'http://app/'", "http"),
        ("expect: [{ exec: [a] }]", "expect"),
        ("expect: [{ exec: [a] }, { exec: [b] }]", "expect"),
        ("stop", "stop"),
    ] {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let step = Step::read(&node, &mut Reader::default()).unwrap();
        assert_eq!(step.name(), name, "{text}");
    }
}
