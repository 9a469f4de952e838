//! Where a suite asks for powers: what is allowed is written down, what is not is refused at its place.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;

use super::{Allowed, Bounds, Power};
use crate::suite::outside::Outside;
use crate::text::read::Reader;
use crate::text::source::{Span, Spanned};

/// What a suite and its containers may reach of this machine.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Where the project ends.
    pub bounds: Bounds,
    /// What is allowed beyond.
    pub allowed: Allowed,
}

/// The gate that all of a suite goes through while it is read.
pub(in crate::suite) struct Gate<'a> {
    outside: &'a dyn Outside,
    reach: Reach,
    granted: RefCell<Vec<Spanned<Power>>>,
    /// Where what was granted was asked for.
    noted: RefCell<BTreeSet<(Span, String)>>,
    refused: Cell<bool>,
}

impl<'a> Gate<'a> {
    /// That of a suite in this folder.
    pub fn new(folder: &Path, outside: &'a dyn Outside, allowed: &Allowed) -> Self {
        let marked = |dir: &Path| {
            let marks = ["seaworthy.toml", ".git"];
            outside.has_files()
                && marks
                    .iter()
                    .any(|mark| outside.is_folder(&dir.join(mark)).is_some())
        };
        Self {
            outside,
            reach: Reach {
                bounds: Bounds::of(folder, marked),
                allowed: allowed.clone(),
            },
            granted: RefCell::default(),
            noted: RefCell::default(),
            refused: Cell::default(),
        }
    }

    /// What may be reached.
    pub fn reach(&self) -> Reach {
        self.reach.clone()
    }

    /// What was asked for and is allowed, each once.
    pub fn granted(&self) -> Vec<Spanned<Power>> {
        self.granted.borrow().clone()
    }

    /// Whether something was refused.
    pub fn has_refused(&self) -> bool {
        self.refused.get()
    }

    /// Whether all of this is allowed; what is not is said.
    pub fn lets(
        &self,
        asked: impl IntoIterator<Item = Spanned<Power>>,
        reader: &mut Reader,
    ) -> bool {
        let mut all = true;
        for Spanned { span, value } in asked {
            if self.reach.allowed.has(&value) {
                if self.noted.borrow_mut().insert((span, value.grant())) {
                    self.granted.borrow_mut().push(Spanned { span, value });
                }
                continue;
            }
            all = false;
            self.refused.set(true);
            let said = reader.say(span, value.refusal());
            said.help(value.help());
            if value.is_of_paths() {
                said.help(self.reach.bounds.told());
            }
        }
        all
    }

    /// Whether a file may be read, whatever is there.
    pub fn reads(&self, path: &Path, span: Span, reader: &mut Reader) -> bool {
        if !self.outside.has_files() {
            return true;
        }
        let asked = self
            .reach
            .bounds
            .read(path, &|path| self.outside.real(path));
        self.lets(asked.map(|value| Spanned { span, value }), reader)
    }

    /// Whether a container may see a path, whatever is there.
    pub fn binds(&self, path: &Path, span: Span, reader: &mut Reader) -> bool {
        if !self.outside.has_files() {
            return true;
        }
        let asked = self
            .reach
            .bounds
            .bind(path, &|path| self.outside.real(path));
        self.lets(
            asked.into_iter().map(|value| Spanned { span, value }),
            reader,
        )
    }
}
