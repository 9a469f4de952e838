//! What the lint rules find.

use serde_json::{Value as Json, json};

use super::View;
use crate::claim::Findings;
use crate::fact::answer::Blocked;
use crate::lint::{RULES, Rule, lint};
use crate::record;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

record! {
    /// Nothing is found but by these rules.
    pub struct Except {
        /// Names of rules that are not looked at.
        except: Vec<Spanned<String>>,
    }
}

/// Rules that are left out.
#[derive(Debug, Clone)]
pub struct LintRule {
    except: Vec<String>,
}

/// At most so many findings are told each by itself.
const TOLD: usize = 50;

impl Read for LintRule {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let except = match node.entries() {
            Some(_) => Except::read(node, reader)?.except,
            None if node.text() == Some("clean") => Vec::new(),
            None => return reader.wrong(node, "`clean`, or `{ except: [RULE] }`"),
        };
        for name in &except {
            let known = RULES.iter().map(|rule| rule.id);
            if !known.clone().any(|id| id == name.value) {
                reader.unknown(name.span, "rule", &name.value, known);
            }
        }
        let except = except.into_iter().map(|name| name.value).collect();
        Some(Self { except })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "enum": ["clean"] }, Except::schema(schemas)] })
    }
}

pub(super) fn judge(
    rule: &Spanned<LintRule>,
    view: &View<'_>,
    findings: &mut Findings,
) -> Result<(), Blocked> {
    let mut told: Vec<(usize, String, String)> = Vec::new();
    let target = match view.file.faults.is_empty() {
        true => Some(view.built().map_err(Blocked::Unseen)?),
        false => None,
    };
    for found in lint(&view.file, &view.resolved, target) {
        if !rule.value.except.iter().any(|id| id == found.rule) {
            let what = format!("{} ({}, {})", found.message, found.level.word(), found.rule);
            told.push((view.line(found.span), what, found.mend));
        }
    }
    told.sort_by_key(|(line, ..)| *line);
    if told.is_empty() {
        let asked = |one: &&Rule| !rule.value.except.iter().any(|id| id == one.id);
        let rules = RULES.iter().filter(asked).count();
        findings.saw(format!("nothing found by {rules} rules"));
    }
    let more = told.len().saturating_sub(TOLD);
    for (line, what, mend) in told.into_iter().take(TOLD) {
        let miss = Miss::new("nothing to find", what);
        let place = format!("{} line {line}", view.name);
        findings.check_with(rule.span, place, Some(miss), mend);
    }
    if more > 0 {
        let miss = Miss::new("nothing to find", format!("{more} findings more"));
        findings.check(rule.span, view.name, Some(miss));
    }
    Ok(())
}
