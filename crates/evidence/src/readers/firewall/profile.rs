//! Profiles: what the firewall does with outbound traffic that no rule is about. `Get-NetFirewallProfile`, and
//! `netsh advfirewall show allprofiles`, whose policies (`BlockInbound,AllowOutbound`) are not translated.
//!
//! The text does not say which profile is in use, so profiles that differ tell nothing.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, Why};

use crate::document::Document;
use crate::readers::objects::{self, Record};
use crate::sink::Sink;

const ACTION: &str = "defaultoutboundaction";

/// Puts the default for outbound traffic into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut profiles = policies(document);
    if objects::mentions(document, &[ACTION]) {
        profiles.extend(objects::records(document).iter().filter_map(profile));
    }
    profiles.sort_by_key(|(_, lines)| *lines.start());
    let (Some((_, first)), Some((_, last))) = (profiles.first(), profiles.last()) else { return };
    let all = *first.start()..=*last.end();
    let machine = Subject::machine();
    let (blocking, allowing): (Vec<_>, Vec<_>) = profiles.into_iter().partition(|(blocks, _)| *blocks);
    match (blocking.as_slice(), allowing.as_slice()) {
        ([(_, lines), ..], []) => sink.word(&machine, Key::FirewallDefaultOutbound, "block", lines.clone()),
        ([], [(_, lines), ..]) => sink.word(&machine, Key::FirewallDefaultOutbound, "allow", lines.clone()),
        _ => sink.unknown(&machine, Key::FirewallDefaultOutbound, Why::Unreadable, all),
    }
}

/// Whether the profile blocks, and where that stands. A profile that is off blocks nothing; where the default is not
/// configured, outbound traffic is allowed (Microsoft Learn, `Set-NetFirewallProfile`, read on 2026-11-24).
fn profile(record: &Record) -> Option<(bool, RangeInclusive<usize>)> {
    let (action, lines) = record.value(&[ACTION])?;
    let is_on = record.value(&["enabled"]).is_none_or(|(enabled, _)| enabled != "False");
    match action {
        "Block" => Some((is_on, lines.clone())),
        "Allow" | "NotConfigured" => Some((false, lines.clone())),
        _ => None,
    }
}

/// The policies that netsh shows. Its line for a profile that is off looks the same, so the state above it counts.
fn policies(document: &Document<'_>) -> Vec<(bool, RangeInclusive<usize>)> {
    let mut policies = Vec::new();
    let mut is_on = true;
    for (index, line) in document.lines.iter().enumerate() {
        let Some(last) = line.text.split_whitespace().last() else { continue };
        match last {
            "ON" | "オン" | "EIN" => is_on = true,
            "OFF" | "オフ" | "AUS" => is_on = false,
            _ => {}
        }
        let Some((inbound, outbound)) = last.split_once(',') else { continue };
        if matches!(inbound, "BlockInbound" | "BlockInboundAlways" | "AllowInbound") {
            match outbound {
                "BlockOutbound" => policies.push((is_on, index..=index)),
                "AllowOutbound" => policies.push((false, index..=index)),
                _ => {}
            }
        }
    }
    policies
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::readers::firewall::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const PROFILES: &str = "
Name                  : Domain
Enabled               : True
DefaultOutboundAction : Block

Name                  : Public
Enabled               : True
DefaultOutboundAction : Block
";

    #[test]
    fn profiles_of_powershell() {
        check(PROFILES, "machine firewall.default-outbound = block @3");
        check(&PROFILES.replace("Block", "NotConfigured"), "machine firewall.default-outbound = allow @3");
        check(&PROFILES.replacen("Block", "Allow", 1), "machine firewall.default-outbound unknown Unreadable @3");
        check(&PROFILES.replace("True", "False"), "machine firewall.default-outbound = allow @3");
    }

    #[test]
    fn policies_of_netsh() {
        for (on, off, policy) in [("ON", "OFF", "Firewall Policy"), ("オン", "オフ", "ファイアウォール ポリシー")]
        {
            let text = |state: &str| {
                format!(
                    "Domain Profile Settings:\n----------------------------------------------------------------------\nState                                 {state}\n{policy}                       BlockInbound,BlockOutbound\n"
                )
            };
            check(&text(on), "machine firewall.default-outbound = block @4");
            check(&text(off), "machine firewall.default-outbound = allow @4");
        }
        check("We set BlockInbound and BlockOutbound", "");
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, PROFILES, damage);
        }
    }
}
