//! Exports of clouds: JSON of their tools and interfaces, tables of their command lines, CSV of their portals. They become
//! resources; what follows from all of them together is told by `kmsdoctor_cloud::paths`.

mod azure;
mod json;
mod place;

use kmsdoctor_cloud::Resource;

use crate::document::Document;

/// What the readers of one cloud found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What is described.
    pub(crate) resources: Vec<Resource>,
    /// Something is cut off or damaged, so that more may have stood there.
    pub(crate) is_cut_off: bool,
}

/// Every cloud, by the kind that is reported when something is found.
const READERS: [(&str, fn(&Document<'_>) -> Found); 1] = [("azure", azure::read)];

/// What the document describes, with the kinds of exports.
pub(crate) fn read(document: &Document<'_>) -> (Vec<&'static str>, Found) {
    let mut kinds = Vec::new();
    let mut all = Found::default();
    for (kind, read) in READERS {
        let found = read(document);
        if !found.resources.is_empty() {
            kinds.push(kind);
            all.is_cut_off |= found.is_cut_off;
            all.resources.extend(found.resources);
        }
    }
    (kinds, all)
}
