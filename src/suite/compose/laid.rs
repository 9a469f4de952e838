//! What is laid over a Compose file once its tool has resolved it, by who changes what a suite judges. Pure.

use serde_json::{Map, Value as Json};

/// What stands at some keys in place of what the file says there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// The keys, from the top of the file.
    pub keys: Vec<String>,
    /// What stands there then; nothing where it goes away.
    pub value: Option<Json>,
}

/// Lays all of it over what the tool resolved, one after the other.
pub fn lay(all: &[Laid], config: &mut Json) {
    for laid in all {
        put(config, &laid.keys, laid.value.as_ref());
    }
}

/// What stands above and is no map makes way for one.
fn put(json: &mut Json, keys: &[String], value: Option<&Json>) {
    let Some((first, rest)) = keys.split_first() else {
        if let Some(value) = value {
            *json = value.clone();
        }
        return;
    };
    if !json.is_object() && value.is_some() {
        *json = Json::Object(Map::new());
    }
    let Some(map) = json.as_object_mut() else {
        return;
    };
    match value {
        None if rest.is_empty() => {
            map.shift_remove(first);
        }
        None => {
            if let Some(below) = map.get_mut(first) {
                put(below, rest, None);
            }
        }
        Some(_) => put(map.entry(first.clone()).or_insert(Json::Null), rest, value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn laid(keys: &[&str], value: Option<Json>) -> Laid {
        Laid {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            value,
        }
    }

    #[test]
    fn what_is_laid_over_stands_in_place_of_what_was_there_and_the_rest_stays() {
        let mut config =
            json!({ "services": { "web": { "user": "app", "networks": ["back"], "init": true } } });
        let all = [
            laid(&["services", "web", "user"], Some(json!("0:0"))),
            laid(&["services", "web", "init"], None),
            laid(&["services", "web", "deploy", "replicas"], None),
            laid(&["services", "web", "networks", "more"], Some(Json::Null)),
            laid(&["networks", "more"], Some(json!({}))),
        ];
        lay(&all, &mut config);
        let expected = json!({
            "services": { "web": { "user": "0:0", "networks": { "more": null } } },
            "networks": { "more": {} },
        });
        assert_eq!(config, expected);
    }
}
