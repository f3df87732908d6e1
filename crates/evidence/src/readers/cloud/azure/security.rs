//! Security groups and what holds of them at an interface.

use std::net::IpAddr;

use kmsdoctor_cloud::azure::{EffectiveSecurityGroup, Peer, PortRange, Protocol, SecurityGroup, SecurityRule};
use kmsdoctor_core::fact::Origin;

use super::Source;
use super::item::{self, Named};
use crate::readers::cloud::json::Object;

/// Priority of the first of Azure's own rules.
const OWN_PRIORITY: u32 = 65000;
/// What effective rules put before the names of rules.
const NAME_PREFIXES: [&str; 4] = ["securityRules/", "defaultSecurityRules/", "UserRule_", "DefaultRule_"];
/// Stands for rules that are cut off.
pub(super) const CUT_OFF: &str = "cut off";

/// Whether an object is a rule, with or without an id.
pub(super) fn is_rule(object: &Object<'_>) -> bool {
    ["access", "direction", "priority"].iter().all(|name| item::get(object, name).is_some())
}

pub(super) fn group(object: &Object<'_>, named: Named, source: Source<'_>) -> SecurityGroup {
    let rules = ["securityRules", "defaultSecurityRules"]
        .iter()
        .flat_map(|list| item::objects(object, list))
        .map(|rule| self::rule(rule, source))
        .collect();
    SecurityGroup { id: named.id, name: named.name, rules }
}

/// Adds Azure's own outbound rules where an export leaves them out.
pub(super) fn complete(rules: &mut Vec<SecurityRule>) {
    if rules.iter().any(|rule| rule.is_outbound && rule.priority >= OWN_PRIORITY) {
        return;
    }
    let tag = |name: &str| Peer::Tag(name.to_owned());
    let own = [
        ("AllowVnetOutBound", OWN_PRIORITY, tag("VirtualNetwork"), tag("VirtualNetwork"), true),
        ("AllowInternetOutBound", OWN_PRIORITY + 1, Peer::Any, tag("Internet"), true),
        ("DenyAllOutBound", 65500, Peer::Any, Peer::Any, false),
    ];
    rules.extend(own.map(|(name, priority, source, destination, allows)| SecurityRule {
        name: name.to_owned(),
        priority,
        is_outbound: true,
        allows,
        protocol: Protocol::Any,
        sources: vec![source],
        source_ports: vec![ALL_PORTS],
        destinations: vec![destination],
        destination_ports: vec![ALL_PORTS],
        origin: None,
    }));
}

/// One entry of the effective groups of an interface.
pub(super) fn effective_group(object: &Object<'_>, source: Source<'_>) -> EffectiveSecurityGroup {
    let association = item::object(object, "association");
    let at = |name: &str| association.and_then(|at| item::reference(at, name).flatten());
    EffectiveSecurityGroup {
        group: item::reference(object, "networkSecurityGroup").flatten(),
        interface: at("networkInterface"),
        subnet: at("subnet"),
        rules: item::objects(object, "effectiveSecurityRules").map(|rule| effective_rule(rule, source)).collect(),
    }
}

/// A rule of a group.
pub(super) fn rule(object: &Object<'_>, source: Source<'_>) -> SecurityRule {
    let mut sources = peers(object, "source");
    let mut destinations = peers(object, "destination");
    for (list, name) in
        [(&mut sources, "sourceApplicationSecurityGroups"), (&mut destinations, "destinationApplicationSecurityGroups")]
    {
        list.extend(item::references(object, name).into_iter().map(Peer::ApplicationGroup));
    }
    let text = |name: &str| item::text(object, name).unwrap_or_default();
    Written {
        name: text("name"),
        priority: &text("priority"),
        direction: &text("direction"),
        access: &text("access"),
        protocol: &text("protocol"),
        sources,
        source_ports: &ports_of(object, "source"),
        destinations,
        destination_ports: &ports_of(object, "destination"),
    }
    .rule(source.origin(object))
}

/// A rule as it holds at an interface: its tags are resolved, and its name says whose it is. `0.0.0.0/0` stands for `*`, too,
/// which is for the judgement to know.
pub(super) fn effective_rule(object: &Object<'_>, source: Source<'_>) -> SecurityRule {
    let mut rule = rule(object, source);
    if let Some(name) = NAME_PREFIXES.iter().find_map(|prefix| rule.name.strip_prefix(prefix)) {
        rule.name = name.to_owned();
    }
    for (peers, expanded) in [
        (&mut rule.sources, "expandedSourceAddressPrefix"),
        (&mut rule.destinations, "expandedDestinationAddressPrefix"),
    ] {
        let nets = item::prefixes(object, expanded);
        if let [Peer::Tag(tag)] = &peers[..]
            && !nets.is_empty()
        {
            *peers = vec![Peer::ResolvedTag(tag.clone(), nets)];
        }
    }
    rule
}

/// Stands for the rules behind the place where a list is cut off: any of them may decide.
pub(super) fn cut_off(origin: Origin) -> SecurityRule {
    Written {
        name: CUT_OFF.to_owned(),
        priority: "",
        direction: "",
        access: "",
        protocol: "",
        sources: Vec::new(),
        source_ports: &[],
        destinations: Vec::new(),
        destination_ports: &[],
    }
    .rule(origin)
}

