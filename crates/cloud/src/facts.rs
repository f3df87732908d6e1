//! What a path is as facts, so that causes and their remedies apply to it like to everything else.

use kmsdoctor_core::fact::{Fact, Key, Origin, State, Subject, SubjectKind, Value};

use crate::path::{Detail, Fault, Hop, Outcome, Path, RemarkKind, Stage};

impl Path {
    /// What causes and reports call it: `vm1-nic/20.118.99.224:1688`.
    pub fn subject(&self) -> Subject {
        let endpoint = Subject::endpoint(&self.destination.address.to_string(), self.destination.port);
        Subject::new(SubjectKind::CloudPath, format!("{}/{}", self.interface, endpoint.id))
    }

    /// The facts of the path. A hop that is unknown gives none: that is missing evidence.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Facts { subject: self.subject(), facts: Vec::new() };
        let first = self.hops.iter().find_map(|hop| hop.origin.clone());
        facts.word(Key::CloudPathProvider, self.provider.word(), first.clone());
        if let Some(is_current) = self.destination.is_current {
            facts.put(Key::CloudPathAddressCurrent, Value::Flag(is_current), first);
        }
        self.rules(&mut facts);
        for hop in &self.hops {
            match hop.stage {
                Stage::Route => route(hop, &mut facts),
                Stage::Firewall => firewall(hop, &mut facts),
                Stage::Outbound => outbound(hop, &mut facts),
                _ => {}
            }
        }
        facts.facts
    }

    /// Rules at interface and subnet together: one that denies is enough, and so is one that loses the implicit allowance.
    fn rules(&self, facts: &mut Facts) {
        let hops = || self.hops.iter().filter(|hop| matches!(hop.stage, Stage::InterfaceRules | Stage::SubnetRules));
        let blocking = hops().find(|hop| matches!(hop.outcome, Outcome::Blocks(Fault::RuleDenies(_))));
        if let Some(hop) = blocking {
            facts.word(Key::CloudPathSecurityRule, "denies", hop.origin.clone());
            if let Outcome::Blocks(Fault::RuleDenies(Some(_))) = hop.outcome {
                facts.word(Key::CloudPathImplicitAllow, "lost", hop.origin.clone());
            }
            return;
        }
        if hops().any(|hop| matches!(hop.outcome, Outcome::Unknown(_))) {
            return;
        }
        if let Some(hop) = hops().find(|hop| hop.detail == Some(Detail::ImplicitAllowance)) {
            let remark = self.remarks.iter().find(|remark| remark.kind == RemarkKind::DenyWithoutEffect);
            let origin = remark.and_then(|remark| remark.origin.clone()).or_else(|| hop.origin.clone());
            facts.word(Key::CloudPathSecurityRule, "denies", origin.clone());
            facts.word(Key::CloudPathImplicitAllow, "holds", origin);
        } else if let Some(hop) = hops().next() {
            facts.word(Key::CloudPathSecurityRule, "allows", hop.origin.clone());
        }
    }
}

fn route(hop: &Hop, facts: &mut Facts) {
    if let Some(Detail::LeadsTo(next_hop)) = hop.detail {
        facts.word(Key::CloudPathNextHop, next_hop.word(), hop.origin.clone());
    }
    let route = match hop.outcome {
        Outcome::Blocks(Fault::RouteMissing) => "missing",
        Outcome::Blocks(Fault::RouteStale) => "stale",
        Outcome::Passes => "present",
        _ => return,
    };
    facts.word(Key::CloudPathRoute, route, hop.origin.clone());
}

fn firewall(hop: &Hop, facts: &mut Facts) {
    let rule = match hop.outcome {
        Outcome::Passes => "allows",
        Outcome::Blocks(Fault::FirewallApplicationOnly) => "application-only",
        Outcome::Blocks(_) => "denies",
        Outcome::Unknown(_) => return,
    };
    facts.word(Key::CloudPathFirewallRule, rule, hop.origin.clone());
}

fn outbound(hop: &Hop, facts: &mut Facts) {
    let way = match (&hop.outcome, hop.detail) {
        (_, Some(Detail::By(way))) => way.word(),
        (Outcome::Blocks(Fault::NoOutbound(_)), _) => "none",
        _ => return,
    };
    facts.word(Key::CloudPathOutbound, way, hop.origin.clone());
}

struct Facts {
    subject: Subject,
    facts: Vec<Fact>,
}

impl Facts {
    fn word(&mut self, key: Key, word: &str, origin: Option<Origin>) {
        let word = key.word(word).expect("a word of the catalogue");
        self.put(key, Value::Word(word), origin);
    }

    fn put(&mut self, key: Key, value: Value, origin: Option<Origin>) {
        let (subject, state) = (self.subject.clone(), State::Present(value));
        self.facts.push(Fact { subject, key, state, time: None, origins: origin.into_iter().collect() });
    }
}
