//! The command of a health check, as its author wrote it.

/// The command as people read it: an array as JSON, a text as it is.
pub(super) fn shown(check: &[String]) -> String {
    match check {
        [kind, text] if kind == "CMD-SHELL" => text.clone(),
        [kind, argv @ ..] if kind == "CMD" => serde_json::json!(argv).to_string(),
        other => serde_json::json!(other).to_string(),
    }
}

/// The text behind a JSON array, where the two were written together: the builder takes
/// `["a", "b"] || exit 1` for a text, not for an array, and the shell is given all of it.
pub(super) fn behind_array(check: &[String]) -> Option<&str> {
    let [kind, text] = check else { return None };
    if kind != "CMD-SHELL" {
        return None;
    }
    let text = text.trim_start();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Vec<String>>();
    values.next()?.ok()?;
    text.get(values.byte_offset()..).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn checks_are_shown_as_they_are_written() {
        let array = of(&["CMD", "aisopod", "health"]);
        assert_eq!(shown(&array), r#"["aisopod","health"]"#);
        assert_eq!(shown(&of(&["CMD-SHELL", "x || exit 1"])), "x || exit 1");
        assert_eq!(shown(&of(&["CMD-SHELL"])), r#"["CMD-SHELL"]"#);
    }

    #[test]
    fn an_array_with_text_behind_it_is_found() {
        let behind = |text: &str| behind_array(&of(&["CMD-SHELL", text])).map(str::to_owned);
        let mixed = behind(r#"["aisopod", "health"] || exit 1"#);
        assert_eq!(mixed.as_deref(), Some("|| exit 1"));
        assert_eq!(behind(r#" ["a"]"#).as_deref(), Some(""));
        for plain in [
            "[ -f /ready ]",
            "[[ 1 ]] && x",
            "curl -f x || exit 1",
            "[\"a\" ||",
            "[1] || x",
            "",
        ] {
            assert_eq!(behind(plain), None, "{plain}");
        }
        assert_eq!(behind_array(&of(&["CMD", "[\"a\"] || b"])), None);
    }
}
