//! What tools got that were pointed at another machine: WMI (`Get-WmiObject`, `Get-CimInstance`, `wmic /node:`),
//! `slmgr.vbs` with the name of a machine, and the administrators' share.
//!
//! Their errors are those of the way to that machine. The same codes from an activation speak of the way to a KMS host,
//! so the lines that are read here are no attempts: [`lines_of_errors`].

mod share;
mod slmgr;
mod wmi;

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Subject, Value, Why};

use super::objects::Lines;
use crate::document::Document;
use crate::sink::Sink;

/// `HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)`.
const ACCESS_DENIED: ErrorCode = ErrorCode(0x8007_0005);
/// `HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)`.
const SERVER_UNAVAILABLE: ErrorCode = ErrorCode(0x8007_06BA);

/// Texts of these errors where no code is printed, without blanks and in lower case.
const TEXTS: [(&str, ErrorCode); 6] = [
    ("therpcserverisunavailable", SERVER_UNAVAILABLE),
    ("rpcサーバーを利用できません", SERVER_UNAVAILABLE),
    ("derrpc-serveristnichtverfügbar", SERVER_UNAVAILABLE),
    ("accessisdenied", ACCESS_DENIED),
    ("アクセスが拒否されました", ACCESS_DENIED),
    ("zugriffverweigert", ACCESS_DENIED),
];

/// How a tool fared, as the lines of its answer say. No command is quoted: there may be a password in it.
struct Outcome {
    /// A word of [`Key::RemoteTool`].
    tool: &'static str,
    /// `None` where it failed and the text does not say how.
    code: Option<ErrorCode>,
    lines: Lines,
}

/// Puts what remote tools got into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    for outcome in outcomes(document) {
        sink.word(&machine, Key::RemoteTool, outcome.tool, outcome.lines.clone());
        match outcome.code {
            Some(code) => sink.present(&machine, Key::RemoteCode, Value::Code(code), outcome.lines),
            None => sink.unknown(&machine, Key::RemoteCode, Why::Unreadable, outcome.lines),
        }
    }
    share::read(document, sink);
}

/// For every line whether it belongs to an error of a remote tool.
pub(crate) fn lines_of_errors(document: &Document<'_>) -> Vec<bool> {
    let mut owned = vec![false; document.lines.len()];
    for outcome in outcomes(document).into_iter().filter(|outcome| outcome.code != Some(ErrorCode::SUCCESS)) {
        if let Some(lines) = owned.get_mut(outcome.lines) {
            lines.fill(true);
        }
    }
    owned
}

fn outcomes(document: &Document<'_>) -> Vec<Outcome> {
    let mut outcomes = wmi::outcomes(document);
    outcomes.extend(slmgr::outcomes(document));
    outcomes.sort_by_key(|outcome| *outcome.lines.start());
    outcomes
}

/// The code that a text means which prints none; `folded` has no blanks and is in lower case.
fn code_of_text(folded: &str) -> Option<ErrorCode> {
    TEXTS.iter().find(|(text, _)| folded.contains(text)).map(|(_, code)| *code)
}
