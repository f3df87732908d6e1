//! Security groups: which rule decides, and whether Azure's implicit allowance of KMS holds.

use std::net::IpAddr;
use std::rc::Rc;

use super::endpoints::Kms;
use super::estate::{Estate, Held};
use super::interfaces::Interface;
use super::matching::{Decision, Match, Memo, Step, decide};
use super::rules::{Traits, source, steps};
use super::{EffectiveSecurityGroup, ResourceId, SecurityGroup, hop, remark};
use crate::path::AllowanceLoss;
use crate::{Detail, Fault, Hop, Missing, Outcome, Remark, RemarkKind, Stage};

/// The rules at a place.
#[derive(Clone, Copy)]
enum Rules<'e> {
    /// There is no group.
    None,
    Group(&'e Held<'e, SecurityGroup>),
    Effective(&'e EffectiveSecurityGroup),
}

/// Whether Azure lets KMS pass whatever the rules deny.
enum Allowance {
    Holds,
    Lost(AllowanceLoss),
    Unknown(Missing),
}

/// Judges security groups; what interfaces share is worked out once.
pub(super) struct Security<'e> {
    estate: &'e Estate<'e>,
    steps: Memo<(usize, Option<usize>, IpAddr), Vec<Step<'e>>>,
    traits: Memo<usize, Traits>,
}

impl<'e> Security<'e> {
    pub(super) fn new(estate: &'e Estate<'e>) -> Self {
        Self { estate, steps: Memo::new(), traits: Memo::new() }
    }

    /// The hops of both groups. `default_route`: whether a user-defined route for everything is active.
    pub(super) fn judge(&self, interface: &Interface<'e>, kms: &Kms, default_route: &Match) -> (Vec<Hop>, Vec<Remark>) {
        let mut remarks = Vec::new();
        let stages = [Stage::InterfaceRules, Stage::SubnetRules];
        let hops = stages.map(|stage| match self.rules(interface, stage) {
            Ok(Rules::None) => hop(stage, "", Outcome::Passes),
            Ok(rules) => self.judge_rules(interface, stage, rules, kms, default_route, &mut remarks),
            Err(missing) => {
                let name = match &missing {
                    Missing::SecurityGroup(name) => name.as_str(),
                    _ => "",
                };
                hop(stage, name, Outcome::Unknown(missing.clone()))
            }
        });
        (hops.into(), remarks)
    }

    /// Whether a rule that the interface's packets meet names a retired address.
    pub(super) fn names(&self, interface: &Interface<'e>, address: IpAddr) -> bool {
        self.traits_of(interface).any(|traits| traits.retired.contains(&address))
    }

    /// Whether a rule denies the instance metadata service.
    pub(super) fn denies_metadata(&self, interface: &Interface<'e>) -> bool {
        self.traits_of(interface).any(|traits| traits.denies_metadata)
    }

    fn traits_of(&self, interface: &Interface<'e>) -> impl Iterator<Item = Rc<Traits>> {
        let places = [Stage::InterfaceRules, Stage::SubnetRules];
        places.into_iter().filter_map(move |stage| match self.rules(interface, stage).ok()? {
            Rules::None => None,
            Rules::Group(group) => Some(self.traits_of_group(group)),
            Rules::Effective(effective) => Some(Rc::new(Traits::of(&effective.rules))),
        })
    }

    fn traits_of_group(&self, group: &'e Held<'e, SecurityGroup>) -> Rc<Traits> {
        self.traits.get(group.number, || Traits::of(&group.is.rules))
    }

