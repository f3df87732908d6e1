//! The cloud path against an independent slow model: random worlds of Azure are exported as its tools would print them, read and
//! judged by the product, and judged by [`slow`], which knows `docs/cloud.md` and shares no code.
//!
//! 2,000 seeds in every run; `KMSDOCTOR_CLOUD_SEEDS=100000` runs more. A seed that differs is shrunk and printed with its exports.

mod examples;
mod export;
mod laws;
mod random;
mod slow;
mod world;

use std::collections::BTreeMap;
use std::thread;

use kmsdoctor_cloud::path::OutboundLoss;
use kmsdoctor_cloud::{Fault, Path, Resource, Stage, Verdict};
use kmsdoctor_core::artifact::Artifact;

use random::Random;
use slow::Judged;
use world::World;

/// Seeds of an ordinary run.
const SEEDS: u64 = 2_000;

/// How often each verdict and each fault has to occur in an ordinary run: what never occurs is not tested.
const OCCURRENCES_MIN: usize = 15;

/// Seeds of this run.
fn seeds() -> u64 {
    std::env::var("KMSDOCTOR_CLOUD_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS)
}

/// The world of a seed, and the generator with which it is printed.
fn world_of(seed: u64) -> World {
    random::world(&mut Random::new(seed))
}

fn artifacts_of(world: &World, seed: u64) -> Vec<Artifact> {
    export::artifacts(world, &mut Random::new(!seed))
}

/// What the product says of the artifacts.
fn paths(artifacts: &[Artifact]) -> Vec<Path> {
    let resources: Vec<Resource> =
        artifacts.iter().flat_map(|artifact| kmsdoctor_evidence::read(artifact).resources).collect();
    kmsdoctor_cloud::paths(&resources)
}

/// How often each verdict, and each fault at each stage, occurs.
type Occurrences = BTreeMap<String, usize>;

#[test]
fn the_product_agrees_with_the_slow_model() {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|first| scope.spawn(move || compare(first, workers))).collect();
        workers.into_iter().map(|worker| worker.join().expect("it does not panic")).collect()
    });
    if let Some((seed, world)) =
        results.iter().filter_map(|(failure, _)| failure.as_ref()).min_by_key(|(seed, _)| *seed)
    {
        report(&shrunk(world.clone(), |smaller| !differences(smaller, *seed).is_empty()), *seed);
    }
    let mut occurrences = Occurrences::new();
    for (what, times) in results.into_iter().flat_map(|(_, occurrences)| occurrences) {
        *occurrences.entry(what).or_default() += times;
    }
    println!("{} seeds: {occurrences:?}", seeds());
    for what in EXPECTED {
        let times = occurrences.get(*what).copied().unwrap_or(0);
        assert!(times >= OCCURRENCES_MIN || seeds() < SEEDS, "{what}: {times} times");
    }
}

/// Goes through one seed of so many, to the first that differs.
fn compare(first: usize, step: usize) -> (Option<(u64, World)>, Occurrences) {
    let mut occurrences = Occurrences::new();
    for seed in (0..seeds()).skip(first).step_by(step) {
        let world = world_of(seed);
        let judged = slow::judge(&world);
        if !differences_from(&judged, &world, seed).is_empty() {
            return (Some((seed, world)), occurrences);
        }
        for judged in judged {
            *occurrences.entry(format!("{:?}", judged.verdict)).or_default() += 1;
            for (stage, faults) in &judged.faults {
                *occurrences.entry(format!("{stage:?} {:?}", faults[0])).or_default() += 1;
            }
        }
    }
    (None, occurrences)
}

/// What has to occur: verdicts, and stages with the first of the reasons that hold.
const EXPECTED: &[&str] = &[
    "Reaches",
    "Blocked",
    "CannotTell",
    "InterfaceRules DeniedLicenceTag",
    "InterfaceRules DeniedRuleForEverything",
    "InterfaceRules DeniedDefaultRoute",
    "SubnetRules DeniedLicenceTag",
    "SubnetRules DeniedRuleForEverything",
    "SubnetRules DeniedDefaultRoute",
    "Route ToGateway",
    "Route ToNowhere",
    "Route IntoNetwork",
    "Route NoRoute",
    "Firewall FirewallDenies",
    "Firewall FirewallApplicationOnly",
    "FirewallRoute ToGateway",
    "FirewallRoute ToNowhere",
    "FirewallRoute IntoNetwork",
    "Outbound PrivateSubnet",
    "Outbound InternalBalancer",
    "Outbound PublicBalancer",
    "Outbound AvailabilitySet",
    "Outbound FirewallWithoutAddress",
    "Balancer BalancerWithoutRule",
    "Balancer BalancerProbe",
    "Kms Retired",
];

/// In what product and model differ, each difference in words.
fn differences(world: &World, seed: u64) -> Vec<String> {
    differences_from(&slow::judge(world), world, seed)
}

fn differences_from(judged: &[Judged], world: &World, seed: u64) -> Vec<String> {
    let mut paths = paths(&artifacts_of(world, seed));
    let mut differences = Vec::new();
    for judged in judged {
        let is_same = |path: &Path| path.interface == judged.from && path.destination.address == address(judged.to);
        match paths.iter().position(is_same) {
            None => differences.push(format!("the product has no path; the model {judged:?}")),
            Some(at) => {
                let path = paths.swap_remove(at);
                if !agrees(&path, judged) {
                    differences.push(format!(
                        "the model {judged:?}\n  the product {:?} {}",
                        path.verdict(),
                        hops(&path)
                    ));
                }
            }
        }
    }
    differences.extend(paths.iter().map(|path| format!("the model has no path; the product {}", hops(path))));
    differences
}

