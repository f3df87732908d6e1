//! Objects of the Compute Engine API as resources, by their `kind`.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use kmsdoctor_cloud::google::{
    Action, Body, FirewallPolicy, FirewallRule, Instance, Interface, Level, Link, Nat, Network, Order, PolicyRule,
    Route, RouteTarget, Router, Service, Subnet, Targets, Traffic,
};

use crate::readers::cloud::json::{Object, Value};

/// Priority of a rule or route that does not say any (Compute Engine API).
const PRIORITY_DEFAULT: u32 = 1000;

/// Hands on what an object describes.
pub(super) fn of(object: &Object<'_>, add: &mut dyn FnMut(Body)) {
    let Some(kind) = text(object, "kind").and_then(|kind| kind.strip_prefix("compute#")) else {
        effective(object, add);
        return;
    };
    let body = match kind {
        "instance" => instance(object).map(Body::Instance),
        "subnetwork" => subnet(object).map(Body::Subnet),
        "network" => network(object).map(Body::Network),
        "firewall" => rule(object).map(Body::FirewallRule),
        "firewallPolicy" => policy(object).map(Body::FirewallPolicy),
        "route" => route(object).map(Body::Route),
        "router" => router(object).map(Body::Router),
        _ => None,
    };
    body.into_iter().for_each(add);
}

fn text<'o>(object: &'o Object<'_>, name: &str) -> Option<&'o str> {
    object.member(name).and_then(Value::text)
}

fn list<'o, 't>(object: &'o Object<'t>, name: &str) -> &'o [Value<'t>] {
    object.member(name).map_or(&[], Value::list)
}

fn objects<'o, 't>(object: &'o Object<'t>, name: &str) -> impl Iterator<Item = &'o Object<'t>> {
    list(object, name).iter().filter_map(Value::object)
}

fn texts(object: &Object<'_>, name: &str) -> Vec<String> {
    list(object, name).iter().filter_map(Value::text).map(str::to_owned).collect()
}

fn flag(object: &Object<'_>, name: &str) -> Option<bool> {
    object.member(name).and_then(Value::flag)
}

fn number(object: &Object<'_>, name: &str) -> Option<u32> {
    text(object, name)?.parse().ok()
}

fn link(object: &Object<'_>, name: &str) -> Option<Link> {
    text(object, name).map(Link::new)
}

/// The resource's own link; its name where the export leaves the link out.
fn own_link(object: &Object<'_>) -> Option<Link> {
    link(object, "selfLink").or_else(|| link(object, "name"))
}

