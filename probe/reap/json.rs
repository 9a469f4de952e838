//! JSON as far as the engine's lists need it: texts, lists and maps. All else is nothing.

/// Deeper than this no list of an engine goes.
const DEEPEST: usize = 32;

#[derive(Debug, PartialEq)]
pub(super) enum Json {
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
    /// A number, a truth, or nothing.
    Other,
}

impl Json {
    /// What a whole text holds; nothing where it is no JSON.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let mut rest = Rest(text);
        let value = rest.value(0)?;
        rest.space();
        rest.0.is_empty().then_some(value)
    }

    /// The value of a name in a map.
    pub(super) fn at(&self, name: &str) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        entries
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value)
    }

    /// The entries of a list; none of what is no list, as an engine says `null` for an empty one.
    pub(super) fn entries(&self) -> &[Self] {
        match self {
            Self::List(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a map with nothing in it, or nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Map(entries) => entries.is_empty(),
            Self::Other => true,
            _ => false,
        }
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn space(&mut self) {
        let count = self
            .0
            .iter()
            .take_while(|byte| b" \t\r\n".contains(byte))
            .count();
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes this byte behind any space; whether it was there.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let is = self.0.first() == Some(&byte);
        if is {
            self.next();
        }
        is
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        match self.0.first()? {
            b'"' => self.text().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.map(depth),
            _ => {
                let is_of = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                let count = self.0.iter().take_while(is_of).count();
                self.0 = self.0.get(count..)?;
                (count > 0).then_some(Json::Other)
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.next();
        let mut entries = Vec::new();
        if self.takes(b']') {
            return Some(Json::List(entries));
        }
        loop {
            entries.push(self.value(depth + 1)?);
            if self.takes(b']') {
                return Some(Json::List(entries));
            }
            self.takes(b',').then_some(())?;
        }
    }

    fn map(&mut self, depth: usize) -> Option<Json> {
        self.next();
        let mut entries = Vec::new();
        if self.takes(b'}') {
            return Some(Json::Map(entries));
        }
        loop {
            self.space();
            let name = self.text()?;
            self.takes(b':').then_some(())?;
            entries.push((name, self.value(depth + 1)?));
            if self.takes(b'}') {
                return Some(Json::Map(entries));
            }
            self.takes(b',').then_some(())?;
        }
    }

    fn text(&mut self) -> Option<String> {
        (self.next()? == b'"').then_some(())?;
        let mut bytes = Vec::new();
        loop {
            match self.next()? {
                b'"' => return Some(String::from_utf8_lossy(&bytes).into_owned()),
                b'\\' => match self.next()? {
                    b'u' => {
                        let digits = std::str::from_utf8(self.0.get(..4)?).ok()?;
                        let number = u32::from_str_radix(digits, 16).ok()?;
                        self.0 = self.0.get(4..)?;
                        // Half of a pair is in no name of an engine's.
                        let letter = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
                        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    b'n' => bytes.push(b'\n'),
                    b't' => bytes.push(b'\t'),
                    b'r' => bytes.push(b'\r'),
                    b'b' => bytes.push(8),
                    b'f' => bytes.push(12),
                    other => bytes.push(other),
                },
                byte => bytes.push(byte),
            }
        }
    }
}
