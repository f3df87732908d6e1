//! One licence.

use kmsdoctor_core::fact::{Key, Subject, Value, Why};

use super::{APPLICATION, CHANNEL, DESCRIPTION, Lines, NAME, PARTIAL_KEY, Record, STATUS, license, value, words};
use crate::readers::pattern::{guid_in, is_masked};
use crate::sink::Sink;

/// Windows or Office.
pub(super) fn application(record: &Record) -> Option<&'static str> {
    let by_id = APPLICATION.into_iter().find_map(|name| words::application_of_id(guid_in(record.value(&[name])?.0)?));
    by_id.or_else(|| {
        let names = record.value(&NAME).into_iter().chain(record.value(&DESCRIPTION));
        names.into_iter().find_map(|(name, _)| words::application_of_name(name))
    })
}

/// The channel in the description.
pub(super) fn described_channel(record: &Record) -> Option<(&'static str, &Lines)> {
    let (text, lines) = record.value(&DESCRIPTION)?;
    words::channel_of_description(text).map(|channel| (channel, lines))
}

/// Puts its facts into the sink. `machine` is given where the document tells of several; `local` names a licence that
/// does not name itself.
pub(super) fn emit(record: &Record, local: &str, machine: Option<&(String, Lines)>, sink: &mut Sink<'_>) {
    let is_addon = record.value(&["licenseisaddon"]).and_then(|(text, _)| value::flag(text)) == Some(true)
        || record.value(&NAME).is_some_and(|(name, _)| words::is_addon(name));
    let status = status(record);
    let key = record.value(&PARTIAL_KEY).map(|(text, lines)| (words::partial_key(text), lines));
    // A machine has dozens of licences without a key that it does not use.
    let is_unused = key.is_none() && record.has(&PARTIAL_KEY) && matches!(status, None | Some((Some("unlicensed"), _)));
    if is_addon || is_unused {
        return;
    }
    let application = application(record);
    let id = ["activationid", "skuid", "sku", "id"].into_iter().find_map(|name| guid_in(record.value(&[name])?.0));
    let subject = match (id, &key) {
        (Some(id), _) => license(id, machine),
        (None, Some((Some(key), _))) => license(&format!("{}:{key}", application.unwrap_or("windows")), machine),
        _ => license(local, machine),
    };
    if let Some((name, lines)) = record.value(&NAME).filter(|(name, _)| !is_masked(name)) {
        sink.present(&subject, Key::LicenseProduct, Value::Text(name.to_owned()), lines.clone());
        if let (Some(class), None, true) = (words::edition_class(name), machine, key.is_some()) {
            sink.word(&Subject::machine(), Key::MachineEditionClass, class, lines.clone());
        }
    }
    if let Some(application) = application {
        let place = record.value(&APPLICATION).or_else(|| record.value(&NAME)).or_else(|| record.value(&DESCRIPTION));
        let lines = place.map_or_else(|| record.lines.clone(), |(_, lines)| lines.clone());
        sink.word(&subject, Key::LicenseApplication, application, lines);
    }
    if let Some((name, lines)) = machine {
        sink.present(&subject, Key::LicenseMachine, Value::Text(name.clone()), lines.clone());
        let id = record.value(&["clientmachineid", "cmid"]).and_then(|(text, lines)| Some((guid_in(text)?, lines)));
        if let Some((id, lines)) = id {
            sink.present(&subject, Key::LicenseClientId, Value::Text(id.to_lowercase()), lines.clone());
        }
    }
    let channel = channel(record);
    if let Some((channel, lines)) = channel {
        sink.word(&subject, Key::LicenseChannel, channel, lines.clone());
    }
    if let Some((key, lines)) = key {
        sink.present(&subject, Key::LicenseKeyInstalled, Value::Flag(true), lines.clone());
        match key {
            Some(key) => sink.present(&subject, Key::LicensePartialKey, Value::Text(key), lines.clone()),
            None => sink.unknown(&subject, Key::LicensePartialKey, Why::Unreadable, lines.clone()),
        }
    }
    let channel = channel.map(|(channel, _)| channel);
    emit_state(record, &subject, channel, status, sink);
    emit_host(record, &subject, sink);
}

/// The key's channel counts more than the description, which tells the licence's.
fn channel(record: &Record) -> Option<(&'static str, &Lines)> {
    let of_key = record.value(&CHANNEL).and_then(|(text, lines)| Some((words::channel_of_key(text)?, lines)));
    of_key.or_else(|| described_channel(record))
}

/// State as number, or as word in the language of the system; `None` in it is one that cannot be read.
fn status(record: &Record) -> Option<(Option<&'static str>, &Lines)> {
    let of = |(text, lines)| (words::status_of_number(text).or_else(|| words::status(text)), lines);
    // VAMT has a column with the number and one with the word.
    let states = STATUS.iter().filter_map(|name| record.value(&[name])).map(of);
    states.reduce(|first, second| if first.0.is_some() { first } else { second })
}

fn emit_state(
    record: &Record,
    subject: &Subject,
    channel: Option<&'static str>,
    status: Option<(Option<&'static str>, &Lines)>,
    sink: &mut Sink<'_>,
) {
    let is_licensed = matches!(status, Some((Some("licensed"), _)));
    match status {
        Some((Some(status), lines)) => sink.word(subject, Key::LicenseStatus, status, lines.clone()),
        Some((None, lines)) => sink.unknown(subject, Key::LicenseStatus, Why::Unreadable, lines.clone()),
        None => {}
    }
    // A licensed product has a code too, which is no fault.
    let reason = record.value(&["licensestatusreason", "reasoncode"]).filter(|_| !is_licensed);
    if let Some((code, lines)) = reason.and_then(|(text, lines)| Some((value::code(text)?, lines))) {
        sink.present(subject, Key::LicenseReason, Value::Code(code), lines.clone());
    }
    if let Some((text, lines)) = record.value(&["graceperiodremaining"]) {
        match value::number(text) {
            Some(minutes @ 1..) => {
                sink.present(subject, Key::LicenseMinutesLeft, Value::Integer(minutes), lines.clone());
            }
            Some(0) if is_licensed && matches!(channel, Some("mak" | "retail" | "oem")) => {
                sink.present(subject, Key::LicensePermanent, Value::Flag(true), lines.clone());
            }
            _ => {}
        }
    }
    if channel == Some("evaluation")
        && let Some((text, lines)) = record.value(&["evaluationenddate"])
        && let Some(time) = value::time(text)
    {
        sink.present(subject, Key::LicenseExpires, Value::Time(time), lines.clone());
    }
}

/// The licence by which the machine serves.
fn emit_host(record: &Record, subject: &Subject, sink: &mut Sink<'_>) {
    let serves = record.value(&["iskeymanagementservicemachine"]).filter(|(text, _)| value::flag(text) == Some(true));
    let Some((_, lines)) = serves else { return };
    sink.present(subject, Key::LicenseServes, Value::Flag(true), lines.clone());
    if let Some((text, lines)) = record.value(&["keymanagementservicecurrentcount"])
        && let Some(count) = value::number(text)
    {
        sink.present(subject, Key::LicenseHostCount, Value::Integer(count), lines.clone());
    }
}