fn last_part(text: &str) -> String {
    text.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

fn instance(object: &Object<'_>) -> Option<Instance> {
    let disks = || objects(object, "disks");
    let is_windows = |feature: &Object<'_>| text(feature, "type") == Some("WINDOWS");
    let tags = object.member("tags").and_then(Value::object);
    // The export of an instance always has `tags`, if only with a fingerprint; what has none is an extract.
    let accounts = tags.map(|_| objects(object, "serviceAccounts").filter_map(|account| text(account, "email")));
    Some(Instance {
        link: own_link(object)?,
        zone: text(object, "zone").map(last_part),
        interfaces: objects(object, "networkInterfaces").enumerate().map(interface).collect(),
        licenses: disks().flat_map(|disk| texts(disk, "licenses")).map(|licence| last_part(&licence)).collect(),
        has_windows_feature: disks().any(|disk| objects(disk, "guestOsFeatures").any(is_windows)),
        tags: tags.map(|tags| texts(tags, "items")),
        service_accounts: accounts.map(|accounts| accounts.map(str::to_owned).collect()),
    })
}

fn interface((index, object): (usize, &Object<'_>)) -> Interface {
    Interface {
        name: text(object, "name").map_or_else(|| format!("nic{index}"), str::to_owned),
        network: link(object, "network"),
        subnet: link(object, "subnetwork"),
        address: text(object, "networkIP").and_then(|address| address.parse::<IpAddr>().ok()),
        has_external_address: !list(object, "accessConfigs").is_empty(),
    }
}

fn subnet(object: &Object<'_>) -> Option<Subnet> {
    Some(Subnet { link: own_link(object)?, has_private_google_access: flag(object, "privateIpGoogleAccess") })
}

fn network(object: &Object<'_>) -> Option<Network> {
    let order = text(object, "networkFirewallPolicyEnforcementOrder").and_then(|order| match order {
        "AFTER_CLASSIC_FIREWALL" => Some(Order::AfterRules),
        "BEFORE_CLASSIC_FIREWALL" => Some(Order::BeforeRules),
        _ => None,
    });
    Some(Network { link: own_link(object)?, order })
}

fn rule(object: &Object<'_>) -> Option<FirewallRule> {
    let allows = object.member("allowed").is_some();
    Some(FirewallRule {
        name: text(object, "name")?.to_owned(),
        network: link(object, "network")?,
        priority: number(object, "priority").unwrap_or(PRIORITY_DEFAULT),
        is_disabled: flag(object, "disabled") == Some(true),
        allows,
        traffic: Traffic {
            is_egress: text(object, "direction") == Some("EGRESS"),
            sources: ranges(object, "sourceRanges").unwrap_or_default(),
            destinations: ranges(object, "destinationRanges"),
            services: services(object, if allows { "allowed" } else { "denied" }, "IPProtocol"),
        },
        targets: Some(Targets {
            tags: texts(object, "targetTags"),
            service_accounts: texts(object, "targetServiceAccounts"),
        }),
    })
}

/// Address ranges; `None` where one of them cannot be read.
fn ranges(object: &Object<'_>, name: &str) -> Option<Vec<IpNet>> {
    list(object, name).iter().map(|range| self::range(range.text()?)).collect()
}

/// A range, or an address alone.
pub(super) fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn services(object: &Object<'_>, name: &str, protocol: &str) -> Option<Vec<Service>> {
    let service = |value: &Value<'_>| {
        let service = value.object()?;
        let ports = list(service, "ports").iter().map(|port| ports(port.text()?)).collect::<Option<_>>()?;
        Some(Service { protocol: text(service, protocol)?.to_owned(), ports })
    };
    list(object, name).iter().map(service).collect()
}

/// `1688`, `1024-65535`.
pub(super) fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
}

fn policy(object: &Object<'_>) -> Option<FirewallPolicy> {
    let associated = || objects(object, "associations").filter_map(|one| text(one, "attachmentTarget"));
    let own = link(object, "selfLink");
    let is_above = |target: &str| target.contains("organizations/") || target.contains("folders/");
    let is_hierarchy = text(object, "parent").is_some_and(is_above)
        || associated().any(is_above)
        || own.as_ref().is_some_and(|link| link.as_str().contains("locations/"));
    let level = match text(object, "region") {
        _ if is_hierarchy => Level::Hierarchy,
        Some(region) => Level::Region(last_part(region)),
        None => Level::Network,
    };
    let is_told = level != Level::Hierarchy && object.member("associations").is_some();
    Some(FirewallPolicy {
        name: policy_name(object)?,
        level,
        networks: is_told.then(|| associated().map(Link::new).collect()),
        rules: objects(object, "rules").map(policy_rule).collect(),
    })
}

/// Policies of organisations and folders have a number for a name.
fn policy_name(object: &Object<'_>) -> Option<String> {
    let names = ["shortName", "displayName", "name"];
    names.into_iter().find_map(|name| text(object, name)).map(str::to_owned)
}

/// Conditions that name addresses, and those that no export resolves.
const OTHER_CONDITIONS: [&str; 6] = [
    "destAddressGroups",
    "destFqdns",
    "destRegionCodes",
    "destThreatIntelligences",
    "destNetworkScope",
    "destNetworkType",
];

