//! Firewall rules and policies: one after the other is held against the packets, in three-valued logic. Where a rule may or
//! may not match, both ways are followed; only if they end differently the hop is unknown.

use kmsdoctor_core::fact::Origin;

use super::model::{Action, FirewallPolicy, FirewallRule, Level, Link, Order, PolicyRule, Service, Targets, Traffic};
use super::topology::{Placed, Topology};
use super::{KMS, KMS_PORT, Source};
use crate::{Fault, Hop, Missing, Outcome, Stage};

/// Whether a rule is for the packets. The order is that of Kleene's logic: both of two conditions is the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    No,
    Maybe,
    Yes,
}

impl Match {
    fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// A rule that decides.
#[derive(Clone)]
struct Decision<'r> {
    /// Of what it is a rule.
    owner: &'r str,
    rule: Option<String>,
    origin: Option<&'r Origin>,
}

/// What can become of the packets so far.
#[derive(Default)]
struct Fate<'r> {
    allowed: Option<Decision<'r>>,
    denied: Option<Decision<'r>>,
    /// What would have to be known to tell which.
    missing: Option<Missing>,
    /// They can end in a way that the exports do not show at all.
    is_open: bool,
}

/// Whether packets get behind a rule.
#[derive(PartialEq, Eq)]
enum Flow {
    Goes,
    /// Into the next policy at once.
    Leaves,
    Ends,
}

impl<'r> Fate<'r> {
    /// Follows the packets through a rule.
    fn meet(
        &mut self,
        matches: Match,
        action: Action,
        decision: impl FnOnce() -> Decision<'r>,
        missing: Missing,
    ) -> Flow {
        if matches == Match::No {
            return Flow::Goes;
        }
        if matches == Match::Maybe || action == Action::Other {
            self.missing.get_or_insert(missing);
        }
        match action {
            Action::Allow => drop(self.allowed.get_or_insert_with(decision)),
            Action::Deny => drop(self.denied.get_or_insert_with(decision)),
            Action::Other => self.is_open = true,
            Action::Next => {}
        }
        match (matches, action) {
            (Match::Yes, Action::Next) => Flow::Leaves,
            (Match::Yes, _) => Flow::Ends,
            _ => Flow::Goes,
        }
    }

    /// Nothing is known of a station.
    fn doubt(&mut self, missing: Missing) {
        self.missing.get_or_insert(missing);
        self.is_open = true;
    }
}

/// What the network's rules and policies do to the packets.
pub(super) fn hop(topology: &Topology<'_>, source: &Source<'_>) -> Hop {
    let mut fate = Fate::default();
    // Without the network itself its order is not known; it matters only where both orders end differently.
    let order = topology.order(source.network);
    for one in [Order::AfterRules, Order::BeforeRules].into_iter().filter(|one| order.is_none_or(|order| order == *one))
    {
        follow(topology, source, one, &mut fate);
    }
    let unknown = || Missing::NetworkRules(source.network.name().to_owned());
    let (outcome, decision) = match fate {
        Fate { is_open: false, allowed: Some(decision), denied: None, .. } => (Outcome::Passes, Some(decision)),
        Fate { is_open: false, allowed: None, denied: Some(decision), .. } => {
            (Outcome::Blocks(Fault::RuleDenies(None)), Some(decision))
        }
        Fate { missing, .. } => (Outcome::Unknown(missing.unwrap_or_else(unknown)), None),
    };
    Hop {
        stage: Stage::InterfaceRules,
        name: decision.as_ref().map_or(source.network.name(), |decision| decision.owner).to_owned(),
        rule: decision.as_ref().and_then(|decision| decision.rule.clone()),
        outcome,
        detail: None,
        origin: decision.and_then(|decision| decision.origin.cloned()),
    }
}

/// Policies of organisation and folders, those of Google's services, then rules and policies of the network in its order, then
/// the implied rule, which allows.
fn follow<'t>(topology: &'t Topology<'_>, source: &Source<'t>, order: Order, fate: &mut Fate<'t>) {
    let policies = |of_network: bool| {
        let levels = topology.policies.iter();
        levels.filter(move |policy| matches!(policy.body.level, Level::Network | Level::Region(_)) == of_network)
    };
    let through_policies = |of_network: bool, fate: &mut Fate<'t>| {
        policies(of_network).any(|policy| through_policy(policy, source, fate) == Flow::Ends)
    };
    let through_rules = |fate: &mut Fate<'t>| through_rules(topology, source, fate) == Flow::Ends;
    let rules_first = order == Order::AfterRules;
    let ends = through_policies(false, fate)
        || rules_first && through_rules(fate)
        || through_policies(true, fate)
        || !rules_first && through_rules(fate);
    if !ends {
        let implied = || Decision { owner: source.network.name(), rule: None, origin: None };
        fate.meet(Match::Yes, Action::Allow, implied, Missing::Interface);
    }
}

