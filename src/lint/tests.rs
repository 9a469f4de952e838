mod hostile;

use super::*;
use crate::text::source::Sources;

fn found(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("Dockerfile", text);
    let file = Dockerfile::read(file, text);
    let resolved = Resolved::new(&file, &[]);
    let all = lint(&file, &resolved, None).into_iter();
    all.map(|one| {
        let place = sources.place(one.span);
        format!("{}:{} {}", place.line, place.column, one.rule)
    })
    .collect()
}

fn blocks<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```dockerfile {kind}\n");
    let parts: Vec<&str> = page.split(fence.as_str()).skip(1).collect();
    let text = |part: &&'a str| part.split("```").next().unwrap();
    parts.iter().map(text).collect()
}

#[test]
fn what_a_page_calls_bad_is_found_by_its_rule_alone_and_what_it_calls_good_by_none() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (bad, good) = (blocks(rule.page, "bad"), blocks(rule.page, "good"));
        assert!(!bad.is_empty() && !good.is_empty(), "{}", rule.id);
        for text in bad {
            let found = found(text);
            let own = found.len() == 1 && found[0].split(' ').nth(1) == Some(rule.id);
            if !own {
                wrong.push(format!("{} bad: {found:?}\n{text}", rule.id));
            }
        }
        for text in good {
            let found = found(text);
            if !found.is_empty() {
                wrong.push(format!("{} good: {found:?}\n{text}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_sudo_runs_is_looked_at_too() {
    let text = "FROM debian:12\nRUN sudo -u root A=b apt-get update && sudo -E apt-get install -y curl\nUSER 1000";
    let all = found(text);
    for rule in ["sudo", "apt-lists", "apt-recommends"] {
        assert!(
            all.iter().any(|one| one.ends_with(&format!(" {rule}"))),
            "{rule}: {all:?}"
        );
    }
}

#[test]
fn every_rule_is_listed_once_in_order_and_its_page_says_what_others_call_it() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let files: Vec<String> = FILES.iter().map(|file| file.replace('_', "-")).collect();
    assert_eq!(ids, files);
    assert!(ids.is_sorted() && ids.len() > 40);
    for rule in RULES {
        assert!(
            rule.page.starts_with(&format!("# {}\n\n", rule.id)),
            "{}",
            rule.id
        );
        for name in rule.also {
            let numbered = |prefix: &str| {
                let number = name.strip_prefix(prefix);
                number.is_some_and(|n| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()))
            };
            let words = name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|b| b.is_ascii_alphabetic())
                && name.bytes().any(|b| b.is_ascii_lowercase());
            let known = numbered("DL") || numbered("DS-") || words;
            assert!(
                known,
                "{}: {name} is no id of hadolint, trivy or BuildKit",
                rule.id
            );
            assert!(
                rule.page.contains(&format!("`{name}`")),
                "{} {name}",
                rule.id
            );
        }
    }
}

#[test]
fn what_is_said_fits_the_base_and_the_instruction() {
    let said = |text: &str, rule: &str| {
        let file = Dockerfile::read(crate::text::source::FileId(0), text);
        let found = lint(&file, &Resolved::new(&file, &[]), None).into_iter();
        let one: Vec<Finding> = found.filter(|one| one.rule == rule).collect();
        assert_eq!(one.len(), 1, "{text}");
        format!("{} | {}", one[0].message, one[0].mend)
    };
    let pipe = |base: &str| {
        said(
            &format!("{base}RUN curl -f h | sh\n"),
            "pipe-without-pipefail",
        )
    };
    assert!(pipe("FROM python:3.12-alpine\n").ends_with(
        "set pipefail: `SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]` before it"
    ));
    assert!(pipe("FROM debian:12\n").contains("/bin/bash"));
    assert!(pipe("ARG BASE\nFROM $BASE\n").ends_with("bash and the ash of busybox know it"));

    let volume = said("FROM a:1\nVOLUME [\"/data\"] # x\n", "json-then-text");
    let command = said("FROM a:1\nCMD [\"a\"] # x\n", "json-then-text");
    assert!(
        volume.contains("take no array with text behind it | remove the text"),
        "{volume}"
    );
    assert!(
        command.contains("give all of it to a shell | remove the text, or write"),
        "{command}"
    );
    let copied = said("FROM a:1\nCOPY ['a', '/b']\n", "broken-json");
    assert!(
        copied.contains("taken with brackets and quotes"),
        "{copied}"
    );

    let private = said("FROM a:1\nCOPY .git/HEAD /\n", "copy-private-files");
    assert!(
        private.starts_with("whoever has the image can read `.git/HEAD`"),
        "{private}"
    );
    let near = said("ARG RELEASE=1\nFROM a:${RELAESE}\n", "undefined-variable");
    assert_eq!(near, "nothing sets `RELAESE` | did you mean `RELEASE`?");
}

#[test]
fn comments_let_findings_stand_and_are_judged_themselves() {
    let text = "FROM debian:12\n# seaworthy ignore=sudo, wget-and-curl why not\nRUN sudo make\n\
                # hadolint ignore=DL3004,DL9999\nRUN sudo make\nRUN sudo make\nUSER 1000\n";
    assert_eq!(found(text), ["2:26 unused-ignore", "6:5 sudo"]);
    let whole = format!(
        "# hadolint global ignore=DL3004\n{}",
        text.replace("ignore=sudo,", "ignore=")
    );
    assert_eq!(found(&whole), ["3:21 unused-ignore"]);
}

#[test]
fn whatever_a_file_holds_reading_and_linting_end() {
    let pieces = [
        "FROM ",
        "scratch",
        "\n",
        "\\\n",
        "RUN ",
        "<<E",
        "\nE\n",
        "${",
        "}",
        "$A",
        ":-",
        "[\"a\"",
        "]",
        "'",
        "\"",
        "`",
        "\u{fc}",
        "\r\n",
        "COPY --from=",
        "# escape=`\n",
        "# seaworthy ignore=a,",
        "ARG A=",
        "ENV A=$A$A",
        "HEALTHCHECK CMD ",
        "ONBUILD ",
        "USER ",
        "\t",
        "&&",
        "|",
        "(",
        "curl -k",
        "EXPOSE 1",
        "as b",
        " ",
        "\0",
    ];
    let mut seed: u64 = 7;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..1500 {
        let text: String = (0..next(40)).map(|_| pieces[next(pieces.len())]).collect();
        let mut sources = Sources::default();
        let file = Dockerfile::read(sources.add("Dockerfile", text.as_str()), &text);
        let resolved = Resolved::new(&file, &[]);
        for finding in lint(&file, &resolved, None) {
            let range = finding.span.range();
            assert!(
                range.start <= range.end && range.end <= text.len(),
                "{text:?} {finding:?}"
            );
            sources.place(finding.span);
        }
    }
}
