//! Azure: interfaces, their rules and routes, firewalls, ways out.
//!
//! [`paths`] finds the interfaces of the exports ([`interfaces`]) and asks the stations in the order in which packets meet
//! them. The rules stand in `docs/cloud.md`; each module holds those of its section.

mod endpoints;
pub(crate) mod estate;
mod firewall;
#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod interfaces;
mod load_balancer;
mod matching;
mod model;
mod names;
mod outbound;
mod routes;
mod rules;
mod security;
mod selection;

pub use model::*;

use std::net::{IpAddr, Ipv4Addr};

use kmsdoctor_core::fact::Origin;

use self::endpoints::Kms;
use self::estate::{Estate, Held};
use self::firewall::Firewalls;
use self::interfaces::Interface;
use self::outbound::{Outbound, way_out};
use self::routes::{Lead, Routes};
use self::security::Security;
use self::selection::{Selection, Way};
use crate::path::{NextHop as LeadsTo, OutboundLoss, verdict};
use crate::{Detail, Fault, Hop, Missing, Outcome, Path, Provider, Remark, RemarkKind, Resource, Stage, WayOut};

/// Azure's own DNS: no server of the organisation.
const AZURE_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// A path for each interface of a virtual machine and each address of KMS, and one for each KMS host of the organisation
/// behind a load balancer, in the order of machines, interfaces and addresses.
pub fn paths(resources: &[Resource]) -> Vec<Path> {
    let estate = Estate::new(resources);
    let interfaces = interfaces::all(&estate);
    let judge = Judge::new(&estate, &interfaces);
    let hosts = load_balancer::hosts(&estate);
    let interfaces: Vec<&Interface> = interfaces.iter().filter(|interface| !interface.is_of_linux()).collect();

    let parts: Vec<(String, Option<ResourceId>)> = interfaces
        .iter()
        .map(|interface| (interface.name.clone(), interface.id.clone()))
        .chain(hosts.iter().map(load_balancer::Host::named))
        .collect();
    let mut names = names::unique(&parts).into_iter();

    let mut paths: Vec<Path> = Vec::new();
    for (interface, name) in interfaces.iter().zip(names.by_ref()) {
        paths.extend(judge.paths(interface, &name));
    }
    let members = load_balancer::members(&estate);
    paths.extend(hosts.iter().zip(names).filter_map(|(host, name)| host.path(name, &members)));
    paths.sort_by(|one, other| rank(one).cmp(&rank(other)));
    paths
}

/// Interfaces without a machine go last; addresses stay as they are.
fn rank(path: &Path) -> (bool, Option<&str>, &str) {
    (path.machine.is_none(), path.machine.as_deref(), &path.interface)
}

fn hop(stage: Stage, name: &str, outcome: Outcome) -> Hop {
    Hop { stage, name: name.to_owned(), rule: None, outcome, detail: None, origin: None }
}

fn remark(kind: RemarkKind, element: &str, origin: Option<&Origin>) -> Remark {
    Remark { kind, element: element.to_owned(), origin: origin.cloned() }
}

/// All that is asked on the way.
struct Judge<'e> {
    security: Security<'e>,
    routes: Routes<'e>,
    firewalls: Firewalls<'e>,
    outbound: Outbound<'e>,
}

/// What becomes of packets behind a route.
struct Onward {
    hops: Vec<Hop>,
    remarks: Vec<Remark>,
}