fn address(address: u32) -> std::net::IpAddr {
    std::net::Ipv4Addr::from(address).into()
}

fn hops(path: &Path) -> String {
    let hop = |hop: &kmsdoctor_cloud::Hop| {
        format!("\n    {:?} {} {}: {:?}", hop.stage, hop.name, hop.rule.as_deref().unwrap_or("-"), hop.outcome)
    };
    let hops: String = path.hops.iter().map(hop).collect();
    format!("{} -> {}{hops}", path.interface, path.destination.address)
}

/// Whether both say the same: verdict, and where the packets are lost and why.
fn agrees(path: &Path, judged: &Judged) -> bool {
    let faults: Vec<_> = path.faults().map(|(hop, fault)| (stage(hop.stage), fault_of(fault))).collect();
    verdict(path.verdict()) == judged.verdict
        && faults.iter().all(|(stage, fault)| {
            judged
                .faults
                .iter()
                .any(|(at, reasons)| Some(*at) == *stage && fault.is_some_and(|fault| reasons.contains(&fault)))
        })
        && judged.faults.iter().all(|(at, reasons)| {
            faults
                .iter()
                .any(|(stage, fault)| Some(*at) == *stage && fault.is_some_and(|fault| reasons.contains(&fault)))
        })
        && (judged.verdict != slow::Verdict::CannotTell || path.missing().next().is_some())
}

fn verdict(verdict: Verdict) -> slow::Verdict {
    match verdict {
        Verdict::Reaches => slow::Verdict::Reaches,
        Verdict::Blocked => slow::Verdict::Blocked,
        Verdict::CannotTell => slow::Verdict::CannotTell,
    }
}

/// `None` for stations at which the model never loses a packet.
fn stage(stage: Stage) -> Option<slow::Stage> {
    Some(match stage {
        Stage::InterfaceRules => slow::Stage::InterfaceRules,
        Stage::SubnetRules => slow::Stage::SubnetRules,
        Stage::Route => slow::Stage::Route,
        Stage::Firewall => slow::Stage::Firewall,
        Stage::FirewallRoute => slow::Stage::FirewallRoute,
        Stage::Outbound => slow::Stage::Outbound,
        Stage::LoadBalancer => slow::Stage::Balancer,
        Stage::Kms => slow::Stage::Kms,
        Stage::Machine | Stage::Interface => return None,
    })
}

/// `None` for faults that Azure does not have.
fn fault_of(fault: &Fault) -> Option<slow::Fault> {
    use kmsdoctor_cloud::path::AllowanceLoss;
    Some(match fault {
        Fault::RuleDenies(Some(AllowanceLoss::RuleForEverything)) => slow::Fault::DeniedRuleForEverything,
        Fault::RuleDenies(Some(AllowanceLoss::DefaultRoute)) => slow::Fault::DeniedDefaultRoute,
        Fault::RuleDenies(Some(AllowanceLoss::LicenceTag)) => slow::Fault::DeniedLicenceTag,
        Fault::RouteToGateway => slow::Fault::ToGateway,
        Fault::RouteToNowhere => slow::Fault::ToNowhere,
        Fault::RouteIntoNetwork => slow::Fault::IntoNetwork,
        Fault::RouteMissing => slow::Fault::NoRoute,
        Fault::FirewallDenies => slow::Fault::FirewallDenies,
        Fault::FirewallApplicationOnly => slow::Fault::FirewallApplicationOnly,
        Fault::NoOutbound(OutboundLoss::PrivateSubnet) => slow::Fault::PrivateSubnet,
        Fault::NoOutbound(OutboundLoss::InternalLoadBalancer) => slow::Fault::InternalBalancer,
        Fault::NoOutbound(OutboundLoss::PublicLoadBalancer) => slow::Fault::PublicBalancer,
        Fault::NoOutbound(OutboundLoss::AvailabilitySet) => slow::Fault::AvailabilitySet,
        Fault::NoOutbound(OutboundLoss::FirewallWithoutAddress) => slow::Fault::FirewallWithoutAddress,
        Fault::LoadBalancerWithoutRule => slow::Fault::BalancerWithoutRule,
        Fault::LoadBalancerProbe => slow::Fault::BalancerProbe,
        Fault::AddressRetired => slow::Fault::Retired,
        _ => return None,
    })
}

/// The world without everything that it can do without.
fn shrunk(mut world: World, is_kept: impl Fn(&World) -> bool) -> World {
    loop {
        let smaller = world.smaller().into_iter().find(|smaller| is_kept(smaller));
        match smaller {
            Some(smaller) => world = smaller,
            None => return world,
        }
    }
}

/// Prints the seed, its exports and in what they differ, and fails.
fn report(world: &World, seed: u64) -> ! {
    for artifact in artifacts_of(world, seed) {
        println!("--- {}\n{}", artifact.name(), String::from_utf8_lossy(artifact.bytes()));
    }
    println!("--- as the model has it\n{world:#?}");
    panic!("seed {seed}:\n{}", differences(world, seed).join("\n"));
}
