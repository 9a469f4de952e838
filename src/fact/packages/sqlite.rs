//! The rows of one table of an `SQLite` file, read page by page as the file format says. What is asked of
//! it is one whole table of a file that may be broken or hostile, so every step is bounded.

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where page 1 begins behind the file's header.
const FILE_HEADER: usize = 100;

/// An `SQLite` file.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    page_size: usize,
    usable: usize,
}

/// One value of a row, as far as it is of use here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(i64),
    Bytes(&'a [u8]),
    Other,
}

const BROKEN: &str = "is broken: it ends too early or leads nowhere";

fn number(bytes: &[u8], at: usize, length: usize) -> Result<i64, String> {
    let found = bytes.get(at..at + length).ok_or(BROKEN)?;
    let negative = length == 8 || found.first().is_some_and(|b| b & 0x80 != 0);
    let start = if negative && length < 8 { -1 } else { 0 };
    Ok(found.iter().fold(start, |n, b| n << 8 | i64::from(*b)))
}

/// An unsigned number of two or four bytes.
fn size(bytes: &[u8], at: usize, length: usize) -> Result<usize, String> {
    let found = bytes.get(at..at + length).ok_or(BROKEN)?;
    Ok(found.iter().fold(0, |n, b| n << 8 | usize::from(*b)))
}

/// A number of one to nine bytes, and how many.
fn varint(bytes: &[u8], at: usize) -> Result<(u64, usize), String> {
    let mut value = 0_u64;
    for count in 0..9 {
        let byte = *bytes.get(at + count).ok_or(BROKEN)?;
        if count == 8 {
            return Ok((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, count + 1));
        }
    }
    Err(BROKEN.to_owned())
}

fn length(value: u64) -> Result<usize, String> {
    usize::try_from(value).map_err(|_| BROKEN.to_owned())
}

impl<'a> File<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        if !bytes.starts_with(MAGIC) {
            return Err("is no SQLite file".to_owned());
        }
        let page_size = match size(bytes, 16, 2)? {
            1 => 65_536,
            size => size,
        };
        let reserved = size(bytes, 20, 1)?;
        if !page_size.is_power_of_two() || page_size < 512 || bytes.len() < page_size {
            return Err(BROKEN.to_owned());
        }
        // How many pages there are, where the last writer knew of that field.
        let pages = size(bytes, 28, 4)?;
        let is_known = size(bytes, 24, 4)? == size(bytes, 92, 4)?;
        if is_known && pages.saturating_mul(page_size) > bytes.len() {
            return Err(BROKEN.to_owned());
        }
        Ok(Self {
            bytes,
            page_size,
            usable: page_size - reserved,
        })
    }

    /// Shows every row of the table of that name.
    pub(super) fn rows(
        &self,
        table: &str,
        mut each: impl FnMut(&[Value<'_>]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut root = None;
        self.walk(1, &mut |row| {
            if let [
                Value::Bytes(kind),
                Value::Bytes(name),
                _,
                Value::Number(page),
                ..,
            ] = row
                && *kind == b"table"
                && *name == table.as_bytes()
            {
                root = usize::try_from(*page).ok();
            }
            Ok(())
        })?;
        let root = root.ok_or_else(|| format!("has no table `{table}`"))?;
        self.walk(root, &mut each)
    }

    fn page(&self, number: usize) -> Result<&'a [u8], String> {
        let start = number
            .checked_sub(1)
            .and_then(|n| n.checked_mul(self.page_size));
        let start = start.ok_or(BROKEN)?;
        let page = self.bytes.get(start..start.saturating_add(self.page_size));
        page.ok_or_else(|| BROKEN.to_owned())
    }

    /// Shows the rows of the tree below a page.
    fn walk(
        &self,
        root: usize,
        each: &mut impl FnMut(&[Value<'_>]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut ahead = vec![root];
        // No page and no byte belongs to two places, so a file that leads in a circle is noticed.
        let (mut pages, mut bytes) = (self.bytes.len() / self.page_size, self.bytes.len());
        while let Some(at) = ahead.pop() {
            pages = pages.checked_sub(1).ok_or(BROKEN)?;
            let page = self.page(at)?;
            let header = if at == 1 { FILE_HEADER } else { 0 };
            let cells = size(page, header + 3, 2)?;
            let (kind, first) = match page.get(header) {
                Some(0x0d) => (true, header + 8),
                Some(0x05) => (false, header + 12),
                _ => return Err(BROKEN.to_owned()),
            };
            if !kind {
                ahead.push(size(page, header + 8, 4)?);
            }
            for cell in (0..cells).rev() {
                let cell = size(page, first + 2 * cell, 2)?;
                if kind {
                    let row = self.payload(page, cell, &mut bytes)?;
                    each(&values(&row)?)?;
                } else {
                    ahead.push(size(page, cell, 4)?);
                }
            }
            if ahead.len() > self.bytes.len() / self.page_size {
                return Err(BROKEN.to_owned());
            }
        }
        Ok(())
    }

    /// What a leaf's cell holds, put together from the pages that it runs over to.
    fn payload(&self, page: &[u8], at: usize, left: &mut usize) -> Result<Vec<u8>, String> {
        let (total, first) = varint(page, at)?;
        let (_row, second) = varint(page, at + first)?;
        let total = length(total)?;
        *left = left.checked_sub(total).ok_or(BROKEN)?;
        let start = at + first + second;
        let most = self.usable.checked_sub(35).ok_or(BROKEN)?;
        let local = if total <= most {
            total
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let fits = least + (total - least) % (self.usable - 4);
            if fits <= most { fits } else { least }
        };
        let mut payload = page.get(start..start + local).ok_or(BROKEN)?.to_vec();
        let mut next = match total > local {
            true => size(page, start + local, 4)?,
            false => 0,
        };
        while payload.len() < total {
            let page = self.page(next)?;
            next = size(page, 0, 4)?;
            let part = (total - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(page.get(4..4 + part).ok_or(BROKEN)?);
        }
        Ok(payload)
    }
}

/// The values of a row.
fn values(row: &[u8]) -> Result<Vec<Value<'_>>, String> {
    let (header, mut at) = varint(row, 0)?;
    let header = length(header)?;
    let mut body = header;
    let mut values = Vec::new();
    while at < header {
        let (kind, taken) = varint(row, at)?;
        at += taken;
        let bytes = match kind {
            0 | 8 | 9 | 10 | 11 => 0,
            1..=4 => length(kind)?,
            5 => 6,
            6 | 7 => 8,
            text_or_blob => length((text_or_blob - 12) / 2)?,
        };
        let end = body.checked_add(bytes).ok_or(BROKEN)?;
        let found = row.get(body..end).ok_or(BROKEN)?;
        values.push(match kind {
            1..=6 => Value::Number(number(row, body, bytes)?),
            8 => Value::Number(0),
            9 => Value::Number(1),
            12.. => Value::Bytes(found),
            _ => Value::Other,
        });
        body = end;
    }
    Ok(values)
}
