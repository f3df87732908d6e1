//! Google Cloud's judgement against a slow one, written from `docs/cloud.md` alone: it goes through every world that the exports
//! leave open and follows one packet in each. What is the same in all worlds has to be the verdict; what differs is unknown.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use kmsdoctor_cloud::google::{
    Action, Body, FirewallPolicy, FirewallRule, Instance, Interface, Level, Link, Nat, Network, Order, PolicyRule,
    Route, RouteTarget, Router, Service, Subnet, Targets, Traffic,
};
use kmsdoctor_cloud::{Body as AnyBody, Hop, Outcome, Resource, Stage, paths};
use kmsdoctor_core::fact::Origin;
use proptest::prelude::*;

const KMS: IpAddr = IpAddr::V4(Ipv4Addr::new(35, 190, 247, 13));

/// Answers what the exports leave open, one world after the other.
#[derive(Default)]
struct Worlds {
    answers: Vec<bool>,
    at: usize,
}

impl Worlds {
    fn ask(&mut self) -> bool {
        if self.at == self.answers.len() {
            self.answers.push(false);
        }
        self.at += 1;
        self.answers[self.at - 1]
    }

    /// Goes to the next world, if there is one.
    fn turn(&mut self) -> bool {
        self.at = 0;
        while self.answers.pop_if(|answer| *answer).is_some() {}
        match self.answers.last_mut() {
            Some(answer) => {
                *answer = true;
                true
            }
            None => false,
        }
    }
}

/// What becomes of the packets at one station of one world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passes,
    Blocked,
    /// Not even the whole world would show it.
    Hidden,
}

/// What comes out in all worlds; `None` where that differs.
fn everywhere<T: PartialEq>(follow: impl Fn(&mut Worlds) -> T) -> Option<T> {
    let mut worlds = Worlds::default();
    let first = follow(&mut worlds);
    while worlds.turn() {
        if follow(&mut worlds) != first {
            return None;
        }
    }
    Some(first)
}

fn shown(end: End) -> Option<End> {
    (end != End::Hidden).then_some(end)
}

#[derive(Debug, Clone)]
struct Topology {
    instance: Instance,
    order: Option<Order>,
    rules: Vec<FirewallRule>,
    policies: Vec<FirewallPolicy>,
    routes: Vec<Route>,
    subnet: Option<Option<bool>>,
    router: Option<(bool, Vec<Nat>)>,
}

fn holds_kms(service: &Service) -> bool {
    matches!(service.protocol.as_str(), "tcp" | "all")
        && (service.ports.is_empty()
            || service.ports.iter().any(|ports| (*ports.start()..=*ports.end()).any(|port| port == 1688)))
}

impl Topology {
    fn is_for_packet(&self, traffic: &Traffic, worlds: &mut Worlds) -> bool {
        let own = self.instance.interfaces[0].address.expect("an address");
        let from = traffic.sources.is_empty() || traffic.sources.iter().any(|range| range.contains(&own));
        let services = traffic.services.as_ref().expect("services");
        traffic.is_egress
            && from
            && services.iter().any(holds_kms)
            && traffic
                .destinations
                .as_ref()
                .map_or_else(|| worlds.ask(), |to| to.is_empty() || to.iter().any(|range| range.contains(&KMS)))
    }

    fn through_rules(&self, worlds: &mut Worlds) -> Option<End> {
        if self.rules.is_empty() {
            // They were not exported: they may allow, deny or leave it.
            return worlds.ask().then(|| if worlds.ask() { End::Passes } else { End::Blocked });
        }
        for priority in 0..10 {
            for allows in [false, true] {
                for rule in self.rules.iter().filter(|rule| (rule.priority, rule.allows) == (priority, allows)) {
                    let tags = self.instance.tags.as_ref().expect("tags");
                    let accounts = self.instance.service_accounts.as_ref().expect("accounts");
                    let is_for_machine = match &rule.targets {
                        None => worlds.ask(),
                        Some(targets) if targets.tags.is_empty() && targets.service_accounts.is_empty() => true,
                        Some(targets) => {
                            targets.tags.iter().any(|tag| tags.contains(tag))
                                || targets.service_accounts.iter().any(|account| accounts.contains(account))
                        }
                    };
                    if !rule.is_disabled && is_for_machine && self.is_for_packet(&rule.traffic, worlds) {
                        return Some(if rule.allows { End::Passes } else { End::Blocked });
                    }
                }
            }
        }
        None
    }

