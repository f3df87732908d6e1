//! `ipconfig`: the machine's name, domains and DNS servers (`/all`), and its resolver cache (`/displaydns`).

mod cache;
mod settings;

use crate::document::Document;
use crate::sink::Sink;

/// Puts everything that ipconfig said into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    settings::read(document, sink);
    cache::read(document, sink);
}
