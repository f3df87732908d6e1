//! The slow model: what becomes of packets, by walking `docs/cloud.md` packet by packet. It shares nothing with the product, and
//! prefers a plain scan to anything clever. What the exports do not say is guessed both ways ([`guess`]); a hop is known only if
//! all guesses agree.

mod balancer;
mod firewall;
mod guess;
mod outbound;
mod routes;
mod security;

use crate::world::{Interface, Kms, Machine, Name, Prefix, Rules, SecurityGroup, Subnet, Who, World, kms};

use guess::Guess;
use routes::Lead;

/// The port of KMS.
const PORT: u16 = 1688;

/// Stations, with the words of `docs/cloud.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    InterfaceRules,
    SubnetRules,
    Route,
    Firewall,
    FirewallRoute,
    Outbound,
    Balancer,
    Kms,
}

/// Why packets are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    DeniedRuleForEverything,
    DeniedDefaultRoute,
    DeniedLicenceTag,
    ToGateway,
    ToNowhere,
    IntoNetwork,
    NoRoute,
    FirewallDenies,
    FirewallApplicationOnly,
    PrivateSubnet,
    InternalBalancer,
    PublicBalancer,
    AvailabilitySet,
    FirewallWithoutAddress,
    BalancerWithoutRule,
    BalancerProbe,
    Retired,
}

/// What becomes of one packet at one station, under one guess.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Passes,
    /// For any of these reasons: where several hold, which one is told is the teller's choice.
    Blocks(Vec<Fault>),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Reaches,
    Blocked,
    CannotTell,
}

/// What becomes of the packets of an interface to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    /// Name of the interface, or of the load balancer.
    pub from: Name,
    pub to: u32,
    pub verdict: Verdict,
    /// Where they are lost, each with the reasons that hold.
    pub faults: Vec<(Stage, Vec<Fault>)>,
}

/// An interface, or what other things say of one that the exports do not have.
struct Sender<'a> {
    name: &'a str,
    interface: Option<&'a Interface>,
    machine: Option<&'a Machine>,
}

impl<'a> Sender<'a> {
    /// Its network and subnet: effective rules name the subnet that they are for, too.
    fn place(&self, world: &'a World) -> Option<&'a (Name, Name)> {
        let effective = || world.rules().find(|rules| rules.interface == self.name && rules.at_subnet.is_some());
        self.interface.map(|interface| &interface.subnet).or_else(|| effective().map(|rules| &rules.subnet))
    }

    /// Whether more of it is known than the name in a command line.
    fn has_id(&self, world: &World) -> bool {
        let is_named = |rules: &Rules| rules.interface == self.name && rules.at_interface.is_some();
        self.interface.is_some() || self.machine.is_some() || world.rules().any(is_named)
    }

    fn subnet(&self, world: &'a World) -> Option<&'a Subnet> {
        self.place(world).and_then(|(network, name)| world.subnet(network, name))
    }
}

/// Every path of the world.
pub(crate) fn judge(world: &World) -> Vec<Judged> {
    let mut judged = Vec::new();
    for sender in senders(world) {
        let is_placed = sender.machine.is_some() || sender.interface.is_some();
        for kms in kms(if is_placed { world.location } else { "" }) {
            if kms.is_current || is_named(world, &sender, kms.address) {
                judged.push(verdict(sender.name.to_owned(), kms.address, walk(world, &sender, kms)));
            }
        }
    }
    judged.extend(balancer::judge(world));
    judged
}

/// The interfaces, without those of machines that do not run Windows.
fn senders(world: &World) -> Vec<Sender<'_>> {
    let mut names: Vec<&str> = world.interfaces().map(|interface| interface.name.as_str()).collect();
    names.extend(world.machines().flat_map(|machine| &machine.interfaces).map(String::as_str));
    names.extend(world.routes().map(|routes| routes.interface.as_str()));
    names.extend(world.rules().map(|rules| rules.interface.as_str()));
    let mut senders: Vec<Sender<'_>> = Vec::new();
    for name in names {
        let interface = world.interfaces().find(|interface| interface.name == name);
        let machine = world.machines().find(|machine| machine.interfaces.iter().any(|of| of == name));
        let is_linux = machine.and_then(|machine| machine.is_windows) == Some(false);
        if !is_linux && !senders.iter().any(|sender| sender.name == name) {
            senders.push(Sender { name, interface, machine });
        }
    }
    senders
}

/// Whether a route or a rule that the packets meet names the address literally.
fn is_named(world: &World, sender: &Sender<'_>, address: u32) -> bool {
    let exact = Prefix::around(address, 32);
    let of_rules = |group: &SecurityGroup| {
        group.rules.iter().any(|rule| rule.is_outbound && rule.destinations.contains(&Who::Prefix(exact)))
    };
    routes::names(world, sender, exact) || security::groups(world, sender).into_iter().any(of_rules)
}

/// The stations of a path, each with what becomes of the packets there.
fn walk(world: &World, sender: &Sender<'_>, kms: &Kms) -> Vec<(Stage, Step)> {
    let mut steps = vec![
        (Stage::InterfaceRules, security::at_interface(world, sender, kms)),
        (Stage::SubnetRules, security::at_subnet(world, sender, kms)),
    ];
    let leads = routes::of_sender(world, sender, kms.address);
    let behind: Vec<_> = leads.into_iter().map(|lead| walk_along(world, sender, kms, lead)).collect();
    let verdict_of = |steps: &Vec<_>| verdict(String::new(), 0, steps.clone()).verdict;
    if behind.iter().all(|steps| verdict_of(steps) == verdict_of(&behind[0])) {
        steps.extend(behind.into_iter().next().unwrap_or_default());
    } else {
        steps.push((Stage::Route, Step::Unknown));
    }
    if !kms.is_current {
        steps.push((Stage::Kms, Step::Blocks(vec![Fault::Retired])));
    }
    steps
}

/// The stations from the route on, if it leads there.
fn walk_along(world: &World, sender: &Sender<'_>, kms: &Kms, lead: Lead<'_>) -> Vec<(Stage, Step)> {
    let mut steps = vec![(Stage::Route, lead.step())];
    match lead {
        Lead::Internet => steps.push((Stage::Outbound, outbound::of_sender(world, sender))),
        Lead::Firewall(firewall) => steps.extend(firewall::walk(world, firewall, sender, kms)),
        Lead::Lost(_) | Lead::Unknown => {}
    }
    steps
}

/// What the stations say together.
fn verdict(from: Name, to: u32, steps: Vec<(Stage, Step)>) -> Judged {
    let is_unknown = steps.iter().any(|(_, step)| *step == Step::Unknown);
    let faults: Vec<_> = steps
        .into_iter()
        .filter_map(|(stage, step)| match step {
            Step::Blocks(faults) => Some((stage, faults)),
            _ => None,
        })
        .collect();
    let verdict = match (faults.is_empty(), is_unknown) {
        (false, _) => Verdict::Blocked,
        (true, true) => Verdict::CannotTell,
        (true, false) => Verdict::Reaches,
    };
    Judged { from, to, verdict, faults }
}

/// What a station does, if every packet and every guess agree.
fn agreed(steps: Vec<Step>) -> Step {
    let mut reasons = Vec::new();
    let mut passes = false;
    for step in steps {
        match step {
            Step::Passes => passes = true,
            Step::Blocks(faults) => reasons.extend(faults),
            Step::Unknown => return Step::Unknown,
        }
    }
    match (passes, reasons.is_empty()) {
        (true, false) => Step::Unknown,
        (_, true) => Step::Passes,
        (false, false) => Step::Blocks(reasons),
    }
}