impl<'e> Judge<'e> {
    fn new(estate: &'e Estate<'e>, interfaces: &[Interface<'e>]) -> Self {
        Self {
            security: Security::new(estate),
            routes: Routes::new(estate),
            firewalls: Firewalls::new(estate),
            outbound: Outbound::new(estate, interfaces),
        }
    }

    fn paths(&self, interface: &Interface<'e>, name: &str) -> Vec<Path> {
        let remarks = self.remarks(interface);
        let is_met = |kms: &&Kms| {
            let address = kms.destination.address;
            !kms.is_retired() || self.routes.names(interface, address) || self.security.names(interface, address)
        };
        let addresses = endpoints::of(interface.cloud()).iter().filter(is_met);
        addresses.map(|kms| self.path(interface, name, kms, remarks.clone())).collect()
    }

    fn path(&self, interface: &Interface<'e>, name: &str, kms: &Kms, mut remarks: Vec<Remark>) -> Path {
        let mut hops = Vec::new();
        if let Some(machine) = &interface.machine_name {
            let mut station = hop(Stage::Machine, machine, Outcome::Passes);
            station.origin = interface.machine.map(|held| held.origin.clone());
            hops.push(station);
        }
        let mut station = hop(Stage::Interface, name, Outcome::Passes);
        station.origin = interface.origin().cloned();
        hops.push(station);

        let (rules, of_rules) = self.security.judge(interface, kms, &self.routes.has_default(interface));
        hops.extend(rules);
        remarks.extend(of_rules);

        let onward = self.onward(interface, kms);
        hops.extend(onward.hops);
        remarks.extend(onward.remarks);

        let is_served = if kms.is_retired() { Outcome::Blocks(Fault::AddressRetired) } else { Outcome::Passes };
        let kms_name = kms.destination.name.as_deref().unwrap_or_default();
        hops.push(hop(Stage::Kms, kms_name, is_served));
        Path {
            provider: Provider::Azure,
            machine: interface.machine_name.clone(),
            interface: name.to_owned(),
            destination: kms.destination.clone(),
            hops,
            remarks,
        }
    }

    /// Remarks that hold for every address.
    fn remarks(&self, interface: &Interface<'e>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if interface.is_secondary {
            remarks.push(remark(RemarkKind::SecondaryInterface, &interface.name, interface.origin()));
        }
        let servers = interface.network.and_then(|network| network.is.dns_servers.as_ref());
        if let Some(network) = interface.network
            && servers.into_iter().flatten().any(|server| *server != AZURE_DNS)
        {
            remarks.push(remark(RemarkKind::CustomDnsServers, &network.is.name, Some(network.origin)));
        }
        let image = |machine: &VirtualMachine| machine.image.as_deref().map(str::to_ascii_lowercase);
        if let Some(machine) = interface.machine
            && image(&machine.is).is_some_and(|image| image.contains("azure-edition"))
        {
            remarks.push(remark(RemarkKind::AzureEdition, &machine.is.name, Some(machine.origin)));
            if self.security.denies_metadata(interface) {
                remarks.push(remark(RemarkKind::MetadataDenied, &machine.is.name, Some(machine.origin)));
            }
        }
        remarks
    }

    /// The route with what lies behind it.
    fn onward(&self, interface: &Interface<'e>, kms: &Kms) -> Onward {
        let (name, origin) = self.routes.named(interface);
        let station = |outcome: Outcome| {
            let mut station = hop(Stage::Route, &name, outcome);
            station.origin = origin.cloned();
            station
        };
        let selection = match self.routes.of_interface(interface, kms.destination.address) {
            Ok(selection) => selection,
            Err(missing) => return Onward { hops: vec![station(Outcome::Unknown(missing))], remarks: Vec::new() },
        };
        let mut onward = self.behind(&selection, station, interface, kms);
        for (label, origin) in &selection.idle {
            onward.remarks.push(remark(RemarkKind::RouteWithoutEffect, label, *origin));
        }
        onward
    }

    /// What becomes of packets by the routes that win; these have to agree.
    fn behind(
        &self,
        selection: &Selection<'e>,
        station: impl Fn(Outcome) -> Hop,
        interface: &Interface<'e>,
        kms: &Kms,
    ) -> Onward {
        let only = |outcome| Onward { hops: vec![station(outcome)], remarks: Vec::new() };
        if let Some(doubt) = &selection.doubt {
            return only(Outcome::Unknown(doubt.clone()));
        }
        let ways = selection.winners.iter();
        let mut all = ways.map(|way| self.by_way(way, station(Outcome::Passes), interface, kms));
        match all.next() {
            None => only(Outcome::Blocks(Fault::RouteMissing)),
            Some(first) if all.all(|other| verdict(&other.hops) == verdict(&first.hops)) => first,
            Some(_) => only(Outcome::Unknown(Missing::EffectiveRoutes)),
        }
    }

