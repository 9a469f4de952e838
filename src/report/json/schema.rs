//! The JSON Schema of `report.json`, made from its types.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::{Report, of};
use crate::report::human::tests::sample;
use crate::run::among::{Among, Kind};
use crate::run::attempt::{Again, settled};
use crate::run::joined::{Part, Unjudged};
use crate::run::outcome::{Outcome, Verdict};
use crate::run::record::{Apart, Done, Load, Look, On, Record, What};

fn schema() -> Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let made = settings
        .into_generator()
        .into_root_schema_for::<Report<'_>>();
    let mut schema = Value::from(made);
    schema["title"] = "A report of Seaworthy".into();
    schema
}

/// A run with facts and a record.
fn recorded() -> Outcome {
    let mut outcome = sample();
    let told = json!({ "question": "log", "answer": { "unseen": "it is not kept" } });
    let seen = json!({ "question": { "stat": { "path": "/x", "follow": true } }, "answer": { "seen": { "stat": null } } });
    let facts = [told, seen].map(|told| outcome.facts.take(told.to_string()));
    let traffic = crate::fact::load::Traffic::default();
    let traffic = serde_json::to_string(&traffic).unwrap();
    let fact = outcome.facts.take(traffic);
    let look = Look {
        on: vec![On {
            member: 0,
            facts: facts.to_vec(),
        }],
        waited: Some(std::time::Duration::from_millis(10)),
        claim: Some("c".to_owned()),
        failures: 2,
        troubles: 1,
    };
    outcome.cases[0].record = Record {
        ran: "0a1b".into(),
        composed: "0a1c".into(),
        among: Among::services(Kind::Images, ["app"]),
        at_once: true,
        in_image: true,
        undermined: true,
        steps: vec![
            Done::Judged(vec![look, Look::default()]),
            Done::Did("stop".to_owned()),
            Done::Counted(Load { fact, failures: 0 }),
        ],
        apart: vec![
            Apart {
                after: 1,
                what: What::Failure(0),
            },
            Apart {
                after: 1,
                what: What::Trouble(0),
            },
        ],
    };
    let (mut flaky, passed) = (outcome.cases[0].clone(), outcome.cases[0].clone());
    flaky.verdict = Verdict::Failed;
    let flaky = settled([flaky, passed], Again::UntilItPasses(1)).unwrap();
    outcome.cases[0].by = Some(flaky.by(&[0, 1]));
    outcome.cases.push(flaky);
    outcome.part = Some(Part {
        number: 1,
        of: 2,
        all: 9,
        chosen: String::new(),
        cases: Vec::new(),
        unjudged: vec![Unjudged {
            number: 8,
            suite: "s".to_owned(),
            name: "c".to_owned(),
        }],
    });
    outcome.given.insert("TAG".to_owned(), "1".to_owned());
    outcome
}

#[test]
fn the_committed_schema_is_that_of_the_report() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report.schema.json");
    let made = format!("{:#}\n", schema());
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is its own door to the world"
    )]
    let committed = {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        std::fs::read_to_string(path).unwrap_or_default()
    };
    assert!(
        committed == made,
        "the report changed; run: UPDATE=1 cargo test --lib report::json::schema"
    );
}

/// What does not fit, with the path that leads to it.
fn unfit(schema: &Value, value: &Value, root: &Value, at: &str) -> Option<String> {
    if let Some(to) = schema["$ref"].as_str() {
        return unfit(root.pointer(&to[1..]).unwrap(), value, root, at);
    }
    let any = |key: &str| schema[key].as_array();
    for all in any("allOf").into_iter().flatten() {
        if let Some(why) = unfit(all, value, root, at) {
            return Some(why);
        }
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(ways) = any(key)
            && !ways.iter().any(|way| unfit(way, value, root, at).is_none())
        {
            return Some(format!("{at}: none of {key} fits {value}"));
        }
    }
    let is_it = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        _ => value.is_null(),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let words = any("enum")
        .cloned()
        .or_else(|| schema.get("const").map(|one| vec![one.clone()]));
    if !kinds.is_empty() && !kinds.into_iter().any(is_it)
        || words.is_some_and(|words| !words.contains(value))
    {
        return Some(format!("{at}: {value} does not fit"));
    }
    for name in any("required")
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.as_object().is_some_and(|map| !map.contains_key(name)) {
            return Some(format!("{at}: there is no {name}"));
        }
    }
    for (name, below) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        let inner = match (
            schema.get("properties").and_then(|all| all.get(name)),
            &schema["additionalProperties"],
        ) {
            (None, Value::Bool(false)) => return Some(format!("{at}: it is not in the schema")),
            (Some(inner), _) | (None, inner) => inner,
        };
        if let Some(why) = unfit(inner, below, root, &at) {
            return Some(why);
        }
    }
    let items = value.as_array().into_iter().flatten().enumerate();
    items
        .into_iter()
        .find_map(|(number, one)| unfit(&schema["items"], one, root, &format!("{at}/{number}")))
}

#[test]
fn a_report_is_as_its_schema_says() {
    let mut schema = schema();
    let report: Value = serde_json::from_str(&of(&recorded(), Some(0))).unwrap();
    assert_eq!(unfit(&schema, &report, &schema, ""), None);
    for (at, wrong) in [
        ("/outcome/cases/0/verdict", json!("pass")),
        ("/outcome/cases/0/record/steps/0", json!({ "judge": [] })),
        ("/outcome/took", json!(1)),
        (
            "/outcome/facts",
            json!({ "a": { "question": "nothing", "answer": { "unseen": "" } } }),
        ),
        ("/summary", json!({})),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(at).unwrap() = wrong;
        assert_ne!(unfit(&schema, &broken, &schema, ""), None, "{at}");
    }
    // Every field is in the schema.
    for kind in schema["definitions"].as_object_mut().unwrap().values_mut() {
        if kind.get("properties").is_some() && kind.get("oneOf").is_none() {
            kind["additionalProperties"] = false.into();
        }
    }
    assert_eq!(unfit(&schema, &report, &schema, ""), None);
}
