//! Security groups: rules by priority, and Azure's implicit allowance of KMS.

use crate::world::{Kms, Name, Prefix, Rules, SecurityGroup, SecurityRule, Who, World, own_rules};

use super::guess::every;
use super::{Fault, Guess, PORT, Sender, Step, agreed, routes};

/// The first ephemeral source port.
const EPHEMERAL: u16 = 49152;

/// Priority from which rules are Azure's own.
const OWN: u32 = 65000;

/// What stands at a place.
enum Place<'a> {
    Nothing,
    Group(&'a SecurityGroup),
    /// What Azure made of a group.
    Effective(&'a SecurityGroup),
    Unknown,
}

/// The rules at the interface.
pub(crate) fn at_interface(world: &World, sender: &Sender<'_>, kms: &Kms) -> Step {
    judge(world, &interface_place(world, sender), sender, kms)
}

/// The rules at its subnet.
pub(crate) fn at_subnet(world: &World, sender: &Sender<'_>, kms: &Kms) -> Step {
    judge(world, &subnet_place(world, sender), sender, kms)
}

/// The groups at both places, as far as they are there.
pub(crate) fn groups<'a>(world: &'a World, sender: &Sender<'a>) -> Vec<&'a SecurityGroup> {
    let group = |place| match place {
        Place::Group(group) | Place::Effective(group) => Some(group),
        Place::Nothing | Place::Unknown => None,
    };
    [interface_place(world, sender), subnet_place(world, sender)].into_iter().filter_map(group).collect()
}

fn interface_place<'a>(world: &'a World, sender: &Sender<'a>) -> Place<'a> {
    let named = sender.interface.map(|interface| &interface.security_group);
    place(world, sender, |rules| rules.at_interface.as_ref(), named)
}

fn subnet_place<'a>(world: &'a World, sender: &Sender<'a>) -> Place<'a> {
    let named = sender.subnet(world).map(|subnet| &subnet.security_group);
    place(world, sender, |rules| rules.at_subnet.as_ref(), named)
}

/// `named`: the group that interface or subnet names, if these are there.
fn place<'a>(
    world: &'a World,
    sender: &Sender<'a>,
    effective: impl Fn(&'a Rules) -> Option<&'a SecurityGroup>,
    named: Option<&'a Option<Name>>,
) -> Place<'a> {
    let rules = world.rules().find(|rules| rules.interface == sender.name);
    if let Some(group) = rules.and_then(effective) {
        return Place::Effective(group);
    }
    match named {
        None if rules.is_none() => Place::Unknown,
        None | Some(None) => Place::Nothing,
        Some(Some(name)) => find(world, name).map_or(Place::Unknown, Place::Group),
    }
}

fn find<'a>(world: &'a World, name: &str) -> Option<&'a SecurityGroup> {
    world.security_groups().find(|group| group.name == name)
}

fn judge(world: &World, place: &Place<'_>, sender: &Sender<'_>, kms: &Kms) -> Step {
    let (group, is_effective) = match place {
        Place::Nothing => return Step::Passes,
        Place::Unknown => return Step::Unknown,
        Place::Group(group) => (*group, false),
        Place::Effective(group) => (*group, true),
    };
    let mut rules: Vec<_> = group.rules.iter().filter(|rule| rule.is_outbound).cloned().collect();
    if !rules.iter().any(|rule| rule.priority >= OWN) {
        rules.extend(own_rules());
    }
    rules.sort_by_key(|rule| rule.priority);
    agreed(every(|guess| {
        if allows(world, &rules, sender, kms, guess) {
            return Step::Passes;
        }
        let original = if is_effective { find(world, &group.name) } else { Some(group) };
        let names_everything = match original {
            Some(original) => names_everything(original),
            None => names_everything(group) && guess.ask("0.0.0.0/0 was written so"),
        };
        let mut losses = Vec::new();
        if denies_tag(group) {
            losses.push(Fault::DeniedLicenceTag);
        }
        if names_everything {
            losses.push(Fault::DeniedRuleForEverything);
        }
        if routes::has_default_of_user(world, sender).unwrap_or_else(|| guess.ask("a default route of the user")) {
            losses.push(Fault::DeniedDefaultRoute);
        }
        if losses.is_empty() { Step::Passes } else { Step::Blocks(losses) }
    }))
}

