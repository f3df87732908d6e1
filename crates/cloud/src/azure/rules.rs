//! Rules of security groups: which of them match packets to KMS, and what they say beside.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;

use super::endpoints;
use super::interfaces::Interface;
use super::matching::{Line, Match, Step, holds_port, holds_source, in_range, is_literally, is_tcp};
use super::{Peer, PortRange, Protocol, SecurityRule, VirtualNetwork};
use crate::Missing;

/// Source ports that Windows may send from.
const EPHEMERAL: PortRange = PortRange { first: 49152, last: u16::MAX };

/// Priorities of Azure's own rules begin here.
const OWN_PRIORITY: u32 = 65000;

/// What Azure puts behind every group's own outbound rules.
static OWN_RULES: LazyLock<[SecurityRule; 3]> = LazyLock::new(|| {
    let all = || vec![PortRange { first: 0, last: u16::MAX }];
    let own = |name: &str, priority, allows, source, destination| SecurityRule {
        name: name.to_owned(),
        priority,
        is_outbound: true,
        allows,
        protocol: Protocol::Any,
        sources: vec![source],
        source_ports: all(),
        destinations: vec![destination],
        destination_ports: all(),
        origin: None,
    };
    let network = || Peer::Tag("VirtualNetwork".to_owned());
    [
        own("AllowVnetOutBound", 65000, true, network(), network()),
        own("AllowInternetOutBound", 65001, true, Peer::Any, Peer::Tag("Internet".to_owned())),
        own("DenyAllOutBound", 65500, false, Peer::Any, Peer::Any),
    ]
});

/// A service tag that the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Internet,
    VirtualNetwork,
    Licences,
    Metadata,
    Names,
    Other,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "internet" => Self::Internet,
            "virtualnetwork" => Self::VirtualNetwork,
            "azureplatformlkm" => Self::Licences,
            "azureplatformimds" => Self::Metadata,
            "azureplatformdns" => Self::Names,
            _ => Self::Other,
        }
    }
}

/// The tag that a rule names, resolved or not.
fn tag_of(peer: &Peer) -> Option<Tag> {
    match peer {
        Peer::Tag(name) | Peer::ResolvedTag(name, _) => Some(Tag::of(name)),
        _ => None,
    }
}

/// What of a group's rules bears on the path beside the rule that decides.
#[derive(Debug, Default)]
pub(super) struct Traits {
    /// Denies `AzurePlatformLKM`.
    pub(super) denies_licences: bool,
    /// Denies `AzurePlatformIMDS`.
    pub(super) denies_metadata: bool,
    /// Names the destination `0.0.0.0/0`.
    pub(super) names_everything: bool,
    /// Retired addresses of KMS that it names.
    pub(super) retired: HashSet<IpAddr>,
}

impl Traits {
    pub(super) fn of(rules: &[SecurityRule]) -> Self {
        let mut traits = Self::default();
        for rule in rules.iter().filter(|rule| rule.is_outbound && rule.priority < OWN_PRIORITY) {
            for destination in &rule.destinations {
                match (destination, tag_of(destination)) {
                    (_, Some(Tag::Licences)) => traits.denies_licences |= !rule.allows,
                    (_, Some(Tag::Metadata)) => traits.denies_metadata |= !rule.allows,
                    (Peer::Prefix(prefix), _) if prefix.prefix_len() == 0 && prefix.addr().is_ipv4() => {
                        traits.names_everything = true;
                    }
                    (Peer::Prefix(prefix), _) if endpoints::is_retired(prefix.addr()) => {
                        traits.retired.extend(is_literally(prefix, prefix.addr()).then(|| prefix.addr()));
                    }
                    _ => {}
                }
            }
        }
        traits
    }
}

