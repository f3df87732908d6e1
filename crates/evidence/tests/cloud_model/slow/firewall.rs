//! Azure Firewall: its rules, the routes of its subnet, its public address.

use crate::world::{Collection, CollectionRules, Firewall, Kms, NetworkRule, Place, Policy, Prefix, Who, World};

use super::guess::every;
use super::routes::Lead;
use super::{Fault, Guess, PORT, Sender, Stage, Step, agreed, routes};

/// What becomes of packets from their arrival at the firewall on.
pub(crate) fn walk(world: &World, firewall: &Firewall, sender: &Sender<'_>, kms: &Kms) -> Vec<(Stage, Step)> {
    let mut steps = vec![(Stage::Firewall, rules(world, firewall, sender, kms))];
    let lead = behind(world, firewall, kms.address);
    steps.push((Stage::FirewallRoute, lead.step()));
    if lead == Lead::Internet && firewall.public_addresses == 0 {
        steps.push((Stage::Outbound, Step::Blocks(vec![Fault::FirewallWithoutAddress])));
    }
    steps
}

/// Where the firewall's own subnet leads them.
fn behind<'a>(world: &'a World, firewall: &Firewall, address: u32) -> Lead<'a> {
    let Place::Network(network) = &firewall.place else { return Lead::Internet };
    let Some(subnet) = world.subnet(network, "AzureFirewallSubnet") else { return Lead::Internet };
    let has_table = world.tables().any(|table| Some(&table.name) == subnet.table.as_ref());
    if !has_table {
        return Lead::Internet;
    }
    match routes::of_subnet(world, subnet, address, false) {
        Lead::Firewall(_) => Lead::Unknown,
        lead => lead,
    }
}

fn rules(world: &World, firewall: &Firewall, sender: &Sender<'_>, kms: &Kms) -> Step {
    agreed(every(|guess| match ordered(world, firewall, guess) {
        None => Step::Unknown,
        Some(Order::Decided(true)) => Step::Passes,
        Some(Order::Decided(false)) => Step::Blocks(vec![Fault::FirewallDenies]),
        Some(Order::Collections(collections, early)) => decide(world, &collections, early, sender, kms, guess),
    }))
}

/// What decides, in its order.
enum Order<'a> {
    /// Something that the exports do not have.
    Decided(bool),
    /// Collections; where in them something that the exports do not have decides, and how.
    Collections(Vec<&'a Collection>, Option<(usize, bool)>),
}

/// `None` if nothing is known of the rules.
fn ordered<'a>(world: &'a World, firewall: &'a Firewall, guess: &mut Guess) -> Option<Order<'a>> {
    let Some(name) = &firewall.policy else {
        let mut collections: Vec<_> = firewall.collections.iter().collect();
        collections.sort_by_key(|collection| collection.priority);
        return Some(Order::Collections(collections, None));
    };
    let policy = world.policies().find(|policy| &policy.name == name)?;
    let mut collections = Vec::new();
    if let Some(name) = &policy.base {
        match world.policies().find(|base| &base.name == name) {
            Some(base) => {
                if let Some(decision) = missing_group(world, base, guess) {
                    return Some(Order::Decided(decision));
                }
                collections.extend(of_policy(world, base));
            }
            None if guess.ask("the base decides") => return Some(Order::Decided(guess.ask("the base allows"))),
            None => {}
        }
    }
    let place = collections.len();
    let missing = missing_group(world, policy, guess).map(|decision| (place, decision));
    collections.extend(of_policy(world, policy));
    Some(Order::Collections(collections, missing))
}

/// What a group of the policy that the exports do not have would decide, if it came first.
fn missing_group(world: &World, policy: &Policy, guess: &mut Guess) -> Option<bool> {
    for name in &policy.groups {
        let is_there = world.collection_groups().any(|group| &group.name == name && group.policy == policy.name);
        if !is_there && guess.ask(&format!("{name} decides")) {
            return Some(guess.ask(&format!("{name} allows")));
        }
    }
    None
}

