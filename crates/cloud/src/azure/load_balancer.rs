//! KMS hosts of the organisation behind a load balancer.

use std::collections::{BTreeMap, HashSet};

use kmsdoctor_core::fact::Origin;

use super::estate::{Estate, Held};
use super::matching::is_tcp;
use super::{Frontend, LoadBalancer, LoadBalancingRule, ResourceId, hop, remark};
use crate::{Destination, Fault, Hop, Missing, Outcome, Path, Provider, Remark, RemarkKind, Stage};

/// TCP port of KMS.
const PORT: u16 = 1688;

/// Port of rules for all ports.
const ALL_PORTS: u16 = 0;

/// A front end at which a load balancer serves KMS.
pub(super) struct Host<'e> {
    pub(super) balancer: &'e Held<'e, LoadBalancer>,
    frontend: &'e Frontend,
    rule: &'e LoadBalancingRule,
}

/// The front ends of the exports with a rule for KMS.
pub(super) fn hosts<'e>(estate: &'e Estate<'e>) -> Vec<Host<'e>> {
    let balancers = estate.load_balancers.iter();
    balancers.flat_map(|balancer| of_balancer(balancer)).collect()
}

fn of_balancer<'e>(balancer: &'e Held<'e, LoadBalancer>) -> Vec<Host<'e>> {
    let mut best: BTreeMap<&ResourceId, &LoadBalancingRule> = BTreeMap::new();
    let probes = balancer.is.probes.iter().filter(|probe| probe.port == PORT);
    let asking_kms: HashSet<&ResourceId> = probes.filter_map(|probe| probe.id.as_ref()).collect();
    for rule in balancer.is.rules.iter().filter(|rule| is_for_kms(rule, &asking_kms)) {
        if let Some(frontend) = &rule.frontend {
            let known = best.entry(frontend).or_insert(rule);
            if rank(rule) < rank(known) {
                *known = rule;
            }
        }
    }
    let served = |frontend: &'e Frontend| {
        frontend.private_address?;
        let rule = best.get(frontend.id.as_ref()?)?;
        Some(Host { balancer, frontend, rule })
    };
    balancer.is.frontends.iter().filter_map(served).collect()
}

/// A rule for all ports usually stands before an appliance: its probe tells whether it is for KMS.
fn is_for_kms(rule: &LoadBalancingRule, asking_kms: &HashSet<&ResourceId>) -> bool {
    let asks_kms = || rule.probe.as_ref().is_some_and(|id| asking_kms.contains(id));
    rule.frontend_port == PORT || (rule.frontend_port == ALL_PORTS && asks_kms())
}

fn rank(rule: &LoadBalancingRule) -> (bool, bool, &str) {
    (rule.frontend_port != PORT, !is_tcp(rule.protocol), &rule.name)
}

fn probe<'b>(balancer: &'b LoadBalancer, id: &ResourceId) -> Option<&'b super::Probe> {
    balancer.probes.iter().find(|probe| probe.id.as_ref() == Some(id))
}

/// Pools that interfaces say they are in.
pub(super) fn members<'e>(estate: &'e Estate<'e>) -> HashSet<&'e ResourceId> {
    let interfaces = estate.interfaces.iter();
    let configurations = interfaces.flat_map(|interface| &interface.is.configurations);
    configurations.flat_map(|configuration| configuration.backend_pools.iter().flatten()).collect()
}

