//! `Get-MpThreatDetection`, whose property names are English in every language: detections that stopped a tool or a part
//! of activation. Other detections are none of this program's business, and preferences block nothing by themselves; but
//! `Get-MpPreference` says where it was run without administrator rights.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{command_line, console};
use crate::document::Document;
use crate::sink::Sink;

/// Lines of a detection; resources take one each.
const BLOCK_LINES_MAX: usize = 60;

/// Tools and parts of activation.
const PROGRAMS: [&str; 6] = ["slmgr.vbs", "ospp.vbs", "sppsvc.exe", "slui.exe", "cscript.exe", "wscript.exe"];

/// `ThreatStatusID` of detections that were acted upon: cleaned, quarantined, removed, blocked (documentation of
/// `MSFT_MpThreatDetection`).
const BLOCKED: [&str; 4] = ["2", "3", "4", "6"];

/// What stands for exclusions that only administrators see.
const NOT_ELEVATED: &str = "{N/A: Must be an";

/// Puts blocks into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let Some((label, value)) = console::labelled(&line.text) else { continue };
        if label.ends_with("Exclusions") && value.starts_with(NOT_ELEVATED) {
            sink.present(&Subject::machine(), Key::MachineElevated, Value::Flag(false), index..=index);
        }
        if label != "Resources" {
            continue;
        }
        if command_line::is_of_another_machine(document, index) {
            continue;
        }
        let Some((program, last)) = resources(document, index) else { continue };
        if status(document, index).is_some_and(|status| BLOCKED.contains(&status)) {
            let machine = Subject::machine();
            sink.word(&machine, Key::SecurityBlock, "antivirus", index..=last);
            sink.present(&machine, Key::SecurityBlockedProgram, Value::Text(program.to_owned()), index..=last);
        }
    }
}

/// The program among the resources, and the line on which they end; a long list goes on below, indented.
fn resources(document: &Document<'_>, index: usize) -> Option<(&'static str, usize)> {
    let mut text = String::new();
    let mut last = index;
    for (at, line) in document.lines.iter().enumerate().skip(index).take(BLOCK_LINES_MAX) {
        let is_more = line.text.starts_with(' ') && property(&line.text).is_none();
        if at > index && !is_more {
            break;
        }
        text.push_str(line.text.trim());
        last = at;
    }
    let text = text.to_ascii_lowercase();
    PROGRAMS.iter().find(|program| names(&text, program)).map(|program| (*program, last))
}

/// Whether a path in `text` ends with `program`.
fn names(text: &str, program: &str) -> bool {
    text.match_indices(program).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + program.len()..]);
        before.ends_with(['\\', '/', '_'])
            && !behind.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '.')
    })
}

/// `ThreatStatusID` of the detection with its resources at `index`. Properties stand in the order of their names.
fn status<'d>(document: &'d Document<'_>, index: usize) -> Option<&'d str> {
    let below = document.lines.iter().skip(index + 1).take(BLOCK_LINES_MAX);
    below
        .map_while(|line| match property(&line.text) {
            Some(("Resources" | "ActionSuccess", _)) => None,
            found => Some(found),
        })
        .flatten()
        .find_map(|(name, value)| (name == "ThreatStatusID").then_some(value))
}

fn property(text: &str) -> Option<(&str, &str)> {
    let (name, value) = console::labelled(text)?;
    (!text.starts_with(' ') && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    fn detection(resources: &str, status: u32) -> String {
        format!(
            "
ActionSuccess                  : True
ProcessName                    : C:\\Windows\\explorer.exe
Resources                      : {resources}
ThreatID                       : 2147000000
ThreatStatusErrorCode          : 0
ThreatStatusID                 : {status}
"
        )
    }

    #[test]
    fn blocks_of_activation_tools() {
        check(
            &detection("{file:_C:\\Windows\\System32\\slmgr.vbs}", 3),
            "machine security.block = antivirus @3
             machine security.blocked-program = slmgr.vbs @3",
        );
        check(
            &detection(
                "{CmdLine:_C:\\Windows\\System32\\cscript.exe //nologo\n                                 x, file:_C:\\Temp\\a}",
                6,
            ),
            "machine security.block = antivirus @3
             machine security.blocked-program = cscript.exe @3",
        );
    }

    #[test]
    fn other_detections_and_allowed_ones_say_nothing() {
        check(&detection("{file:_C:\\Temp\\eicar.com}", 3), "");
        check(&detection("{file:_C:\\Windows\\System32\\slmgr.vbs}", 5), "");
        check(&detection("{file:_C:\\Temp\\notslmgr.vbs}", 3), "");
        check("Resources : {file:_C:\\Windows\\System32\\slmgr.vbs}", "");
    }

    #[test]
    fn exclusions_that_are_not_shown() {
        check(
            "AttackSurfaceReductionOnlyExclusions          : {N/A: Must be and administrator to view exclusions}",
            "machine machine.elevated = false @1",
        );
        check("EnableControlledFolderAccess                  : 1\nAttackSurfaceReductionOnlyExclusions :", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(Resources : |ThreatStatusID : 3|\\\\slmgr.vbs|   )?\\PC{0,12}(\\\\sppsvc.exe)?", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
