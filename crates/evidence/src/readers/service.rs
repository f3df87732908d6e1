//! The Software Protection service: `sc query`, `qc` and `queryex`, `psservice`, `Get-Service` and `Win32_Service`, the
//! list of `net start`, and what starting it answers.

mod block;
mod start;
#[cfg(test)]
mod tests;

use crate::document::Document;
use crate::sink::Sink;

/// Name of the service.
const NAME: &str = "sppsvc";

/// Its display name, which is English in every language.
const DISPLAY_NAME: &str = "Software Protection";

/// Puts everything that is told of the service into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    block::read(document, sink);
    start::read(document, sink);
}

/// The state in the words of `sc` and of PowerShell, which are not translated.
fn state(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().replace('_', "").as_str() {
        "stopped" => Some("stopped"),
        "startpending" => Some("start-pending"),
        "stoppending" => Some("stop-pending"),
        "running" => Some("running"),
        _ => None,
    }
}

fn is_service(name: &str) -> bool {
    let name = name.trim_matches(['"', '\'']);
    name.eq_ignore_ascii_case(NAME) || name.eq_ignore_ascii_case(DISPLAY_NAME)
}
