//! Which files are reports of this tool, by how each of them begins: what others have made is never removed.

use super::tap;

/// How much of a file is looked at.
pub const HEAD: usize = 4096;

/// Whether a file of that name that begins so is a report.
pub fn is_own(name: &str, head: &str) -> bool {
    let names_tool = || head.contains("\"name\": \"seaworthy\"");
    match name {
        "report.txt" => {
            let version = head.strip_prefix("seaworthy ");
            version.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        }
        "report.html" => head.contains("<meta name=\"generator\" content=\"seaworthy\">"),
        "junit.xml" => head.contains("<testsuites name=\"seaworthy\""),
        "report.tap" => head.starts_with(tap::HEAD),
        "acceptance.md" => {
            let words = ["Accepted", "Not accepted", "Nothing to accept"];
            let rest = head.strip_prefix("# Acceptance\n\n**");
            rest.is_some_and(|rest| words.iter().any(|word| rest.starts_with(word)))
        }
        "statement.json" => {
            head.starts_with("{\n  \"_type\": \"https://in-toto.io/Statement/v1\",\n")
        }
        _ => names_tool(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::sample;
    use crate::report::{acceptance, html, human, json, junit, statement};
    use crate::run::outcome::ImageOf;

    #[test]
    fn each_report_is_known_by_its_beginning_and_what_others_have_made_is_not() {
        let mut outcome = sample();
        outcome.cases[0].images = vec![ImageOf {
            service: "app".to_owned(),
            name: "app:1".to_owned(),
            id: format!("sha256:{}", "0f".repeat(32)),
            digest: None,
        }];
        let made = [
            ("report.txt", human::file(&outcome, None)),
            ("report.html", html::of(&outcome, None)),
            ("report.json", json::of(&outcome, None)),
            ("junit.xml", junit::of(&outcome, None)),
            ("report.tap", tap::of(&outcome)),
            ("acceptance.md", acceptance::markdown(&outcome, None)),
            ("acceptance.json", acceptance::json(&outcome, None)),
            ("statement.json", statement::of(&outcome).unwrap()),
        ];
        for (name, text) in &made {
            let head: String = text.chars().take(HEAD / 4).collect();
            assert!(is_own(name, &head), "{name}: {head}");
            for other in [
                "",
                "my own notes on seaworthy\n",
                "# Acceptance\n\nmine\n",
                "{ \"name\": \"other\" }",
                "<testsuites name=\"jest\">",
                "TAP version 14\n1..1\n# made by seaworthy\n",
                "<!doctype html>\n<title>seaworthy</title>",
            ] {
                assert!(!is_own(name, other), "{name}: {other}");
            }
        }
        let mut nothing = outcome;
        nothing.requirements.clear();
        assert!(is_own(
            "acceptance.md",
            &acceptance::markdown(&nothing, None)
        ));
    }
}