/// The collections of a policy's own groups.
fn of_policy<'a>(world: &'a World, policy: &Policy) -> Vec<&'a Collection> {
    let mut groups: Vec<_> = world.collection_groups().filter(|group| group.policy == policy.name).collect();
    groups.sort_by_key(|group| group.priority);
    let mut ordered = Vec::new();
    for group in groups {
        let mut collections: Vec<_> = group.collections.iter().collect();
        collections.sort_by_key(|collection| collection.priority);
        ordered.extend(collections);
    }
    ordered
}

/// What the first network rule that matches does; without one the packets are denied.
fn decide(
    world: &World,
    collections: &[&Collection],
    missing: Option<(usize, bool)>,
    sender: &Sender<'_>,
    kms: &Kms,
    guess: &mut Guess,
) -> Step {
    for place in 0..=collections.len() {
        let allows = match (missing, collections.get(place)) {
            (Some((at, allows)), _) if at == place => allows,
            (_, Some(collection)) if has_match(world, collection, sender, kms, guess) => collection.allows,
            _ => continue,
        };
        return if allows { Step::Passes } else { Step::Blocks(vec![Fault::FirewallDenies]) };
    }
    let is_named = collections.iter().any(|collection| names_as_application(world, collection, sender, kms, guess));
    Step::Blocks(vec![if is_named { Fault::FirewallApplicationOnly } else { Fault::FirewallDenies }])
}

fn has_match(world: &World, collection: &Collection, sender: &Sender<'_>, kms: &Kms, guess: &mut Guess) -> bool {
    let CollectionRules::Network(rules) = &collection.rules else { return false };
    rules.iter().any(|rule| matches(world, rule, sender, kms, guess))
}

fn matches(world: &World, rule: &NetworkRule, sender: &Sender<'_>, kms: &Kms, guess: &mut Guess) -> bool {
    rule.protocol.takes_tcp()
        && rule.ports.iter().any(|(from, to)| (*from..=*to).contains(&PORT))
        && rule.sources.iter().any(|who| is_source(world, who, &mark(rule), sender, guess))
        && rule.destinations.iter().any(|who| match who {
            Who::Domain(name) => kms.names.contains(name),
            Who::Tag("AzurePlatformLKM" | "Internet") => true,
            Who::Tag(_) => guess.ask(&format!("the destination of {}", mark(rule))),
            _ => holds(world, who, &mark(rule), kms.address, guess),
        })
}

/// Tells a rule from all others: other collections have rules of the same name.
fn mark<T>(rule: &T) -> String {
    format!("{rule:p}")
}

fn is_source(world: &World, who: &Who, rule: &str, sender: &Sender<'_>, guess: &mut Guess) -> bool {
    match sender.interface {
        Some(interface) => holds(world, who, rule, interface.address, guess),
        None => matches!(who, Who::Any | Who::Prefix(Prefix::ALL)) || guess.ask(&format!("the source of {rule}")),
    }
}

fn holds(world: &World, who: &Who, rule: &str, address: u32, guess: &mut Guess) -> bool {
    match who {
        Who::Any => true,
        Who::Prefix(prefix) => prefix.holds(address),
        Who::Range(from, to) => (*from..=*to).contains(&address),
        Who::IpGroup(name) => match world.ip_groups().find(|group| &group.name == name) {
            Some(group) => group.prefixes.iter().any(|prefix| prefix.holds(address)),
            None => guess.ask(&format!("{name} holds {address} in {rule}")),
        },
        Who::Tag(_) | Who::Group(_) | Who::Domain(_) => false,
    }
}

fn names_as_application(
    world: &World,
    collection: &Collection,
    sender: &Sender<'_>,
    kms: &Kms,
    guess: &mut Guess,
) -> bool {
    let CollectionRules::Application(rules) = &collection.rules else { return false };
    collection.allows
        && rules.iter().any(|rule| {
            let is_named = rule
                .domains
                .iter()
                .any(|domain| *domain == "*" || kms.names.iter().any(|name| is_wildcard_of(domain, name)));
            (is_named || rule.tags.contains(&"WindowsVirtualDesktop"))
                && rule.sources.iter().any(|who| is_source(world, who, &mark(rule), sender, guess))
        })
}

/// Whether the domain of an application rule is the name, or begins with `*` and ends like it.
fn is_wildcard_of(domain: &str, name: &str) -> bool {
    domain == name || domain.strip_prefix('*').is_some_and(|end| name.ends_with(end))
}
