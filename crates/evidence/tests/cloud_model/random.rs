//! Random worlds. Faults are rare enough each that whole paths are common, and near misses (the neighbouring address, the other
//! port) are as common as faults.

mod rules;

use crate::world::{
    Balancer, BalancerRule, Connection, EffectiveRoute, Firewall, Hub, Intent, Interface, Machine, Nat, Network,
    NextHop, Peering, Place, Prefix, Protocol, Route, Routes, Rules, Source, Subnet, Table, Thing, Who, World, kms,
};

/// A generator of numbers (`SplitMix64`): the same seed, the same world, on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below the end.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// Puts them into another order.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

/// The firewall in the network, the one in the hub, and an appliance that no export describes.
const FIREWALL: u32 = 0x0A00_0104;
const HUB_FIREWALL: u32 = 0x0A64_0004;
const APPLIANCE: u32 = 0x0A00_0263;

/// The world of a seed, and what the exports leave out of it.
pub(crate) fn world(random: &mut Random) -> World {
    let location = random.pick(&["westeurope", "japaneast", "eastus", "usgovvirginia", "chinaeast2"]);
    let mut maker = Maker { random, location, things: Vec::new() };
    maker.networks();
    maker.machines();
    maker.security_groups();
    maker.tables();
    maker.nats();
    maker.balancers();
    maker.firewalls();
    maker.hub();
    maker.effective();
    let mut things = maker.things;
    if random.percent(50) {
        things.retain(|_| !random.percent(6));
    }
    World { location, things }
}

struct Maker<'a> {
    random: &'a mut Random,
    location: &'static str,
    things: Vec<Thing>,
}