impl Host<'_> {
    pub(super) fn named(&self) -> (String, Option<ResourceId>) {
        (self.balancer.is.name.clone(), self.balancer.is.id.clone())
    }

    /// The path of clients through the load balancer to the KMS host.
    pub(super) fn path(&self, name: String, members: &HashSet<&ResourceId>) -> Option<Path> {
        let destination =
            Destination { address: self.frontend.private_address?, port: PORT, name: None, is_current: None };
        let mut station = hop(Stage::LoadBalancer, &self.balancer.is.name, self.outcome(members));
        station.rule = Some(self.rule.name.clone());
        station.origin = Some(self.origin().clone());
        let hops: Vec<Hop> = vec![station, hop(Stage::Kms, "", Outcome::Passes)];
        let remarks = self.keeps_sessions().into_iter().collect();
        Some(Path { provider: Provider::Azure, machine: None, interface: name, destination, hops, remarks })
    }

    fn origin(&self) -> &Origin {
        self.rule.origin.as_ref().unwrap_or(self.balancer.origin)
    }

    fn keeps_sessions(&self) -> Option<Remark> {
        let distribution = self.rule.distribution.as_deref()?;
        let keeps = ["SourceIP", "SourceIPProtocol"].iter().any(|word| word.eq_ignore_ascii_case(distribution));
        keeps.then(|| remark(RemarkKind::SessionPersistence, &self.rule.name, Some(self.origin())))
    }

    fn outcome(&self, members: &HashSet<&ResourceId>) -> Outcome {
        if !is_tcp(self.rule.protocol) {
            return Outcome::Blocks(Fault::LoadBalancerWithoutRule);
        }
        let outcomes = [self.pools(members), self.probed(), self.backend_port()];
        let blocks = outcomes.iter().find(|outcome| matches!(outcome, Outcome::Blocks(_)));
        let decides = blocks.or_else(|| outcomes.iter().find(|outcome| **outcome != Outcome::Passes));
        decides.cloned().unwrap_or(Outcome::Passes)
    }

    /// The port at the machines behind it.
    fn port(&self) -> u16 {
        if self.rule.backend_port == ALL_PORTS { PORT } else { self.rule.backend_port }
    }

    /// The port of a KMS host can be changed (`slmgr /sprt`); no export of the cloud tells.
    fn backend_port(&self) -> Outcome {
        match self.port() {
            PORT => Outcome::Passes,
            port => Outcome::Unknown(Missing::Unreadable(format!("{}: {port}", self.rule.name))),
        }
    }

    fn pools(&self, members: &HashSet<&ResourceId>) -> Outcome {
        let balancer = &self.balancer.is;
        let mut is_missing = false;
        for id in &self.rule.pools {
            let pool = balancer.pools.iter().find(|pool| pool.id.as_ref() == Some(id));
            let has_own = pool.is_some_and(|pool| !pool.configurations.is_empty() || !pool.addresses.is_empty());
            if has_own || members.contains(id) {
                return Outcome::Passes;
            }
            is_missing |= pool.is_none();
        }
        if is_missing {
            Outcome::Unknown(Missing::LoadBalancer(balancer.name.clone()))
        } else {
            Outcome::Blocks(Fault::LoadBalancerWithoutRule)
        }
    }

    /// A KMS host answers at its own port, and does not speak HTTP.
    fn probed(&self) -> Outcome {
        let balancer = &self.balancer.is;
        let Some(id) = &self.rule.probe else {
            return Outcome::Passes;
        };
        match probe(balancer, id) {
            None => Outcome::Unknown(Missing::LoadBalancer(balancer.name.clone())),
            Some(probe) if probe.port != self.port() || probe.is_http() => Outcome::Blocks(Fault::LoadBalancerProbe),
            Some(_) => Outcome::Passes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{BackendPool, Body, Probe, Protocol, paths};
    use super::*;

    fn part(path: &str) -> ResourceId {
        id(&format!("loadBalancers/kms-lb/{path}"))
    }

    fn rule() -> LoadBalancingRule {
        LoadBalancingRule {
            name: "kms".to_owned(),
            frontend: Some(part("frontendIPConfigurations/front")),
            pools: vec![part("backendAddressPools/hosts")],
            probe: Some(part("probes/kms")),
            protocol: Protocol::Tcp,
            frontend_port: 1688,
            backend_port: 1688,
            disables_outbound: false,
            distribution: None,
            origin: None,
        }
    }

    fn balancer() -> LoadBalancer {
        let configurations = vec![id("networkInterfaces/host/ipConfigurations/one")];
        LoadBalancer {
            id: Some(id("loadBalancers/kms-lb")),
            name: "kms-lb".to_owned(),
            sku: Some("Standard".to_owned()),
            frontends: vec![Frontend {
                id: Some(part("frontendIPConfigurations/front")),
                private_address: Some(address("10.1.0.9")),
                is_public: false,
            }],
            pools: vec![BackendPool {
                id: Some(part("backendAddressPools/hosts")),
                configurations,
                addresses: Vec::new(),
            }],
            rules: vec![rule()],
            outbound_rules: Vec::new(),
            probes: vec![Probe {
                id: Some(part("probes/kms")),
                name: "kms".to_owned(),
                protocol: "Tcp".to_owned(),
                port: 1688,
            }],
        }
    }

    fn with(change: impl FnOnce(&mut LoadBalancer)) -> Vec<Path> {
        let mut balancer = balancer();
        change(&mut balancer);
        paths(&resources([Body::LoadBalancer(balancer)]))
    }

    fn at(change: impl FnOnce(&mut LoadBalancer)) -> Outcome {
        let paths = with(change);
        assert_eq!(paths.len(), 1);
        outcome(&paths[0], Stage::LoadBalancer).expect("a load balancer").clone()
    }

    #[test]
    fn a_sound_load_balancer_passes() {
        let paths = with(|_| {});
        assert_eq!(paths[0].interface, "kms-lb");
        assert_eq!(paths[0].subject().id, "kms-lb/10.1.0.9:1688");
        assert_eq!(paths[0].destination.is_current, None);
        assert_eq!(paths[0].verdict(), crate::Verdict::Reaches);
    }

    #[test]
    fn rule_pool_and_probe_have_to_fit() {
        let without_rule = Outcome::Blocks(Fault::LoadBalancerWithoutRule);
        let probe = Outcome::Blocks(Fault::LoadBalancerProbe);
        assert_eq!(at(|it| it.rules[0].protocol = Protocol::Other), without_rule);
        assert_eq!(at(|it| it.pools[0].configurations.clear()), without_rule);
        assert_eq!(at(|it| it.rules[0].pools.clear()), without_rule);
        assert_eq!(at(|it| it.pools[0].addresses = vec![address("10.1.0.4")]), Outcome::Passes);
        assert_eq!(at(|it| it.probes[0].port = 135), probe);
        assert_eq!(at(|it| it.probes[0].protocol = "Http".to_owned()), probe, "a KMS host does not speak it");
        assert_eq!(at(|it| it.rules[0].probe = None), Outcome::Passes);
        let missing = Outcome::Unknown(Missing::LoadBalancer("kms-lb".to_owned()));
        assert_eq!(at(|it| it.probes.clear()), missing);
        assert_eq!(at(|it| it.pools.clear()), missing);
        let other_port = |it: &mut LoadBalancer| {
            it.rules[0].backend_port = 1700;
            it.probes[0].port = 1700;
        };
        assert_eq!(at(other_port), Outcome::Unknown(Missing::Unreadable("kms: 1700".to_owned())));
    }

    #[test]
    fn the_better_of_several_rules_counts() {
        let udp = || LoadBalancingRule { name: "a".to_owned(), protocol: Protocol::Other, ..rule() };
        assert_eq!(at(|it| it.rules.insert(0, udp())), Outcome::Passes);
        assert_eq!(at(|it| it.rules.push(udp())), Outcome::Passes);
    }

    #[test]
    fn rules_for_all_ports_count_where_the_probe_asks_kms() {
        let all_ports = |it: &mut LoadBalancer| {
            it.rules[0].frontend_port = 0;
            it.rules[0].backend_port = 0;
        };
        assert_eq!(at(all_ports), Outcome::Passes);
        let appliance = |it: &mut LoadBalancer| {
            all_ports(it);
            it.probes[0].port = 22;
        };
        assert!(with(appliance).is_empty());
        assert!(with(|it| it.rules[0].frontend_port = 443).is_empty());
        assert!(with(|it| it.frontends[0].private_address = None).is_empty(), "a public one");
    }

    #[test]
    fn interfaces_that_name_the_pool_are_in_it() {
        let mut balancer = balancer();
        balancer.pools[0].configurations.clear();
        let mut lab = Lab::new();
        lab.configuration().backend_pools = Some(vec![part("backendAddressPools/hosts")]);
        let paths = lab.with(Body::LoadBalancer(balancer)).paths();
        let path = paths.iter().find(|path| path.interface == "kms-lb").expect("a path of its own");
        assert_eq!(outcome(path, Stage::LoadBalancer), Some(&Outcome::Passes));
    }

    #[test]
    fn session_persistence_is_remarked_upon() {
        let paths = with(|it| it.rules[0].distribution = Some("SourceIP".to_owned()));
        assert!(remarks(&paths[0], RemarkKind::SessionPersistence));
        assert!(!remarks(
            &with(|it| it.rules[0].distribution = Some("Default".to_owned()))[0],
            RemarkKind::SessionPersistence
        ));
    }
}
