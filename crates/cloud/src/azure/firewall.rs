//! What an Azure Firewall does to packets for KMS.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::rc::Rc;

use super::endpoints::Kms;
use super::estate::{Estate, Held};
use super::interfaces::Interface;
use super::matching::{Decision, Line, Match, Memo, Step, decide, holds_port, holds_source, is_literally, is_tcp};
use super::{
    CollectionKind, Firewall, FirewallPolicy, FirewallRule, Peer, ResourceId, RuleCollection, RuleCollectionGroup, hop,
    remark,
};
use crate::{Fault, Hop, Missing, Outcome, Remark, RemarkKind, Stage};

/// The tag of application rules that people expect to open KMS.
const DESKTOP_TAG: &str = "WindowsVirtualDesktop";

/// The rules of a firewall for one address of KMS.
#[derive(Debug, Default)]
struct Rules<'e> {
    /// Network rules that may match.
    network: Vec<Step<'e>>,
    /// Application rules that name KMS and allow it.
    application: Vec<&'e FirewallRule>,
}

/// Judges firewalls; what interfaces share is worked out once.
pub(super) struct Firewalls<'e> {
    estate: &'e Estate<'e>,
    groups: HashMap<ResourceId, Vec<&'e Held<'e, RuleCollectionGroup>>>,
    rules: Memo<(usize, IpAddr), Rules<'e>>,
    ip_groups: Memo<(usize, IpAddr), Match>,
}

impl<'e> Firewalls<'e> {
    pub(super) fn new(estate: &'e Estate<'e>) -> Self {
        let mut groups: HashMap<ResourceId, Vec<&Held<RuleCollectionGroup>>> = HashMap::new();
        for group in estate.rule_groups.iter() {
            if let Some(policy) = group.is.id.as_ref().and_then(ResourceId::parent) {
                groups.entry(policy).or_default().push(group);
            }
        }
        Self { estate, groups, rules: Memo::new(), ip_groups: Memo::new() }
    }

    /// The firewall's hop for the packets of an interface.
    pub(super) fn judge(
        &self,
        firewall: &'e Held<'e, Firewall>,
        interface: &Interface<'e>,
        kms: &Kms,
    ) -> (Hop, Vec<Remark>) {
        let rules = self.rules_of(firewall, kms);
        let mut hop = hop(Stage::Firewall, &firewall.is.name, Outcome::Passes);
        hop.origin = Some(firewall.origin.clone());
        let mut remarks = Vec::new();
        let source = |peer: &Peer| self.holds(peer, interface.address());
        match decide(&rules.network, source) {
            Decision::Open(missing) => hop.outcome = Outcome::Unknown(missing),
            Decision::ByNone => {
                let mut application = rules.application.iter();
                let names = |rule: &&&FirewallRule| Match::any(rule.sources.iter().map(source)) == Match::Yes;
                hop.outcome = Outcome::Blocks(match application.find(names) {
                    Some(rule) => {
                        hop.rule = Some(rule.name.clone());
                        hop.origin = rule.origin.clone().or(hop.origin);
                        Fault::FirewallApplicationOnly
                    }
                    None => Fault::FirewallDenies,
                });
            }
            Decision::By(line) => {
                hop.rule = Some(line.label.clone());
                hop.origin = line.origin.cloned().or(hop.origin);
                if !line.allows {
                    hop.outcome = Outcome::Blocks(Fault::FirewallDenies);
                }
                if line.is_literal {
                    remarks.push(remark(kms.literal(), &line.label, hop.origin.as_ref()));
                }
                if line.is_by_name && self.has_proxy(&firewall.is) == Some(false) {
                    remarks.push(remark(RemarkKind::DnsProxyOff, &line.label, hop.origin.as_ref()));
                }
            }
        }
        (hop, remarks)
    }

    fn has_proxy(&self, firewall: &Firewall) -> Option<bool> {
        let policy = firewall.policy.as_ref().and_then(|id| self.estate.policies.find(id));
        policy.map_or(firewall.dns_proxy, |policy| policy.is.dns_proxy)
    }

