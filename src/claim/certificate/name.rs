//! Names of subjects and issuers.

use serde_json::Value as Json;
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::X509Name;

use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, quote};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

/// What a name must be: the common name where a plain text without a `=` is written, else the whole.
#[derive(Debug, Clone)]
pub struct NameMatch {
    text: TextMatch,
    common: bool,
}

impl Read for NameMatch {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let common = node.text().is_some_and(|text| !text.contains('='));
        let text = TextMatch::read(node, reader)?;
        Some(Self { text, common })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        TextMatch::schema(schemas)
    }
}

impl NameMatch {
    /// Why a name is not as expected.
    pub(super) fn miss(&self, actual: &Name) -> Option<Miss> {
        if !self.common {
            return self.text.miss(&actual.whole);
        }
        let common = actual.common.iter().map(|common| self.text.miss(common));
        let mut misses: Vec<Option<Miss>> = common.collect();
        if misses.iter().any(Option::is_none) {
            return None;
        }
        let miss = misses.pop().flatten();
        miss.or_else(|| {
            let actual = format!("{}, without a common name", quote(&actual.whole));
            Some(Miss::new(self.text.expected(), actual))
        })
    }
}

/// A name in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// `CN=app, O=Example`, in written order.
    pub whole: String,
    /// Its common names, of which there is one as a rule.
    pub common: Vec<String>,
}

impl Name {
    pub(super) fn of(name: &X509Name<'_>) -> Self {
        let mut parts = Vec::new();
        for attribute in name.iter_attributes() {
            let kind = attribute.attr_type();
            let kind = oid2abbrev(kind, oid_registry())
                .map_or_else(|_| kind.to_id_string(), str::to_owned);
            let value = match attribute.as_str() {
                Ok(text) => text.to_owned(),
                Err(_) => String::from_utf8_lossy(attribute.as_slice()).into_owned(),
            };
            parts.push(format!("{kind}={value}"));
        }
        let common = name.iter_common_name();
        let common = common.filter_map(|name| name.as_str().ok().map(str::to_owned));
        Self {
            whole: parts.join(", "),
            common: common.collect(),
        }
    }
}
