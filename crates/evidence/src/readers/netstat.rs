//! `netstat -an`, in any language, and `Get-NetTCPConnection`: whether anything listens on the KMS port. States are
//! translated; a listening socket is known by the other end that it does not have.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// The port that a KMS host listens on unless it was changed.
const KMS_PORT: u16 = 1688;

/// Every Windows machine listens on it, so a listing that shows it is no selection of other ports.
const RPC_PORT: u16 = 135;

/// Puts into the sink whether the port is listened on, as far as listings show it.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let mut listing: Option<(usize, usize)> = None;
    let mut whole = false;
    let mut found = None;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some(port) = listening(text) {
            listing = Some((listing.map_or(index, |(first, _)| first), index));
            whole |= port == RPC_PORT;
            if port == KMS_PORT {
                found.get_or_insert(index);
            }
        }
        if is_question(text) && answer_is_empty(document, index) {
            sink.present(&machine, Key::ServiceListening, Value::Flag(false), index..=index);
        }
        if console::is_prompt(text) || index + 1 == document.lines.len() {
            match (found.take(), listing.take(), whole) {
                (Some(line), _, _) => sink.present(&machine, Key::ServiceListening, Value::Flag(true), line..=line),
                (None, Some((first, last)), true) => {
                    sink.present(&machine, Key::ServiceListening, Value::Flag(false), first..=last);
                }
                _ => {}
            }
            whole = false;
        }
    }
}

/// Local port of a listening TCP socket.
fn listening(text: &str) -> Option<u16> {
    let words: Vec<&str> = text.split_whitespace().take(6).collect();
    match words.as_slice() {
        ["TCP", local, "0.0.0.0:0" | "[::]:0", _, ..] => local.rsplit_once(':')?.1.parse().ok(),
        // LocalAddress LocalPort RemoteAddress RemotePort State
        [local, port, "0.0.0.0" | "::", "0", "Listen", ..] => {
            console::address(local)?;
            port.parse().ok()
        }
        _ => None,
    }
}

/// A command that shows the lines of the port, and no others.
fn is_question(text: &str) -> bool {
    let Some(arguments) = console::arguments(text, "netstat") else { return false };
    let lower = arguments.to_ascii_lowercase();
    let selects = lower.contains("findstr") || lower.contains("find ") || lower.contains("select-string");
    // What stands for the port alone; `-b` shows programs and wants rights that may be missing.
    let mut words = lower.split(|character: char| character.is_whitespace() || "\"'".contains(character));
    selects
        && !lower.contains("/v")
        && lower.split('|').next().is_some_and(|options| options.contains('a'))
        && words.any(|word| word.trim_start_matches("/c").trim_start_matches(':') == "1688")
}

/// Whether the next prompt follows at once.
fn answer_is_empty(document: &Document<'_>, index: usize) -> bool {
    let mut below = document.lines.iter().skip(index + 1).map(|line| line.text.trim());
    below.find(|text| !text.is_empty()).is_some_and(console::is_prompt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn whole_listings_in_several_languages() {
        for (header, state) in
            [("Active Connections", "LISTENING"), ("アクティブな接続", "LISTENING"), ("Aktive Verbindungen", "ABHÖREN")]
        {
            let rows = format!(
                "{header}\n\n  TCP    0.0.0.0:135            0.0.0.0:0              {state}       900\n  TCP    0.0.0.0:445            0.0.0.0:0              {state}       4\n"
            );
            check(&rows, "machine service.listening = false @3");
            check(
                &format!("{rows}  TCP    [::]:1688              [::]:0                 {state}       2100\n"),
                "machine service.listening = true @5",
            );
        }
    }

    #[test]
    fn selections() {
        check(
            "C:\\>netstat -ano | findstr :1688\n  TCP    0.0.0.0:1688           0.0.0.0:0              LISTENING       2100\n\nC:\\>",
            "machine service.listening = true @2",
        );
        check("C:\\>netstat -ano | findstr :1688\n\nC:\\>dir", "machine service.listening = false @1");
        check("C:\\>netstat -ano | findstr :1688\n", "");
        check("C:\\>netstat -ano | findstr :16880\nC:\\>", "");
        check("  TCP    0.0.0.0:445            0.0.0.0:0              LISTENING       4\n", "");
        check("  TCP    10.20.7.31:50123       10.20.0.5:1688         SYN_SENT        1234\n", "");
    }

    #[test]
    fn powershell() {
        check(
            "
LocalAddress LocalPort RemoteAddress RemotePort State  AppliedSetting OwningProcess
------------ --------- ------------- ---------- -----  -------------- -------------
::           1688      ::            0          Listen                2100
",
            "machine service.listening = true @3",
        );
    }

    proptest! {
        #[test]
        fn never_panics(rows in proptest::collection::vec("(C:\\\\>netstat -a \\| findstr |TCP )?(0\\.0\\.0\\.0:1688|:1688)? ?(0\\.0\\.0\\.0:0)? ?\\PC{0,9}", 0..20)) {
            testing::facts(read, rows.join("\n").as_bytes());
        }
    }
}