    fn rules_of(&self, firewall: &'e Held<'e, Firewall>, kms: &Kms) -> Rc<Rules<'e>> {
        self.rules.get((firewall.number, kms.destination.address), || {
            let mut rules = Rules::default();
            match &firewall.is.policy {
                None => self.add_collections(&firewall.is.collections, kms, &mut rules),
                Some(policy) => self.add_policies(policy, kms, &mut rules),
            }
            rules
        })
    }

    /// The rules of a policy behind those of its base policies.
    fn add_policies(&self, policy: &ResourceId, kms: &Kms, rules: &mut Rules<'e>) {
        let mut chain: Vec<Result<&'e Held<'e, FirewallPolicy>, &ResourceId>> = Vec::new();
        let mut met = HashSet::new();
        let mut next = Some(policy);
        while let Some(id) = next {
            let Some(policy) = self.estate.policies.find(id) else {
                chain.push(Err(id));
                break;
            };
            if !met.insert(policy.number) {
                break;
            }
            chain.push(Ok(policy));
            next = policy.is.base.as_ref();
        }
        for policy in chain.into_iter().rev() {
            match policy {
                Ok(policy) => self.add_policy(policy, kms, rules),
                Err(id) => rules.network.push(Step::Gap(Missing::FirewallPolicy(id.name().to_owned()))),
            }
        }
    }

    fn add_policy(&self, policy: &'e Held<'e, FirewallPolicy>, kms: &Kms, rules: &mut Rules<'e>) {
        let of_exports = policy.is.id.as_ref().and_then(|id| self.groups.get(id));
        let mut groups: Vec<&Held<RuleCollectionGroup>> = of_exports.cloned().unwrap_or_default();
        let mut met: HashSet<usize> = groups.iter().map(|group| group.number).collect();
        match &policy.is.groups {
            None if groups.is_empty() => {
                rules.network.push(Step::Gap(Missing::FirewallPolicy(policy.is.name.clone())));
            }
            named => {
                for id in named.iter().flatten() {
                    match self.estate.rule_groups.find(id) {
                        Some(group) if met.insert(group.number) => groups.push(group),
                        Some(_) => {}
                        // It may go before all others.
                        None => rules.network.push(Step::Gap(Missing::FirewallPolicy(id.name().to_owned()))),
                    }
                }
            }
        }
        groups.sort_by_cached_key(|group| (group.is.priority, group.is.name.to_ascii_lowercase()));
        for group in groups {
            self.add_collections(&group.is.collections, kms, rules);
        }
    }

    fn add_collections(&self, collections: &'e [RuleCollection], kms: &Kms, rules: &mut Rules<'e>) {
        let mut collections: Vec<&RuleCollection> = collections.iter().collect();
        collections.sort_by_cached_key(|collection| (collection.priority, collection.name.to_ascii_lowercase()));
        for collection in collections {
            match collection.kind {
                CollectionKind::Network => {
                    let lines = collection.rules.iter().filter_map(|rule| self.line(collection, rule, kms));
                    rules.network.extend(lines.map(Step::Rule));
                }
                CollectionKind::Application if collection.allows => {
                    let named = collection.rules.iter().filter(|rule| names_application(rule, kms));
                    rules.application.extend(named);
                }
                // DNAT rules are for traffic to the firewall's own addresses.
                CollectionKind::Application | CollectionKind::Nat => {}
            }
        }
    }

    fn line(&self, collection: &RuleCollection, rule: &'e FirewallRule, kms: &Kms) -> Option<Line<'e>> {
        let address = kms.destination.address;
        let is_tcp = rule.protocols.iter().copied().any(is_tcp);
        let holds = |peer: &Peer| match peer {
            Peer::Name(name) => Match::when(is_name(name, kms)),
            Peer::ResolvedTag(_, prefixes) if !prefixes.is_empty() => {
                Match::when(prefixes.iter().any(|prefix| prefix.contains(&address)))
            }
            Peer::Tag(tag) | Peer::ResolvedTag(tag, _) => by_tag(tag),
            _ => self.holds(peer, Some(address)),
        };
        let matches = Match::when(is_tcp && holds_port(&rule.destination_ports, kms.destination.port))
            .and(|| Match::any(rule.destinations.iter().map(holds)));
        let is_by_name = || {
            let others = rule.destinations.iter().filter(|peer| !matches!(peer, Peer::Name(_)));
            Match::any(others.map(holds)) != Match::Yes
        };
        (matches != Match::No).then(|| Line {
            label: format!("{}/{} ({})", collection.name, rule.name, collection.priority),
            allows: collection.allows,
            sources: &rule.sources,
            origin: rule.origin.as_ref(),
            is_literal: rule
                .destinations
                .iter()
                .any(|peer| matches!(peer, Peer::Prefix(it) if is_literally(it, address))),
            is_by_name: matches == Match::Yes && is_by_name(),
            matches,
        })
    }

    /// Whether prefixes, ranges and IP groups hold an address, which may not be known.
    fn holds(&self, peer: &Peer, address: Option<IpAddr>) -> Match {
        let Peer::IpGroup(id) = peer else {
            return holds_source(peer, address);
        };
        let Some(group) = self.estate.ip_groups.find(id) else {
            return Match::Unknown(Missing::IpGroup(id.name().to_owned()));
        };
        let any = || Match::any(group.is.members.iter().map(|member| holds_source(member, address)));
        match address {
            Some(address) => (*self.ip_groups.get((group.number, address), any)).clone(),
            None => any(),
        }
    }
}

