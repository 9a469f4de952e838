use super::*;
use crate::suite::grant::{Allowed, Bounds, Grant};
use crate::suite::pairs::Pairs;
use crate::text::read::Named;
use crate::text::source::{FileId, Spanned};

fn named(file: &str) -> Spanned<String> {
    let span = Span {
        file: FileId(0),
        start: 0,
        end: 0,
    };
    Spanned {
        span,
        value: file.to_owned(),
    }
}

/// A project in a folder of its own, and what lies beside it.
struct Bench {
    _folder: tempfile::TempDir,
    project: PathBuf,
}

#[expect(
    clippy::disallowed_methods,
    reason = "it makes what it looks at, in a folder of its own"
)]
impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = std::fs::canonicalize(folder.path()).unwrap().join("p");
        std::fs::create_dir_all(project.join("more")).unwrap();
        std::fs::create_dir_all(project.join("deep/er")).unwrap();
        let bench = Self {
            _folder: folder,
            project,
        };
        bench.write("../out.env", "A=1");
        bench.write("own.env", "A=1");
        bench.write("more/own.env", "A=1");
        bench
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.project.join(name), text).unwrap();
    }

    /// What is asked for by this file, with these powers given.
    fn look(&self, text: &str, powers: &[&str]) -> Vec<String> {
        self.write("compose.yaml", text);
        let compose = Compose {
            files: vec![named("compose.yaml")],
            app: named("web"),
            services: Vec::new(),
            profiles: Vec::new(),
            env_file: None,
            environment: Pairs::default(),
            scale: Named(Vec::new()),
            ready: Named(Vec::new()),
            certificates: Named(Vec::new()),
        };
        let powers = powers.iter().map(|power| Grant::parse(power).unwrap());
        let reach = Reach {
            bounds: Bounds::of(&self.project, |dir| dir == self.project),
            allowed: Allowed::only(powers),
        };
        let all = asked(&compose, &self.project, &reach);
        let top = self.project.parent().unwrap().display().to_string();
        let told = all.iter().map(|one| {
            let why = one.why.as_ref().map(|why| format!(": {why}"));
            format!("{} {}{}", one.place, one.power, why.unwrap_or_default())
        });
        told.map(|text| text.replace(&top, "T")).collect()
    }
}

#[test]
fn files_that_a_tool_reads_by_itself_lie_in_the_project() {
    let bench = Bench::new();
    let look = |text: &str, powers: &[&str]| bench.look(text, powers);
    let write = |name: &str, text: &str| bench.write(name, text);
    let inside = "include: [more/b.yaml]\nservices:\n  web:\n    env_file: [own.env, { path: more/own.env }]\n    extends: { file: more/b.yaml, service: x }\n";
    write("more/b.yaml", "services: { x: { env_file: own.env } }");
    assert_eq!(look(inside, &[]), [""; 0]);
    // Paths of what is included are of its own folder.
    write(
        "more/b.yaml",
        "services:\n  x:\n    env_file: ../../out.env\n",
    );
    let refused = "T/p/more/b.yaml:3 read=T/out.env";
    assert_eq!(look(inside, &[]), [refused]);
    let other = "services:\n  web: { env_file: ../out.env }\n";
    assert_eq!(look(other, &[]), ["T/p/compose.yaml:2 read=T/out.env"]);
    let merged = "x-a: &a { env_file: ../out.env }\nservices:\n  web: { <<: *a }\n";
    assert_eq!(look(merged, &[]).len(), 1);
    // What is included from outside is not looked at, unless that is allowed.
    let outer = "include:\n  - path: ../outer.yaml\n";
    write(
        "../outer.yaml",
        "services: { x: { env_file: /etc/shadow } }",
    );
    assert_eq!(look(outer, &[]), ["T/p/compose.yaml:2 read=T/outer.yaml"]);
    assert_eq!(look(outer, &["read"]).len(), 2);
    // The variables beside the file may be a link too.
    let beside = bench.project.join(".env");
    std::os::unix::fs::symlink("../out.env", &beside).unwrap();
    assert_eq!(look("services: {}", &[]), ["T/p/.env read=T/out.env"]);
}