/// A rule in words. What of it cannot be read makes it one of which nobody knows what it matches.
pub(super) struct Written<'w> {
    pub(super) name: String,
    pub(super) priority: &'w str,
    pub(super) direction: &'w str,
    pub(super) access: &'w str,
    pub(super) protocol: &'w str,
    pub(super) sources: Vec<Peer>,
    pub(super) source_ports: &'w [&'w str],
    pub(super) destinations: Vec<Peer>,
    pub(super) destination_ports: &'w [&'w str],
}

impl Written<'_> {
    /// The rule.
    pub(super) fn rule(self, origin: Origin) -> SecurityRule {
        let priority = self.priority.parse().ok();
        let access = word(self.access, "allow", "deny");
        let direction = word(self.direction, "outbound", "inbound");
        let protocol = protocol(self.protocol);
        let source_ports = ports(self.source_ports);
        let destination_ports = ports(self.destination_ports);
        let unreadable = [
            (priority.is_none(), self.priority),
            (access.is_none(), self.access),
            (direction.is_none(), self.direction),
            (protocol.is_none(), self.protocol),
            (source_ports.is_none(), "source ports"),
            (destination_ports.is_none(), "destination ports"),
            (self.sources.is_empty(), "sources"),
            (self.destinations.is_empty(), "destinations"),
        ]
        .iter()
        .find_map(|(is_unreadable, text)| is_unreadable.then(|| Peer::Unreadable((*text).to_owned())));
        let is_readable = unreadable.is_none();
        let all = || vec![ALL_PORTS];
        SecurityRule {
            name: self.name,
            priority: priority.unwrap_or_default(),
            is_outbound: direction.unwrap_or(true),
            allows: access.unwrap_or_default(),
            protocol: protocol.unwrap_or(Protocol::Any),
            sources: if is_readable { self.sources } else { vec![Peer::Any] },
            source_ports: source_ports.filter(|_| is_readable).unwrap_or_else(all),
            destinations: unreadable.map_or(self.destinations, |unreadable| vec![unreadable]),
            destination_ports: destination_ports.filter(|_| is_readable).unwrap_or_else(all),
            origin: Some(origin),
        }
    }
}

/// Which of two words it is.
fn word(text: &str, yes: &str, no: &str) -> Option<bool> {
    let is_yes = text.eq_ignore_ascii_case(yes);
    (is_yes || text.eq_ignore_ascii_case(no)).then_some(is_yes)
}

/// `*`, `Tcp`, `All`; templates may have a number.
pub(super) fn protocol(text: &str) -> Option<Protocol> {
    match text.to_ascii_lowercase().as_str() {
        "*" | "all" | "any" => Some(Protocol::Any),
        "tcp" | "6" => Some(Protocol::Tcp),
        "udp" | "icmp" | "icmpv6" | "esp" | "ah" | "1" | "17" | "50" | "51" | "58" => Some(Protocol::Other),
        _ => None,
    }
}

/// `*`.
pub(super) const ALL_PORTS: PortRange = PortRange { first: 0, last: u16::MAX };

/// Ports as rules have them: `*`, `1688`, `0-65535`. None if one of them cannot be read, or there are none.
pub(super) fn ports(texts: &[&str]) -> Option<Vec<PortRange>> {
    let ports: Option<Vec<PortRange>> = texts.iter().map(|text| port(text)).collect();
    ports.filter(|ports| !ports.is_empty())
}

fn port(text: &str) -> Option<PortRange> {
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return Some(ALL_PORTS);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(PortRange { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? })
}

fn ports_of<'v>(object: &'v Object<'_>, end: &str) -> Vec<&'v str> {
    one_or_several(object, &format!("{end}PortRange"))
}

fn peers(object: &Object<'_>, end: &str) -> Vec<Peer> {
    one_or_several(object, &format!("{end}AddressPrefix")).into_iter().map(peer).collect()
}

/// What stands in the property for several values, else in the one for a single one: effective rules write it into both.
fn one_or_several<'v>(object: &'v Object<'_>, name: &str) -> Vec<&'v str> {
    let several = if name.ends_with("Prefix") { format!("{name}es") } else { format!("{name}s") };
    let mut texts = item::texts(object, &several);
    if texts.is_empty() {
        texts = item::texts(object, name);
    }
    texts.dedup();
    texts
}

/// One end of a rule: `*`, a prefix, an address, a range, a service tag.
pub(super) fn peer(text: &str) -> Peer {
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return Peer::Any;
    }
    if let Some(net) = item::prefix(text) {
        return Peer::Prefix(net);
    }
    if let Some((first, last)) = text.split_once('-')
        && let (Ok(first), Ok(last)) = (first.trim().parse::<IpAddr>(), last.trim().parse::<IpAddr>())
    {
        return Peer::Range(first, last);
    }
    if is_tag(text) { Peer::Tag(text.to_owned()) } else { Peer::Unreadable(text.to_owned()) }
}

/// Whether text is written like a service tag: `AzureCloud.japaneast`.
pub(super) fn is_tag(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