/// Of a firewall's tags, those that are known to hold the addresses of KMS; what others hold no export tells.
fn by_tag(tag: &str) -> Match {
    match tag.to_ascii_lowercase().as_str() {
        "azureplatformlkm" | "internet" => Match::Yes,
        _ => Match::Unknown(Missing::Group(tag.to_owned())),
    }
}

fn is_name(name: &str, kms: &Kms) -> bool {
    let name = name.trim_end_matches('.');
    kms.names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether an application rule looks as if it opened KMS.
fn names_application(rule: &FirewallRule, kms: &Kms) -> bool {
    rule.destinations.iter().any(|peer| match peer {
        Peer::Any => true,
        Peer::Name(name) => name == "*" || is_name(name, kms) || is_wildcard_of(name, kms),
        Peer::Tag(tag) => tag.eq_ignore_ascii_case(DESKTOP_TAG),
        _ => false,
    })
}

/// `*.core.windows.net`.
fn is_wildcard_of(name: &str, kms: &Kms) -> bool {
    let Some(end) = name.trim_end_matches('.').strip_prefix('*').filter(|end| end.starts_with('.')) else {
        return false;
    };
    let end = end.to_ascii_lowercase();
    kms.names.iter().any(|known| known.ends_with(&end))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Body, IpGroup, NextHop, PortRange, Protocol};
    use super::*;
    use crate::{Path, Verdict};

    fn rule(name: &str, destination: Peer) -> FirewallRule {
        FirewallRule {
            name: name.to_owned(),
            protocols: vec![Protocol::Tcp],
            sources: vec![Peer::Any],
            destinations: vec![destination],
            destination_ports: vec![PortRange { first: 1688, last: 1688 }],
            origin: None,
        }
    }

    fn collection(name: &str, priority: u32, kind: CollectionKind, allows: bool, rule: FirewallRule) -> RuleCollection {
        RuleCollection { name: name.to_owned(), priority, kind, allows, rules: vec![rule] }
    }

    fn network(priority: u32, allows: bool, destination: Peer) -> RuleCollection {
        collection("net", priority, CollectionKind::Network, allows, rule("kms", destination))
    }

    fn firewall() -> Firewall {
        Firewall {
            id: Some(id("azureFirewalls/fw1")),
            name: "fw1".to_owned(),
            private_addresses: vec![address("10.0.3.4")],
            has_public_address: Some(true),
            ..Firewall::default()
        }
    }

    /// A machine whose packets all go through a firewall.
    fn behind(firewall: Firewall) -> Lab {
        let lab = Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualAppliance, Some("10.0.3.4"))]);
        lab.with(Body::Firewall(firewall))
    }

    fn with_rules(collections: Vec<RuleCollection>) -> Path {
        behind(Firewall { collections, ..firewall() }).path()
    }

    fn with_policies(policies: Vec<FirewallPolicy>, groups: Vec<RuleCollectionGroup>) -> Path {
        let lab = behind(Firewall { policy: Some(id("firewallPolicies/own")), ..firewall() });
        let lab = policies.into_iter().fold(lab, |lab, policy| lab.with(Body::FirewallPolicy(policy)));
        groups.into_iter().fold(lab, |lab, group| lab.with(Body::RuleCollectionGroup(group))).path()
    }

    fn policy(name: &str, base: Option<&str>, groups: Option<Vec<&str>>) -> FirewallPolicy {
        let group = |group: &str| id(&format!("firewallPolicies/{name}/ruleCollectionGroups/{group}"));
        FirewallPolicy {
            id: Some(id(&format!("firewallPolicies/{name}"))),
            name: name.to_owned(),
            base: base.map(|base| id(&format!("firewallPolicies/{base}"))),
            groups: groups.map(|groups| groups.into_iter().map(group).collect()),
            dns_proxy: None,
        }
    }

    fn group(policy: &str, name: &str, priority: u32, collections: Vec<RuleCollection>) -> RuleCollectionGroup {
        let id = id(&format!("firewallPolicies/{policy}/ruleCollectionGroups/{name}"));
        RuleCollectionGroup { id: Some(id), name: name.to_owned(), priority, collections }
    }

    fn at(path: &Path) -> Outcome {
        outcome(path, Stage::Firewall).expect("a firewall").clone()
    }

    fn name(text: &str) -> Peer {
        Peer::Name(text.to_owned())
    }

    const DENIES: Outcome = Outcome::Blocks(Fault::FirewallDenies);

    #[test]
    fn the_first_network_rule_decides() {
        for (collections, expected) in [
            (vec![], DENIES),
            (vec![network(100, true, Peer::Any)], Outcome::Passes),
            (vec![network(200, true, Peer::Any), network(100, false, Peer::Any)], DENIES),
            (vec![network(100, true, Peer::Prefix(prefix("20.118.99.224/32")))], Outcome::Passes),
            (vec![network(100, true, Peer::Range(address("20.118.99.1"), address("20.118.99.240")))], Outcome::Passes),
            (vec![network(100, true, Peer::Prefix(prefix("::/0")))], DENIES),
            (vec![network(100, true, name("AZKMS.core.windows.net"))], Outcome::Passes),
            (vec![network(100, true, name("kms.core.windows.net"))], Outcome::Passes),
            (vec![network(100, true, name("*.core.windows.net"))], DENIES),
            (vec![network(100, true, tag("AzurePlatformLKM"))], Outcome::Passes),
            (vec![network(100, true, tag("AzureCloud"))], Outcome::Unknown(Missing::Group("AzureCloud".to_owned()))),
            (vec![network(100, false, tag("AzureCloud"))], DENIES),
        ] {
            assert_eq!(at(&with_rules(collections.clone())), expected, "{collections:?}");
        }
        let nat = collection("nat", 100, CollectionKind::Nat, true, rule("kms", Peer::Any));
        assert_eq!(at(&with_rules(vec![nat])), DENIES, "for traffic to the firewall itself");
    }

    #[test]
    fn protocol_port_and_source_count() {
        let with = |change: fn(&mut FirewallRule)| {
            let mut collection = network(100, true, Peer::Any);
            change(&mut collection.rules[0]);
            at(&with_rules(vec![collection]))
        };
        assert_eq!(with(|rule| rule.protocols = vec![Protocol::Other]), DENIES);
        assert_eq!(with(|rule| rule.protocols = vec![Protocol::Other, Protocol::Any]), Outcome::Passes);
        assert_eq!(with(|rule| rule.destination_ports[0] = PortRange { first: 443, last: 443 }), DENIES);
        assert_eq!(with(|rule| rule.sources = vec![Peer::Prefix(prefix("10.1.0.0/24"))]), Outcome::Passes);
        assert_eq!(with(|rule| rule.sources = vec![Peer::Prefix(prefix("10.2.0.0/24"))]), DENIES);
        assert_eq!(with(|rule| rule.sources = vec![tag("VirtualNetwork")]), DENIES);
    }

    #[test]
    fn an_application_rule_does_not_open_kms() {
        let only = Outcome::Blocks(Fault::FirewallApplicationOnly);
        for (destination, allows, expected) in [
            (name("azkms.core.windows.net"), true, only.clone()),
            (name("*"), true, only.clone()),
            (name("*.core.windows.net"), true, only.clone()),
            (tag("WindowsVirtualDesktop"), true, only),
            (tag("WindowsUpdate"), true, DENIES),
            (name("www.contoso.com"), true, DENIES),
            (name("*"), false, DENIES),
        ] {
            let application = collection("app", 100, CollectionKind::Application, allows, rule("web", destination));
            assert_eq!(at(&with_rules(vec![application.clone()])), expected, "{application:?}");
        }
    }

    #[test]
    fn ip_groups_are_looked_up() {
        let with = |members: Option<Vec<Peer>>| {
            let rules = vec![network(100, true, Peer::IpGroup(id("ipGroups/kms")))];
            let lab = behind(Firewall { collections: rules, ..firewall() });
            let group = |members| IpGroup { id: Some(id("ipGroups/kms")), name: "kms".to_owned(), members };
            at(&members.into_iter().fold(lab, |lab, members| lab.with(Body::IpGroup(group(members)))).path())
        };
        assert_eq!(with(Some(vec![Peer::Prefix(prefix("20.118.99.224/32"))])), Outcome::Passes);
        assert_eq!(with(Some(vec![])), DENIES);
        assert_eq!(with(None), Outcome::Unknown(Missing::IpGroup("kms".to_owned())));
    }

    #[test]
    fn base_policies_go_first_and_groups_by_priority() {
        let allow = |priority| vec![network(priority, true, Peer::Any)];
        let deny = |priority| vec![network(priority, false, Peer::Any)];
        let own = || policy("own", Some("base"), None);
        let path = with_policies(
            vec![own(), policy("base", None, None)],
            vec![group("own", "g", 100, allow(100)), group("base", "g", 900, deny(900))],
        );
        assert_eq!(at(&path), DENIES, "the base policy, whatever the priority");
        let path = with_policies(
            vec![policy("own", None, None)],
            vec![group("own", "later", 300, deny(100)), group("own", "first", 200, allow(900))],
        );
        assert_eq!(at(&path), Outcome::Passes);
        let path = with_policies(
            vec![policy("own", None, None)],
            vec![group("own", "b", 200, deny(100)), group("own", "A", 200, allow(900))],
        );
        assert_eq!(at(&path), Outcome::Passes, "equal ones by name");
    }

    #[test]
    fn what_is_missing_of_a_policy_is_unknown_where_it_decides() {
        let missing = |name: &str| Outcome::Unknown(Missing::FirewallPolicy(name.to_owned()));
        let allow = || vec![network(100, true, Peer::Any)];
        assert_eq!(at(&with_policies(vec![], vec![])), missing("own"));
        assert_eq!(at(&with_policies(vec![policy("own", None, None)], vec![])), missing("own"));
        assert_eq!(at(&with_policies(vec![policy("own", None, Some(vec![]))], vec![])), DENIES, "it has none");
        let groups = || vec![group("own", "there", 100, allow())];
        let path = with_policies(vec![policy("own", None, Some(vec!["there", "gone"]))], groups());
        assert_eq!(at(&path), missing("gone"));
        assert_eq!(at(&with_policies(vec![policy("own", Some("base"), None)], groups())), missing("base"));
        let base = vec![policy("own", Some("base"), Some(vec!["gone"])), policy("base", None, None)];
        let path = with_policies(base, vec![group("base", "there", 100, allow())]);
        assert_eq!(at(&path), Outcome::Passes, "the base policy decided before");
    }

    #[test]
    fn a_policy_that_is_its_own_base_ends() {
        let policies = vec![policy("own", Some("base"), None), policy("base", Some("own"), None)];
        let path = with_policies(policies, vec![group("own", "g", 1, vec![network(1, true, Peer::Any)])]);
        assert_eq!(at(&path), Outcome::Unknown(Missing::FirewallPolicy("base".to_owned())), "it has no groups");
    }

    #[test]
    fn names_without_the_proxy_are_remarked_upon() {
        let with = |dns_proxy, peer| {
            let collections = vec![network(100, true, peer)];
            behind(Firewall { collections, dns_proxy, ..firewall() }).path()
        };
        let kms = || name("azkms.core.windows.net");
        assert!(remarks(&with(Some(false), kms()), RemarkKind::DnsProxyOff));
        assert!(!remarks(&with(Some(true), kms()), RemarkKind::DnsProxyOff));
        assert!(!remarks(&with(Some(false), Peer::Any), RemarkKind::DnsProxyOff));
        assert_eq!(with(Some(false), kms()).verdict(), Verdict::Reaches);
    }
}
