//! Names of images: `postgres:15`, `registry.example.org:5000/team/app@sha256:…`, or an id.

use crate::dockerfile::reference;

/// What is wrong with a text that cannot be the name of an image, and what to do; nothing of one that can.
pub fn wrong(text: &str) -> Option<(String, String)> {
    let (message, mend) = reference::wrong(text)?;
    let is_path = text.starts_with(['.', '/', '~']) || text.ends_with('/');
    let mend = match is_path {
        true if text.to_ascii_lowercase().ends_with(".tar") => {
            format!("an image in a file is `image: {{ archive: {text} }}`")
        }
        true => format!("to build what stands in a folder, write `image: {{ build: {text} }}`"),
        false => mend,
    };
    Some((message, mend))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Dockerfile;
    use crate::dockerfile::resolved::Resolved;
    use crate::text::source::FileId;

    /// What is said of a name in a Dockerfile's `FROM`, and of the same in its `COPY`.
    fn in_a_dockerfile(name: &str) -> Option<(String, String)> {
        let text = format!("FROM {name}\nCOPY --from={name} /a /b\n");
        let file = Dockerfile::read(FileId(0), &text);
        assert_eq!(file.faults, [], "{name}");
        let faults = Resolved::new(&file, &[]).faults;
        let mut said = faults.into_iter().map(|fault| (fault.message, fault.mend));
        let (first, second) = (said.next(), said.next());
        assert_eq!((&first, said.next()), (&second, None), "{name}");
        first
    }

    #[test]
    fn a_name_is_one_in_a_suite_and_in_a_dockerfile_or_in_neither() {
        let hex = |count: usize| "0a".repeat(count / 2);
        for name in [
            "postgres:15",
            "a",
            "localhost/x_y__z-1:V1.2-rc",
            "registry.example.org:5000/team-free/app",
            "R.example.org/team/app",
            "REGISTRY/team/app",
            "[::1]:5000/app",
            "a---b.c/d:_",
            &format!("sha256:{}", hex(64)),
            &hex(64),
            &format!("team/app:1@sha256:{}", hex(64)),
            &format!("app@sha512:{}", hex(128)),
            &format!("app:{}", "t".repeat(128)),
            &"a".repeat(255),
            "seaworthy/bare:0123",
        ] {
            assert_eq!((wrong(name), in_a_dockerfile(name)), (None, None), "{name}");
        }
        let no_name = |name: &str, mend: &str| {
            (
                format!("`{name}` is not the name of an image"),
                mend.to_owned(),
            )
        };
        let such = "such as `debian:12` or `registry.example.org/team/app:1.2`";
        let registry =
            "a registry in front is written such as `registry.example.org` or `localhost:5000`";
        let tag =
            "letters, digits, `_`, `.` and `-`, at most 128 of them, and neither `.` nor `-` first";
        let digest = "such as `@sha256:` and 64 hexadecimal digits in lower case";
        let said = |message: &str, mend: &str| (message.to_owned(), mend.to_owned());
        for (name, expected) in [
            ("-", no_name("-", such)),
            ("a..b", no_name("a..b", such)),
            ("a._b", no_name("a._b", such)),
            ("a___b", no_name("a___b", such)),
            ("team//app", no_name("team//app", such)),
            ("x/a:b/c", no_name("x/a:b/c", such)),
            ("app:a:b", no_name("app:a:b", such)),
            ("a:b/c", no_name("a:b/c", registry)),
            ("-a.b/c", no_name("-a.b/c", registry)),
            ("a..b/c", no_name("a..b/c", registry)),
            ("[::1/c", no_name("[::1/c", registry)),
            ("[]:1/c", no_name("[]:1/c", registry)),
            ("http://x/y", no_name("http://x/y", "leave `http://` out")),
            (
                "Team:5000/App/Web:V1",
                said(
                    "an image's name is in lower case, and `App/Web` is not",
                    "did you mean `Team:5000/app/web:V1`?",
                ),
            ),
            (
                "postgres:",
                said(
                    "nothing stands behind the colon of `postgres:`",
                    "name a tag, or leave the colon out",
                ),
            ),
            ("app:-1", said("`-1` is no tag", tag)),
            ("app:a+b", said("`a+b` is no tag", tag)),
            ("app@sha256:12", said("`sha256:12` is no digest", digest)),
            ("app@md5:0a", said("`md5:0a` is no digest", digest)),
            (
                &format!("app@sha256:{}", hex(64).to_uppercase()),
                said(
                    &format!("`sha256:{}` is no digest", hex(64).to_uppercase()),
                    digest,
                ),
            ),
            (
                &"a".repeat(256),
                said(
                    "a name of 256 characters is too long",
                    "at most 255 are taken",
                ),
            ),
        ] {
            let expected = Some(expected);
            assert_eq!(wrong(name), expected, "{name}");
            assert_eq!(in_a_dockerfile(name), expected, "{name}");
        }
        let long = wrong(&format!("app:{}", "t".repeat(129))).unwrap();
        assert_eq!(long, said(&format!("`{}…` is no tag", "t".repeat(80)), tag));
    }

    #[test]
    fn a_path_of_this_machine_is_told_how_it_is_written() {
        for (text, help) in [
            (".", "`image: { build: . }`"),
            ("./app", "`image: { build: ./app }`"),
            ("..", "`image: { build: .. }`"),
            ("app/", "build: app/"),
            ("~/app", "build: ~/app"),
            ("./image.tar", "`image: { archive: ./image.tar }`"),
        ] {
            let (message, mend) = wrong(text).unwrap();
            assert_eq!(message, format!("`{text}` is not the name of an image"));
            assert!(mend.contains(help), "{text}: {mend}");
        }
        assert!(wrong("").is_some() && wrong("a b").is_some());
    }
}
