use super::*;
use crate::report::human::tests::{poison, sample};
use crate::report::human::whole;
use crate::report::style::{Characters, bare};
use crate::run::outcome::{CaseOutcome, Evidence, Failure};

/// The parts of the page that a run makes, without the style and the script.
fn body(outcome: &Outcome) -> String {
    let parts = PAGE.split("<main>").nth(1).unwrap();
    filled(parts, |name| match name {
        "script" => String::new(),
        _ => part(name, outcome, Some(0)),
    })
}

#[test]
fn a_whole_page_reads_like_this() {
    insta::assert_snapshot!(body(&sample()));
}

#[test]
fn suites_of_one_name_and_requirements_of_one_id_are_told_apart() {
    let mut outcome = sample();
    let mut other = outcome.cases[0].clone();
    other.suite_file = "other/run.yaml".to_owned();
    outcome.cases.push(other);
    let mut again = outcome.requirements[0].clone();
    again.file = "other/requirements.yaml".to_owned();
    outcome.requirements.push(again);
    let page = body(&outcome);
    for part in [
        "<h3>aisopod (suites/aisopod/run.yaml)</h3>",
        "<h3>aisopod (other/run.yaml)</h3>",
        "<h3>aisopod files</h3>",
        "<span class=\"of\">aisopod (suites/aisopod/run.yaml)</span>",
        "<th scope=\"row\">A1 (suites/aisopod/requirements.yaml)</th>",
        "<th scope=\"row\">A1 (other/requirements.yaml)</th>",
        "<th scope=\"row\">A3</th>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let said = bare(&whole(&outcome, Characters::Unicode));
    assert!(
        said.contains("\naisopod (other/run.yaml)\n  ✓ passed"),
        "{said}"
    );
    let ids = "(A1 (suites/aisopod/requirements.yaml), A4, A1 (other/requirements.yaml))";
    assert!(said.contains(ids), "{said}");
}

/// Whether each element is closed and each attribute is in quotation marks, so that a parser of XML takes it
/// too; gives the texts of all scripts.
fn checked(page: &str) -> Vec<String> {
    let (_, page) = page.split_once("<body>").unwrap();
    let (page, _) = page.split_once("</body>").unwrap();
    let mut xml = page.to_owned();
    for empty in ["br", "input"] {
        let begin = format!("<{empty}");
        let mut parts = xml.split(&begin);
        let mut closed = parts.next().unwrap().to_owned();
        for part in parts {
            let (attributes, rest) = part.split_once('>').unwrap();
            closed.push_str(&format!("<{empty}{attributes}/>{rest}"));
        }
        xml = closed;
    }
    // Attributes without a value.
    for word in ["hidden", "open"] {
        xml = xml.replace(&format!(" {word}>"), &format!(" {word}=\"\">"));
    }
    let (before, script) = xml.split_once("<script>").unwrap();
    let (script, after) = script.split_once("</script>").unwrap();
    let xml = format!("<body>{before}<script></script>{after}</body>");
    let xml = xml.replace("autocomplete", "data-autocomplete");
    let document = roxmltree::Document::parse(&xml).unwrap();
    let named = |name| document.descendants().filter(move |n| n.has_tag_name(name));
    assert_eq!(named("script").count(), 1);
    assert_eq!(named("style").count(), 0);
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        for attribute in node.attributes() {
            let name = attribute.name();
            assert!(!name.starts_with("on") && name != "style", "{name}");
            assert!(!matches!(name, "src" | "action"), "{name}");
            if name == "href" {
                assert!(attribute.value().starts_with('#'), "{}", attribute.value());
            }
        }
    }
    // Each link leads somewhere, and no two places are called alike.
    let all: Vec<&str> = document
        .descendants()
        .filter_map(|n| n.attribute("id"))
        .collect();
    let mut ids = all.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    for link in named("a") {
        let to = link.attribute("href").unwrap().trim_start_matches('#');
        assert!(all.contains(&to), "{to}");
    }
    vec![script.to_owned()]
}

