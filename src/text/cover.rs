//! Texts that must not be shown, and what stands in their place.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use super::base64;

/// Shorter ones are in every text by chance; to cover them would only make reports unreadable.
const SHORTEST: usize = 4;

/// A part of something in base64 that is shorter than this says too little of what it is a part of.
const SHORTEST_ENCODED: usize = 8;

/// What the value of a header begins with that holds a name and a password in base64.
const BASIC: &str = "Basic ";

/// What must not be shown, and for each what is shown in its place.
#[derive(Debug, Clone, Default)]
pub struct Cover {
    pairs: Vec<(String, String)>,
}

impl Cover {
    /// Takes texts, each of whose lines must not be shown either, with what stands for each. Of two that are the
    /// same the first counts.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut all: Vec<(String, String)> = Vec::new();
        for (hidden, shown) in pairs {
            let lines = std::iter::once(hidden).chain(hidden.lines()).map(str::trim);
            for line in lines.filter(|line| line.len() >= SHORTEST) {
                let spelled = spellings(line).into_iter();
                all.extend(spelled.map(|one| (one, shown.to_owned())));
            }
        }
        // The longest first: one may be a part of another.
        all.sort_by(|(a, _), (b, _)| (Reverse(a.len()), a).cmp(&(Reverse(b.len()), b)));
        all.dedup_by(|(later, _), (first, _)| later == first);
        Self { pairs: all }
    }

    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The text with what must not be shown replaced.
    pub fn text(&self, text: String) -> String {
        let apart = |(hidden, _): &(String, String)| !hidden.contains(BASIC);
        match text.contains(BASIC) && !self.is_empty() && self.pairs.iter().all(apart) {
            true => self.basic(&text),
            false => self.plain(text),
        }
    }

    fn plain(&self, text: String) -> String {
        let mut there: Vec<&(String, String)> = self.pairs.iter().collect();
        there.retain(|(hidden, _)| text.contains(hidden.as_str()));
        if there.is_empty() {
            return text;
        }
        // In one go: what stands for one may hold another.
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        loop {
            let met = there.iter().filter_map(|(hidden, shown)| {
                let at = rest.find(hidden.as_str())?;
                Some((at, Reverse(hidden.len()), shown))
            });
            let Some((at, Reverse(length), shown)) = met.min() else {
                out.push_str(rest);
                return out;
            };
            out.push_str(&rest[..at]);
            out.push_str(shown);
            rest = &rest[at + length..];
        }
    }

    /// Replaces it in every text of a value, names of fields and bytes that a container gave among them. Whether
    /// anything was there.
    pub fn value(&self, value: &mut Value) -> bool {
        if self.is_empty() {
            return false;
        }
        match value {
            Value::String(text) => self.replaced(text),
            Value::Array(all) => all.iter_mut().fold(false, |any, one| self.value(one) | any),
            Value::Object(all) => {
                if let Some(covered) = self.bytes(all) {
                    return covered;
                }
                let mut any = false;
                for (name, mut one) in std::mem::take(all) {
                    let mut covered = name;
                    any |= self.value(&mut one) | self.replaced(&mut covered);
                    all.insert(covered, one);
                }
                any
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn replaced(&self, text: &mut String) -> bool {
        let covered = self.text(text.clone());
        let any = covered != *text;
        *text = covered;
        any
    }

    /// Of bytes, as [`Blob`](crate::fact::blob::Blob) is written, how many there were goes with what is replaced:
    /// else some would seem to be left out.
    fn bytes(&self, all: &mut Map<String, Value>) -> Option<bool> {
        let total = all.get("total")?.as_u64().filter(|_| all.len() == 2)?;
        let form = all.get_mut("bytes")?.as_object_mut()?;
        let (name, written) = form.iter_mut().next()?;
        let Value::String(written) = written else {
            return None;
        };
        let (covered, width) = match name.as_str() {
            "text" => (self.text(written.clone()), 1),
            "hex" => (self.digits(written), 2),
            _ => return None,
        };
        let any = covered != *written;
        let [before, after] = [written.len(), covered.len()].map(|length| (length / width) as u64);
        *written = covered;
        let total = (total + after).saturating_sub(before);
        all.insert("total".to_owned(), total.into());
        Some(any)
    }

    /// Bytes that are no text, as hexadecimal digits.
    fn digits(&self, digits: &str) -> String {
        let mut covered = digits.to_owned();
        for (hidden, shown) in &self.pairs {
            let [hidden, shown] = [hidden, shown].map(|text| hex(text.as_bytes()));
            let mut from = 0;
            while let Some(at) = covered[from..].find(&hidden).map(|at| at + from) {
                // Half a byte does not begin there.
                if at % 2 == 1 {
                    from = at + 1;
                    continue;
                }
                covered.replace_range(at..at + hidden.len(), &shown);
                from = at + shown.len();
            }
        }
        covered
    }

    /// Names and passwords in base64, with what is in them replaced, so that they stay what they are; and what is
    /// around them.
    fn basic(&self, text: &str) -> String {
        let mut parts = text.split(BASIC);
        let mut out = self.plain(parts.next().unwrap_or_default().to_owned());
        for part in parts {
            let digit = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
            let end = part.find(|c| !digit(c)).unwrap_or(part.len());
            let (encoded, behind) = part.split_at(end);
            let pair = base64::decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
            out.push_str(BASIC);
            match pair.map(|pair| (self.plain(pair.clone()), pair)) {
                // The pair may be one secret as it stands.
                Some((covered, pair)) if covered == pair => {
                    let whole = self.pairs.iter().find(|(hidden, _)| hidden == encoded);
                    out.push_str(whole.map_or(encoded, |(_, shown)| shown));
                }
                Some((covered, _)) => out.push_str(&base64::encode(covered.as_bytes())),
                None => {
                    out.push_str(&self.plain(part.to_owned()));
                    continue;
                }
            }
            out.push_str(&self.plain(behind.to_owned()));
        }
        out
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text as it is, and as it looks between quotation marks with escapes, in a form, in an address, and in
/// base64.
fn spellings(text: &str) -> Vec<String> {
    let escaped = text.escape_debug().to_string();
    let json = Value::from(text).to_string();
    let inner = json.get(1..json.len() - 1).unwrap_or_default().to_owned();
    let percent = |plain: fn(u8) -> bool| -> String {
        let one = |byte: u8| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        text.bytes().map(one).collect()
    };
    let of_form = percent(|b| b.is_ascii_alphanumeric() || b"*-._".contains(&b));
    let of_query = percent(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    let mut all = vec![text.to_owned(), escaped, inner];
    all.extend([of_form.replace("%20", "+"), of_form, of_query]);
    all.extend((0..3).flat_map(|offset| encoded(text, offset)));
    all
}

/// The part of base64 that is this text's alone where so many bytes of a group stand before it.
fn encoded(text: &str, offset: usize) -> Vec<String> {
    let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
    let from = (offset * 8).div_ceil(6);
    let to = bytes.len() * 8 / 6;
    let both = [base64::encode(&bytes), base64::encode_url(&bytes)];
    let parts = both
        .iter()
        .filter_map(|one| one.get(from..to))
        .filter(|part| part.len() >= SHORTEST_ENCODED);
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cover() -> Cover {
        let hidden = [
            ("s3cr&t w0rd", "${WORD}"),
            ("WORD", "${OTHER}"),
            ("one-line\nother-line", "${KEY}"),
        ];
        Cover::new(hidden)
    }

    #[test]
    fn whatever_way_it_is_written_its_name_stands_there() {
        let cases = [
            ("a s3cr&t w0rd b", "a ${WORD} b"),
            ("s3cr&t w0rdWORD", "${WORD}${OTHER}"),
            ("p=s3cr%26t+w0rd&q", "p=${WORD}&q"),
            ("/?p=s3cr&t%20w0rd", "/?p=${WORD}"),
            ("an other-line", "an ${KEY}"),
            ("nothing", "nothing"),
        ];
        for (text, expected) in cases {
            assert_eq!(cover().text(text.to_owned()), expected);
        }
        for before in ["", "u", "me"] {
            let pair = base64::encode(format!("{before}s3cr&t w0rd!").as_bytes());
            let covered = cover().text(format!("x {pair}"));
            assert!(covered.contains("${WORD}"), "{before}: {covered}");
        }
    }

    #[test]
    fn who_one_is_stays_what_it_is() {
        let basic = |password: &str| {
            let pair = base64::encode(format!("me:{password}").as_bytes());
            format!("Authorization: Basic {pair}, and so on")
        };
        assert_eq!(cover().text(basic("s3cr&t w0rd")), basic("${WORD}"));
        assert_eq!(cover().text(basic("public")), basic("public"));
        // The name is found again in what was written with the name in the first place.
        let named = Cover::new([("${WORD}", "${WORD}")]);
        assert_eq!(named.text(basic("${WORD}")), basic("${WORD}"));
        // Or all of it is the secret.
        let pair = base64::encode(b"me:public");
        let whole = Cover::new([(pair.as_str(), "${PAIR}")]);
        let sent = format!("Authorization: Basic {pair}, and so on");
        assert_eq!(whole.text(sent), "Authorization: Basic ${PAIR}, and so on");
        let text = "Basic WORD and WORD";
        assert_eq!(cover().text(text.to_owned()), "Basic ${OTHER} and ${OTHER}");
    }

    #[test]
    fn bytes_stay_whole_and_names_are_covered_too() {
        let mut value = json!({
            "log": { "bytes": { "text": "WORD\n" }, "total": 5 },
            "raw": { "bytes": { "hex": "ff574f5244f574f52440" }, "total": 90 },
            "labels": { "WORD": 1 },
        });
        assert!(cover().value(&mut value));
        let expected = json!({
            "log": { "bytes": { "text": "${OTHER}\n" }, "total": 9 },
            "raw": { "bytes": { "hex": "ff247b4f544845527df574f52440" }, "total": 94 },
            "labels": { "${OTHER}": 1 },
        });
        assert_eq!(value, expected);
        let mut other = json!({ "bytes": { "text": "w" }, "total": 9 });
        assert!(!cover().value(&mut other));
        let same = Cover::new([("abcd", "wxyz")]);
        let mut equal = json!([{ "bytes": { "text": "abcd" }, "total": 4 }]);
        assert!(same.value(&mut equal));
        assert_eq!(equal[0]["bytes"]["text"], "wxyz");
    }
}
