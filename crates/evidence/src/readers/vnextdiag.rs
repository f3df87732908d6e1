//! `vnextdiag.ps1 -action list`: licences of Microsoft 365 Apps and of other Office products that are bound to an
//! account or a device. None of them is activated by KMS.
//!
//! The script prints every licence as JSON. Its fields by
//! `MicrosoftDocs/OfficeDocs-DeployOffice: licensing-activation/vnextdiag.md` (read on 2026-11-24): kind of licence
//! (`User|Subscription`), product, state; the names of the properties are unverified.

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::licensing::value;
use super::objects::{self, Record};
use super::pattern::guid_in;
use crate::document::Document;
use crate::sink::Sink;

/// Word that every licence has (in lower case).
const MARK: &str = "licensestate";

/// Puts the licences into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    if !objects::mentions(document, &[MARK]) {
        return;
    }
    for record in objects::records(document) {
        license(&record, sink);
    }
}

fn license(record: &Record, sink: &mut Sink<'_>) {
    let Some((state, state_lines)) = record.value(&["licensestate"]) else { return };
    let Some((product, product_lines)) = record.value(&["product", "productreleaseid"]) else { return };
    let Some((id, _)) = record.value(&["acid", "licenseid"]) else { return };
    let subject = Subject::new(SubjectKind::License, guid_in(id).unwrap_or(id));
    sink.present(&subject, Key::LicenseProduct, Value::Text(product.to_owned()), product_lines.clone());
    sink.word(&subject, Key::LicenseApplication, "office", product_lines.clone());
    if let Some((kind, lines)) = record.value(&["type", "licensetype"]) {
        let kind = kind.to_ascii_lowercase();
        let channel = [("subscription", "subscription"), ("lifetime", "retail"), ("perpetual", "retail")];
        if let Some((_, channel)) = channel.iter().find(|(word, _)| kind.contains(word)) {
            sink.word(&subject, Key::LicenseChannel, channel, lines.clone());
        }
    }
    match state.to_ascii_lowercase().as_str() {
        "licensed" => sink.word(&subject, Key::LicenseStatus, "licensed", state_lines.clone()),
        "unlicensed" => sink.word(&subject, Key::LicenseStatus, "unlicensed", state_lines.clone()),
        _ => sink.unknown(&subject, Key::LicenseStatus, Why::Unreadable, state_lines.clone()),
    }
    if let Some((text, lines)) = record.value(&["notafter"])
        && let Some(time) = value::time(text)
    {
        sink.present(&subject, Key::LicenseExpires, Value::Time(time), lines.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const OUTPUT: &str = "
PS C:\\Program Files\\Microsoft Office\\Office16> ./vnextdiag.ps1 -action list
========== vNext licenses ==========
{
    \"Version\":  3,
    \"Type\":  \"User|Subscription\",
    \"Product\":  \"O365ProPlusRetail\",
    \"Acid\":  \"9bd77860-9b31-4b7b-96ad-2564017315bf\",
    \"Email\":  \"mia@contoso.com\",
    \"LicenseState\":  \"Licensed\",
    \"NotAfter\":  \"2027-01-02T03:04:05Z\",
    \"LicenseId\":  \"EWW_11111111-2222-3333-4444-555555555555_6\"
}
";

    #[test]
    fn a_subscription() {
        check(
            OUTPUT,
            "9bd77860-9b31-4b7b-96ad-2564017315bf license.product = O365ProPlusRetail @6
             9bd77860-9b31-4b7b-96ad-2564017315bf license.application = office @6
             9bd77860-9b31-4b7b-96ad-2564017315bf license.channel = subscription @5
             9bd77860-9b31-4b7b-96ad-2564017315bf license.status = licensed @9
             9bd77860-9b31-4b7b-96ad-2564017315bf license.expires = 2027-01-02T03:04:05Z @10",
        );
    }

    #[test]
    fn a_state_that_has_no_match() {
        check(
            "Type         : Device|Subscription\nProduct      : VisioProRetail\nLicenseId    : EWW_1\nLicenseState : Grace",
            "eww_1 license.product = VisioProRetail @2
             eww_1 license.application = office @2
             eww_1 license.channel = subscription @1
             eww_1 license.status unknown Unreadable @4",
        );
        check("{\"LicenseState\": \"Licensed\"}\nLicenseState is Licensed for the Product.", "");
    }

    proptest! {
        #[test]
        fn never_panics(damage: (usize, u8, usize)) {
            testing::mutate(read, OUTPUT, damage);
        }
    }
}
