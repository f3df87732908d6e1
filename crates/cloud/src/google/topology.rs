//! The resources of all exports, found by what they belong to.

use std::collections::HashMap;

use kmsdoctor_core::fact::Origin;

use super::model::{Body, FirewallPolicy, FirewallRule, Instance, Link, Network, Order, Route, Router, Subnet};
use crate::{Body as AnyBody, Resource};

/// A resource with the place that it was read from.
pub(super) struct Placed<'r, T> {
    pub(super) body: &'r T,
    pub(super) origin: &'r Origin,
}

/// Resources by the last part of the link that they are asked for by.
struct Group<'r, T>(HashMap<&'r str, Vec<Placed<'r, T>>>);

impl<'r, T> Group<'r, T> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    fn add(&mut self, link: &'r Link, body: &'r T, origin: &'r Origin) {
        self.0.entry(link.name()).or_default().push(Placed { body, origin });
    }

    fn of(&self, link: &Link) -> &[Placed<'r, T>] {
        self.0.get(link.name()).map_or(&[], Vec::as_slice)
    }
}

/// All exports together.
pub(super) struct Topology<'r> {
    pub(super) instances: Vec<Placed<'r, Instance>>,
    pub(super) policies: Vec<Placed<'r, FirewallPolicy>>,
    subnets: Group<'r, Subnet>,
    networks: Group<'r, Network>,
    rules: Group<'r, FirewallRule>,
    routes: Group<'r, Route>,
    routers: Group<'r, Router>,
}

impl<'r> Topology<'r> {
    pub(super) fn new(resources: &'r [Resource]) -> Self {
        let mut topology = Self {
            instances: Vec::new(),
            policies: Vec::new(),
            subnets: Group::new(),
            networks: Group::new(),
            rules: Group::new(),
            routes: Group::new(),
            routers: Group::new(),
        };
        for resource in resources {
            if let AnyBody::Google(body) = &resource.body {
                topology.add(body, &resource.origin);
            }
        }
        topology.sort();
        topology
    }

    fn add(&mut self, body: &'r Body, origin: &'r Origin) {
        match body {
            Body::Instance(instance) => self.instances.push(Placed { body: instance, origin }),
            Body::FirewallPolicy(policy) => self.policies.push(Placed { body: policy, origin }),
            Body::Subnet(subnet) => self.subnets.add(&subnet.link, subnet, origin),
            Body::Network(network) => self.networks.add(&network.link, network, origin),
            Body::FirewallRule(rule) => self.rules.add(&rule.network, rule, origin),
            Body::Route(route) => self.routes.add(&route.network, route, origin),
            Body::Router(router) => self.routers.add(&router.network, router, origin),
        }
    }

    /// Brings everything into the order in which it is held against packets. Orders are stable, so that the order of exports
    /// decides nothing but names.
    fn sort(&mut self) {
        self.policies.sort_by(|one, other| one.body.level.cmp(&other.body.level));
        for rules in self.rules.0.values_mut() {
            rules.sort_by_key(|rule| (rule.body.priority, rule.body.allows));
        }
        for routes in self.routes.0.values_mut() {
            let rank = |route: &Route| (std::cmp::Reverse(route.destination.prefix_len()), route.priority);
            routes.sort_by_key(|route| rank(route.body));
        }
    }

    pub(super) fn subnet(&self, link: &Link) -> Option<&Placed<'r, Subnet>> {
        self.subnets.of(link).iter().find(|subnet| subnet.body.link.refers_to(link))
    }

    /// In which order a network's policies and rules come, if the exports have it.
    pub(super) fn order(&self, network: &Link) -> Option<Order> {
        self.networks.of(network).iter().find(|found| found.body.link.refers_to(network))?.body.order
    }

    /// The network's firewall rules by ascending priority, denying ones first.
    pub(super) fn rules<'t>(&'t self, network: &'t Link) -> impl Iterator<Item = &'t Placed<'r, FirewallRule>> {
        self.rules.of(network).iter().filter(|rule| rule.body.network.refers_to(network))
    }

    /// The network's routes, the longest prefixes first, then by ascending priority.
    pub(super) fn routes<'t>(&'t self, network: &'t Link) -> impl Iterator<Item = &'t Placed<'r, Route>> {
        self.routes.of(network).iter().filter(|route| route.body.network.refers_to(network))
    }

    /// The network's routers.
    pub(super) fn routers<'t>(&'t self, network: &'t Link) -> impl Iterator<Item = &'t Placed<'r, Router>> {
        self.routers.of(network).iter().filter(|router| router.body.network.refers_to(network))
    }
}