#[test]
fn nothing_hostile_is_more_than_text() {
    let evils = [
        "<script>alert(1)</script>",
        "</script><script>alert(1)//",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "]]><b>&amp;{{script}}</b></style>",
        "a\u{0}\u{1b}[2J\u{202e}txt.exe\u{feff}\r\n::error::x",
        "javascript:alert(1)",
    ];
    for evil in evils {
        let json = serde_json::to_value(sample()).unwrap();
        let poisoned: Outcome = serde_json::from_value(poison(json, evil)).unwrap();
        let page = of(&poisoned, Some(0));
        assert_eq!(checked(&page), [SCRIPT], "{evil}");
        for c in body(&poisoned).chars().filter(|c| *c != '\n') {
            assert!(
                !c.is_control() && !matches!(c, '\u{202e}' | '\u{feff}'),
                "{c:?}"
            );
        }
    }
}

#[test]
fn a_page_is_sound_whatever_it_is_of() {
    checked(&of(&sample(), None));
    checked(&of(&Outcome::default(), None));
}

#[test]
fn nothing_runs_and_nothing_is_loaded_but_what_the_policy_knows() {
    let page = of(&sample(), None);
    let (_, policy) = page.split_once("Security-Policy\" content=\"").unwrap();
    let policy = policy.split('"').next().unwrap();
    let digest = |text: &str| base64::encode(&Sha256::digest(text));
    let between = |from: &str, to: &str| {
        let (_, behind) = page.split_once(from).unwrap();
        behind.split_once(to).unwrap().0.to_owned()
    };
    let style = digest(&between("<style>", "</style>"));
    let script = digest(&between("<script>", "</script>"));
    let expected = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy, expected);
    for word in [
        "http:", "https:", "url(", "@import", "import(", "fetch", "eval",
    ] {
        assert!(!STYLE.contains(word) && !SCRIPT.contains(word), "{word}");
    }
}

fn many(number: usize, change: impl Fn(usize, &mut CaseOutcome)) -> Outcome {
    let mut outcome = sample();
    let one = outcome.cases[1].clone();
    let made = (0..number).map(|at| {
        let mut case = one.clone();
        case.name = format!("case {at}");
        change(at, &mut case);
        case
    });
    outcome.cases = made.collect();
    outcome
}

#[test]
fn thousands_of_cases_make_a_page_that_says_what_it_leaves_out() {
    let passed = many(5200, |_, case| {
        case.verdict = Verdict::Passed;
        case.failures.clear();
        case.claims = vec![case.claims[0].clone(); 5];
    });
    let page = of(&passed, None);
    assert!(
        page.contains("200 cases more: report.json"),
        "{}",
        page.len()
    );
    assert!(page.contains("5 claims: what they saw is in report.json"));
    assert!(page.len() < 12 << 20, "{}", page.len());
    checked(&page);
    let long = |at: usize| format!("line {at} {}", "x".repeat(3000));
    let failed = many(400, |_, case| {
        case.evidence = vec![Evidence {
            title: "log".into(),
            lines: (0..100).map(long).collect(),
        }];
    });
    let page = of(&failed, None);
    assert!(page.contains("this page shows the first cases whole"));
    assert!(page.len() < 16 << 20, "{}", page.len());
    checked(&page);
    let mut courses = sample();
    let group = courses.courses[0].groups[0].clone();
    courses.courses[0].groups = vec![group; 400];
    let page = of(&courses, None);
    assert!(
        page.contains("250 more groups of cases took less time"),
        "{}",
        page.len()
    );
    assert!(page.contains("shorter ones are in report.json"));
    checked(&page);
}

