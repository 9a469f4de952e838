//! Right and wrong pages.

use super::*;

const PAGE: &str = "\
# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000
http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem=\"division by zero\",} +Inf -3982045
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le=\"0.05\"} 24054
http_request_duration_seconds_bucket{le=\"+Inf\"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
# TYPE rpc_duration_seconds summary
\trpc_duration_seconds { quantile = \"0.01\" , } 3102
rpc_duration_seconds{quantile=\"0.99\"} NaN
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
#not a comment of ours
";

fn wrong(text: &str) -> String {
    Page::parse(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_page_is_read_with_escapes_times_and_odd_numbers() {
    let page = Page::parse(PAGE.as_bytes()).unwrap();
    assert_eq!(page.samples.len(), 13);
    let value = |text: &str| {
        let wanted = Series::read(text).unwrap().0;
        let found: Vec<f64> = page
            .samples
            .iter()
            .filter(|sample| sample.series.is_of(&wanted))
            .map(|sample| sample.value)
            .collect();
        found
    };
    assert_eq!(value("http_requests_total"), [1027.0, 3.0]);
    assert_eq!(value("http_requests_total{code=\"400\"}"), [3.0]);
    assert_eq!(value("http_requests_total{code=\"40\"}"), [0.0; 0]);
    assert_eq!(value("something_weird"), [f64::INFINITY]);
    assert!(value("rpc_duration_seconds{quantile=\"0.99\"}")[0].is_nan());
    let path = page.samples[2].series.labels.get("path");
    assert_eq!(path, Some("C:\\DIR\\FILE.TXT"));
    let error = page.samples[2].series.labels.get("error");
    assert_eq!(error, Some("Cannot find file:\n\"FILE.TXT\""));
    assert_eq!(Page::parse(b"").unwrap().samples, []);
    assert_eq!(Page::parse(b"a 1").unwrap().samples.len(), 1);
}

#[test]
fn what_is_shown_of_a_series_is_read_as_the_same() {
    for sample in Page::parse(PAGE.as_bytes()).unwrap().samples {
        let text = sample.series.to_string();
        assert_eq!(Series::read(&text), Ok((sample.series, "")));
    }
}

#[test]
fn a_page_of_openmetrics_is_read() {
    let text = "# TYPE a counter\n# UNIT a seconds\na_total{x=\"1\"} 1 1520879607.789 # {id=\"x # {\"} 0.5 1\n# EOF\n";
    let samples = Page::parse(text.as_bytes()).unwrap().samples;
    assert_eq!(samples[0].series.to_string(), "a_total{x=\"1\"}");
    let without = text.replace("# EOF\n", "");
    assert!(wrong(&without).contains("line 3: the time of"), "{without}");
    assert!(wrong("a 1\n# EOF\nb 1\n# EOF\n").contains("line 3: something stands behind"));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, says) in [
        (
            "a 1\n<html>",
            "line 2: `<html>` is not the name of a metric",
        ),
        ("{\"a\": 1}", "line 1: `` is not the name of a metric"),
        ("9a 1", "line 1: `9a` is not the name"),
        ("a", "line 1: a has no value"),
        ("a 1\n\nb", "line 3: b has no value"),
        ("a one", "the value of a is no number: `one`"),
        ("a 1 2 3", "too much stands behind the value of a"),
        ("a 1 now", "the time of a is none: `now`"),
        ("a 1 1.5", "the time of a is none"),
        ("a 1\r\nb 2", "line 1: "),
        ("a{b=\"1\" 3", "the labels of `a` do not end with `}`"),
        ("a{b=\"1\"", "do not end with"),
        ("a{b", "do not end with"),
        ("a{b=\"1} 3", "no value in quotation marks"),
        ("a{b=1} 3", "no value in quotation marks"),
        ("a{b=\"\\x\"} 3", "wrong escape"),
        ("a{b=\"\\", "wrong escape"),
        ("a{b-c=\"\"} 3", "`b-c` is not the name of a label"),
        ("a{b=\"1\",b=\"2\"} 3", "has the label `b` twice"),
        (
            "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2",
            "line 2: a{y=\"2\",x=\"1\"} stands here twice",
        ),
        (
            "# TYPE a counter\n# TYPE a gauge\n",
            "line 2: a second TYPE for `a`",
        ),
        ("# HELP a b\n# HELP a c\n", "line 2: a second HELP for `a`"),
        ("# TYPE a conuter\n", "a type that there is not: `conuter`"),
        ("# TYPE a\n", "a type that there is not: ``"),
        ("# TYPE\n", "TYPE without a name"),
        ("# TYPE a-b gauge\n", "`a-b` is not the name"),
        (
            "a 1\n# TYPE a gauge\n",
            "line 2: the TYPE of `a` comes behind a value",
        ),
        (
            "# TYPE a histogram\na_bucket 1",
            "line 2: a_bucket lacks the label `le`",
        ),
        ("# TYPE a histogram\na_bucket{le=\"x\"} 1", "the `le` of"),
        (
            "# TYPE a summary\na 1",
            "line 2: a lacks the label `quantile`",
        ),
    ] {
        let said = wrong(text);
        assert!(said.contains(says), "{text:?}: {said}");
    }
    let said = Page::parse(b"a 1\nb{c=\"\xff\"} 1\n").unwrap_err();
    assert_eq!(said.to_string(), "line 2: this is not UTF-8");
}

#[test]
fn no_page_of_any_bytes_is_too_much() {
    // Every cut and every changed byte of a right page is read or refused.
    let page = PAGE.as_bytes();
    let mut read = 0;
    for at in 0..page.len() {
        read += usize::from(Page::parse(&page[..at]).is_ok());
        for byte in [b'{', b'"', b'\\', b'}', b',', b'\n', 0, 0xff] {
            let mut changed = page.to_vec();
            changed[at] = byte;
            read += usize::from(Page::parse(&changed).is_ok());
        }
    }
    assert!(read > 0);
    let long = "a".repeat(1 << 20);
    assert!(wrong(&format!("{long}! 1")).len() < 200);
    let mut many = String::new();
    for number in 0..50_000 {
        many.push_str(&format!("a{{b=\"{number}\"}} {number}\n"));
    }
    assert_eq!(Page::parse(many.as_bytes()).unwrap().samples.len(), 50_000);
}