    fn through_policy(&self, policy: &FirewallPolicy, worlds: &mut Worlds) -> Option<End> {
        let network = self.instance.interfaces[0].network.as_ref().expect("a network");
        let is_here = |links: &[Link]| links.iter().any(|link| link.name() == network.name());
        let is_in_region = !matches!(&policy.level, Level::Region(region) if region != "r1");
        if !is_in_region || !policy.networks.as_ref().map_or_else(|| worlds.ask(), |networks| is_here(networks)) {
            return None;
        }
        let accounts = self.instance.service_accounts.as_ref().expect("accounts");
        for rule in &policy.rules {
            let is_for_machine = (rule.networks.is_empty() || is_here(&rule.networks))
                && (rule.service_accounts.is_empty() || rule.service_accounts.iter().any(|one| accounts.contains(one)));
            let matches = !rule.is_disabled && is_for_machine && self.is_for_packet(&rule.traffic, worlds);
            if matches && (!rule.has_other_conditions || worlds.ask()) {
                return match rule.action {
                    Action::Allow => Some(End::Passes),
                    Action::Deny => Some(End::Blocked),
                    Action::Next => None,
                    Action::Other => Some(End::Hidden),
                };
            }
        }
        None
    }

    fn rules(&self) -> Option<End> {
        everywhere(|worlds| {
            let rules_first = self.order.map_or_else(|| worlds.ask(), |order| order == Order::AfterRules);
            let policies = |rank: fn(&Level) -> bool, worlds: &mut Worlds| {
                let mut of_level = self.policies.iter().filter(|policy| rank(&policy.level));
                of_level.find_map(|policy| self.through_policy(policy, worlds))
            };
            let above = policies(|level| *level == Level::Hierarchy, worlds)
                .or_else(|| policies(|level| *level == Level::System, worlds));
            if let Some(end) = above {
                return end;
            }
            let rules = rules_first.then(|| self.through_rules(worlds)).flatten();
            let own = rules
                .or_else(|| policies(|level| *level == Level::Network, worlds))
                .or_else(|| policies(|level| matches!(level, Level::Region(_)), worlds));
            let rules = own.or_else(|| (!rules_first).then(|| self.through_rules(worlds)).flatten());
            rules.unwrap_or(End::Passes)
        })
        .and_then(shown)
    }

    fn route(&self) -> Option<End> {
        if self.routes.is_empty() {
            return None;
        }
        let learns = self.router.as_ref().is_some_and(|(learns, _)| *learns);
        let kind = everywhere(|worlds| {
            let tags = self.instance.tags.as_ref().expect("tags");
            let mut best: Vec<&Route> = Vec::new();
            for route in self.routes.iter().filter(|route| route.destination.contains(&KMS)) {
                let applies = match &route.tags {
                    None => worlds.ask(),
                    Some(wanted) => wanted.is_empty() || wanted.iter().any(|tag| tags.contains(tag)),
                };
                let better = |one: &Route, other: &Route| {
                    let (one_length, other_length) = (one.destination.prefix_len(), other.destination.prefix_len());
                    one_length > other_length || (one_length == other_length && one.priority < other.priority)
                };
                if !applies || best.iter().any(|other| better(other, route)) {
                    continue;
                }
                best.retain(|other| !better(route, other));
                best.push(route);
            }
            // Learned routes may be any but one to the address itself.
            let may_be_beaten = learns && best.iter().all(|route| route.destination.prefix_len() < 32);
            let mut kinds = best.iter().map(|route| match route.next_hop {
                RouteTarget::InternetGateway => "internet",
                RouteTarget::Gateway(_) => "gateway",
                RouteTarget::Network(_) => "network",
                RouteTarget::Appliance(_) | RouteTarget::Other(_) => "?",
            });
            let first = kinds.next().unwrap_or("nowhere");
            if may_be_beaten || kinds.any(|kind| kind != first) { "?" } else { first }
        });
        shown(match kind? {
            "internet" => End::Passes,
            "?" => End::Hidden,
            _ => End::Blocked,
        })
    }

    fn outbound(&self) -> Option<End> {
        let served = self.router.iter().flat_map(|(_, nats)| nats).any(|nat| {
            nat.subnets.as_ref().is_none_or(|subnets| subnets.iter().any(|subnet| subnet.name() == "subnet"))
        });
        if self.instance.interfaces[0].has_external_address || self.subnet == Some(Some(true)) || served {
            return Some(End::Passes);
        }
        (self.subnet == Some(Some(false))).then_some(End::Blocked)
    }

