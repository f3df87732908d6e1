//! Licences as objects: `SoftwareLicensingProduct` and `SoftwareLicensingService` by PowerShell or `wmic`, the module
//! `OSLicense` of 2026, VAMT's exports. The properties have the same names in every language.
//!
//! One document may tell of several machines (`Get-CimInstance -ComputerName`, VAMT). Then every licence bears the name
//! of its machine, and nothing is said of *the* machine.

mod cil;
mod product;
mod settings;
#[cfg(test)]
mod tests;
pub(super) mod value;

use std::collections::BTreeSet;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::objects::{self, Lines, Record};
use super::pattern::is_masked;
use super::slmgr::words;
use crate::document::Document;
use crate::sink::Sink;
use settings::Settings;

/// Words that one of them has (in lower case).
const MARKS: [&str; 8] = [
    "licensestatus",
    "license status",
    "keymanagementservice",
    "partialproductkey",
    "partial product key",
    "activation objects",
    "oa3xoriginalproductkeydescription",
    "<softwarelicensingdata",
];
const STATUS: [&str; 3] = ["licensestatus", "licensestatustext", "licensingstatus"];
const NAME: [&str; 3] = ["name", "productname", "licensename"];
const DESCRIPTION: [&str; 2] = ["description", "productdescription"];
const APPLICATION: [&str; 4] = ["applicationid", "licenseappid", "appid", "applicationname"];
const CHANNEL: [&str; 4] = ["productkeychannel", "productkeytypename", "productkeytype", "keytype"];
const PARTIAL_KEY: [&str; 3] = ["partialproductkey", "partialkey", "productkeypartial"];
const MACHINE: [&str; 5] = ["pscomputername", "fullyqualifieddomainname", "computername", "machinename", "computer"];
/// Properties that only the service, or the KMS data of a product, has.
const SERVICE: [&str; 11] = [
    "keymanagementservicemachine",
    "keymanagementserviceport",
    "keymanagementservicelookupdomain",
    "keymanagementservicelisteningport",
    "keymanagementservicecurrentcount",
    "keymanagementservicetotalrequests",
    "keymanagementservicehostcaching",
    "iskeymanagementservicemachine",
    "discoveredkeymanagementservicemachinename",
    "remainingwindowsrearmcount",
    "oa3xoriginalproductkeydescription",
];
/// Hex digits of the artifact's hash that make names of its own unique.
const HASH_CHARS: usize = 8;
/// How the name of an activation object goes on (RFC 4514 string).
const ACTIVATION_OBJECTS: &str = ",cn=activation objects,cn=microsoft spp,";

/// Puts everything that the objects say into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let records = licensing_records(document);
    let machines: BTreeSet<String> = records.iter().filter_map(machine_of).map(|(name, _)| name).collect();
    let hash: String = document.artifact.sha256().chars().take(HASH_CHARS).collect();
    let mut settings = Settings::default();
    for (number, record) in (1..).zip(&records) {
        let machine = machine_of(record);
        let is_fleet = machines.len() > 1;
        if let (Some((name, lines)), false) = (&machine, is_fleet) {
            settings.machine(name, lines);
        }
        if is_product(record) {
            let local = format!("license-{number}@{hash}");
            let on = machine.filter(|_| is_fleet);
            product::emit(record, &local, on.as_ref(), sink);
        }
        if !is_fleet {
            settings.take(record, product::application(record));
        }
    }
    settings.emit(sink);
}

/// For every line whether it belongs to such an object: other readers would take the properties for labels.
pub(crate) fn lines_of_licensing(document: &Document<'_>) -> Vec<bool> {
    let mut owned = vec![false; document.lines.len()];
    for record in licensing_records(document) {
        if let Some(lines) = owned.get_mut(record.lines.clone()) {
            lines.fill(true);
        }
    }
    owned
}

fn licensing_records(document: &Document<'_>) -> Vec<Record> {
    if !objects::mentions(document, &MARKS) {
        return Vec::new();
    }
    let mut records = objects::records(document);
    records.extend(objects::csv(document, is_header));
    records.extend(cil::records(document));
    records.retain(|record| is_product(record) || record.has(&SERVICE) || activation_object(record).is_some());
    records.sort_by_key(|record| *record.lines.start());
    records
}

fn is_header(names: &[String]) -> bool {
    let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    (has(&STATUS) && (has(&NAME) || has(&DESCRIPTION) || has(&PARTIAL_KEY))) || has(&SERVICE)
}

/// A licence of Windows or Office: other software has properties of the same names.
fn is_product(record: &Record) -> bool {
    let tells = record.has(&STATUS)
        || record.has(&PARTIAL_KEY)
        || record.has(&["productkeychannel", "graceperiodremaining", "licensestatusreason"]);
    tells && product::application(record).is_some()
}

/// Name of the machine that the object comes from.
fn machine_of(record: &Record) -> Option<(String, Lines)> {
    let (name, lines) = record.value(&MACHINE)?;
    let is_name = super::console::is_host_name(name) && !name.eq_ignore_ascii_case("localhost");
    is_name.then(|| (name.to_owned(), lines.clone()))
}

/// Where the distinguished name of an activation object stands.
fn activation_object(record: &Record) -> Option<&Lines> {
    let (name, lines) = record.value(&["adactivationobjectdn", "distinguishedname"])?;
    is_activation_object(name).then_some(lines)
}

/// Whether `name` is the distinguished name of an activation object in Active Directory; its own part may be masked.
pub(crate) fn is_activation_object(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let Some((own, above)) = name.split_once(ACTIVATION_OBJECTS) else { return false };
    let is_whole = above.rsplit(',').next().is_some_and(|last| last.starts_with("dc=") && !last.contains(' '));
    is_whole && own.strip_prefix("cn=").map_or(is_masked(own), |own| !own.is_empty())
}

fn license(id: &str, machine: Option<&(String, Lines)>) -> Subject {
    let id = machine.map_or_else(|| id.to_owned(), |(machine, _)| format!("{machine}/{id}"));
    Subject::new(SubjectKind::License, id)
}

fn found_activation_object(lines: &Lines, sink: &mut Sink<'_>) {
    sink.word(&Subject::machine(), Key::AdActivationObject, "found", lines.clone());
}

fn text(key: Key, value: &str, lines: &Lines, sink: &mut Sink<'_>) {
    sink.present(&Subject::machine(), key, Value::Text(value.to_owned()), lines.clone());
}

fn integer(key: Key, value: i64, lines: &Lines, sink: &mut Sink<'_>) {
    sink.present(&Subject::machine(), key, Value::Integer(value), lines.clone());
}