#[test]
fn what_cannot_be_looked_at_may_read_anything_and_the_cause_is_said() {
    let bench = Bench::new();
    let look = |text: &str, powers: &[&str]| bench.look(text, powers);
    // What cannot be told may be anything, and why is said.
    let unknown = |text: &str, why: &str| {
        let all = look(text, &[]);
        assert!(all.len() == 1 && all[0].contains(" read: "), "{all:?}");
        assert!(all[0].contains(why), "{why}: {all:?}");
    };
    for (text, why) in [
        (
            "services: { web: { env_file: '${WHERE}' } }",
            "T/p/compose.yaml:1 read: a variable names the file: write the path without a variable",
        ),
        ("env_file: [", "T/p/compose.yaml:1 read: "),
        (
            "services: {}\n---\nservices: { web: { env_file: x } }",
            "second YAML document",
        ),
        ("\"env\\x5ffile\": [", "T/p/compose.yaml:1 read: "),
        ("services: {}\nservices: {}\n", "stands here twice"),
        ("s\0e\0r\0v\0i\0c\0e\0s\0:\0", "it is not UTF-8 text"),
        ("- services", "it is no map"),
        (
            "services: { web: { env_file: !!binary L2V0Yy9zaGFkb3c= } }",
            "the tag `!!binary`",
        ),
        (
            "services: { web: { env_file: !<tag:yaml.org,2002:binary> eA== } }",
            "the tag `!<",
        ),
        (
            "%TAG !x! tag:yaml.org,2002:bin\n---\nservices: { web: { env_file: !x!ary eA== } }",
            "the tag `!<tag:yaml.org,2002:binary>`",
        ),
        (
            "include: [more/none.yaml]",
            "T/p/more/none.yaml is not there",
        ),
        (
            "services: { web: { extends: { file: none.yaml, service: x } } }",
            "is not there",
        ),
        ("include: ['oci://r/x:1']", "on another machine"),
        ("include: ['https://h/x.git']", "on another machine"),
        ("include: ['git@h:x.git']", "on another machine"),
    ] {
        unknown(text, why);
    }
    let deep = format!("a: {}{}", "[".repeat(40), "]".repeat(40));
    unknown(&deep, "nested more than 32 deep");
    for fine in [
        "services: { web: { ports: !reset [], command: !override ['hi!!', !!str 1], env_file: !!str own.env } }",
        "include: null\nservices: { web: { env_file: null } }",
        "# !!! change this !!!\nservices: { web: { command: 'echo Careful !!!', labels: [a !!important] } }",
    ] {
        assert_eq!(look(fine, &[]), [""; 0], "{fine}");
    }
}

#[test]
fn what_is_included_has_its_folder_and_variables_looked_at() {
    let bench = Bench::new();
    let look = |text: &str, powers: &[&str]| bench.look(text, powers);
    bench.write("more/a.yaml", "services: {}");
    bench.write(
        "deep/er/b.yaml",
        "services: { x: { env_file: ../../out.env } }",
    );
    // The second is relative to the folder of the first.
    let two = "include:\n  - path: [more/a.yaml, deep/er/b.yaml]\n";
    assert_eq!(look(two, &[]), ["T/p/deep/er/b.yaml:1 read=T/out.env"]);
    bench.write(
        "deep/er/b.yaml",
        "services: { x: { env_file: ../out.env } }",
    );
    assert_eq!(look(two, &[]), [""; 0]);
    let outer = "include: [{ path: more/a.yaml, project_directory: .. }]";
    assert_eq!(look(outer, &[]), ["T/p/compose.yaml:1 read=T"]);
    // With another folder the same file names another.
    let again = "include: [deep/er/b.yaml, { path: deep/er/b.yaml, project_directory: . }]";
    assert_eq!(look(again, &[]), ["T/p/deep/er/b.yaml:1 read=T/out.env"]);
    std::os::unix::fs::symlink("../../out.env", bench.project.join("more/.env")).unwrap();
    let linked = "include: [more/a.yaml]";
    assert_eq!(look(linked, &[]), ["T/p/more/.env read=T/out.env"]);
    let named = "include: [{ path: more/a.yaml, env_file: own.env }]";
    assert_eq!(look(named, &[]), [""; 0]);
    bench.write("own.env", "A=1\nPATH=./tools");
    assert_eq!(look(named, &[]), ["T/p/own.env:2 variable=PATH"]);
}

#[test]
fn variables_that_the_tool_goes_by_are_asked_for_wherever_it_reads_them() {
    let bench = Bench::new();
    bench.write(".env", "TAG=1\nDOCKER_CONFIG=./c\nexport HOME=.");
    let both = [
        "T/p/.env:2 variable=DOCKER_CONFIG",
        "T/p/.env:3 variable=HOME",
    ];
    assert_eq!(bench.look("services: {}", &[]), both);
    // Those of a container are its own.
    bench.write(".env", "TAG=1");
    bench.write("own.env", "PATH=/x");
    let own = "services: { web: { env_file: own.env } }";
    assert_eq!(bench.look(own, &[]), [""; 0]);
}
