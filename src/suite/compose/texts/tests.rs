use std::collections::BTreeMap;

use super::*;
use crate::text::read::{Read, Reader};
use crate::text::source::FileId;

/// Files by their paths, and nothing else.
struct Files(BTreeMap<&'static str, &'static str>);

impl Outside for Files {
    fn read(&self, path: &Path) -> Result<String, String> {
        let text = self.0.get(shown(path).as_str());
        text.map(|&text| text.to_owned())
            .ok_or_else(|| "it is not there".to_owned())
    }
    fn is_folder(&self, path: &Path) -> Option<bool> {
        self.0.contains_key(shown(path).as_str()).then_some(false)
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn random(&self, _: u32) -> String {
        String::new()
    }
}

fn read(files: &[(&'static str, &'static str)]) -> Texts {
    let written = "{ files: [../c/compose.yaml], app: web }";
    let written = yaml::parse(FileId(0), written).0.unwrap();
    let compose = Compose::read(&written, &mut Reader::default()).unwrap();
    let files = Files(files.iter().copied().collect());
    Texts::read(&compose, Path::new("suites"), &files)
}

/// Whether a file in which this stands as a service may use `NAME`.
fn used(service: &str, more: &[(&'static str, &'static str)]) -> bool {
    let text = format!("services:\n  web: {service}\n");
    let mut files = vec![("c/compose.yaml", &*Box::leak(text.into_boxed_str()))];
    files.extend(more);
    read(&files).may_use("NAME")
}

#[test]
fn a_variable_is_used_in_every_way_that_tools_know() {
    for service in [
        "{ image: 'a:${NAME}' }",
        "{ image: 'a:$NAME' }",
        "{ image: 'a:${OTHER:-${NAME:-x}}' }",
        "{ image: 'a${NAME:+x}' }",
        "{ environment: [NAME] }",
        "{ environment: { NAME: } }",
        "{ environment: { NAME: null } }",
        "{ environment: ['A=${NAME?say}'] }",
        "{ build: { args: [NAME] } }",
        "{ x-own: { deep: ['$NAME'] } }",
        "{ labels: { 'a.${NAME}': b } }",
    ] {
        assert!(used(service, &[]), "{service}");
    }
    for service in [
        "{ image: 'a:${NAMES}' } # ${NAME}",
        "{ environment: { NAME: given } }",
        "{ environment: ['NAME=given'] }",
        "{ environment: [NAMES] }",
        "{ image: NAME/x }",
    ] {
        assert!(!used(service, &[]), "{service}");
    }
    let secret = "services: { web: { image: a } }\nsecrets: { word: { environment: NAME } }";
    assert!(read(&[("c/compose.yaml", secret)]).may_use("NAME"));
    for own in ["COMPOSE_PROFILES", "DOCKER_BUILDKIT", "https_proxy", "HOME"] {
        assert!(
            read(&[("c/compose.yaml", "services: {}")]).may_use(own),
            "{own}"
        );
    }
}

#[test]
fn a_variable_may_be_used_in_what_the_files_name() {
    let env = "{ env_file: own.env }";
    for (text, expected) in [
        ("A=${NAME}", true),
        ("NAME", true),
        ("B=1\nexport NAME", true),
        ("NAME=1", false),
        ("A=NAME", false),
    ] {
        assert_eq!(used(env, &[("c/own.env", text)]), expected, "{text}");
    }
    assert!(used("{}", &[("c/.env", "A=$NAME")]));
    let long = "{ env_file: [{ path: a/own.env, format: raw }] }";
    assert!(used(long, &[("c/a/own.env", "NAME")]));
    assert!(!used(long, &[("c/a/own.env", "")]));
    let extends = "{ extends: { file: below/base.yaml, service: web } }";
    let base = (
        "c/below/base.yaml",
        "services: { web: { env_file: [base.env] } }",
    );
    assert!(used(extends, &[base, ("c/below/base.env", "NAME")]));
    assert!(!used(extends, &[base, ("c/below/base.env", "OTHER")]));
    let include = |included: &'static str, more: &[(&'static str, &'static str)]| {
        let mut files = vec![("c/compose.yaml", included)];
        files.extend(more);
        read(&files)
    };
    let one = include(
        "include: [b/b.yaml]",
        &[
            ("c/b/b.yaml", "include: [{ path: [../d.yaml] }]"),
            ("c/d.yaml", "services: { x: { image: '$NAME' } }"),
        ],
    );
    assert!(one.may_use("NAME") && !one.may_use("OTHER") && !one.partial);
    assert_eq!((one.own.len(), one.more.len()), (1, 2));
    let circle = include("include: [compose.yaml, ../c/compose.yaml]", &[]);
    assert!(!circle.may_use("NAME"));
}

#[test]
fn what_cannot_be_read_may_use_everything() {
    for service in [
        "{ env_file: absent.env }",
        "{ env_file: '${WHERE}.env' }",
        "{ extends: { file: absent.yaml, service: web } }",
        "{ extends: { file: '$WHERE', service: web } }",
    ] {
        assert!(used(service, &[]), "{service}");
    }
    assert!(!used(
        "{ env_file: [{ path: absent.env, required: false }] }",
        &[]
    ));
    for text in [
        "include: ['oci://r.io/x:1']\nservices: {}",
        "include: ['https://h.io/x.git']",
        "services: [",
    ] {
        assert!(read(&[("c/compose.yaml", text)]).may_use("NAME"), "{text}");
    }
    assert!(read(&[]).may_use("NAME"));
}

#[test]
fn a_text_uses_what_stands_behind_a_dollar_sign() {
    for (text, is_used) in [
        ("redis:${TAG}", true),
        ("redis:$TAG", true),
        ("${TAG:-}-x", true),
        ("redis:${TAGS}", false),
        ("redis:TAG", false),
    ] {
        assert_eq!(uses(text, "TAG"), is_used, "{text}");
    }
}