    fn resources(&self) -> Vec<Resource> {
        let network = Link::new("projects/p/global/networks/net");
        let mut bodies = vec![Body::Instance(self.instance.clone())];
        bodies.extend(self.rules.iter().cloned().map(Body::FirewallRule));
        bodies.extend(self.policies.iter().cloned().map(Body::FirewallPolicy));
        bodies.extend(self.routes.iter().cloned().map(Body::Route));
        bodies.extend(self.order.map(|order| Body::Network(Network { link: network.clone(), order: Some(order) })));
        bodies.extend(self.subnet.map(|access| {
            let link = Link::new("https://www.googleapis.com/compute/v1/projects/p/regions/r1/subnetworks/subnet");
            Body::Subnet(Subnet { link, has_private_google_access: access })
        }));
        bodies.extend(self.router.clone().map(|(learns_routes, nats)| {
            Body::Router(Router { link: Link::new("projects/p/regions/r1/routers/r"), network, learns_routes, nats })
        }));
        let origin = || Origin {
            artifact: "a".to_owned(),
            sha256: "a".to_owned(),
            span: 0..1,
            line: None,
            quote: "a".to_owned(),
        };
        bodies.into_iter().map(|body| Resource { body: AnyBody::Google(body), origin: origin() }).collect()
    }
}

fn end(hop: &Hop) -> Option<End> {
    match hop.outcome {
        Outcome::Passes => Some(End::Passes),
        Outcome::Blocks(_) => Some(End::Blocked),
        Outcome::Unknown(_) => None,
    }
}

fn network() -> impl Strategy<Value = Link> {
    prop_oneof![
        4 => Just("projects/p/global/networks/net"),
        1 => Just("net"),
        1 => Just("projects/p/global/networks/other"),
    ]
    .prop_map(Link::new)
}

fn range() -> impl Strategy<Value = IpNet> {
    prop_oneof![Just("0.0.0.0/0"), Just("35.190.247.13/32"), Just("35.190.0.0/16"), Just("10.0.0.0/8"), Just("::/0")]
        .prop_map(|range| range.parse().expect("a range"))
}

fn service() -> impl Strategy<Value = Service> {
    let ports =
        prop_oneof![Just(vec![]), Just(vec![1688..=1688]), Just(vec![80..=90, 1000..=2000]), Just(vec![443..=443])];
    (prop_oneof![Just("tcp"), Just("all"), Just("udp")], ports)
        .prop_map(|(protocol, ports)| Service { protocol: protocol.to_owned(), ports })
}

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(words, 0..=words.len())
        .prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

fn mostly<T: std::fmt::Debug + Clone + 'static>(
    known: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    prop_oneof![5 => known.prop_map(Some), 1 => Just(None)]
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let sources = prop_oneof![4 => Just(vec![]), 1 => Just(vec!["10.0.0.0/24".parse().expect("a range")]),
        1 => Just(vec!["192.0.2.0/24".parse().expect("a range")])];
    let parts = (
        prop::bool::weighted(0.9),
        sources,
        mostly(prop::collection::vec(range(), 0..3)),
        prop::collection::vec(service(), 1..3),
    );
    parts.prop_map(|(is_egress, sources, destinations, services)| Traffic {
        is_egress,
        sources,
        destinations,
        services: Some(services),
    })
}

fn rule() -> impl Strategy<Value = FirewallRule> {
    let targets = (some_of(&["t1", "t2"]), prop_oneof![2 => Just(vec![]), 1 => some_of(&["a1"])])
        .prop_map(|(tags, service_accounts)| Targets { tags, service_accounts });
    let parts = (network(), 0..4_u32, prop::bool::weighted(0.1), any::<bool>(), traffic(), mostly(targets));
    parts.prop_map(|(network, priority, is_disabled, allows, traffic, targets)| FirewallRule {
        name: "rule".to_owned(),
        network,
        priority,
        is_disabled,
        allows,
        traffic,
        targets,
    })
}

