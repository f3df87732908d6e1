//! States of licences in events 1003 and 8230.

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, State, Value};

use crate::readers::events::failure::guid_behind;
use crate::readers::events::payload::Statement;
use crate::readers::pattern::guid_in;
use crate::readers::slmgr::words::{application_of_id, channel_of_key, partial_key};

/// What stands between the ID of a product and its results in event 1003: `, 1, 0 [(0 [0xC004F014, 0, 0]`.
const RESULTS: &str = "[(0";
/// The ID and what stands between, in characters.
const HEAD_CHARS: usize = 60;
/// The KMS client's algorithm; its last value is what is left, in minutes.
const VOLUME: &str = "msft:rm/algorithm/volume/1.0 0x00000000 ";

/// The products that event 1003 calls licensed. Microsoft documents the format nowhere; in real logs the first result
/// is `0x00000000, 1` on licensed machines and on no other. What else it says is left alone.
pub(super) fn states(lines: &[&str]) -> Vec<Statement> {
    let text = lines.concat();
    let application = lines.iter().take(3).find_map(|line| guid_in(line)).and_then(application_of_id);
    let mut statements = Vec::new();
    let mut places = text.match_indices(RESULTS).map(|(at, _)| at).peekable();
    while let Some(at) = places.next() {
        let start = (at.saturating_sub(HEAD_CHARS)..at).find(|start| text.is_char_boundary(*start)).unwrap_or(at);
        let Some(product) = guid_in(&text[start..at]) else { continue };
        let results = &text[at + RESULTS.len()..places.peek().copied().unwrap_or(text.len())];
        let first = results.trim_start().strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or_default();
        let mut values = first.split(',').map(str::trim);
        let code = values.next().and_then(ErrorCode::parse);
        if !(code.is_some_and(ErrorCode::is_success) && values.next() == Some("1")) {
            continue;
        }
        let mut put = |key, state| statements.push(Statement::license(product, key, state));
        if let Some(application) = application {
            put(Key::LicenseApplication, State::Present(Value::Word(application)));
        }
        put(Key::LicenseStatus, State::Present(Value::Word("licensed")));
        put(Key::LicenseReason, State::Absent);
        let left = results.split_once(VOLUME).and_then(|(_, rest)| rest.split(')').next()?.trim().parse().ok());
        if let Some(minutes) = left {
            put(Key::LicenseMinutesLeft, State::Present(Value::Integer(minutes)));
        }
    }
    statements
}

/// What event 8230 gives the rules engine: `LicenseState=SL_LICENSING_STATUS_NOTIFICATION;PartialProductKey=…`.
pub(super) fn rules(lines: &[&str]) -> Vec<Statement> {
    let text = lines.concat();
    let value = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        rest.strip_prefix('=')?.split([';', ' ', ',']).next()
    };
    let (Some(product), Some(state)) = (guid_behind(&text, "SkuId"), value("LicenseState")) else { return Vec::new() };
    let mut statements = Vec::new();
    let mut put = |key: Key, state: State| statements.push(Statement::license(&product, key, state));
    if let Some(application) = guid_behind(&text, "AppId").and_then(|id| application_of_id(&id)) {
        put(Key::LicenseApplication, State::Present(Value::Word(application)));
    }
    // Which grace period it is does not stand there.
    let status = match state {
        "SL_LICENSING_STATUS_UNLICENSED" => Some("unlicensed"),
        "SL_LICENSING_STATUS_LICENSED" => Some("licensed"),
        "SL_LICENSING_STATUS_NOTIFICATION" => Some("notification"),
        _ => None,
    };
    if let Some(status) = status {
        put(Key::LicenseStatus, State::Present(Value::Word(status)));
    }
    match value("LastConsumptionReason").and_then(ErrorCode::parse) {
        Some(code) if code.is_success() => put(Key::LicenseReason, State::Absent),
        Some(code) => put(Key::LicenseReason, State::Present(Value::Code(code))),
        None => {}
    }
    if let Some(channel) = value("ProductKeyType").and_then(channel_of_key) {
        put(Key::LicenseChannel, State::Present(Value::Word(channel)));
    }
    if let Some(key) = value("PartialProductKey").and_then(partial_key) {
        put(Key::LicensePartialKey, State::Present(Value::Text(key)));
    }
    statements
}