    /// The rules at the interface or at the subnet: the effective ones before the group that they stand for.
    fn rules(&self, interface: &Interface<'e>, stage: Stage) -> Result<Rules<'e>, Missing> {
        let at_interface = stage == Stage::InterfaceRules;
        if let Some((effective, _)) = interface.rules[usize::from(!at_interface)] {
            return Ok(Rules::Effective(effective));
        }
        let (group, missing) = if at_interface {
            (interface.resource.and_then(|held| held.is.security_group.as_ref()), Missing::Interface)
        } else {
            (interface.subnet.and_then(|held| held.is.security_group.as_ref()), interface.missing_subnet())
        };
        match group {
            Some(None) => Ok(Rules::None),
            Some(Some(id)) => match self.estate.security_groups.find(id) {
                Some(group) => Ok(Rules::Group(group)),
                None => Err(Missing::SecurityGroup(id.name().to_owned())),
            },
            None if interface.rules.iter().any(Option::is_some) => Ok(Rules::None),
            None => Err(missing),
        }
    }

    fn judge_rules(
        &self,
        interface: &Interface<'e>,
        stage: Stage,
        rules: Rules<'e>,
        kms: &Kms,
        default_route: &Match,
        remarks: &mut Vec<Remark>,
    ) -> Hop {
        let address = kms.destination.address;
        let network = interface.network;
        let (name, origin, steps) = match rules {
            Rules::None => return hop(stage, "", Outcome::Passes),
            Rules::Group(group) => {
                let key = (group.number, network.map(|held| held.number), address);
                let steps = self.steps.get(key, || steps(&group.is.rules, network.map(|held| &*held.is), address));
                (group.is.name.clone(), Some(group.origin), steps)
            }
            Rules::Effective(effective) => {
                let name = effective.group.as_ref().map(|id| self.group_name(id)).unwrap_or_default();
                let origin = interface.rules[usize::from(stage == Stage::SubnetRules)].map(|(_, origin)| origin);
                (name, origin, Rc::new(steps(&effective.rules, network.map(|held| &*held.is), address)))
            }
        };
        let mut hop = hop(stage, &name, Outcome::Passes);
        hop.origin = origin.cloned();
        let allowance = || self.allowance(rules, default_route);
        let line = match decide(&steps, |peer| source(peer, interface)) {
            Decision::Open(missing) => {
                if !matches!(allowance(), Allowance::Holds) {
                    hop.outcome = Outcome::Unknown(missing);
                }
                return hop;
            }
            Decision::By(line) => Some(line),
            Decision::ByNone => None,
        };
        if let Some(line) = line {
            hop.rule = Some(line.label.clone());
            hop.origin = line.origin.or(origin).cloned();
            if line.is_literal {
                remarks.push(remark(kms.literal(), &line.label, hop.origin.as_ref()));
            }
        }
        if line.is_none_or(|line| !line.allows) {
            match allowance() {
                Allowance::Lost(loss) => hop.outcome = Outcome::Blocks(Fault::RuleDenies(Some(loss))),
                Allowance::Unknown(missing) => hop.outcome = Outcome::Unknown(missing),
                Allowance::Holds => {
                    hop.detail = Some(Detail::ImplicitAllowance);
                    let rule = hop.rule.as_deref().unwrap_or(&name);
                    remarks.push(remark(RemarkKind::DenyWithoutEffect, rule, hop.origin.as_ref()));
                }
            }
        }
        hop
    }

    fn group_name(&self, id: &ResourceId) -> String {
        let known = self.estate.security_groups.find(id);
        known.map_or_else(|| id.name().to_owned(), |held| held.is.name.clone())
    }

    /// The sources name different conditions; each is taken as losing it.
    fn allowance(&self, rules: Rules<'e>, default_route: &Match) -> Allowance {
        let (denies_licences, names_everything) = match rules {
            Rules::None => (false, Match::No),
            Rules::Group(group) => {
                let traits = self.traits_of_group(group);
                (traits.denies_licences, Match::when(traits.names_everything))
            }
            Rules::Effective(effective) => self.effective_losses(effective),
        };
        match (names_everything, default_route) {
            _ if denies_licences => Allowance::Lost(AllowanceLoss::LicenceTag),
            (Match::Yes, _) => Allowance::Lost(AllowanceLoss::RuleForEverything),
            (_, Match::Yes) => Allowance::Lost(AllowanceLoss::DefaultRoute),
            (Match::Unknown(missing), _) => Allowance::Unknown(missing),
            (_, Match::Unknown(missing)) => Allowance::Unknown(missing.clone()),
            (Match::No, Match::No) => Allowance::Holds,
        }
    }

    /// Effective rules write `0.0.0.0/0` for `*`, too: what the rule says is in the group.
    fn effective_losses(&self, effective: &EffectiveSecurityGroup) -> (bool, Match) {
        let traits = Traits::of(&effective.rules);
        let group = effective.group.as_ref().and_then(|id| self.estate.security_groups.find(id));
        let names_everything = match group {
            Some(group) => Match::when(self.traits_of_group(group).names_everything),
            None if traits.names_everything => {
                let name = effective.group.as_ref().map(|id| id.name().to_owned());
                Match::Unknown(Missing::SecurityGroup(name.unwrap_or_default()))
            }
            None => Match::No,
        };
        (traits.denies_licences, names_everything)
    }
}

impl Kms {
    /// What a rule or route that names the address literally is worth.
    pub(super) fn literal(&self) -> RemarkKind {
        if self.is_retired() { RemarkKind::RetiredAddress } else { RemarkKind::AddressPinned }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Body, EffectiveRoutes, NextHop, Peer, Route, SecurityRule};
    use super::*;
    use crate::Path;