/// Whether an outbound rule of the user names `0.0.0.0/0` literally.
fn names_everything(group: &SecurityGroup) -> bool {
    of_user(group).any(|rule| rule.destinations.contains(&Who::Prefix(Prefix::ALL)))
}

/// Whether an outbound rule of the user denies the tag of KMS.
fn denies_tag(group: &SecurityGroup) -> bool {
    of_user(group).any(|rule| !rule.allows && rule.destinations.contains(&Who::Tag("AzurePlatformLKM")))
}

fn of_user(group: &SecurityGroup) -> impl Iterator<Item = &SecurityRule> {
    group.rules.iter().filter(|rule| rule.is_outbound && rule.priority < OWN)
}

/// Whether the first rule that matches allows.
fn allows(world: &World, rules: &[SecurityRule], sender: &Sender<'_>, kms: &Kms, guess: &mut Guess) -> bool {
    for rule in rules {
        if rule.protocol.takes_tcp()
            && rule.ports.iter().any(|(from, to)| (*from..=*to).contains(&PORT))
            && takes_source_port(rule, guess)
            && rule.sources.iter().any(|who| is_source(who, rule, sender, guess))
            && rule.destinations.iter().any(|who| is_destination(world, who, rule, sender, kms, guess))
        {
            return rule.allows;
        }
    }
    false
}

/// Tries the ephemeral ports at which ranges begin and end: between two of these all fare alike. If only some are taken, it is
/// unknown whether the packets are among them.
fn takes_source_port(rule: &SecurityRule, guess: &mut Guess) -> bool {
    let mut tried: Vec<u16> = rule.source_ports.iter().flat_map(|(from, to)| [*from, to.saturating_add(1)]).collect();
    tried.extend([EPHEMERAL, u16::MAX]);
    tried.retain(|port| *port >= EPHEMERAL);
    let is_taken = |port: &&u16| rule.source_ports.iter().any(|(from, to)| (from..=to).contains(port));
    match tried.iter().filter(is_taken).count() {
        0 => false,
        taken if taken == tried.len() => true,
        _ => guess.ask(&format!("the source port of {}", rule.name)),
    }
}

fn is_source(who: &Who, rule: &SecurityRule, sender: &Sender<'_>, guess: &mut Guess) -> bool {
    match (who, sender.interface) {
        (Who::Any | Who::Tag("VirtualNetwork") | Who::Prefix(Prefix::ALL), _) => true,
        (Who::Prefix(prefix), Some(interface)) => prefix.holds(interface.address),
        (Who::Group(name), Some(interface)) => interface.groups.contains(name),
        (Who::Prefix(_) | Who::Group(_), None) => guess.ask(&format!("the source of {}", rule.name)),
        _ => false,
    }
}

fn is_destination(
    world: &World,
    who: &Who,
    rule: &SecurityRule,
    sender: &Sender<'_>,
    kms: &Kms,
    guess: &mut Guess,
) -> bool {
    let resolved = rule.resolved.as_ref().map(|list| list.iter().any(|prefix| prefix.holds(kms.address)));
    match who {
        Who::Any | Who::Tag("Internet" | "AzurePlatformLKM") => true,
        Who::Prefix(prefix) => prefix.holds(kms.address),
        Who::Tag("VirtualNetwork") => resolved.unwrap_or_else(|| is_in_network(world, sender, kms.address)),
        Who::Tag("AzurePlatformDNS" | "AzurePlatformIMDS") => false,
        Who::Tag(tag) => resolved.unwrap_or_else(|| guess.ask(&format!("{tag} in {}", rule.name))),
        _ => false,
    }
}

/// Whether the address lies in the address space of the network or of its connected peerings.
fn is_in_network(world: &World, sender: &Sender<'_>, address: u32) -> bool {
    let network = sender.place(world).and_then(|(network, _)| world.network(network));
    network.is_some_and(|network| {
        let peered = network.peerings.iter().filter(|peering| peering.is_connected).flat_map(|peering| &peering.space);
        network.space.iter().chain(peered).any(|prefix| prefix.holds(address))
    })
}
