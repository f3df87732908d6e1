//! Exports of clouds: JSON of their tools and interfaces, tables of their command lines, CSV of their portals. They become
//! resources; what follows from all of them together is told by `kmsdoctor_cloud::paths`.

use kmsdoctor_cloud::Resource;

use crate::document::Document;

/// What the document describes, with the kind of export.
pub(crate) fn read(_document: &Document<'_>) -> (Option<&'static str>, Vec<Resource>) {
    (None, Vec::new())
}