    fn at_subnet(lab: Lab) -> Outcome {
        outcome(&lab.path(), Stage::SubnetRules).expect("rules").clone()
    }

    fn lost(loss: AllowanceLoss) -> Outcome {
        Outcome::Blocks(Fault::RuleDenies(Some(loss)))
    }

    const DENIES: Outcome = Outcome::Blocks(Fault::RuleDenies(Some(AllowanceLoss::RuleForEverything)));

    fn effective(rules: Vec<SecurityRule>, at_subnet: bool) -> Body {
        Body::EffectiveSecurityGroup(EffectiveSecurityGroup {
            group: Some(id("networkSecurityGroups/nsg1")),
            interface: Some(id("networkInterfaces/nic1")),
            subnet: at_subnet.then(|| id("virtualNetworks/spoke/subnets/work")),
            rules,
        })
    }

    #[test]
    fn a_denial_does_no_harm_while_the_allowance_holds() {
        let path = Lab::new().rules(vec![rule("DenyInternet", 100, false, tag("Internet"))]).path();
        let hop = path.hops.iter().find(|hop| hop.stage == Stage::SubnetRules).unwrap();
        assert_eq!((&hop.outcome, hop.detail), (&Outcome::Passes, Some(Detail::ImplicitAllowance)));
        assert!(remarks(&path, RemarkKind::DenyWithoutEffect));
        let unsure = vec![rule("DenyCloud", 100, false, tag("AzureCloud"))];
        assert_eq!(at_subnet(Lab::new().rules(unsure)), Outcome::Passes, "either way");
    }

    #[test]
    fn the_allowance_is_lost_in_three_ways() {
        let deny = || rule("Deny", 100, false, Peer::Any);
        let everything = rule("Other", 200, true, Peer::Prefix(prefix("0.0.0.0/0")));
        let licences = rule("Licences", 300, false, tag("azureplatformlkm"));
        let default_route = || route("0.0.0.0/0", NextHop::Internet, None);
        let both = vec![deny(), everything.clone(), licences.clone()];
        assert_eq!(at_subnet(Lab::new().rules(vec![deny(), everything])), lost(AllowanceLoss::RuleForEverything));
        assert_eq!(at_subnet(Lab::new().rules(vec![deny(), licences])), lost(AllowanceLoss::LicenceTag));
        assert_eq!(at_subnet(Lab::new().rules(both)), lost(AllowanceLoss::LicenceTag), "named first");
        let lab = Lab::new().rules(vec![deny()]).routes(vec![default_route()]);
        assert_eq!(at_subnet(lab), lost(AllowanceLoss::DefaultRoute));
        let lab = Lab::new().rules(vec![deny()]).routes(vec![route("10.0.0.0/8", NextHop::None, None)]);
        assert_eq!(at_subnet(lab), Outcome::Passes);
        let inbound = SecurityRule { is_outbound: false, ..rule("In", 110, false, Peer::Prefix(prefix("0.0.0.0/0"))) };
        assert_eq!(at_subnet(Lab::new().rules(vec![deny(), inbound])), Outcome::Passes, "an inbound rule");
    }

    #[test]
    fn missing_routes_leave_the_allowance_open() {
        let mut lab = Lab::new().rules(vec![rule("Deny", 100, false, Peer::Any)]);
        lab.subnet.route_table = Some(Some(id("routeTables/gone")));
        assert_eq!(at_subnet(lab), Outcome::Unknown(Missing::RouteTable("gone".to_owned())));
        let mut lab = Lab::new().rules(vec![rule("Allow", 100, true, Peer::Any)]);
        lab.subnet.route_table = Some(Some(id("routeTables/gone")));
        assert_eq!(at_subnet(lab), Outcome::Passes, "nothing denies");
    }