    fn by_way(&self, way: &Way<'e>, mut station: Hop, interface: &Interface<'e>, kms: &Kms) -> Onward {
        let lead = self.routes.lead(way, interface.network_id.as_ref());
        take(&mut station, way, &lead);
        let mut remarks = Vec::new();
        if way.is_literal {
            remarks.push(remark(kms.literal(), &way.label, station.origin.as_ref()));
        }
        let mut hops = vec![station];
        match lead {
            Lead::Blocked(_) | Lead::Unknown(_) => {}
            Lead::Appliance(name) => {
                hops.push(hop(Stage::Firewall, &name, Outcome::Unknown(Missing::Appliance(name.clone()))));
            }
            Lead::Internet => {
                let (station, by_default) = self.outbound.judge(interface);
                hops.push(station);
                remarks.extend(by_default);
            }
            Lead::Firewall(firewall) => {
                let (station, of_rules) = self.firewalls.judge(firewall, interface, kms);
                hops.push(station);
                remarks.extend(of_rules);
                self.behind_firewall(firewall, kms, &mut hops);
            }
        }
        Onward { hops, remarks }
    }

    /// The firewall's own route, and its way out where that leads straight out.
    fn behind_firewall(&self, firewall: &'e Held<'e, Firewall>, kms: &Kms, hops: &mut Vec<Hop>) {
        if let Some((table, selection)) = self.routes.of_firewall(&firewall.is, kms.destination.address) {
            let network_id = firewall.is.subnet.as_ref().and_then(ResourceId::parent);
            let mut station = hop(Stage::FirewallRoute, &table.is.name, Outcome::Passes);
            station.origin = Some(table.origin.clone());
            let leads = selection.winners.iter().map(|way| (way, self.routes.lead(way, network_id.as_ref())));
            let mut outcomes = leads.map(|(way, lead)| {
                let mut station = station.clone();
                take(&mut station, way, &lead);
                if let Lead::Firewall(_) | Lead::Appliance(_) = lead {
                    let address = way.address.map(|address| address.to_string()).unwrap_or_default();
                    station.outcome = Outcome::Unknown(Missing::Appliance(address));
                }
                station
            });
            let first = outcomes.next();
            let agree =
                outcomes.all(|other| first.as_ref().is_some_and(|first| is_alike(&first.outcome, &other.outcome)));
            station = match (&selection.doubt, first) {
                (Some(doubt), _) => Hop { outcome: Outcome::Unknown(doubt.clone()), ..station },
                (None, Some(first)) if agree => first,
                (None, Some(_)) => {
                    Hop { outcome: Outcome::Unknown(Missing::RouteTable(station.name.clone())), ..station }
                }
                (None, None) => Hop { outcome: Outcome::Blocks(Fault::RouteMissing), ..station },
            };
            let goes_out = station.outcome == Outcome::Passes;
            hops.push(station);
            if !goes_out {
                return;
            }
        }
        let name = &firewall.is.name;
        let mut station = match firewall.is.has_public_address {
            Some(true) => way_out(name, WayOut::Firewall),
            Some(false) => {
                let fault = Fault::NoOutbound(OutboundLoss::FirewallWithoutAddress);
                hop(Stage::Outbound, name, Outcome::Blocks(fault))
            }
            None => hop(Stage::Outbound, name, Outcome::Unknown(Missing::PublicAddress(name.clone()))),
        };
        station.origin = Some(firewall.origin.clone());
        hops.push(station);
    }
}

/// Writes down which route decides and where it leads.
fn take(station: &mut Hop, way: &Way, lead: &Lead) {
    station.rule = Some(way.label.clone());
    station.origin = way.origin.cloned().or(station.origin.take());
    station.outcome = match lead {
        Lead::Blocked(fault) => Outcome::Blocks(fault.clone()),
        Lead::Unknown(missing) => Outcome::Unknown(missing.clone()),
        _ => Outcome::Passes,
    };
    let leads_to = match lead {
        Lead::Internet => Some(LeadsTo::Internet),
        Lead::Firewall(_) => Some(LeadsTo::Firewall),
        Lead::Appliance(_) => Some(LeadsTo::Appliance),
        Lead::Blocked(Fault::RouteToGateway) => Some(LeadsTo::Gateway),
        Lead::Blocked(Fault::RouteToNowhere) => Some(LeadsTo::Nowhere),
        Lead::Blocked(_) => Some(LeadsTo::VirtualNetwork),
        Lead::Unknown(_) => None,
    };
    station.detail = leads_to.map(Detail::LeadsTo);
}