impl Maker<'_> {
    fn name_or_none(&mut self, percent: usize, names: &[&str]) -> Option<String> {
        self.random.percent(percent).then(|| self.random.pick(names).to_owned())
    }

    /// An address of KMS.
    fn kms(&mut self) -> u32 {
        self.random.pick(kms(self.location)).address
    }

    /// A prefix that holds an address of KMS, or almost.
    fn near(&mut self) -> Prefix {
        let address = self.kms();
        match self.random.below(10) {
            0 => Prefix::around(address ^ 1, 32),
            1 => Prefix::around(address ^ 256, 24),
            2 | 3 => {
                let length = self.random.pick(&[8, 16, 24, 31]);
                Prefix::around(address, length)
            }
            _ => Prefix::around(address, 32),
        }
    }

    fn networks(&mut self) {
        let own = Prefix { net: 0x0A00_0000, length: 16 };
        let remote = Prefix { net: 0x0A01_0000, length: 16 };
        let mut space = vec![own];
        if self.random.percent(4) {
            space.push(self.near());
        }
        let mut peerings = Vec::new();
        if self.random.percent(35) {
            let mut space = vec![remote];
            if self.random.percent(5) {
                space.push(self.near());
            }
            peerings.push(Peering {
                remote: "hub-vnet".to_owned(),
                space,
                is_connected: self.random.percent(85),
                uses_remote_gateways: self.random.percent(15),
            });
            self.things.push(Thing::Network(Network {
                name: "hub-vnet".to_owned(),
                space: vec![remote],
                peerings: Vec::new(),
            }));
        }
        self.things.push(Thing::Network(Network { name: "spoke".to_owned(), space, peerings }));
        for (number, name) in ["web", "app"].into_iter().enumerate() {
            let prefix = Prefix { net: 0x0A00_0A00 + 256 * u32::try_from(number).unwrap_or(0), length: 24 };
            let subnet = Subnet {
                network: "spoke".to_owned(),
                name: name.to_owned(),
                prefix,
                default_access: self.random.pick(&[None, None, Some(true), Some(false)]),
                security_group: self.name_or_none(50, &["nsg-a", "nsg-b"]),
                table: self.name_or_none(60, &["rt-a", "rt-b"]),
                nat: self.name_or_none(20, &["nat"]),
            };
            self.things.push(Thing::Subnet(subnet));
        }
        self.bare_subnet("AzureFirewallSubnet", 1, 70);
        if self.random.percent(12) {
            self.bare_subnet("GatewaySubnet", 3, 0);
        }
    }

    fn bare_subnet(&mut self, name: &str, number: u32, with_table: usize) {
        let table = self.name_or_none(with_table, &["rt-firewall", "rt-firewall", "rt-b"]);
        self.things.push(Thing::Subnet(Subnet {
            network: "spoke".to_owned(),
            name: name.to_owned(),
            prefix: Prefix { net: 0x0A00_0000 + 256 * number, length: 24 },
            default_access: None,
            security_group: None,
            table,
            nat: None,
        }));
    }

    fn machines(&mut self) {
        let mut last = 4;
        for machine in &["sql-1", "web-1", "web-2"][..=self.random.below(3)] {
            let mut interfaces = Vec::new();
            for number in 0..=usize::from(self.random.percent(20)) {
                let name = format!("{machine}-nic{number}");
                let subnet = self.random.below(2);
                last += 1;
                let interface = Interface {
                    name: name.clone(),
                    machine: (*machine).to_owned(),
                    is_primary: number == 0,
                    subnet: ("spoke".to_owned(), ["web", "app"][subnet].to_owned()),
                    address: 0x0A00_0A00 + 256 * u32::try_from(subnet).unwrap_or(0) + last,
                    security_group: self.name_or_none(35, &["nsg-a", "nsg-c"]),
                    public_address: self.random.percent(12),
                    groups: self.name_or_none(30, &["asg-web", "asg-sql"]).into_iter().collect(),
                    pools: self.name_or_none(35, &["lb-a", "lb-b"]).into_iter().collect(),
                };
                self.things.push(Thing::Interface(interface));
                interfaces.push(name);
            }
            let of = Machine {
                name: (*machine).to_owned(),
                is_windows: self.random.pick(&[Some(true), Some(true), Some(true), None, Some(false)]),
                interfaces,
                availability_set: self.name_or_none(40, &["set-a"]),
            };
            self.things.push(Thing::Machine(of));
        }
    }

    fn tables(&mut self) {
        for name in ["rt-a", "rt-b", "rt-firewall"] {
            let mut routes: Vec<Route> = Vec::new();
            for number in 0..self.random.below(4) {
                let to = match self.random.below(12) {
                    0 => Who::Tag("AzurePlatformLKM"),
                    1 => Who::Tag(self.random.pick(&["AzureCloud", "AzureCloud.westeurope", "Storage"])),
                    2..=5 => Who::Prefix(Prefix::ALL),
                    6 => Who::Prefix(Prefix::around(self.random.pick(&[0, u32::MAX]), 1)),
                    _ => Who::Prefix(self.near()),
                };
                let is_twice = routes.iter().any(|route| route.to == to);
                if !is_twice {
                    let hop = self.hop(name == "rt-firewall");
                    routes.push(Route { name: format!("route-{number}"), to, hop });
                }
            }
            let keeps_announced_out = self.random.percent(50);
            self.things.push(Thing::Table(Table { name: name.to_owned(), keeps_announced_out, routes }));
        }
    }

    fn hop(&mut self, is_of_firewall: bool) -> NextHop {
        if is_of_firewall {
            let appliance = NextHop::Appliance(APPLIANCE);
            let inward = self.random.pick(&[NextHop::Nowhere, NextHop::Network, appliance]);
            return self.random.pick(&[NextHop::Internet, NextHop::Gateway, inward]);
        }
        match self.random.below(12) {
            0..=3 => NextHop::Internet,
            4..=6 => NextHop::Appliance(FIREWALL),
            7 => NextHop::Appliance(HUB_FIREWALL),
            8 => NextHop::Appliance(APPLIANCE),
            9 => NextHop::Gateway,
            10 => NextHop::Nowhere,
            _ => NextHop::Network,
        }
    }

    fn nats(&mut self) {
        let (addresses, prefixes) = self.random.pick(&[(1, 0), (1, 0), (0, 1), (2, 1), (0, 0)]);
        self.things.push(Thing::Nat(Nat { name: "nat".to_owned(), addresses, prefixes }));
    }

    fn balancers(&mut self) {
        for (name, front) in [("lb-a", 0x0A00_0AC8), ("lb-b", 0x0A00_0AC9)] {
            let is_internal = self.random.percent(50);
            let in_pool = |thing: &Thing| match thing {
                Thing::Interface(interface) if interface.pools.iter().any(|pool| pool == name) => {
                    Some(interface.name.clone())
                }
                _ => None,
            };
            let pool = self.things.iter().filter_map(in_pool).collect();
            let is_standard = self.random.percent(75);
            let mut outbound = Vec::new();
            if is_standard && !is_internal && self.random.percent(40) {
                outbound.push(self.random.pick(&[Protocol::Any, Protocol::Tcp, Protocol::Udp]));
            }
            let rules = match self.random.below(5) {
                0..=2 => vec![self.balancer_rule(is_internal)],
                _ => Vec::new(),
            };
            let balancer = Balancer {
                name: name.to_owned(),
                is_standard,
                front: is_internal.then_some(front),
                pool,
                rules,
                outbound,
                probe: self.random.pick(&[1688, 1688, 80]),
            };
            self.things.push(Thing::Balancer(balancer));
        }
    }

    fn balancer_rule(&mut self, is_internal: bool) -> BalancerRule {
        let (front_port, back_port) = match self.random.below(6) {
            0 => (443, 443),
            1 if is_internal => (0, 0),
            2 if is_internal => (1688, 1689),
            _ if is_internal => (1688, 1688),
            _ => (80, 80),
        };
        let protocol = if front_port == 0 { Protocol::Any } else { self.random.pick(&[Protocol::Tcp; 4]) };
        BalancerRule {
            name: "rule".to_owned(),
            protocol: if self.random.percent(10) && front_port != 0 { Protocol::Udp } else { protocol },
            front_port,
            back_port,
            no_snat: self.random.percent(50),
            has_probe: self.random.percent(80),
            keeps_sessions: self.random.percent(20),
        }
    }

    fn firewalls(&mut self) {
        for (name, address, place) in [
            ("fw", FIREWALL, Place::Network("spoke".to_owned())),
            ("fw-hub", HUB_FIREWALL, Place::Hub("hub".to_owned())),
        ] {
            let has_policy = self.random.percent(60) || matches!(place, Place::Hub(_));
            let collections = if has_policy { Vec::new() } else { self.collections() };
            let firewall = Firewall {
                name: name.to_owned(),
                address,
                public_addresses: self.random.pick(&[0, 1, 1, 1, 2]),
                place,
                policy: has_policy.then(|| self.random.pick(&["policy-a", "policy-b"]).to_owned()),
                collections,
            };
            self.things.push(Thing::Firewall(firewall));
        }
        self.policies();
    }

    fn hub(&mut self) {
        if !self.random.percent(20) {
            return;
        }
        let hub = "hub".to_owned();
        let announces_default = self.random.percent(75);
        self.things.push(Thing::Hub(Hub { name: hub.clone() }));
        self.things.push(Thing::Connection(Connection {
            hub: hub.clone(),
            network: "spoke".to_owned(),
            announces_default,
        }));
        if self.random.percent(80) {
            let covers_internet = self.random.percent(85);
            self.things.push(Thing::Intent(Intent { hub, covers_internet, firewall: "fw-hub".to_owned() }));
        }
    }

    /// Effective routes and rules of some interfaces, of all, or of none.
    fn effective(&mut self) {
        let percent = self.random.pick(&[0, 0, 40, 100]);
        let world = World { location: self.location, things: self.things.clone() };
        for interface in world.interfaces() {
            if self.random.percent(percent) {
                let routes = self.effective_routes();
                self.things.push(Thing::Routes(Routes { interface: interface.name.clone(), routes }));
            }
            let subnet = world.subnet(&interface.subnet.0, &interface.subnet.1);
            let [at_interface, at_subnet] =
                [interface.security_group.as_ref(), subnet.and_then(|subnet| subnet.security_group.as_ref())].map(
                    |name| {
                        let group = world.security_groups().find(|group| Some(&group.name) == name)?;
                        self.random.percent(80).then(|| self.effective_rules(group))
                    },
                );
            if (at_interface.is_some() || at_subnet.is_some()) && self.random.percent(percent) {
                let (interface, subnet) = (interface.name.clone(), interface.subnet.clone());
                self.things.push(Thing::Rules(Rules { interface, subnet, at_interface, at_subnet }));
            }
        }
    }

    fn effective_routes(&mut self) -> Vec<EffectiveRoute> {
        let mut routes = vec![EffectiveRoute {
            source: Source::Own,
            is_active: true,
            prefixes: vec![Prefix { net: 0x0A00_0000, length: 16 }],
            hop: NextHop::Network,
        }];
        let has_default = self.random.percent(80);
        if has_default || self.random.percent(50) {
            let prefixes = vec![Prefix::ALL];
            routes.push(EffectiveRoute {
                source: Source::Own,
                is_active: has_default,
                prefixes,
                hop: NextHop::Internet,
            });
        }
        for _ in 0..self.random.below(4) {
            let source = self.random.pick(&[Source::User, Source::User, Source::User, Source::Announced]);
            let hop = match source {
                Source::Announced => NextHop::Gateway,
                _ if self.random.percent(4) => NextHop::ServiceEndpoint,
                _ => self.hop(false),
            };
            let mut prefixes = vec![if self.random.percent(40) { Prefix::ALL } else { self.near() }];
            if self.random.percent(15) {
                prefixes.push(self.near());
            }
            // Equal routes are equal ways, such as to the halves of a pair of appliances.
            let is_twice = |of: &EffectiveRoute| {
                of.source == source && of.prefixes.iter().any(|prefix| prefixes.contains(prefix)) && of.hop != hop
            };
            let is_pair = matches!(hop, NextHop::Appliance(_))
                && routes.iter().filter(|of| is_twice(of)).all(|of| matches!(of.hop, NextHop::Appliance(_)));
            if is_pair || !routes.iter().any(is_twice) {
                routes.push(EffectiveRoute { source, is_active: self.random.percent(85), prefixes, hop });
            }
        }
        self.random.shuffle(&mut routes);
        routes
    }
}
