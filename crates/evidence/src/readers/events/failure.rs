//! Events that carry an error code and, in their arguments, the ID of the product: 8198, 8200, 8208, 8233.

use kmsdoctor_core::code::ErrorCode;

use super::payload::Failure;
use crate::readers::console::is_prompt;
use crate::readers::pattern::{codes_in, is_guid};
use crate::readers::slmgr::words::application_of_id;

/// The events read here.
pub(super) const EVENTS: [u32; 4] = [8198, 8200, 8208, 8233];
/// Lines of one event: its arguments wrapped at 40 columns.
const LINES_MAX: usize = 24;
/// Characters of a GUID.
const GUID_CHARS: usize = 36;

/// The event whose message begins with this sentence.
pub(super) fn event_of_sentence(text: &str) -> Option<u32> {
    const SENTENCES: [(u32, &[&str]); 4] = [
        (8198, &["License Activation (slui.exe)", "ライセンス認証 (slui.exe)", "Lizenzaktivierung (slui.exe)"]),
        (8233, &["failed VL activation", "VL ライセンス認証の失敗", "Fehler bei der VL-Aktivierung"]),
        (
            8200,
            &[
                "License acquisition failure details",
                "ライセンス取得の失敗に関する詳細",
                "ライセンス取得エラーの詳細",
                "Lizenzerwerb-Fehlerdetails",
            ],
        ),
        (
            8208,
            &[
                "Acquisition of genuine ticket failed",
                "正規チケットの取得に失敗",
                "Erfassung des authentischen Tickets",
            ],
        ),
    ];
    // All of them have one of these, and most lines have none.
    if !text.contains(['(', 'V', '取', 'L', 'A', 'E']) {
        return None;
    }
    SENTENCES.iter().find(|(_, parts)| parts.iter().any(|part| text.contains(part))).map(|(event, _)| *event)
}

/// Reads the message in `lines`, and tells how many of them belong to it.
pub(super) fn read(event: u32, lines: &[&str]) -> (Failure, usize) {
    let mut failure = Failure { event, code: None, activation_id: None, application: None };
    let mut text = String::new();
    let (mut taken, mut has_sentence) = (0, false);
    for (index, line) in lines.iter().take(LINES_MAX).enumerate() {
        let line = line.trim();
        if line.is_empty() {
            let next =
                lines[index..].iter().take(3).map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or("");
            let goes_on =
                text.is_empty() || failure.code.is_none() || next.contains("SkuId") || next.contains("RuleId");
            if !goes_on || (!text.is_empty() && next.is_empty()) {
                break;
            }
            continue;
        }
        // The next event ends this one; it also keeps a file of such sentences from being read many times over.
        let is_sentence = event_of_sentence(line).is_some();
        if is_prompt(line) || (!text.is_empty() && begins_other_output(line)) || (has_sentence && is_sentence) {
            break;
        }
        has_sentence |= is_sentence;
        text.push_str(line);
        taken = index + 1;
        failure.code = failure.code.or_else(|| code_of(line));
        failure.activation_id = guid_behind(&text, "SkuId");
        if failure.code.is_some() && failure.activation_id.is_some() {
            // The rest of the arguments.
            let rest = lines[taken..].iter().take(2).take_while(|line| {
                line.contains("Trigger=") || line.contains("トリガー=") || line.trim().starts_with("SessionId")
            });
            taken += rest.count();
            break;
        }
    }
    failure.code = failure.code.or_else(|| code_of(&text));
    failure.application = guid_behind(&text, "AppId").and_then(|id| application_of_id(&id));
    (failure, taken)
}

/// Lines of the paragraph at the beginning of an event that is not read any further.
pub(super) fn paragraph(lines: &[&str]) -> usize {
    let start = lines.iter().take_while(|line| line.trim().is_empty()).count();
    let length = lines[start..]
        .iter()
        .take_while(|line| !line.trim().is_empty() && !is_prompt(line) && !begins_other_output(line))
        .count();
    start + length
}

/// Output of licensing scripts pasted right behind an event.
fn begins_other_output(line: &str) -> bool {
    let line = line.trim();
    ["Microsoft (R) Windows Script Host", "---Processing", "Software licensing service version", "Name: ", "名前: "]
        .iter()
        .any(|mark| line.starts_with(mark))
}

fn code_of(line: &str) -> Option<ErrorCode> {
    codes_in(line).first().map(|(_, code)| *code)
}

/// The GUID behind `SkuId` or `AppId`; some languages write `SkuID`.
pub(super) fn guid_behind(text: &str, name: &str) -> Option<String> {
    let upper = name.replace("Id", "ID");
    let at = text.find(name).or_else(|| text.find(&upper))? + name.len();
    let value = text[at..].trim_start_matches([' ', '=', ':', '{']);
    value.get(..GUID_CHARS).filter(|value| is_guid(value)).map(str::to_lowercase)
}