fn policy_rule(object: &Object<'_>) -> PolicyRule {
    let empty = Object::default();
    let condition = object.member("match").and_then(Value::object).unwrap_or(&empty);
    let is_set = |name: &str| condition.member(name).is_some_and(|value| *value != Value::List(Vec::new()));
    let has_other_conditions =
        OTHER_CONDITIONS.iter().any(|name| is_set(name)) || !list(object, "targetSecureTags").is_empty();
    PolicyRule {
        priority: number(object, "priority").unwrap_or(u32::MAX),
        is_disabled: flag(object, "disabled") == Some(true),
        action: match text(object, "action") {
            Some("allow") => Action::Allow,
            Some("goto_next") => Action::Next,
            Some(deny) if deny.starts_with("deny") => Action::Deny,
            _ => Action::Other,
        },
        traffic: Traffic {
            is_egress: text(object, "direction") == Some("EGRESS"),
            sources: ranges(condition, "srcIpRanges").unwrap_or_default(),
            destinations: ranges(condition, "destIpRanges"),
            services: services(condition, "layer4Configs", "ipProtocol"),
        },
        networks: list(object, "targetResources").iter().filter_map(Value::text).map(Link::new).collect(),
        service_accounts: texts(object, "targetServiceAccounts"),
        has_other_conditions,
    }
}

/// What `gcloud compute networks get-effective-firewalls` gives: every policy and rule that holds for one network, without
/// saying for which; its rules do.
fn effective(object: &Object<'_>, add: &mut dyn FnMut(Body)) {
    if object.member("firewallPolicys").is_none() && object.member("firewalls").is_none() {
        return;
    }
    let rules: Vec<FirewallRule> = objects(object, "firewalls").filter_map(rule).collect();
    let network = rules.first().map(|rule| vec![rule.network.clone()]);
    for one in objects(object, "firewallPolicys") {
        let Some(name) = policy_name(one) else { continue };
        let level = match text(one, "type").unwrap_or_default() {
            "NETWORK" => Level::Network,
            "NETWORK_REGIONAL" => Level::Region(text(one, "region").map(last_part).unwrap_or_default()),
            kind if kind.starts_with("SYSTEM") => Level::System,
            _ => Level::Hierarchy,
        };
        add(Body::FirewallPolicy(FirewallPolicy {
            name,
            level,
            networks: network.clone(),
            rules: objects(one, "rules").map(policy_rule).collect(),
        }));
    }
    rules.into_iter().map(Body::FirewallRule).for_each(add);
}

type Target = fn(String) -> RouteTarget;

/// Members of a route that name its next hop, and what kind it is.
const NEXT_HOPS: [(&str, Target); 9] = [
    ("nextHopGateway", gateway),
    ("nextHopVpnTunnel", RouteTarget::Gateway),
    ("nextHopInterconnectAttachment", RouteTarget::Gateway),
    ("nextHopHub", RouteTarget::Gateway),
    ("nextHopInstance", RouteTarget::Appliance),
    ("nextHopIlb", RouteTarget::Appliance),
    ("nextHopIp", RouteTarget::Appliance),
    ("nextHopNetwork", RouteTarget::Network),
    ("nextHopPeering", RouteTarget::Network),
];

fn gateway(name: String) -> RouteTarget {
    if name == "default-internet-gateway" { RouteTarget::InternetGateway } else { RouteTarget::Other(name) }
}

fn route(object: &Object<'_>) -> Option<Route> {
    let named = NEXT_HOPS.iter().find_map(|(name, target)| Some(target(last_part(text(object, name)?))));
    Some(Route {
        name: text(object, "name")?.to_owned(),
        network: link(object, "network")?,
        destination: range(text(object, "destRange")?)?,
        priority: number(object, "priority").unwrap_or(PRIORITY_DEFAULT),
        next_hop: named.unwrap_or_else(|| RouteTarget::Other(String::new())),
        tags: Some(texts(object, "tags")),
    })
}

fn router(object: &Object<'_>) -> Option<Router> {
    let nats = objects(object, "nats").filter(|nat| text(nat, "type") != Some("PRIVATE"));
    Some(Router {
        link: own_link(object)?,
        network: link(object, "network")?,
        learns_routes: !list(object, "bgpPeers").is_empty(),
        nats: nats.map(nat).collect(),
    })
}

fn nat(object: &Object<'_>) -> Nat {
    let is_listed = text(object, "sourceSubnetworkIpRangesToNat") == Some("LIST_OF_SUBNETWORKS");
    let subnets = || objects(object, "subnetworks").filter_map(|subnet| link(subnet, "name")).collect();
    Nat { name: text(object, "name").unwrap_or_default().to_owned(), subnets: is_listed.then(subnets) }
}
