//! Exports of Azure.

use super::Found;
use crate::document::Document;

/// What the document says of Azure.
pub(crate) fn read(_document: &Document<'_>) -> Found {
    Found::default()
}
