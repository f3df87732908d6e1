//! `Get-NetConnectionProfile` and `Get-VpnConnection`: which kind of network Windows sees, and whether a VPN is up.
//!
//! Names of properties and values are English in every language; in JSON the category is the number of its enumeration
//! (`MSFT_NetConnectionProfile`: 0 public, 1 private, 2 authenticated by a domain).

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject};

use super::{command_line, console, objects};
use crate::document::Document;
use crate::sink::Sink;

/// Properties that one of the two has (in lower case).
const MARKS: [&str; 2] = ["networkcategory", "connectionstatus"];

/// Properties that tell a VPN from other things with a status.
const OF_VPN: [&str; 2] = ["serveraddress", "tunneltype"];

/// Categories with their numbers, the most trusted first: a virtual switch is a public network beside any other.
const CATEGORIES: [(&str, &str, &str); 3] =
    [("domainauthenticated", "2", "domain"), ("private", "1", "private"), ("public", "0", "public")];

type Lines = RangeInclusive<usize>;

/// What one command showed: all its profiles and connections count together.
#[derive(Default)]
struct Listing {
    /// Rank of the most trusted category.
    category: Option<(usize, Lines)>,
    /// Whether a VPN is up; `None` while one is neither connected nor disconnected.
    vpn: Option<(Option<bool>, Lines)>,
}

/// Puts category and VPN into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    if !objects::mentions(document, &MARKS) {
        return;
    }
    let mut listing = Listing::default();
    let mut next = 0;
    for record in objects::records(document) {
        let first = *record.lines.start();
        let above = document.lines.get(next..first).unwrap_or_default();
        if above.iter().any(|line| console::is_prompt(&line.text)) {
            std::mem::take(&mut listing).tell(sink);
        }
        next = next.max(first);
        if !command_line::is_of_another_machine(document, first) {
            listing.take(&record);
        }
    }
    listing.tell(sink);
}

impl Listing {
    fn take(&mut self, record: &objects::Record) {
        if let Some((value, lines)) = record.value(&["networkcategory"])
            && let Some(rank) = rank(value)
            && self.category.as_ref().is_none_or(|(known, _)| rank < *known)
        {
            self.category = Some((rank, lines.clone()));
        }
        if let Some((status, lines)) = record.value(&["connectionstatus"]).filter(|_| record.has(&OF_VPN)) {
            let up = match status {
                "Connected" => Some(true),
                "Disconnected" => Some(false),
                _ => None,
            };
            // One that is up wins, and one that is neither leaves it open.
            let replaces = match self.vpn {
                None => true,
                Some((Some(true), _)) => false,
                Some((None, _)) => up == Some(true),
                Some((Some(false), _)) => up != Some(false),
            };
            if replaces {
                self.vpn = Some((up, lines.clone()));
            }
        }
    }

    fn tell(self, sink: &mut Sink<'_>) {
        let machine = Subject::machine();
        if let Some((rank, lines)) = self.category {
            sink.word(&machine, Key::MachineNetworkCategory, CATEGORIES[rank].2, lines);
        }
        if let Some((Some(up), lines)) = self.vpn {
            sink.word(&machine, Key::MachineVpn, if up { "connected" } else { "disconnected" }, lines);
        }
    }
}

fn rank(value: &str) -> Option<usize> {
    CATEGORIES.iter().position(|(name, number, _)| value.eq_ignore_ascii_case(name) || value == *number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const PROFILES: &str = "
PS C:\\> Get-NetConnectionProfile

Name             : 識別されていないネットワーク
InterfaceAlias   : vEthernet (Default Switch)
InterfaceIndex   : 20
NetworkCategory  : Public
IPv4Connectivity : NoTraffic
IPv6Connectivity : NoTraffic

Name             : contoso.com
InterfaceAlias   : イーサネット
InterfaceIndex   : 14
NetworkCategory  : DomainAuthenticated
IPv4Connectivity : Internet
IPv6Connectivity : LocalNetwork
";

    const CONNECTIONS: &str = "
PS C:\\> Get-VpnConnection

Name                  : Contoso
ServerAddress         : vpn.contoso.com
AllUserConnection     : False
Guid                  : {11111111-2222-3333-4444-555555555555}
TunnelType            : Ikev2
AuthenticationMethod  : {Eap}
EapConfigXmlStream    :
ConnectionStatus      : Disconnected
SplitTunneling        : True

Name                  : Lab
ServerAddress         : vpn.fabrikam.com
TunnelType            : Automatic
ConnectionStatus      : Disconnected
";

    #[test]
    fn categories() {
        check(PROFILES, "machine machine.network-category = domain @13");
        check(&PROFILES.replace("DomainAuthenticated", "Private"), "machine machine.network-category = private @13");
        check(
            "Name  InterfaceAlias NetworkCategory\n----  -------------- ---------------\nGuest Wi-Fi                   Public\n",
            "machine machine.network-category = public @3",
        );
        check(
            "{\n  \"Name\": \"Guest\",\n  \"NetworkCategory\": 0,\n  \"InterfaceAlias\": \"Wi-Fi\"\n}",
            "machine machine.network-category = public @3",
        );
        check("NetworkCategory : 7", "");
        check("The NetworkCategory is Public here.", "");
    }

    #[test]
    fn connections() {
        check(CONNECTIONS, "machine machine.vpn = disconnected @10");
        let second_up =
            CONNECTIONS.replace("Automatic\nConnectionStatus      : Dis", "Automatic\nConnectionStatus      : C");
        check(&second_up.replace(": Cconnected", ": Connected"), "machine machine.vpn = connected @16");
        check(&CONNECTIONS.replacen("Disconnected", "Connecting", 1), "");
        check("Name : Phone\nConnectionStatus : Connected\n", "");
        check("PS C:\\> Get-VpnConnection\n\nPS C:\\> Get-VpnConnection -AllUserConnection\n", "");
    }

    #[test]
    fn before_and_after() {
        let before = PROFILES.replace("DomainAuthenticated", "Private");
        check(
            &format!("{before}{PROFILES}"),
            "machine machine.network-category = private @13\nmachine machine.network-category = domain @29",
        );
        check(&PROFILES.replace("Profile\n", "Profile -CimSession pc02\n"), "");
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, PROFILES, damage);
            testing::mutate(read, CONNECTIONS, damage);
        }
    }
}
