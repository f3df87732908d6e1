//! Worlds made by hand, with what the facts say of them: the slow model must not be wrong in the same way as the product.

use crate::slow::{Fault, Stage, Verdict, judge};
use crate::world::{
    Interface, NextHop, Prefix, Protocol, Route, Rules, SecurityGroup, SecurityRule, Subnet, Table, Thing, Who, World,
    own_rules,
};

/// An interface in a subnet, and nothing else but these things.
fn world(subnet: &dyn Fn(&mut Subnet), things: Vec<Thing>) -> World {
    let interface = Interface {
        name: "web-nic".to_owned(),
        machine: "web".to_owned(),
        is_primary: true,
        subnet: ("vnet".to_owned(), "web".to_owned()),
        address: 0x0A00_0105,
        security_group: None,
        public_address: false,
        groups: Vec::new(),
        pools: Vec::new(),
    };
    let mut place = Subnet {
        network: "vnet".to_owned(),
        name: "web".to_owned(),
        prefix: Prefix { net: 0x0A00_0100, length: 24 },
        default_access: None,
        security_group: None,
        table: None,
        nat: None,
    };
    subnet(&mut place);
    let mut all = vec![Thing::Interface(interface), Thing::Subnet(place)];
    all.extend(things);
    World { location: "japaneast", things: all }
}

/// What the model says, if it is the same for both addresses; the product must say the same.
fn verdict(world: &World) -> (Verdict, Vec<(Stage, Vec<Fault>)>) {
    let judged = judge(world);
    assert_eq!(judged.len(), 2, "{judged:?}");
    assert_eq!((judged[0].verdict, &judged[0].faults), (judged[1].verdict, &judged[1].faults));
    assert_eq!(crate::differences(world, 0), [""; 0]);
    (judged[0].verdict, judged[0].faults.clone())
}

fn deny(destinations: Vec<Who>) -> Thing {
    let mut rules = own_rules();
    rules.push(SecurityRule { priority: 100, allows: false, destinations, ..rules[2].clone() });
    Thing::SecurityGroup(SecurityGroup { name: "nsg".to_owned(), rules, has_defaults: true })
}

fn table(to: Who, hop: NextHop) -> Thing {
    let routes = vec![Route { name: "route".to_owned(), to, hop }];
    Thing::Table(Table { name: "rt".to_owned(), keeps_announced_out: false, routes })
}

fn with_group(subnet: &mut Subnet) {
    subnet.security_group = Some("nsg".to_owned());
}

fn with_table(subnet: &mut Subnet) {
    subnet.table = Some("rt".to_owned());
}

#[test]
fn a_subnet_without_anything_reaches_kms_by_default_access_unless_it_is_private() {
    assert_eq!(verdict(&world(&|_| (), Vec::new())), (Verdict::Reaches, Vec::new()));
    let private = world(&|subnet| subnet.default_access = Some(false), Vec::new());
    assert_eq!(verdict(&private), (Verdict::Blocked, vec![(Stage::Outbound, vec![Fault::PrivateSubnet])]));
}

#[test]
fn denying_the_internet_is_harmless_and_denying_everything_literally_is_not() {
    for harmless in [Who::Tag("Internet"), Who::Any, Who::Prefix(Prefix::around(u32::MAX, 1))] {
        assert_eq!(verdict(&world(&with_group, vec![deny(vec![harmless])])), (Verdict::Reaches, Vec::new()));
    }
    for (who, fault) in [
        (Who::Prefix(Prefix::ALL), Fault::DeniedRuleForEverything),
        (Who::Tag("AzurePlatformLKM"), Fault::DeniedLicenceTag),
    ] {
        let expected = (Verdict::Blocked, vec![(Stage::SubnetRules, vec![fault])]);
        assert_eq!(verdict(&world(&with_group, vec![deny(vec![who])])), expected);
    }
}

#[test]
fn effective_rules_write_everything_for_any_and_the_group_tells_which_it_was() {
    let group = |destination| match deny(vec![destination]) {
        Thing::SecurityGroup(group) => group,
        _ => unreachable!("it is a security group"),
    };
    let rules = Rules {
        interface: "web-nic".to_owned(),
        subnet: ("vnet".to_owned(), "web".to_owned()),
        at_interface: None,
        at_subnet: Some(group(Who::Prefix(Prefix::ALL))),
    };
    let denied = vec![(Stage::SubnetRules, vec![Fault::DeniedRuleForEverything])];
    for (known, expected) in [
        (Some(Who::Any), (Verdict::Reaches, Vec::new())),
        (Some(Who::Prefix(Prefix::ALL)), (Verdict::Blocked, denied)),
        (None, (Verdict::CannotTell, Vec::new())),
    ] {
        let mut things = vec![Thing::Rules(rules.clone())];
        things.extend(known.map(|destination| Thing::SecurityGroup(group(destination))));
        assert_eq!(verdict(&world(&with_group, things)), expected);
    }
}

#[test]
fn a_default_route_loses_the_allowance_wherever_it_leads() {
    let both = |subnet: &mut Subnet| {
        with_group(subnet);
        with_table(subnet);
    };
    let things = vec![deny(vec![Who::Any]), table(Who::Prefix(Prefix::ALL), NextHop::Internet)];
    let expected = (Verdict::Blocked, vec![(Stage::SubnetRules, vec![Fault::DeniedDefaultRoute])]);
    assert_eq!(verdict(&world(&both, things)), expected);
}

#[test]
fn forced_tunnelling_blocks_and_what_is_not_there_cannot_be_told() {
    let tunnel = world(&with_table, vec![table(Who::Prefix(Prefix::ALL), NextHop::Gateway)]);
    assert_eq!(verdict(&tunnel), (Verdict::Blocked, vec![(Stage::Route, vec![Fault::ToGateway])]));
    for unknown in [
        world(&with_table, Vec::new()),
        world(&with_group, Vec::new()),
        world(&with_table, vec![table(Who::Prefix(Prefix::ALL), NextHop::Appliance(0x0A00_0904))]),
        world(&with_table, vec![table(Who::Tag("AzureCloud"), NextHop::Nowhere)]),
    ] {
        assert_eq!(verdict(&unknown), (Verdict::CannotTell, Vec::new()));
    }
}

#[test]
fn other_protocols_and_ports_are_of_no_interest() {
    let mut rules = own_rules();
    let everything = SecurityRule { priority: 100, allows: false, ..rules[2].clone() };
    rules[2].destinations = vec![Who::Any];
    for rule in [
        SecurityRule { protocol: Protocol::Udp, ..everything.clone() },
        SecurityRule { ports: vec![(1687, 1687), (1689, 1689)], ..everything.clone() },
        SecurityRule { source_ports: vec![(1688, 1688)], ..everything.clone() },
        SecurityRule { is_outbound: false, ..everything },
    ] {
        let mut rules = rules.clone();
        rules.push(rule);
        let group = SecurityGroup { name: "nsg".to_owned(), rules, has_defaults: true };
        let world = world(&with_group, vec![Thing::SecurityGroup(group)]);
        assert_eq!(verdict(&world), (Verdict::Reaches, Vec::new()));
    }
}