/// The outbound rules that may match packets to the address, in the order in which Azure asks them.
pub(super) fn steps<'e>(rules: &'e [SecurityRule], network: Option<&VirtualNetwork>, address: IpAddr) -> Vec<Step<'e>> {
    let mut outbound: Vec<&SecurityRule> = rules.iter().filter(|rule| rule.is_outbound).collect();
    if outbound.iter().all(|rule| rule.priority < OWN_PRIORITY) {
        outbound.extend(OWN_RULES.iter());
    }
    outbound.sort_by_key(|rule| (rule.priority, rule.allows));
    outbound.into_iter().filter_map(|rule| line(rule, network, address)).map(Step::Rule).collect()
}

fn line<'e>(rule: &'e SecurityRule, network: Option<&VirtualNetwork>, address: IpAddr) -> Option<Line<'e>> {
    let matches = Match::when(is_tcp(rule.protocol) && holds_port(&rule.destination_ports, 1688))
        .and(|| holds_ephemeral(rule))
        .and(|| Match::any(rule.destinations.iter().map(|peer| destination(peer, network, address))));
    (matches != Match::No).then(|| Line {
        label: format!("{} ({})", rule.name, rule.priority),
        allows: rule.allows,
        matches,
        sources: &rule.sources,
        origin: rule.origin.as_ref(),
        is_literal: rule.destinations.iter().any(|peer| matches!(peer, Peer::Prefix(it) if is_literally(it, address))),
        is_by_name: false,
    })
}

/// Windows takes any port of the ephemeral ones: a rule for some of them matches some connections.
fn holds_ephemeral(rule: &SecurityRule) -> Match {
    let mut ranges: Vec<&PortRange> = rule.source_ports.iter().filter(|range| range.last >= EPHEMERAL.first).collect();
    ranges.sort_by_key(|range| range.first);
    let mut covered = u32::from(EPHEMERAL.first);
    let mut holds_some = false;
    for range in ranges.into_iter().filter(|range| range.first <= range.last) {
        holds_some = true;
        if u32::from(range.first) <= covered {
            covered = covered.max(u32::from(range.last) + 1);
        }
    }
    match (covered > u32::from(EPHEMERAL.last), holds_some) {
        (true, _) => Match::Yes,
        (_, true) => Match::Unknown(Missing::Unreadable(format!("{} ({})", rule.name, rule.priority))),
        _ => Match::No,
    }
}

fn destination(peer: &Peer, network: Option<&VirtualNetwork>, address: IpAddr) -> Match {
    match peer {
        Peer::Any => Match::Yes,
        Peer::Prefix(prefix) => Match::when(prefix.contains(&address)),
        Peer::Range(first, last) => Match::when(in_range(address, *first, *last)),
        Peer::Unreadable(text) => Match::Unknown(Missing::Unreadable(text.clone())),
        Peer::Tag(name) => by_tag(name, &[], network, address),
        Peer::ResolvedTag(name, prefixes) => by_tag(name, prefixes, network, address),
        Peer::ApplicationGroup(_) | Peer::IpGroup(_) | Peer::Name(_) => Match::No,
    }
}

fn by_tag(name: &str, resolved: &[IpNet], network: Option<&VirtualNetwork>, address: IpAddr) -> Match {
    match Tag::of(name) {
        Tag::Licences => Match::Yes,
        Tag::Metadata | Tag::Names => Match::No,
        _ if !resolved.is_empty() => Match::when(resolved.iter().any(|prefix| prefix.contains(&address))),
        Tag::Internet => Match::Yes,
        Tag::VirtualNetwork => Match::when(network.is_some_and(|network| is_inside(network, address))),
        Tag::Other => Match::Unknown(Missing::Group(name.to_owned())),
    }
}

/// Whether an address lies in a network or in a connected peering.
fn is_inside(network: &VirtualNetwork, address: IpAddr) -> bool {
    let peered = network.peerings.iter().flatten().filter(|peering| peering.is_connected);
    let mut prefixes = network.address_space.iter().chain(peered.flat_map(|peering| &peering.remote_address_space));
    prefixes.any(|prefix| prefix.contains(&address))
}

