use super::*;

fn end(pattern: &str, text: &str) -> Option<usize> {
    ends(&Spelled::new(pattern, 4), 0, text, 0, false)
}

fn ends(one: &Spelled, from: usize, text: &str, at: usize, open: bool) -> Option<usize> {
    let patience = Patience::with(text.len());
    one.end(from, text.as_bytes(), at, open, &patience)
}

#[test]
fn a_text_is_known_in_whatever_way_it_is_written() {
    let pattern = "p&ä\"/%2B 𝄞";
    let ways = [
        pattern,
        "p%26%c3%A4%22%2f%252B+%F0%9D%84%9E",
        r#"p\u0026\u00e4\"\/%2B \ud834\udd1e"#,
        r#"p&\u{e4}\"/\u002500\u0025"#,
        r"p\x26ä\x22/%2B \u{1d11e}",
        "p&amp;ä&quot;&#47;&#x25;2B 𝄞",
    ];
    let ends = ways.map(|way| end(pattern, &format!("{way} and on")).map(|at| &way[at..]));
    assert_eq!(
        ends,
        [Some(""), Some(""), Some(""), None, Some(""), Some("")]
    );
}

#[test]
fn what_is_no_spelling_is_passed_by() {
    for text in [
        "p%2",
        "p%zz",
        "p\\u00",
        "p\\ud834x",
        "p\\u{110000}",
        "p&#xfffffff;",
        "p&",
        "p\\",
        "p%ff%ff",
        "p%c3",
        "p&#x;",
        "p\\u{}",
    ] {
        assert_eq!(end("p&word", text), None, "{text}");
    }
}

#[test]
fn a_long_text_may_go_on_on_the_next_line() {
    for text in [
        "long\nword",
        "long\r\n   word",
        "l\no\nn\ng\nw\no\nr\nd",
        "-long\n-word",
        "+ long\n+ word",
        "long\\nword",
        "  | long\n  | word",
        "stderr: \"long\"\nstderr: \"word",
        "web-1  | long\nweb-1  | word",
    ] {
        let start = text.find('l').unwrap();
        let found = ends(&Spelled::new("longword", 4), 0, text, start, false);
        assert_eq!(found, Some(text.len()), "{text}");
    }
    assert_eq!(end("word", "wo\nrd"), None);
    assert_eq!(end("longword", "long\n\nword"), None);
    // What looks like a mark may be its own.
    assert_eq!(end("base+base", "base\n+base"), Some(10));
    assert_eq!(end("basebase", "base\n+base"), Some(10));
}

#[test]
fn what_commands_a_terminal_does_not_hide_it() {
    for text in [
        "lo\x1b[1mngword",
        "l\x1b]8;;http://x\x07ongword",
        "long\x1b]0;t\x1b\\word",
        "long\\u{1b}[31;1mword",
        "lon\x1b(Bgword",
        "lo\u{200b}ngword",
        "lo\x1b[0m\x1b[K\n\x1b[32mngword",
        "longwor\rd",
    ] {
        assert_eq!(end("longword", text), Some(text.len()), "{text:?}");
    }
    assert_eq!(end("word", "wo\x1b[1mrd"), Some(8));
}

#[test]
fn one_that_has_not_ended_with_its_text_goes_on() {
    let goes_on = |text: &str| {
        let spelled = Spelled::new("longword", 4);
        spelled.goes_on(text.as_bytes(), 0, &Patience::with(text.len()))
    };
    for text in ["l", "long", "lo\nng", "long\x1b[0m"] {
        assert!(goes_on(text), "{text:?}");
    }
    for text in ["longword", "long.", "x", ""] {
        assert!(!goes_on(text), "{text:?}");
    }
    assert!(!Spelled::new("word", 4).goes_on(b"wo", 0, &Patience::with(2)));
}

#[test]
fn what_was_cut_off_is_known_by_what_is_left() {
    assert_eq!(end("longword", "longw… and 9 more"), Some(5));
    assert_eq!(end("longword", "longw\"…"), Some(5));
    assert_eq!(end("longword", "lon…"), None);
    assert_eq!(end("longword", "longw"), None);
    let spelled = Spelled::new("longword", 4);
    assert_eq!(ends(&spelled, 0, "longw", 0, true), Some(5));
    assert_eq!(ends(&spelled, 3, "gword.", 0, true), Some(5));
    let starts: String = spelled.starts().map(|(_, c)| c).collect();
    assert_eq!(starts, "longw");
    assert_eq!(behind_cut("…\"gword".as_bytes(), 0), Some(4));
    assert_eq!(behind_cut("…gword".as_bytes(), 0), Some(3));
    assert_eq!(behind_cut(b"gword", 0), None);
}