fn through_rules<'t>(topology: &'t Topology<'_>, source: &Source<'t>, fate: &mut Fate<'t>) -> Flow {
    let missing = || Missing::NetworkRules(source.network.name().to_owned());
    let mut rules = topology.rules(source.network).peekable();
    if rules.peek().is_none() {
        fate.doubt(missing());
        return Flow::Goes;
    }
    for rule in rules {
        let decision = || Decision {
            owner: source.network.name(),
            rule: Some(format!("{} ({})", rule.body.name, rule.body.priority)),
            origin: Some(rule.origin),
        };
        let action = if rule.body.allows { Action::Allow } else { Action::Deny };
        if fate.meet(rule_matches(rule.body, source), action, decision, missing()) == Flow::Ends {
            return Flow::Ends;
        }
    }
    Flow::Goes
}

fn through_policy<'t>(policy: &'t Placed<'_, FirewallPolicy>, source: &Source<'t>, fate: &mut Fate<'t>) -> Flow {
    let applies = policy_applies(policy.body, source);
    if applies == Match::No {
        return Flow::Goes;
    }
    let mut rules: Vec<&PolicyRule> = policy.body.rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority);
    // Packets that a rule may have sent on, or that the policy may not be for, are not held by what follows in it.
    let mut may_have_left = applies == Match::Maybe;
    for rule in rules {
        let decision = || Decision {
            owner: &policy.body.name,
            rule: Some(rule.priority.to_string()),
            origin: Some(policy.origin),
        };
        let missing = || Missing::FirewallPolicy(policy.body.name.clone());
        let matches = policy_rule_matches(rule, source);
        if may_have_left && matches != Match::No {
            fate.missing.get_or_insert_with(missing);
        }
        match fate.meet(matches, rule.action, decision, missing()) {
            Flow::Ends if may_have_left => return Flow::Leaves,
            Flow::Goes => may_have_left |= matches == Match::Maybe && rule.action == Action::Next,
            flow => return flow,
        }
    }
    Flow::Goes
}

fn policy_applies(policy: &FirewallPolicy, source: &Source<'_>) -> Match {
    let network = policy.networks.as_ref().map_or(Match::Maybe, |networks| is_among(networks, source.network));
    let region = match (&policy.level, source.region()) {
        (Level::Region(region), Some(own)) => Match::of(region == own),
        (Level::Region(_), None) => Match::Maybe,
        _ => Match::Yes,
    };
    network.min(region)
}

fn is_among(networks: &[Link], network: &Link) -> Match {
    Match::of(networks.iter().any(|one| one.refers_to(network)))
}

fn policy_rule_matches(rule: &PolicyRule, source: &Source<'_>) -> Match {
    let network = if rule.networks.is_empty() { Match::Yes } else { is_among(&rule.networks, source.network) };
    let accounts = match (&rule.service_accounts[..], &source.instance.service_accounts) {
        ([], _) => Match::Yes,
        (_, None) => Match::Maybe,
        (wanted, Some(own)) => Match::of(wanted.iter().any(|account| own.contains(account))),
    };
    let others = if rule.has_other_conditions { Match::Maybe } else { Match::Yes };
    Match::of(!rule.is_disabled).min(network).min(accounts).min(others).min(traffic_matches(&rule.traffic, source))
}

fn rule_matches(rule: &FirewallRule, source: &Source<'_>) -> Match {
    let targets = rule.targets.as_ref().map_or(Match::Maybe, |targets| target_matches(targets, source));
    Match::of(!rule.is_disabled).min(targets).min(traffic_matches(&rule.traffic, source))
}

fn target_matches(targets: &Targets, source: &Source<'_>) -> Match {
    if targets.tags.is_empty() && targets.service_accounts.is_empty() {
        return Match::Yes;
    }
    let one_of = |wanted: &[String], own: &Option<Vec<String>>| match own {
        _ if wanted.is_empty() => Match::No,
        None => Match::Maybe,
        Some(own) => Match::of(wanted.iter().any(|one| own.contains(one))),
    };
    let by_tag = one_of(&targets.tags, &source.instance.tags);
    by_tag.max(one_of(&targets.service_accounts, &source.instance.service_accounts))
}

fn traffic_matches(traffic: &Traffic, source: &Source<'_>) -> Match {
    let from = match source.interface.address {
        _ if traffic.sources.is_empty() => Match::Yes,
        Some(address) => Match::of(traffic.sources.iter().any(|range| range.contains(&address))),
        None => Match::Maybe,
    };
    let to = match &traffic.destinations {
        None => Match::Maybe,
        Some(ranges) => Match::of(ranges.is_empty() || ranges.iter().any(|range| range.contains(&KMS))),
    };
    let services = traffic.services.as_ref();
    let service = services.map_or(Match::Maybe, |services| Match::of(services.iter().any(Service::holds_kms)));
    Match::of(traffic.is_egress).min(from).min(to).min(service)
}

impl Service {
    /// Whether TCP to the port of KMS is part of it.
    fn holds_kms(&self) -> bool {
        let protocol = ["tcp", "6", "all"].iter().any(|name| self.protocol.eq_ignore_ascii_case(name));
        protocol && (self.ports.is_empty() || self.ports.iter().any(|ports| ports.contains(&KMS_PORT)))
    }
}
