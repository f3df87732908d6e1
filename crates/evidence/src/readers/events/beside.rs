//! Events of other sources that explain a failed activation: the domain (NETLOGON), the clock (Time-Service), and what
//! blocked the tools of activation (Defender, `AppLocker`, App Control, software restriction policies).
//!
//! Numbers and meanings: Microsoft Learn, "Attack surface reduction events in Windows Event Viewer", "Using Event Viewer
//! with `AppLocker`", "Understanding App Control events", "Event ID 865", "Windows Time service events"; read 2026-11-24.

use kmsdoctor_core::fact::{Key, Value};

use super::payload::Statement;
use super::record::Field;
use super::source::Source;

/// What activation runs.
const PROGRAMS: [&str; 7] =
    ["cscript.exe", "wscript.exe", "slmgr.vbs", "ospp.vbs", "slui.exe", "sppsvc.exe", "vnextdiag.ps1"];
/// Seconds that the time service corrects at least, whatever it is configured to: below, a number is something else.
const CORRECTION_SECONDS_MIN: i64 = 300;

/// What the event says.
pub(super) fn read(source: Source, event: u32, fields: &[Field], lines: &[&str]) -> Vec<Statement> {
    let statement = match (source, event) {
        (Source::Netlogon, 3210) => Statement::word(Key::MachineSecureChannel, "broken"),
        (Source::Netlogon, 5719) => no_logon_server(lines),
        (Source::TimeService, 34) => too_far_off(fields, lines),
        // No usable time stamp, difference too large for too long, no source of accurate time, no longer a source.
        (Source::TimeService, 29 | 36 | 50 | 142) => Some(synchronised(false)),
        (Source::TimeService, 35) => Some(synchronised(true)),
        (Source::Defender, 1121) => return blocked("attack-surface-reduction", program_in(fields, lines)),
        (Source::Defender, 1123 | 1127) => {
            // The path is the protected folder; the process is what was kept from it.
            let process = fields.iter().find(|field| field.name == "Process Name").map(|field| field.value.as_str());
            let program = process.map_or_else(|| program_in(fields, lines), program_of);
            return blocked("controlled-folder-access", program);
        }
        (Source::AppLocker, 8004 | 8007) => return blocked("applocker", program_in(fields, lines)),
        (Source::AppLocker, 8029) => return blocked("app-control", program_in(fields, lines)),
        (Source::CodeIntegrity, 3077) => {
            let file = fields.iter().find(|field| field.name == "File Name").map(|field| field.value.clone());
            // The process that loads the file stands in brackets.
            let file = file.unwrap_or_else(|| without_brackets(&lines.concat()));
            return blocked("app-control", program_of(&file));
        }
        (Source::SoftwareRestriction, 865..=868 | 882) => {
            return blocked("software-restriction", program_in(fields, lines));
        }
        _ => None,
    };
    statement.into_iter().collect()
}

/// Windows error codes in event 5719: the domain does not know the machine or its password any more.
const TRUST_BROKEN: [&str; 4] = ["%%1786", "%%1787", "%%1788", "%%1789"];
const ACCESS_DENIED: &str = "%%5";

/// Event 5719: no secure session with a domain controller, and why. Mostly none was reached.
fn no_logon_server(lines: &[&str]) -> Option<Statement> {
    let text = lines.join(" ");
    let has_code = |codes: &[&str]| lines.iter().any(|line| codes.contains(line));
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has_code(&TRUST_BROKEN) || says(&["trust relationship", "信頼関係", "Vertrauensstellung"]) {
        return Statement::word(Key::MachineSecureChannel, "broken");
    }
    if has_code(&[ACCESS_DENIED]) || says(&["Access is denied", "アクセスが拒否", "Zugriff verweigert"]) {
        return None;
    }
    Statement::word(Key::MachineDomainController, "unreachable")
}

fn synchronised(flag: bool) -> Statement {
    Statement::machine(Key::ClockSynchronised, Value::Flag(flag))
}

/// Event 34: the clock is further off than the service corrects. First the difference, then the limit, in seconds; the
/// event has been seen with a difference of zero, which says nothing.
fn too_far_off(fields: &[Field], lines: &[&str]) -> Option<Statement> {
    let of_fields: Vec<i64> = fields.iter().filter_map(|field| field.value.trim().parse().ok()).collect();
    let numbers = if of_fields.len() >= 2 { of_fields } else { numbers_in(&lines.join(" ")) };
    let (difference, limit) = (numbers.first()?.checked_abs()?, *numbers.get(1)?);
    (limit >= CORRECTION_SECONDS_MIN && difference > limit).then(|| synchronised(false))
}

/// Whole numbers with their signs; digits that belong to a word are none.
fn numbers_in(text: &str) -> Vec<i64> {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '+' | '.' | ':' | '_');
    text.split(|character: char| !is_part(character))
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

fn blocked(by: &str, program: Option<&'static str>) -> Vec<Statement> {
    // What else was blocked has nothing to do with activation.
    let Some(program) = program else { return Vec::new() };
    let block = Statement::word(Key::SecurityBlock, by);
    let name = Statement::machine(Key::SecurityBlockedProgram, Value::Text(program.to_owned()));
    block.into_iter().chain([name]).collect()
}

fn program_in(fields: &[Field], lines: &[&str]) -> Option<&'static str> {
    let values = fields.iter().map(|field| field.value.as_str());
    values.chain(lines.iter().copied()).find_map(program_of).or_else(|| program_of(&lines.concat()))
}

/// A program of activation whose path stands in the text: whole names behind a backslash, or at the front.
fn program_of(text: &str) -> Option<&'static str> {
    let text = text.trim().to_lowercase();
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '.' | '-' | '_');
    PROGRAMS.into_iter().find(|program| {
        text.match_indices(program).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + program.len()..].chars().next();
            before.is_none_or(|character| matches!(character, '\\' | '"' | '\''))
                && !after.is_some_and(|character| is_name(character) && character.is_ascii())
        })
    })
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|character| {
            match character {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}
