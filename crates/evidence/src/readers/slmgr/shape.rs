//! Lines whose label is not known, because the language or the version is not: what they are about follows from the
//! form of the value and from the order of the lines, which are the same in every language.

use std::ops::RangeInclusive;

use super::label::Label;
use super::{command, words};
use crate::readers::console::is_host_name;
use crate::readers::pattern::{guid_in, host_and_port, is_guid};

/// Longest label, in characters: what is longer is prose with a colon in it.
const LABEL_CHARS_MAX: usize = 60;
/// Longest translation of a licence state.
const STATUS_CHARS_MAX: usize = 80;
/// Longest number with its unit: `259200 minute(s) (180 day(s))`.
const NUMBER_CHARS_MAX: usize = 32;
/// Letters and digits that product keys are made of.
const KEY_ALPHABET: &str = "BCDFGHJKMNPQRTVWXY2346789";
/// Minutes of a day; the script rounds days up or down.
const DAY_MINUTES: i64 = 1440;
/// Port numbers.
const PORTS: RangeInclusive<i64> = 1..=65535;

/// What is known of the block that a line stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'b> {
    /// What its lines so far were about.
    pub(super) seen: &'b [Label],
    /// What the labelled line before it was about.
    pub(super) last: Option<Label>,
    /// The key makes a KMS host.
    pub(super) is_host_key: bool,
}

impl Context<'_> {
    fn has(&self, label: Label) -> bool {
        self.seen.contains(&label)
    }
}

/// The meaning of a line, and its value.
pub(super) fn shaped<'t>(text: &'t str, context: Context<'_>) -> Option<(Label, &'t str)> {
    let (name, value) = split(text)?;
    by_value(name, value, context)
        .or_else(|| by_number(name, value, context))
        .or_else(|| by_order(value, context))
        .map(|label| (label, value))
}

/// True for a value that only a line of its own has: such a line joins no other.
pub(super) fn begins(text: &str) -> bool {
    let Some((_, value)) = split(text) else { return false };
    let is_number =
        value.starts_with(|first: char| first.is_ascii_digit()) && value.chars().count() <= NUMBER_CHARS_MAX;
    is_guid(value) || is_product(value) || is_channel(value) || is_key(value) || is_number
}

fn split(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once([':', '：'])?;
    let (name, value) = (name.trim(), value.trim_start_matches([':', '：']).trim());
    (!name.is_empty() && name.chars().count() <= LABEL_CHARS_MAX && !value.is_empty()).then_some((name, value))
}

/// Values that have a form of their own.
fn by_value(name: &str, value: &str, context: Context<'_>) -> Option<Label> {
    let has = |word: &str| name.to_ascii_uppercase().contains(word);
    if words::channel_of_description(value).is_some() && value.contains(", ") {
        return Some(Label::Description);
    }
    if is_product(value) {
        return Some(Label::Name);
    }
    if let Some(id) = guid_in(value).filter(|id| id.len() + 2 >= value.len()) {
        return match id {
            _ if words::application_of_id(id).is_some() => Some(Label::ApplicationId),
            _ if has("CMID") => Some(Label::ClientId),
            _ if context.has(Label::Description)
                && !context.has(Label::Status)
                && !context.has(Label::ActivationId) =>
            {
                Some(Label::ActivationId)
            }
            _ => None,
        };
    }
    if has("KMS") && matches!(host_and_port(value), Some((_, Some(_)))) {
        return Some(if has("DNS") { Label::CachedHost } else { Label::PinnedHost });
    }
    if has("KMS") && has("SRV") && is_host_name(value) {
        return Some(Label::LookupDomain);
    }
    if !context.has(Label::Description) {
        return None;
    }
    if is_channel(value) && !context.has(Label::Status) {
        Some(Label::Channel)
    } else if is_key(value) && !context.has(Label::PartialKey) {
        Some(Label::PartialKey)
    } else if context.last == Some(Label::Status) && value.starts_with("0x") && !command::is_error(name) {
        Some(Label::Reason)
    } else if context.has(Label::Status) && minutes_and_days(value).is_some() {
        Some(Label::MinutesLeft)
    } else {
        None
    }
}

/// Whole numbers, of which the order tells what they count.
fn by_number(name: &str, value: &str, context: Context<'_>) -> Option<Label> {
    let name = name.to_ascii_uppercase();
    if !context.has(Label::Status) {
        return None;
    }
    let Ok(number) = value.parse::<i64>() else {
        let is_interval = context.has(Label::ClientId) && numbers(value).len() == 1 && !value.contains('.');
        return match context.last {
            Some(Label::ActivationInterval) if is_interval => Some(Label::RenewalInterval),
            Some(Label::Other) if is_interval => Some(Label::ActivationInterval),
            _ => None,
        };
    };
    // "Windows", "SKU" and "App" are not translated.
    if name.contains("WINDOWS") {
        return Some(Label::RearmCount);
    }
    if name.contains("SKU") || name.contains("APP") || !context.is_host_key {
        return Some(Label::Other);
    }
    Some(match context.last {
        Some(Label::Count) if PORTS.contains(&number) => Label::ListeningPort,
        Some(Label::Requests) => Label::FailedRequests,
        _ if !context.has(Label::Count) => Label::Count,
        _ if !context.has(Label::Requests) => Label::Requests,
        _ => Label::Other,
    })
}

/// The state stands below the last characters of the key, and the host's extended PID above the intervals.
fn by_order(value: &str, context: Context<'_>) -> Option<Label> {
    if context.last == Some(Label::PartialKey)
        && !context.has(Label::Status)
        && value.chars().count() <= STATUS_CHARS_MAX
    {
        return Some(Label::Status);
    }
    let is_pid = value.len() > 30 && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    (is_pid && context.has(Label::ClientId)).then_some(Label::Other)
}

fn is_product(value: &str) -> bool {
    words::application_of_name(value).is_some() && value.ends_with(" edition")
}

fn is_channel(value: &str) -> bool {
    ["Volume:", "Retail", "OEM:", "VT:"].iter().any(|start| value.starts_with(start))
        && !value.contains(' ')
        && words::channel_of_key(value).is_some()
}

fn is_key(value: &str) -> bool {
    value.len() == 5 && value.chars().all(|character| KEY_ALPHABET.contains(character))
}

/// `259200 分 (180 日)`: minutes, and the same in days.
pub(super) fn minutes_and_days(value: &str) -> Option<i64> {
    let [minutes, days] = *numbers(value).as_slice() else { return None };
    let exact = minutes / DAY_MINUTES;
    (value.contains(['(', '（']) && (days == exact || days == exact + 1)).then_some(minutes)
}

/// The first three whole numbers.
fn numbers(value: &str) -> Vec<i64> {
    let digits = value.split(|character: char| !character.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.take(3).filter_map(|digits| digits.parse().ok()).collect()
}
