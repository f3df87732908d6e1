//! Exports of Google Cloud: what `gcloud compute …` writes as JSON, as YAML, and as tables where these hold enough.

mod resources;
mod table;
#[cfg(test)]
mod tests;
mod yaml;

use std::ops::Range;

use kmsdoctor_cloud::Body as AnyBody;
use kmsdoctor_cloud::google::Body;

use super::place::Text;
use super::{Found, walk};
use crate::document::Document;
use crate::readers::objects;

/// Of which one is there (in lower case) where something is to be read.
const MARKS: [&str; 3] = ["compute#", "dest_range", "direction"];
/// Lists whose elements are resources: answers of the interface.
const LISTS: [&str; 1] = ["items"];

/// What the document says of Google Cloud.
pub(crate) fn read(document: &Document<'_>) -> Found {
    if !objects::mentions(document, &MARKS) {
        return Found::default();
    }
    let text = Text::new(document);
    let mut found = Found::default();
    let mut add = |body: Body, span: &Range<usize>| found.put(AnyBody::Google(body), text.origin(span));
    let is_cut_off =
        walk::objects(&text.joined, &LISTS, &mut |object| resources::of(object, &mut |body| add(body, &object.span)));
    yaml::objects(&text.joined, &mut |object| resources::of(object, &mut |body| add(body, &object.span)));
    table::rows(&text, &mut |body, line| add(body, &(text.start(line)..text.start(line + 1))));
    found.is_cut_off |= is_cut_off;
    found
}
