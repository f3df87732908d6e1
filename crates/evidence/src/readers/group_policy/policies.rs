//! Policies in the text of `gpresult /v` and `/z`: the value that each sets, its bytes as decimals, and whether it is enabled.
//!
//! ```text
//! GPO: KMS
//!     KeyName:     SOFTWARE\…\SoftwareProtectionPlatform\KeyManagementServiceName
//!     Value:       107, 0, 109, 0, 115, 0, 49, 0, 0, 0
//!     State:       Enabled
//! ```
//!
//! Older releases call the first line `Folder Id`; what it is, its value shows.

use super::values::{Values, split};
use super::{distinguished, state};
use crate::document::Document;
use crate::readers::console;
use crate::readers::registry::{Entry, texts};

/// Lines of one value that a console has wrapped.
const VALUE_LINES_MAX: usize = 64;

/// Adds the machine's enabled policies, which stand from line `first` on down to those of the user.
pub(super) fn read(document: &Document<'_>, first: usize, values: &mut Values) {
    for (index, line) in document.lines.iter().enumerate().skip(first) {
        let text = line.text.trim();
        if text.contains("RSOP") || distinguished(text).is_some() {
            return;
        }
        if let Some((path, name)) = console::labelled(text).and_then(|(_, path)| split(path))
            && let Some((bytes, last)) = value(document, index + 1)
            && let Some((_, word)) = document.lines.get(last + 1).and_then(|line| console::labelled(&line.text))
            && state(word) == Some(true)
        {
            values.add(path, Entry { name: name.to_owned(), data: data(&bytes), lines: index..=last + 1 });
        }
    }
}

/// The bytes in line `first` and the lines that continue it, and the last of these lines.
fn value(document: &Document<'_>, first: usize) -> Option<(Vec<u8>, usize)> {
    let (_, start) = console::labelled(&document.lines.get(first)?.text)?;
    let mut bytes = bytes(start)?;
    let mut last = first;
    for line in document.lines.iter().skip(first + 1).take(VALUE_LINES_MAX) {
        let Some(more) = self::bytes(&line.text) else { break };
        bytes.extend(more);
        last += 1;
    }
    Some((bytes, last))
}

/// `107, 0, 109, 0`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let numbers = text.trim().trim_end_matches(',');
    numbers.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// Four bytes are a number: the text of one character has four as well, but no setting that matters is so short.
fn data(bytes: &[u8]) -> String {
    match <[u8; 4]>::try_from(bytes) {
        Ok(bytes) => format!("{:#x}", u32::from_le_bytes(bytes)),
        Err(_) => texts(bytes),
    }
}
