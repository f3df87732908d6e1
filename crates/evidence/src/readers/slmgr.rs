//! stub
use crate::document::Document;
use crate::sink::Sink;
pub(crate) fn read(_: &Document<'_>, _: &mut Sink<'_>) {}