fn policy() -> impl Strategy<Value = FirewallPolicy> {
    let level = prop_oneof![
        Just(Level::Hierarchy),
        Just(Level::System),
        Just(Level::Network),
        Just(Level::Region("r1".to_owned())),
        Just(Level::Region("r2".to_owned()))
    ];
    let action = prop_oneof![
        3 => Just(Action::Allow), 3 => Just(Action::Deny), 2 => Just(Action::Next), 1 => Just(Action::Other)
    ];
    let rule = (
        prop::bool::weighted(0.1),
        action,
        traffic(),
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(network(), 1..2)],
        prop_oneof![2 => Just(vec![]), 1 => some_of(&["a1", "a2"])],
        prop::bool::weighted(0.2),
    );
    let parts = (level, mostly(prop::collection::vec(network(), 0..3)), prop::collection::vec(rule, 0..4));
    parts.prop_map(|(level, networks, rules)| FirewallPolicy {
        name: "policy".to_owned(),
        level,
        networks,
        rules: (0..)
            .zip(rules)
            .map(|(priority, (is_disabled, action, traffic, networks, service_accounts, has_other_conditions))| {
                PolicyRule { priority, is_disabled, action, traffic, networks, service_accounts, has_other_conditions }
            })
            .collect(),
    })
}

fn route() -> impl Strategy<Value = Route> {
    let name = || "x".to_owned();
    let next_hop = prop_oneof![
        4 => Just(RouteTarget::InternetGateway),
        1 => Just(RouteTarget::Gateway(name())),
        1 => Just(RouteTarget::Appliance(name())),
        1 => Just(RouteTarget::Network(name())),
        1 => Just(RouteTarget::Other(name())),
    ];
    let tags = prop_oneof![2 => Just(vec![]), 1 => some_of(&["t1", "t2"])];
    (network(), range(), 0..3_u32, next_hop, mostly(tags)).prop_map(
        |(network, destination, priority, next_hop, tags)| Route {
            name: "route".to_owned(),
            network,
            destination,
            priority,
            next_hop,
            tags,
        },
    )
}

fn router() -> impl Strategy<Value = Option<(bool, Vec<Nat>)>> {
    let subnets = prop_oneof![
        Just(None),
        Just(Some(vec![Link::new("projects/p/regions/r1/subnetworks/subnet")])),
        Just(Some(vec![Link::new("projects/p/regions/r1/subnetworks/elsewhere")])),
    ];
    let nats = prop::collection::vec(subnets.prop_map(|subnets| Nat { name: "nat".to_owned(), subnets }), 0..2);
    prop::option::weighted(0.3, (prop::bool::weighted(0.3), nats))
}

prop_compose! {
    fn topology()(
        tags in some_of(&["t1", "t2"]),
        accounts in some_of(&["a1"]),
        has_external_address in any::<bool>(),
        order in prop::option::of(prop_oneof![Just(Order::AfterRules), Just(Order::BeforeRules)]),
        rules in prop::collection::vec(rule(), 0..5),
        policies in prop::collection::vec(policy(), 0..4),
        routes in prop::collection::vec(route(), 0..5),
        subnet in prop::option::of(prop::option::weighted(0.9, any::<bool>())),
        router in router(),
    ) -> Topology {
        let interface = Interface {
            name: "nic0".to_owned(),
            network: Some(Link::new("https://www.googleapis.com/compute/v1/projects/p/global/networks/net")),
            subnet: Some(Link::new("projects/p/regions/r1/subnetworks/subnet")),
            address: Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5))),
            has_external_address,
        };
        let instance = Instance {
            link: Link::new("projects/p/zones/r1-a/instances/vm1"),
            interfaces: vec![interface],
            tags: Some(tags),
            service_accounts: Some(accounts),
            ..Instance::default()
        };
        Topology { instance, order, rules, policies, routes, subnet, router }
    }
}

/// The network's own rules and routes: the slow judgement does not look for what belongs to others.
fn of_network(topology: &Topology) -> Topology {
    let mut own = topology.clone();
    own.rules.retain(|rule| rule.network.name() == "net");
    own.routes.retain(|route| route.network.name() == "net");
    own
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_judgements_agree(topology in topology()) {
        let paths = paths(&topology.resources());
        prop_assert_eq!(paths.len(), 1);
        let hop = |stage: Stage| paths[0].hops.iter().find(|hop| hop.stage == stage);
        let slow = of_network(&topology);
        prop_assert_eq!(hop(Stage::InterfaceRules).map(end), Some(slow.rules()));
        let route = slow.route();
        prop_assert_eq!(hop(Stage::Route).map(end), Some(route));
        // A way out that is not there blocks only where the route does not lead elsewhere.
        let way_out = Some(slow.outbound()).filter(|way_out| route.is_some() || *way_out == Some(End::Passes));
        prop_assert_eq!(hop(Stage::Outbound).map(end), way_out);
    }
}
