//! `slmgr.vbs NAME …`: the first error below the command is that of the connection, unless the answer has begun.
//!
//! The text of the error is [unverified]: only its code and its place are looked at.

use super::Outcome;
use crate::document::Document;
use crate::readers::command_line::{arguments_of, command, is_name_of_another_machine};
use crate::readers::pattern::codes_in;
use crate::readers::{console, slmgr};
use kmsdoctor_core::code::ErrorCode;

/// Lines below the command in which the answer or the error begins: the banner of the script host is three.
const ANSWER_LINES_MAX: usize = 8;

/// Facility of the licensing services, the upper half of their codes.
const LICENSING_FACILITY: u32 = 0xC004;

pub(super) fn outcomes(document: &Document<'_>) -> Vec<Outcome> {
    let asked = document.lines.iter().enumerate().filter(|(_, line)| is_asked_of_another_machine(&line.text));
    asked.filter_map(|(index, _)| outcome(document, index)).collect()
}

/// `cscript //nologo slmgr.vbs PC02 /dlv`, with or without the script host before it.
fn is_asked_of_another_machine(text: &str) -> bool {
    let command = command(text);
    if !command.to_ascii_lowercase().contains("slmgr") {
        return false;
    }
    let host = arguments_of(command, &["cscript", "wscript"]);
    let words: Vec<&str> = host.unwrap_or_else(|| command.split_whitespace().collect());
    let mut words = words.into_iter().skip_while(|word| word.starts_with("//"));
    let script = words.next().and_then(|word| word.trim_matches('"').rsplit(['\\', '/']).next());
    let is_script =
        script.is_some_and(|name| ["slmgr", "slmgr.vbs"].iter().any(|known| known.eq_ignore_ascii_case(name)));
    let first = words.next().filter(|word| !word.starts_with(['/', '-']));
    // The machine stands before an option; a sentence about slmgr has none.
    is_script && first.is_some_and(is_name_of_another_machine) && words.any(|word| word.starts_with(['/', '-']))
}

fn outcome(document: &Document<'_>, asked: usize) -> Option<Outcome> {
    for (index, line) in document.lines.iter().enumerate().skip(asked + 1).take(ANSWER_LINES_MAX) {
        if console::is_prompt(&line.text) {
            return None;
        }
        if slmgr::is_answer(&line.text) {
            return Some(Outcome { tool: "slmgr", code: Some(ErrorCode::SUCCESS), lines: index..=index });
        }
        if let Some((_, code)) = codes_in(&line.text).into_iter().find(|(_, code)| !code.is_success()) {
            // The licensing service of that machine has answered.
            let is_answer = code.0 >> 16 == LICENSING_FACILITY;
            let code = if is_answer { ErrorCode::SUCCESS } else { code };
            return Some(Outcome { tool: "slmgr", code: Some(code), lines: index..=index });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::readers::remote::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn the_connection_fails() {
        check(
            "C:\\>cscript //nologo %windir%\\system32\\slmgr.vbs PC02 /dlv\nError 0x800706BA occurred in connecting to server PC02.\n",
            "machine remote.tool = slmgr @2\nmachine remote.code = 0x800706BA @2",
        );
        check(
            "slmgr pc02.contoso.com CONTOSO\\mia pass /ato\nエラー: 0x80070005 アクセスが拒否されました。\n",
            "machine remote.tool = slmgr @2\nmachine remote.code = 0x80070005 @2",
        );
    }

    #[test]
    fn the_machine_answers() {
        for answer in [
            "Software licensing service version: 10.0.19041.1",
            "Activating Windows(R), Enterprise edition (73111121-5638-40f6-bc11-f1d7b0d64300) ...",
            "Error: 0xC004F074 The Software Licensing Service reported that the product could not be activated.",
        ] {
            check(
                &format!("C:\\>slmgr.vbs PC02 /ato\n{answer}\nError: 0x800706BA\n"),
                "machine remote.tool = slmgr @2\nmachine remote.code = 0x00000000 @2",
            );
        }
    }

    #[test]
    fn commands_here_and_prose_say_nothing() {
        for command in [
            "C:\\>cscript //nologo slmgr.vbs /ato",
            "C:\\>slmgr localhost /ato",
            "slmgr says that it cannot connect",
            "C:\\>slmgr PC02 /ato\nC:\\>ver",
        ] {
            check(&format!("{command}\nError: 0x800706BA The RPC server is unavailable.\n"), "");
        }
    }
}