/// Whether an end of a rule holds the interface.
pub(super) fn source(peer: &Peer, interface: &Interface) -> Match {
    match peer {
        Peer::ApplicationGroup(id) => match interface.configuration() {
            Some(configuration) => Match::when(configuration.application_groups.contains(id)),
            None => Match::Unknown(Missing::Interface),
        },
        // No service has the interface's private address.
        _ => match tag_of(peer) {
            Some(tag) => Match::when(tag == Tag::VirtualNetwork),
            None => holds_source(peer, interface.address()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Peering, ResourceId};
    use super::*;
    use crate::path::AllowanceLoss;
    use crate::{Fault, Outcome, RemarkKind, Stage};

    fn at_subnet(lab: Lab) -> Outcome {
        outcome(&lab.path(), Stage::SubnetRules).expect("rules").clone()
    }

    fn lost(loss: AllowanceLoss) -> Outcome {
        Outcome::Blocks(Fault::RuleDenies(Some(loss)))
    }

    /// A group in which the implicit allowance is lost: only the rules count.
    fn strict(mut rules: Vec<SecurityRule>) -> Outcome {
        rules.push(rule("Everything", 4096, false, Peer::Prefix(prefix("0.0.0.0/0"))));
        at_subnet(Lab::new().rules(rules))
    }

    const DENIES: Outcome = Outcome::Blocks(Fault::RuleDenies(Some(AllowanceLoss::RuleForEverything)));

    #[test]
    fn the_first_rule_that_matches_decides() {
        let allow = |priority, destination| rule("Allow", priority, true, destination);
        let deny = |priority, destination| rule("Deny", priority, false, destination);
        let kms = || Peer::Prefix(prefix("20.118.99.224/32"));
        for (rules, expected) in [
            (vec![allow(200, kms()), deny(100, Peer::Any)], DENIES),
            (vec![allow(100, kms()), deny(200, Peer::Any)], Outcome::Passes),
            (vec![allow(100, kms()), deny(100, Peer::Any)], DENIES),
            (vec![allow(100, Peer::Prefix(prefix("::/0")))], DENIES),
            (vec![allow(100, tag("INTERNET"))], Outcome::Passes),
            (vec![allow(100, tag("AzurePlatformLKM"))], Outcome::Passes),
            (vec![allow(100, tag("AzurePlatformIMDS"))], DENIES),
            (vec![allow(100, tag("VirtualNetwork"))], DENIES),
            (vec![allow(100, tag("AzureCloud"))], Outcome::Unknown(Missing::Group("AzureCloud".to_owned()))),
            (vec![deny(100, tag("AzureCloud"))], DENIES),
            (vec![allow(100, Peer::ApplicationGroup(id("applicationSecurityGroups/kms")))], DENIES),
            (vec![allow(100, Peer::Unreadable("?".into()))], Outcome::Unknown(Missing::Unreadable("?".into()))),
            (vec![allow(100, Peer::ResolvedTag("AzureCloud".into(), vec![prefix("20.118.0.0/16")]))], Outcome::Passes),
            (vec![allow(100, Peer::ResolvedTag("AzureCloud".into(), vec![prefix("20.0.0.0/16")]))], DENIES),
        ] {
            assert_eq!(strict(rules.clone()), expected, "{rules:?}");
        }
    }

    #[test]
    fn protocol_ports_direction_and_source_count() {
        let with = |change: fn(&mut SecurityRule)| {
            let mut rule = rule("Allow", 100, true, Peer::Any);
            change(&mut rule);
            strict(vec![rule])
        };
        let ports = |first, last| vec![PortRange { first, last }];
        let ranges = |all: &[(u16, u16)]| {
            let mut rule = rule("Allow", 100, true, Peer::Any);
            rule.source_ports = all.iter().flat_map(|(first, last)| ports(*first, *last)).collect();
            strict(vec![rule])
        };
        assert_eq!(with(|_| {}), Outcome::Passes);
        assert_eq!(with(|rule| rule.is_outbound = false), DENIES);
        assert_eq!(with(|rule| rule.protocol = Protocol::Other), DENIES);
        assert_eq!(with(|rule| rule.destination_ports = vec![PortRange { first: 1689, last: 2000 }]), DENIES);
        assert_eq!(with(|rule| rule.sources = vec![Peer::Prefix(prefix("10.1.0.0/24"))]), Outcome::Passes);
        assert_eq!(with(|rule| rule.sources = vec![Peer::Prefix(prefix("10.2.0.0/24"))]), DENIES);
        assert_eq!(with(|rule| rule.sources = vec![tag("VirtualNetwork")]), Outcome::Passes);
        assert_eq!(with(|rule| rule.sources = vec![tag("AzureLoadBalancer")]), DENIES);
        assert_eq!(with(|rule| rule.sources.clear()), DENIES);
        assert_eq!(ranges(&[(1024, u16::MAX)]), Outcome::Passes);
        assert_eq!(ranges(&[(60000, u16::MAX), (1, 60000)]), Outcome::Passes);
        assert_eq!(ranges(&[(1, 1023)]), DENIES);
        assert_eq!(ranges(&[(50000, 50010)]), Outcome::Unknown(Missing::Unreadable("Allow (100)".to_owned())));
    }

    #[test]
    fn application_groups_hold_interfaces() {
        let with = |groups: Vec<ResourceId>| {
            let mut allow = rule("Allow", 100, true, Peer::Any);
            allow.sources = vec![Peer::ApplicationGroup(id("applicationSecurityGroups/web"))];
            let deny = rule("Deny", 4096, false, Peer::Prefix(prefix("0.0.0.0/0")));
            let mut lab = Lab::new().rules(vec![allow, deny]);
            lab.configuration().application_groups = groups;
            at_subnet(lab)
        };
        assert_eq!(with(vec![id("applicationSecurityGroups/web")]), Outcome::Passes);
        assert_eq!(with(vec![]), DENIES);
    }

    #[test]
    fn the_network_holds_an_address_only_in_its_address_space() {
        let rules = || vec![rule("DenyVnet", 100, false, tag("VirtualNetwork")), rule("Allow", 200, true, Peer::Any)];
        let rules = || [rules(), vec![rule("Lkm", 300, false, tag("AzurePlatformLKM"))]].concat();
        assert_eq!(at_subnet(Lab::new().rules(rules())), Outcome::Passes);
        let mut lab = Lab::new().rules(rules());
        lab.network.address_space.push(prefix("20.118.0.0/16"));
        assert_eq!(at_subnet(lab), lost(AllowanceLoss::LicenceTag));
        for (is_connected, expected) in [(true, lost(AllowanceLoss::LicenceTag)), (false, Outcome::Passes)] {
            let remote_address_space = vec![prefix("20.118.0.0/16")];
            let mut lab = Lab::new().rules(rules());
            lab.network.peerings = Some(vec![Peering { remote_address_space, is_connected, ..Peering::default() }]);
            assert_eq!(at_subnet(lab), expected);
        }
    }

    #[test]
    fn azures_own_rules_are_added() {
        assert_eq!(at_subnet(Lab::new().rules(Vec::new())), Outcome::Passes);
        let path = Lab::new().rules(Vec::new()).path();
        let hop = path.hops.iter().find(|hop| hop.stage == Stage::SubnetRules).unwrap();
        assert_eq!(hop.rule.as_deref(), Some("AllowInternetOutBound (65001)"));
        let own = vec![rule("DenyAllOutBound", 65500, false, Peer::Any)];
        assert!(remarks(&Lab::new().rules(own).path(), RemarkKind::DenyWithoutEffect), "an export with them");
    }
}
