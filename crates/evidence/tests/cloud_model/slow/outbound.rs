//! The way out: by what packets get a public address.

use crate::world::{Balancer, World};

use super::{Fault, Sender, Step};

/// Whether packets of the interface get a public address.
pub(crate) fn of_sender(world: &World, sender: &Sender<'_>) -> Step {
    let has_nat = has_nat(world, sender);
    let pools = if sender.has_id(world) { pools(world, sender.name) } else { Vec::new() };
    let has_public_address = sender.interface.is_some_and(|interface| interface.public_address);
    if has_nat == Some(true) || has_public_address || pools.iter().flatten().any(|balancer| gives_address(balancer)) {
        return Step::Passes;
    }
    let (Some(subnet), Some(_)) = (sender.subnet(world), sender.interface) else { return Step::Unknown };
    if has_nat.is_none() || pools.contains(&None) {
        return Step::Unknown;
    }
    let behind = |is_internal| pools.iter().flatten().any(|balancer| takes_away(balancer, is_internal));
    let reasons = [
        (subnet.default_access == Some(false), Fault::PrivateSubnet),
        (behind(true), Fault::InternalBalancer),
        (behind(false), Fault::PublicBalancer),
        (has_neighbour_behind_internal(world, sender), Fault::AvailabilitySet),
    ];
    let first = reasons.into_iter().find(|(holds, _)| *holds);
    first.map_or(Step::Passes, |(_, fault)| Step::Blocks(vec![fault]))
}

/// Whether the subnet's NAT gateway has an address; `None` if the exports do not say it.
fn has_nat(world: &World, sender: &Sender<'_>) -> Option<bool> {
    let Some(name) = &sender.subnet(world)?.nat else { return Some(false) };
    let nat = world.nats().find(|nat| &nat.name == name)?;
    Some(nat.addresses + nat.prefixes > 0)
}

/// The load balancers in whose pools the interface is, by its own list or else by theirs; `None` for one that is not there.
fn pools<'a>(world: &'a World, name: &str) -> Vec<Option<&'a Balancer>> {
    match world.interfaces().find(|interface| interface.name == name) {
        Some(interface) => {
            let find = |name| world.balancers().find(|balancer| &balancer.name == name);
            interface.pools.iter().map(find).collect()
        }
        None => world.balancers().filter(|balancer| balancer.pool.iter().any(|of| of == name)).map(Some).collect(),
    }
}

fn gives_address(balancer: &Balancer) -> bool {
    let is_public = balancer.front.is_none();
    let by_outbound_rule = balancer.is_standard && balancer.outbound.iter().any(|protocol| protocol.takes_tcp());
    let by_rule = balancer.rules.iter().any(|rule| rule.protocol.takes_tcp() && !rule.no_snat);
    is_public && (by_outbound_rule || by_rule || !balancer.is_standard)
}

/// Whether it takes away the default access of those behind it.
fn takes_away(balancer: &Balancer, is_internal: bool) -> bool {
    balancer.is_standard && balancer.front.is_some() == is_internal
}

/// Whether another machine of its availability set is behind an internal load balancer.
fn has_neighbour_behind_internal(world: &World, sender: &Sender<'_>) -> bool {
    let Some(own) = sender.machine else { return false };
    let is_neighbour = |name: &str| name != own.name && own.availability_set.is_some();
    world
        .machines()
        .filter(|machine| is_neighbour(&machine.name) && machine.availability_set == own.availability_set)
        .flat_map(|machine| &machine.interfaces)
        .flat_map(|name| pools(world, name))
        .flatten()
        .any(|balancer| takes_away(balancer, true))
}
