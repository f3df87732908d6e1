//! Azure Firewall: its own rules, its policies, IP groups.

use kmsdoctor_cloud::azure::{
    CollectionKind, Firewall, FirewallPolicy, FirewallRule, IpGroup, Peer, ResourceId, RuleCollection,
    RuleCollectionGroup,
};

use super::item::{self, Named};
use super::{Source, security};
use crate::readers::cloud::json::{Object, Value};

/// Lists of a firewall's own collections.
const OWN_COLLECTIONS: [(&str, CollectionKind); 3] = [
    ("natRuleCollections", CollectionKind::Nat),
    ("networkRuleCollections", CollectionKind::Network),
    ("applicationRuleCollections", CollectionKind::Application),
];

pub(super) fn firewall(object: &Object<'_>, named: Named, source: Source<'_>) -> Firewall {
    let configurations = || item::objects(object, "ipConfigurations");
    let hub_addresses = item::object(object, "hubIPAddresses");
    let mut private_addresses: Vec<_> =
        configurations().filter_map(|configuration| item::address(configuration, "privateIPAddress")).collect();
    private_addresses.extend(hub_addresses.and_then(|addresses| item::address(addresses, "privateIPAddress")));
    let settings = item::object(object, "additionalProperties");
    Firewall {
        id: named.id,
        name: named.name,
        private_addresses,
        subnet: configurations().find_map(|configuration| item::reference(configuration, "subnet").flatten()),
        has_public_address: Some(
            configurations().any(|configuration| item::get(configuration, "publicIPAddress").is_some())
                || hub_addresses.is_some_and(has_public_addresses),
        ),
        hub: item::reference(object, "virtualHub").flatten(),
        policy: item::reference(object, "firewallPolicy").flatten(),
        collections: OWN_COLLECTIONS
            .iter()
            .flat_map(|(list, kind)| item::objects(object, list).map(|part| (part, *kind)))
            .map(|(part, kind)| collection(part, kind, item::objects(part, "rules"), source))
            .collect(),
        dns_proxy: settings.and_then(|settings| settings.member("Network.DNS.EnableProxy")).and_then(Value::flag),
    }
}

fn has_public_addresses(addresses: &Object<'_>) -> bool {
    let public = item::object(addresses, "publicIPs");
    public.is_some_and(|public| {
        item::objects(public, "addresses").next().is_some() || item::number::<u32>(public, "count").unwrap_or(0) > 0
    })
}

pub(super) fn policy(object: &Object<'_>, named: Named) -> FirewallPolicy {
    FirewallPolicy {
        id: named.id,
        name: named.name,
        base: item::reference(object, "basePolicy").flatten(),
        groups: item::is_list(object, "ruleCollectionGroups").then(|| item::references(object, "ruleCollectionGroups")),
        dns_proxy: item::object(object, "dnsSettings")
            .and_then(|settings| item::get(settings, "enableProxy"))
            .and_then(Value::flag),
    }
}

pub(super) fn rule_collection_group(object: &Object<'_>, named: Named, source: Source<'_>) -> RuleCollectionGroup {
    RuleCollectionGroup {
        id: named.id,
        name: named.name,
        priority: item::number(object, "priority").unwrap_or_default(),
        collections: item::objects(object, "ruleCollections").flat_map(|part| collections(part, source)).collect(),
    }
}

/// A collection of a policy names the kind of each of its rules.
fn collections(object: &Object<'_>, source: Source<'_>) -> Vec<RuleCollection> {
    let kinds = [CollectionKind::Nat, CollectionKind::Network, CollectionKind::Application];
    let of = |kind: CollectionKind| {
        item::objects(object, "rules").filter(move |rule| kind_of(rule) == kind).collect::<Vec<_>>()
    };
    let rules = kinds.map(|kind| (kind, of(kind)));
    let filled = rules.into_iter().filter(|(_, rules)| !rules.is_empty());
    filled.map(|(kind, rules)| collection(object, kind, rules.into_iter(), source)).collect()
}

fn kind_of(rule: &Object<'_>) -> CollectionKind {
    match item::text(rule, "ruleType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "natrule" => CollectionKind::Nat,
        "applicationrule" => CollectionKind::Application,
        _ => CollectionKind::Network,
    }
}

fn collection<'v, 't: 'v>(
    object: &Object<'_>,
    kind: CollectionKind,
    rules: impl Iterator<Item = &'v Object<'t>>,
    source: Source<'_>,
) -> RuleCollection {
    let action = item::object(object, "action").and_then(|action| item::text(action, "type"));
    RuleCollection {
        name: item::text(object, "name").unwrap_or_default(),
        priority: item::number(object, "priority").unwrap_or_default(),
        kind,
        allows: action.is_some_and(|action| action.eq_ignore_ascii_case("allow")),
        rules: rules.map(|rule| self::rule(rule, kind, source)).collect(),
    }
}

fn rule(object: &Object<'_>, kind: CollectionKind, source: Source<'_>) -> FirewallRule {
    let mut sources = ends(object, "sourceAddresses", "sourceIpGroups");
    let mut destinations = if kind == CollectionKind::Application {
        application_destinations(object)
    } else {
        let mut destinations = ends(object, "destinationAddresses", "destinationIpGroups");
        destinations.extend(names(object, "destinationFqdns"));
        destinations
    };
    let mut protocols = Vec::new();
    let mut destination_ports = Vec::new();
    if kind != CollectionKind::Application {
        let written = [item::texts(object, "ipProtocols"), item::texts(object, "protocols")].concat();
        let read: Option<Vec<_>> = written.iter().map(|text| security::protocol(text)).collect();
        let ports = security::ports(&item::texts(object, "destinationPorts"));
        if read.is_none() || ports.is_none() {
            destinations = vec![Peer::Unreadable(written.join(" "))];
        }
        protocols = read.unwrap_or_else(|| vec![kmsdoctor_cloud::azure::Protocol::Any]);
        destination_ports = ports.unwrap_or_else(|| vec![security::ALL_PORTS]);
    }
    if sources.is_empty() {
        sources.push(Peer::Unreadable("sources".to_owned()));
    }
    FirewallRule {
        name: item::text(object, "name").unwrap_or_default(),
        protocols,
        sources,
        destinations,
        destination_ports,
        origin: Some(source.origin(object)),
    }
}

fn ends(object: &Object<'_>, addresses: &str, groups: &str) -> Vec<Peer> {
    let mut peers: Vec<Peer> = item::texts(object, addresses).into_iter().map(security::peer).collect();
    peers.extend(item::texts(object, groups).into_iter().map(|group| Peer::IpGroup(ResourceId::new(group))));
    peers
}

fn names<'v>(object: &'v Object<'_>, list: &str) -> impl Iterator<Item = Peer> + 'v {
    item::texts(object, list).into_iter().map(|name| Peer::Name(name.to_owned()))
}

fn application_destinations(object: &Object<'_>) -> Vec<Peer> {
    let mut peers: Vec<Peer> = ["targetFqdns", "targetUrls"].iter().flat_map(|list| names(object, list)).collect();
    let tags = ["fqdnTags", "webCategories"].iter().flat_map(|list| item::texts(object, list));
    peers.extend(tags.map(|tag| Peer::Tag(tag.to_owned())));
    peers
}

pub(super) fn ip_group(object: &Object<'_>, named: Named) -> IpGroup {
    let members = item::texts(object, "ipAddresses").into_iter().map(security::peer).collect();
    IpGroup { id: named.id, name: named.name, members }
}