    #[test]
    fn effective_routes_tell_whether_the_allowance_holds() {
        let with = |is_active| {
            let routes = vec![Route { is_active, ..route("0.0.0.0/0", NextHop::Internet, None) }];
            let interface = Some(id("networkInterfaces/nic1"));
            let routes = EffectiveRoutes { interface, interface_name: None, routes };
            let lab = Lab::new().rules(vec![rule("Deny", 100, false, Peer::Any)]);
            at_subnet(lab.with(Body::EffectiveRoutes(routes)))
        };
        assert_eq!(with(true), lost(AllowanceLoss::DefaultRoute));
        assert_eq!(with(false), Outcome::Passes);
    }

    #[test]
    fn groups_that_are_missing_are_unknown() {
        let mut lab = Lab::new();
        lab.subnet.security_group = Some(Some(id("networkSecurityGroups/Gone")));
        assert_eq!(at_subnet(lab), Outcome::Unknown(Missing::SecurityGroup("gone".to_owned())));
        let mut lab = Lab::new();
        lab.interface.security_group = None;
        let path = lab.path();
        assert_eq!(outcome(&path, Stage::InterfaceRules), Some(&Outcome::Unknown(Missing::Interface)));
    }

    #[test]
    fn effective_rules_go_before_groups() {
        let stale = vec![rule("Lkm", 100, false, tag("AzurePlatformLKM"))];
        let lab = || Lab::new().rules(stale.clone());
        assert_eq!(at_subnet(lab()), lost(AllowanceLoss::LicenceTag));
        assert_eq!(at_subnet(lab().with(effective(vec![], true))), Outcome::Passes);
        assert_eq!(at_subnet(lab().with(effective(vec![], false))), lost(AllowanceLoss::LicenceTag), "the other place");
        let alone = |at_subnet| paths_of(effective(vec![], at_subnet));
        for path in [alone(true), alone(false)] {
            assert_eq!(outcome(&path, Stage::InterfaceRules), Some(&Outcome::Passes));
            assert_eq!(outcome(&path, Stage::SubnetRules), Some(&Outcome::Passes), "effective rules are all there are");
        }
    }

    fn paths_of(body: Body) -> Path {
        super::super::paths(&resources([body])).remove(0)
    }

    #[test]
    fn effective_rules_write_everything_for_any() {
        let rules = || vec![rule("Deny", 100, false, Peer::Prefix(prefix("0.0.0.0/0")))];
        let missing = Outcome::Unknown(Missing::SecurityGroup("nsg1".to_owned()));
        assert_eq!(at_subnet(Lab::new().with(effective(rules(), true))), missing);
        let any = Lab::new().rules(vec![rule("Deny", 100, false, Peer::Any)]);
        assert_eq!(at_subnet(any.with(effective(rules(), true))), Outcome::Passes, "the group says `*`");
        assert_eq!(at_subnet(Lab::new().rules(rules()).with(effective(rules(), true))), DENIES);
        let own = vec![rule("DenyAllOutBound", 65500, false, Peer::Prefix(prefix("0.0.0.0/0")))];
        assert_eq!(at_subnet(Lab::new().with(effective(own, true))), Outcome::Passes, "Azure's own lose nothing");
    }

    #[test]
    fn a_pinned_address_is_remarked_upon() {
        let kms = Peer::Prefix(prefix("20.118.99.224/32"));
        let paths = Lab::new().rules(vec![rule("Kms", 100, true, kms)]).paths();
        assert!(remarks(&paths[0], RemarkKind::AddressPinned));
        assert!(!remarks(&paths[1], RemarkKind::AddressPinned), "another address");
    }

    #[test]
    fn retired_addresses_are_judged_where_a_rule_names_them() {
        let retired = Peer::Prefix(prefix("23.102.135.246/32"));
        let paths = Lab::new().rules(vec![rule("Old", 100, true, retired)]).paths();
        assert_eq!(paths.len(), 3);
        assert_eq!(outcome(&paths[2], Stage::Kms), Some(&Outcome::Blocks(Fault::AddressRetired)));
        assert!(remarks(&paths[2], RemarkKind::RetiredAddress));
        let wider = Peer::Prefix(prefix("23.102.135.0/24"));
        assert_eq!(Lab::new().rules(vec![rule("Old", 100, true, wider)]).paths().len(), 2);
    }
}
