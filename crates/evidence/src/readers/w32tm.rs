//! `w32tm`: state, source and settings of Windows' time service, and offsets against time sources.

pub(crate) mod configuration;
mod monitor;
mod status;
mod stripchart;
#[cfg(test)]
mod tests;

use crate::document::Document;
use crate::sink::Sink;

/// Puts everything that w32tm said into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    status::read(document, sink);
    stripchart::read(document, sink);
    configuration::read(document, sink);
    monitor::read(document, sink);
}
