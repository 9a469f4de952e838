//! What must be so of other containers before one of a case is started. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::run::{Run, Wait};
use super::service::{APP, Service};
use crate::text::source::{Span, Spanned};

/// A container waits for these, by name.
pub type Needs = BTreeMap<String, Vec<(String, Wait)>>;

/// Before each container of a case: what it says in `depends_on`. An `app` that says nothing waits until
/// all are ready that do not wait for it.
pub fn needs(app: &Run, services: &[(Spanned<String>, Service)]) -> Needs {
    let said = |run: &Run| {
        let all = run.depends_on.iter().flat_map(|d| &d.value.0);
        all.map(|(name, condition)| (name.value.clone(), *condition))
            .collect::<Vec<_>>()
    };
    let mut needs: Needs = services
        .iter()
        .map(|(name, service)| (name.value.clone(), said(&service.run)))
        .collect();
    let of_app = match &app.depends_on {
        Some(_) => said(app),
        None => {
            let behind = behind(APP, &needs);
            let before = services.iter().map(|(name, _)| name.value.clone());
            before
                .filter(|name| !behind.contains(name))
                .map(|name| (name, Wait::Ready))
                .collect()
        }
    };
    needs.insert(APP.to_owned(), of_app);
    needs
}

/// Everything that waits for `name`, also through others.
fn behind(name: &str, needs: &Needs) -> BTreeSet<String> {
    let mut found = BTreeSet::from([name.to_owned()]);
    loop {
        let more: Vec<String> = needs
            .iter()
            .filter(|(one, before)| {
                !found.contains(*one) && before.iter().any(|(other, _)| found.contains(other))
            })
            .map(|(one, _)| one.clone())
            .collect();
        if more.is_empty() {
            found.remove(name);
            return found;
        }
        found.extend(more);
    }
}

/// A way from a container through what it waits for back to itself, with the place of the first step.
pub fn circle(app: &Run, services: &[(Spanned<String>, Service)]) -> Option<(Span, Vec<String>)> {
    let needs = needs(app, services);
    let runs = services
        .iter()
        .map(|(name, service)| (name.value.as_str(), &service.run))
        .chain([(APP, app)]);
    for (name, run) in runs {
        let Some(depends) = &run.depends_on else {
            continue;
        };
        if let Some(way) = way_back(name, &needs) {
            let next = way.get(1)?;
            let place = depends.value.0.iter().find(|(to, _)| to.value == *next);
            return Some((place.map_or(depends.span, |(to, _)| to.span), way));
        }
    }
    None
}

fn way_back(name: &str, needs: &Needs) -> Option<Vec<String>> {
    let mut ways = vec![vec![name.to_owned()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        let last = way.last()?;
        for (next, _) in needs.get(last).into_iter().flatten() {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == name {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::service::laid;
    use crate::text::read::{Read as _, Reader};
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn read(app: &str, services: &str) -> (Run, Vec<(Spanned<String>, Service)>) {
        let mut reader = Reader::default();
        let node = |text| yaml::parse(FileId(0), text).0.unwrap();
        let services = laid(Some(&node(services)), None, &mut reader).all;
        let run = Run::read(&node(app), &mut reader).unwrap();
        assert!(reader.diagnostics.is_empty(), "{:?}", reader.diagnostics);
        (run, services)
    }

    fn names(needs: &Needs, of: &str) -> Vec<String> {
        needs[of].iter().map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn without_a_word_the_app_waits_for_all_that_do_not_wait_for_it() {
        let services = "{ db: { image: a }, proxy: { image: a, depends_on: [app] }, \
            tls: { image: a, depends_on: { proxy: { condition: service_started } } } }";
        let (app, all) = read("{}", services);
        let found = needs(&app, &all);
        assert_eq!(names(&found, "app"), ["db"]);
        assert_eq!(names(&found, "tls"), ["proxy"]);
        assert_eq!(found["tls"][0].1, Wait::Started);
        assert_eq!(circle(&app, &all), None);
        let (app, all) = read("{ depends_on: [] }", services);
        assert_eq!(names(&needs(&app, &all), "app"), [""; 0]);
    }

    #[test]
    fn a_circle_is_told_with_its_way() {
        let (app, all) = read(
            "{}",
            "{ a: { image: x, depends_on: [b] }, b: { image: x, depends_on: [c] }, c: { image: x, depends_on: [a] } }",
        );
        let (_, way) = circle(&app, &all).unwrap();
        assert_eq!(way, ["a", "b", "c", "a"]);
        let (app, all) = read(
            "{ depends_on: [p] }",
            "{ p: { image: x, depends_on: [app] } }",
        );
        assert_eq!(circle(&app, &all).unwrap().1, ["p", "app", "p"]);
    }
}