#[test]
fn of_a_case_all_is_bounded() {
    let outcome = many(1, |_, case| {
        let failure = case.failures[0].clone();
        let of = |at: usize| Failure {
            actual: "y\n".repeat(500),
            what: format!("what {at}"),
            ..failure.clone()
        };
        case.failures = (0..100).map(of).collect();
        case.evidence[0].lines = (0..900).map(|at| "z".repeat(at % 7 + at)).collect();
    });
    let page = body(&outcome);
    assert!(page.contains("what 59") && !page.contains("what 60"));
    assert!(page.contains("40 failures more: report.json"));
    assert!(page.contains("(and 440 more lines)"));
    assert!(page.contains("(700 lines before these)"));
}

#[test]
fn names_that_are_alike_have_anchors_of_their_own() {
    let outcome = many(3, |at, case| {
        case.name = ["it runs", "it   runs!", "它运行"][at].to_owned();
    });
    let anchors = cases::anchors(&outcome);
    assert_eq!(
        anchors,
        [
            "case-aisopod-it-runs",
            "case-aisopod-it-runs-2",
            "case-aisopod-它运行"
        ]
    );
}

#[test]
fn what_is_claimed_is_marked_in_its_line() {
    let outcome = sample();
    let failure = &outcome.cases[1].failures[0];
    let shown = detail::source(&failure.place);
    assert!(shown.contains(":31:17<"), "{shown}");
    assert!(shown.contains("- whoami: <mark>aisopod</mark>"), "{shown}");
    let mut place = failure.place.clone();
    place.text = format!("{}needle{}", "a".repeat(900), "b".repeat(900));
    (place.column, place.width) = (901, 6);
    let shown = detail::source(&place);
    assert!(shown.contains("…aaa") && shown.contains("bbb…"), "{shown}");
    assert!(shown.contains("<mark>needle</mark>"), "{shown}");
    for (column, width) in [(0, 0), (900_000, 5), (1, usize::MAX)] {
        (place.column, place.width) = (column, width);
        detail::source(&place);
    }
}

#[test]
fn sizes_and_parts_are_as_people_say_them() {
    let sizes = [0, 999, 1_000, 80_400_000, 123_456_789, 2_340_000_000];
    let said = sizes.map(bytes);
    assert_eq!(
        said,
        ["0 B", "999 B", "1.0 kB", "80.4 MB", "123 MB", "2.3 GB"]
    );
    assert_eq!(
        [percent(1, 3), percent(5, 0), percent(100, 100)],
        ["33.333", "500", "100"]
    );
}

#[test]
fn a_run_that_takes_no_flaky_case_says_why_it_failed() {
    let mut outcome = crate::report::human::tests::flaky();
    outcome.cases.truncate(1);
    let said = "<li class=\"message\">1 case passed only when it was run again, and `--strict` takes none of these</li>";
    let page = of(&outcome, None);
    assert!(
        !page.contains(said) && page.contains(">Passed</h1>"),
        "{page}"
    );
    outcome.strict = true;
    let page = of(&outcome, None);
    assert!(
        page.contains(said) && page.contains(">Failed</h1>"),
        "{page}"
    );
    // The requirement, the count and the way to the case say it too.
    for part in [
        "0 of 1 verified, 1 flaky",
        "<td class=\"errored\"><span class=\"verdict\">flaky</span></td>",
        "<li class=\"flaky\">",
        "<span class=\"count flaky\">(<b>1</b> flaky)</span>",
        "<a href=\"#open\">Did not pass</a>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn what_passed_when_it_was_run_again_is_shown_as_it_was_before() {
    let page = of(&crate::report::human::tests::flaky(), None);
    for part in [
        "Did not pass, or not at once",
        "data-verdict=\"flaky\"",
        "It passed when it was run again (failed 1 of 2 times). This is",
        "<p>It failed 2 of 2 times.</p>",
        "<input type=\"checkbox\" name=\"verdict\" value=\"flaky\">",
    ] {
        assert!(page.contains(part), "{part}");
    }
}
