//! As much XML as a report needs.

/// An element; its text stands before its children.
#[derive(Debug)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An empty one.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            text: String::new(),
            children: Vec::new(),
        }
    }

    /// The same with one more attribute.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    /// What stands in it.
    pub fn text(&mut self, text: &str) {
        text.clone_into(&mut self.text);
    }

    /// Puts another into it.
    pub fn push(&mut self, child: Self) {
        self.children.push(child);
    }

    /// Puts others into it.
    pub fn extend(&mut self, children: impl IntoIterator<Item = Self>) {
        self.children.extend(children);
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.children.is_empty()
    }

    fn write(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        out.push_str(&format!("{indent}<{}", self.name));
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", escaped(value, true)));
        }
        if self.is_empty() {
            out.push_str("/>\n");
            return;
        }
        out.push('>');
        out.push_str(&escaped(&self.text, false));
        if !self.children.is_empty() {
            out.push('\n');
            for child in &self.children {
                child.write(depth + 1, out);
            }
            out.push_str(&indent);
        }
        out.push_str(&format!("</{}>\n", self.name));
    }
}

/// The file of which this is the root.
pub fn document(root: &Element) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    root.write(0, &mut out);
    out
}

/// What XML 1.0 has no way to write is replaced.
fn escaped(text: &str, quoted: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if quoted => out.push_str("&quot;"),
            '\n' | '\t' if quoted => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c if c < ' ' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "a <b> & ]]> \"c\"\n\t\r'";
        let mut inner = Element::new("inner").with("of", text);
        inner.text(text);
        let mut root = Element::new("root");
        root.push(inner);
        root.push(Element::new("empty"));
        let written = document(&root);
        let read = roxmltree::Document::parse(&written).unwrap();
        let inner = read.root_element().first_element_child().unwrap();
        assert_eq!(inner.attribute("of"), Some(text));
        assert_eq!(inner.text(), Some(text));
        assert!(written.contains("  <empty/>\n"), "{written}");
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escaped("a\u{0}\u{1b}\u{fffe}\u{7f}", true),
            "a\u{fffd}\u{fffd}\u{fffd}\u{7f}"
        );
    }
}
