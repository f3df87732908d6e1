//! Laws that hold whatever the verdicts are: the order of files decides nothing, and what is left out opens and closes nothing.

use kmsdoctor_cloud::{Path, Verdict};

use crate::random::Random;
use crate::world::{Name, Place, Prefix, Thing, World, kms};
use crate::{artifacts_of, paths, report, seeds, world_of};

/// One seed of so many is enough, since each means to judge several worlds.
const ONE_OF: u64 = 10;

/// As many things are left out of a world, one at a time.
const LEFT_OUT: usize = 3;

#[test]
fn the_order_of_files_decides_nothing() {
    for seed in 0..seeds() / ONE_OF {
        let world = world_of(seed);
        let mut artifacts = artifacts_of(&world, seed);
        let before = paths(&artifacts);
        Random::new(seed).shuffle(&mut artifacts);
        assert_eq!(before, paths(&artifacts), "seed {seed}");
    }
}

#[test]
fn what_is_left_out_opens_nothing_and_closes_nothing() {
    let mut turned = 0;
    for seed in 0..seeds() / ONE_OF {
        let world = world_of(seed);
        let before = paths(&artifacts_of(&world, seed));
        let mut things: Vec<_> =
            world.things.iter().enumerate().filter(|(_, thing)| !is_assumed(&world, thing)).collect();
        Random::new(seed).shuffle(&mut things);
        for (at, thing) in things.into_iter().take(LEFT_OUT) {
            let mut less = world.clone();
            less.things.remove(at);
            for path in paths(&artifacts_of(&less, seed)) {
                let Some(whole) = before.iter().find(|whole| is_same(whole, &path)) else { continue };
                turned += usize::from(whole.verdict() != path.verdict());
                if is_opposite(whole.verdict(), path.verdict()) {
                    println!(
                        "{} turned {:?} into {:?} without {thing:?}",
                        path.interface,
                        whole.verdict(),
                        path.verdict()
                    );
                    report(&world, seed);
                }
            }
        }
    }
    assert!(turned > 0 || seeds() < ONE_OF, "nothing that was left out mattered");
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.interface == other.interface && one.destination.address == other.destination.address
}

fn is_opposite(one: Verdict, other: Verdict) -> bool {
    matches!((one, other), (Verdict::Reaches, Verdict::Blocked) | (Verdict::Blocked, Verdict::Reaches))
}

/// Whether `docs/cloud.md` assumes something where this is not in the exports ("What leaving something out changes").
fn is_assumed(world: &World, thing: &Thing) -> bool {
    let has_effective_rules = |name: &Name| world.rules().any(|rules| &rules.interface == name);
    match thing {
        // Another source stands in; without the connection gateways lead to the premises.
        Thing::Routes(_) | Thing::Rules(_) | Thing::Connection(_) => true,
        Thing::Interface(interface) => has_effective_rules(&interface.name) || world.connections().next().is_some(),
        Thing::Subnet(subnet) => subnet.name == "AzureFirewallSubnet" || world.rules().next().is_some(),
        // An address space that holds addresses of KMS.
        Thing::Network(network) => {
            let peered = network.peerings.iter().flat_map(|peering| &peering.space);
            network.space.iter().chain(peered).any(|prefix| holds_kms(world, *prefix))
        }
        // Neighbours of an availability set.
        Thing::Machine(machine) => machine.availability_set.is_some(),
        Thing::Balancer(balancer) => balancer.is_standard && balancer.front.is_some(),
        // The firewall's own way.
        Thing::Table(table) => world.firewalls().any(|firewall| match &firewall.place {
            Place::Network(network) => world
                .subnet(network, "AzureFirewallSubnet")
                .is_some_and(|subnet| subnet.table.as_ref() == Some(&table.name)),
            Place::Hub(_) => false,
        }),
        Thing::SecurityGroup(_)
        | Thing::Nat(_)
        | Thing::Firewall(_)
        | Thing::Policy(_)
        | Thing::CollectionGroup(_)
        | Thing::IpGroup(_)
        | Thing::Hub(_)
        | Thing::Intent(_) => false,
    }
}

fn holds_kms(world: &World, prefix: Prefix) -> bool {
    kms(world.location).iter().any(|kms| prefix.holds(kms.address))
}