/// Whether packets fare alike.
fn is_alike(one: &Outcome, other: &Outcome) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::fixtures::*;
    use super::*;
    use crate::Verdict;

    fn stages(path: &Path) -> Vec<Stage> {
        path.hops.iter().map(|hop| hop.stage).collect()
    }

    #[test]
    fn stations_come_in_the_order_of_the_packets() {
        use Stage::{Firewall, Interface, InterfaceRules, Kms, Machine, Outbound, Route, SubnetRules};
        let path = Lab::new().path();
        assert_eq!(stages(&path), [Machine, Interface, InterfaceRules, SubnetRules, Route, Outbound, Kms]);
        assert_eq!(path.verdict(), Verdict::Reaches);
        assert_eq!(path.subject().id, "nic1/20.118.99.224:1688");
        let through = Lab::new().routes(vec![route("0.0.0.0/0", super::NextHop::VirtualAppliance, Some("10.0.3.4"))]);
        let through = through.path();
        assert_eq!(stages(&through), [Machine, Interface, InterfaceRules, SubnetRules, Route, Firewall, Kms]);
        assert_eq!(through.verdict(), Verdict::CannotTell);
    }

    #[test]
    fn every_fault_shows() {
        let rules = vec![rule("Lkm", 100, false, tag("AzurePlatformLKM"))];
        let path = Lab::new().rules(rules).routes(vec![route("0.0.0.0/0", super::NextHop::None, None)]).path();
        assert_eq!(path.faults().count(), 2);
    }

    #[test]
    fn the_region_chooses_the_addresses() {
        let addresses = |change: fn(&mut Lab)| {
            let mut lab = Lab::new();
            change(&mut lab);
            lab.paths().into_iter().map(|path| path.destination.address.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(addresses(|_| {}), ["20.118.99.224", "40.83.235.53"]);
        assert_eq!(addresses(|lab| lab.machine.location = Some("usgovvirginia".to_owned())).len(), 2);
        let of_interface = |lab: &mut Lab| {
            lab.machine.location = None;
            lab.interface.location = Some("chinaeast2".to_owned());
        };
        assert_eq!(addresses(of_interface).len(), 3);
    }

    #[test]
    fn firewalls_without_a_public_address_have_no_way_out() {
        let with = |has_public_address| {
            let lab = Lab::new().routes(vec![route("0.0.0.0/0", super::NextHop::VirtualAppliance, Some("10.0.3.4"))]);
            let private_addresses = vec![address("10.0.3.4")];
            let firewall = super::Firewall { private_addresses, has_public_address, ..super::Firewall::default() };
            outcome(&lab.with(Body::Firewall(firewall)).path(), Stage::Outbound).expect("a way out").clone()
        };
        assert_eq!(with(Some(true)), Outcome::Passes);
        assert_eq!(with(Some(false)), Outcome::Blocks(Fault::NoOutbound(OutboundLoss::FirewallWithoutAddress)));
        assert!(matches!(with(None), Outcome::Unknown(Missing::PublicAddress(_))));
    }

    #[test]
    fn servers_of_the_organisation_are_remarked_upon() {
        let with = |server: &str| {
            let mut lab = Lab::new();
            lab.network.dns_servers = Some(vec![address(server)]);
            remarks(&lab.path(), RemarkKind::CustomDnsServers)
        };
        assert!(with("10.0.0.4"));
        assert!(!with("168.63.129.16"), "Azure's own");
    }

    #[test]
    fn an_azure_edition_needs_the_metadata_service() {
        let with = |image: &str, rules| {
            let mut lab = Lab::new().rules(rules);
            lab.machine.image = Some(image.to_owned());
            let path = lab.path();
            (remarks(&path, RemarkKind::AzureEdition), remarks(&path, RemarkKind::MetadataDenied))
        };
        let edition = "MicrosoftWindowsServer/WindowsServer/2022-Datacenter-Azure-Edition";
        let denied = || vec![rule("Imds", 100, false, tag("AzurePlatformIMDS"))];
        assert_eq!(with(edition, Vec::new()), (true, false));
        assert_eq!(with(edition, denied()), (true, true));
        assert_eq!(with("MicrosoftWindowsServer/WindowsServer/2022-datacenter", denied()), (false, false));
    }

    #[test]
    fn partial_evidence_names_what_is_missing() {
        let interface = Some(ResourceId::new("nic1"));
        let routes = vec![route("0.0.0.0/0", super::NextHop::Internet, None)];
        let body = Body::EffectiveRoutes(EffectiveRoutes { interface, interface_name: None, routes });
        let path = paths(&resources([body])).remove(0);
        assert_eq!(path.verdict(), Verdict::CannotTell);
        assert!(path.missing().all(|missing| *missing == Missing::Interface), "{path:?}");
    }

    /// Ids and names of few resources, so that what is made refers to each other, to itself, and to nothing.
    fn any_id(kind: &'static str) -> impl Strategy<Value = ResourceId> {
        let ids = (0..3).map(|at| id(&format!("{kind}/x{at}"))).chain([ResourceId::new("x0"), ResourceId::new("")]);
        select(ids.collect::<Vec<_>>())
    }

    fn any_peer() -> impl Strategy<Value = Peer> {
        prop_oneof![
            Just(Peer::Any),
            select(vec!["0.0.0.0/0", "20.118.99.224/32", "10.1.0.0/16", "::/0"])
                .prop_map(|it| Peer::Prefix(prefix(it))),
            select(vec!["Internet", "VirtualNetwork", "AzurePlatformLKM", "AzureCloud", ""]).prop_map(tag),
            any_id("ipGroups").prop_map(Peer::IpGroup),
            Just(Peer::Name("azkms.core.windows.net".to_owned())),
            Just(Peer::Unreadable("?".to_owned())),
        ]
    }

    fn any_rules() -> impl Strategy<Value = Vec<SecurityRule>> {
        let rule =
            (0u32..4, any::<bool>(), any_peer()).prop_map(|(priority, allows, peer)| rule("r", priority, allows, peer));
        vec(rule, 0..4)
    }

    fn any_routes() -> impl Strategy<Value = Vec<Route>> {
        use super::NextHop::{Internet, None, VirtualAppliance, VirtualNetworkGateway};
        let next_hop = select(vec![Internet, None, VirtualAppliance, VirtualNetworkGateway]);
        let destination = select(vec!["0.0.0.0/0", "20.118.99.224/32", "AzureCloud", "AzurePlatformLKM"]);
        let one = (destination, next_hop, any::<bool>(), 0u8..3);
        let route = one.prop_map(|(destination, next_hop, is_active, source)| Route {
            is_active,
            source: [RouteSource::User, RouteSource::Gateway, RouteSource::Default][usize::from(source)],
            ..route(destination, next_hop, Some("10.0.3.4"))
        });
        vec(route, 0..4)
    }

    fn any_interface() -> impl Strategy<Value = Body> {
        let ids = (any_id("n"), any_id("virtualMachines"), any_id("virtualNetworks/x/subnets"), any_id("groups"));
        (ids, any_id("loadBalancers/x/pools"), any::<[bool; 3]>()).prop_map(
            |((id, machine, subnet, group), pool, [a, b, c])| {
                let configuration = AddressConfiguration {
                    subnet: Some(subnet),
                    private_address: a.then(|| address("10.1.0.4")),
                    public_address: b.then_some(None),
                    backend_pools: c.then(|| vec![pool]),
                    ..AddressConfiguration::default()
                };
                Body::NetworkInterface(NetworkInterface {
                    id: Some(id),
                    machine: Some(machine),
                    security_group: a.then_some(b.then_some(group)),
                    configurations: vec![configuration],
                    ..NetworkInterface::default()
                })
            },
        )
    }

    fn any_network() -> impl Strategy<Value = Body> {
        let subnet = (any_id("virtualNetworks/x/subnets"), any_id("groups"), any_id("tables"), any::<[bool; 2]>());
        prop_oneof![
            subnet.prop_map(|(id, group, table, [a, b])| Body::Subnet(Subnet {
                id: Some(id),
                security_group: Some(a.then_some(group)),
                route_table: Some(b.then_some(table)),
                nat_gateway: a.then_some(None),
                default_outbound_access: b.then_some(a),
                ..Subnet::default()
            })),
            (any_id("groups"), any_rules()).prop_map(|(id, rules)| {
                Body::SecurityGroup(SecurityGroup { id: Some(id), name: String::new(), rules })
            }),
            (any_id("tables"), any_routes()).prop_map(|(id, routes)| {
                Body::RouteTable(RouteTable { id: Some(id), routes, ..RouteTable::default() })
            }),
            (any_id("n"), any::<bool>(), any_routes()).prop_map(|(id, is_named, routes)| {
                let interface = is_named.then_some(id);
                Body::EffectiveRoutes(EffectiveRoutes { interface, interface_name: None, routes })
            }),
            (any_id("n"), any::<[bool; 2]>(), any_rules()).prop_map(|(id, [is_named, at_subnet], rules)| {
                let subnet = at_subnet.then(|| id.clone());
                let interface = is_named.then_some(id);
                Body::EffectiveSecurityGroup(EffectiveSecurityGroup { group: None, interface, subnet, rules })
            }),
        ]
    }

    fn any_firewall() -> impl Strategy<Value = Body> {
        let rules = vec(any_peer(), 0..3).prop_map(|peers| {
            let ports = vec![PortRange { first: 0, last: u16::MAX }];
            let rule = |peer: Peer| FirewallRule {
                name: "r".to_owned(),
                protocols: vec![Protocol::Tcp],
                sources: vec![peer.clone(), Peer::Any],
                destinations: vec![peer],
                destination_ports: ports.clone(),
                origin: None,
            };
            peers.into_iter().map(rule).collect::<Vec<_>>()
        });
        let group = (any_id("policies/x0/groups"), 0u32..3, any::<bool>(), rules);
        prop_oneof![
            (any_id("firewalls"), any_id("policies"), any_id("virtualNetworks/x/subnets")).prop_map(
                |(id, policy, subnet)| {
                    Body::Firewall(super::Firewall {
                        id: Some(id),
                        private_addresses: vec![address("10.0.3.4")],
                        policy: Some(policy),
                        subnet: Some(subnet),
                        ..super::Firewall::default()
                    })
                }
            ),
            (any_id("policies"), any_id("policies"), any::<bool>()).prop_map(|(id, base, has_base)| {
                let base = has_base.then_some(base);
                Body::FirewallPolicy(FirewallPolicy { id: Some(id), base, ..FirewallPolicy::default() })
            }),
            group.prop_map(|(id, priority, allows, rules)| {
                let kind = CollectionKind::Network;
                let collection = RuleCollection { name: "c".to_owned(), priority, kind, allows, rules };
                let name = id.name().to_owned();
                Body::RuleCollectionGroup(RuleCollectionGroup {
                    id: Some(id),
                    name,
                    priority,
                    collections: vec![collection],
                })
            }),
        ]
    }

    fn any_machine() -> impl Strategy<Value = Body> {
        let parts = (any_id("virtualMachines"), any_id("n"), any_id("sets"), any::<[bool; 2]>());
        parts.prop_map(|(id, interface, set, [has_set, is_primary])| {
            Body::VirtualMachine(VirtualMachine {
                id: Some(id),
                interfaces: vec![(interface, Some(is_primary))],
                availability_set: has_set.then_some(set),
                ..VirtualMachine::default()
            })
        })
    }

    proptest! {
        #[test]
        fn the_order_of_resources_means_nothing(
            bodies in vec(prop_oneof![any_interface(), any_network(), any_firewall(), any_machine()], 0..24),
            seed in any::<prop::sample::Index>(),
        ) {
            let mut all = resources(bodies);
            let expected = paths(&all);
            if !all.is_empty() {
                let middle = seed.index(all.len());
                all.rotate_left(middle);
                all[..middle].reverse();
            }
            prop_assert_eq!(paths(&all), expected);
        }

        #[test]
        fn subjects_are_unique(bodies in vec(prop_oneof![any_interface(), any_network(), any_machine()], 0..24)) {
            let mut subjects: Vec<_> = paths(&resources(bodies)).iter().map(Path::subject).collect();
            let count = subjects.len();
            subjects.sort();
            subjects.dedup();
            prop_assert_eq!(subjects.len(), count);
        }
    }

    #[test]
    fn thousands_of_interfaces_share_what_is_worked_out_once() {
        let rules = (0..1000).map(|at| rule("r", at, false, Peer::Prefix(prefix("192.0.2.0/24")))).collect();
        let lab = Lab::new()
            .rules(rules)
            .routes((0..400).map(|_| route("192.0.2.0/24", super::NextHop::None, None)).collect());
        let interface = lab.interface.clone();
        let many = (0..10_000).map(|at| {
            let id = Some(id(&format!("networkInterfaces/many{at}")));
            Body::NetworkInterface(NetworkInterface {
                id,
                name: format!("many{at}"),
                machine: None,
                ..interface.clone()
            })
        });
        let all = many.fold(lab, Lab::with).resources();
        assert_eq!(paths(&all).len(), 20_002);
    }
}
