//! Which interfaces the exports know of, and what belongs to each: its machine, its subnet, its effective routes and rules.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use kmsdoctor_core::fact::Origin;

use super::estate::{Estate, Held};
use super::names;
use super::{
    AddressConfiguration, EffectiveRoutes, EffectiveSecurityGroup, NetworkInterface, ResourceId, Sovereign, Subnet,
    VirtualMachine, VirtualNetwork,
};
use crate::Missing;

/// An interface with all that the exports tie to it.
#[derive(Debug)]
pub(crate) struct Interface<'e> {
    pub(crate) id: Option<ResourceId>,
    /// The name as the exports have it; the path's own is told apart from others.
    pub(crate) name: String,
    pub(crate) machine: Option<&'e Held<'e, VirtualMachine>>,
    pub(crate) machine_name: Option<String>,
    /// The interface itself, if the exports have it.
    pub(crate) resource: Option<&'e Held<'e, NetworkInterface>>,
    pub(crate) is_secondary: bool,
    pub(crate) subnet: Option<&'e Held<'e, Subnet>>,
    pub(crate) network_id: Option<ResourceId>,
    pub(crate) network: Option<&'e Held<'e, VirtualNetwork>>,
    pub(crate) routes: Option<(&'e EffectiveRoutes, &'e Origin)>,
    /// Effective rules at the interface, and at the subnet.
    pub(crate) rules: [Option<(&'e EffectiveSecurityGroup, &'e Origin)>; 2],
}

impl<'e> Interface<'e> {
    /// The configuration by which packets of the machine's own leave.
    pub(crate) fn configuration(&self) -> Option<&'e AddressConfiguration> {
        let all = &self.resource?.is.configurations;
        all.iter().find(|one| one.is_primary == Some(true)).or_else(|| all.first())
    }

    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.configuration()?.private_address
    }

    /// Whether the exports say that its machine is no Windows machine.
    pub(crate) fn is_of_linux(&self) -> bool {
        let system = self.machine.and_then(|machine| machine.is.operating_system.as_deref());
        system.is_some_and(|system| system.eq_ignore_ascii_case("linux"))
    }

    /// What to export where the subnet would have to be known.
    pub(crate) fn missing_subnet(&self) -> Missing {
        match self.configuration().and_then(|configuration| configuration.subnet.as_ref()) {
            Some(id) => Missing::Subnet(self.subnet.map_or_else(|| id.name().to_owned(), |held| held.is.name.clone())),
            None => Missing::Interface,
        }
    }

    /// The cloud that it is in.
    pub(crate) fn cloud(&self) -> Sovereign {
        let of_machine = self.machine.and_then(|machine| machine.is.location.as_deref());
        let region = of_machine.or_else(|| self.resource?.is.location.as_deref());
        region.map_or(Sovereign::Public, Sovereign::of_region)
    }

    pub(crate) fn origin(&self) -> Option<&'e Origin> {
        let effective = self.routes.map(|(_, origin)| origin);
        let rules = self.rules.iter().flatten().next().map(|(_, origin)| *origin);
        self.resource.map(|held| held.origin).or(effective).or(rules).or(self.machine.map(|held| held.origin))
    }
}

/// The interfaces of the exports.
pub(crate) fn all<'e>(estate: &'e Estate<'e>) -> Vec<Interface<'e>> {
    let mut roll = Roll::default();
    roll.of_resources(estate);
    roll.of_evidence(estate);
    roll.entries.into_iter().map(|entry| entry.joined(estate)).collect()
}

/// An interface while its parts are gathered.
#[derive(Debug, Default)]
struct Entry<'e> {
    id: Option<ResourceId>,
    name: String,
    resource: Option<&'e Held<'e, NetworkInterface>>,
    machine: Option<&'e Held<'e, VirtualMachine>>,
    is_primary: Option<bool>,
    routes: Option<(&'e EffectiveRoutes, &'e Origin)>,
    rules: [Option<(&'e EffectiveSecurityGroup, &'e Origin)>; 2],
}

impl<'e> Entry<'e> {
    fn joined(self, estate: &'e Estate<'e>) -> Interface<'e> {
        let machine_id = self.resource.and_then(|held| held.is.machine.as_ref());
        let machine = self.machine.or_else(|| machine_id.and_then(|id| estate.machines.find(id)));
        let machine_name = match machine {
            Some(held) if !held.is.name.is_empty() => Some(held.is.name.clone()),
            _ => machine_id.map(|id| id.name().to_owned()),
        };
        let is_primary = self.is_primary.or_else(|| self.resource?.is.is_primary);
        let mut interface = Interface {
            id: self.id,
            name: self.name,
            machine,
            machine_name,
            resource: self.resource,
            is_secondary: is_primary == Some(false),
            subnet: None,
            network_id: None,
            network: None,
            routes: self.routes,
            rules: self.rules,
        };
        let of_rules = interface.rules[1].and_then(|(rules, _)| rules.subnet.as_ref());
        let configured = interface.configuration().and_then(|configuration| configuration.subnet.as_ref());
        if let Some(id) = configured.or(of_rules) {
            interface.subnet = estate.subnets.find(id);
            let whole = interface.subnet.and_then(|subnet| subnet.is.id.as_ref()).unwrap_or(id);
            interface.network_id = whole.parent();
            interface.network = interface.network_id.as_ref().and_then(|id| estate.networks.find(id));
        }
        interface
    }
}

/// The interfaces known so far.
#[derive(Debug, Default)]
struct Roll<'e> {
    entries: Vec<Entry<'e>>,
    by_id: HashMap<ResourceId, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl<'e> Roll<'e> {
    fn of_resources(&mut self, estate: &'e Estate<'e>) {
        for held in estate.interfaces.iter() {
            let at = self.add(held.is.id.clone(), &held.is.name);
            self.entries[at].resource = Some(held);
        }
        for machine in estate.machines.iter() {
            for (id, is_primary) in &machine.is.interfaces {
                let at = self.find_or_add(id);
                let entry = &mut self.entries[at];
                entry.machine.get_or_insert(machine);
                entry.is_primary = entry.is_primary.or(*is_primary);
            }
        }
    }

    /// Effective routes and rules: those that name an interface by its id, by its name, and not at all, in this order, so
    /// that an interface is known by its id before it is looked up by its name.
    fn of_evidence(&mut self, estate: &'e Estate<'e>) {
        let mut named = Vec::new();
        let mut unnamed = Vec::new();
        for evidence in Evidence::all(estate) {
            match evidence.interface() {
                Some(id) if id.is_name() => named.push((id, evidence)),
                Some(id) => {
                    let at = self.find_or_add(&id);
                    self.give(at, evidence);
                }
                None => unnamed.push(evidence),
            }
        }
        for (name, evidence) in named {
            let at = self.find_or_add(&name);
            self.give(at, evidence);
        }
        let known = self.entries.len();
        let mut homeless = Unnamed::default();
        for evidence in unnamed {
            match self.of_artifact(&evidence.origin().artifact, known) {
                Some(at) => self.give(at, evidence),
                None => homeless.0.push(evidence),
            }
        }
        let mut own: HashMap<String, usize> = HashMap::new();
        for (name, evidence) in homeless.named() {
            let at = *own.entry(name).or_insert_with_key(|name| self.add(None, name));
            self.give(at, evidence);
        }
    }

    fn add(&mut self, id: Option<ResourceId>, name: &str) -> usize {
        let at = self.entries.len();
        let name = match (&id, name) {
            (Some(id), "") => id.name().to_owned(),
            _ => name.to_owned(),
        };
        self.by_name.entry(name.to_ascii_lowercase()).or_default().push(at);
        if let Some(id) = &id {
            self.by_id.entry(id.clone()).or_insert(at);
        }
        self.entries.push(Entry { id, name, ..Entry::default() });
        at
    }

    fn find_or_add(&mut self, id: &ResourceId) -> usize {
        if let Some(&at) = self.by_id.get(id) {
            return at;
        }
        let only = self.only(id.name()).filter(|&at| {
            let known = self.entries[at].id.as_ref();
            id.is_name() || known.is_none_or(ResourceId::is_name)
        });
        only.unwrap_or_else(|| self.add(Some(id.clone()), id.name()))
    }

    fn only(&self, name: &str) -> Option<usize> {
        match self.by_name.get(name)?.as_slice() {
            [at] => Some(*at),
            _ => None,
        }
    }

    /// The interface, among the first `known`, that an artifact belongs to which names none.
    fn of_artifact(&self, artifact: &str, known: usize) -> Option<usize> {
        if known == 1 {
            return Some(0);
        }
        names::in_file_name(artifact).find_map(|name| self.only(&name)).filter(|&at| at < known)
    }

    /// What stands first counts.
    fn give(&mut self, at: usize, evidence: Evidence<'e>) {
        let entry = &mut self.entries[at];
        match evidence {
            Evidence::Routes(routes, origin) => _ = entry.routes.get_or_insert((routes, origin)),
            Evidence::Rules(rules, origin) => {
                _ = entry.rules[usize::from(rules.subnet.is_some())].get_or_insert((rules, origin));
            }
        }
    }
}

/// What holds at an interface.
#[derive(Debug, Clone, Copy)]
enum Evidence<'e> {
    Routes(&'e EffectiveRoutes, &'e Origin),
    Rules(&'e EffectiveSecurityGroup, &'e Origin),
}

impl<'e> Evidence<'e> {
    fn all(estate: &'e Estate<'e>) -> impl Iterator<Item = Self> {
        let routes = estate.effective_routes.iter().map(|(routes, origin)| Self::Routes(routes, origin));
        routes.chain(estate.effective_groups.iter().map(|(rules, origin)| Self::Rules(rules, origin)))
    }

    fn interface(&self) -> Option<ResourceId> {
        match self {
            Self::Routes(routes, _) => {
                routes.interface.clone().or_else(|| routes.interface_name.as_deref().map(ResourceId::new))
            }
            Self::Rules(rules, _) => rules.interface.clone(),
        }
    }

    fn origin(&self) -> &'e Origin {
        match self {
            Self::Routes(_, origin) | Self::Rules(_, origin) => origin,
        }
    }
}

/// Effective routes and rules that name no interface and fit none.
#[derive(Debug, Default)]
struct Unnamed<'e>(Vec<Evidence<'e>>);

impl<'e> Unnamed<'e> {
    /// Each with the name of an interface of its own. One artifact's rules belong to its routes if it has these once; one
    /// artifact with rules and another one with routes are of one interface.
    fn named(&self) -> Vec<(String, Evidence<'e>)> {
        let artifacts = |is_routes: bool| -> HashSet<&str> {
            let all = self.0.iter().filter(|one| matches!(one, Evidence::Routes(..)) == is_routes);
            all.map(|one| one.origin().artifact.as_str()).collect()
        };
        let (of_routes, of_rules) = (artifacts(true), artifacts(false));
        let shared = match (of_routes.len(), of_rules.len()) {
            (1, 1) => of_routes.into_iter().next().map(str::to_owned),
            _ => None,
        };
        let mut routes: HashMap<&str, usize> = HashMap::new();
        for evidence in &self.0 {
            if let Evidence::Routes(_, origin) = evidence {
                *routes.entry(&origin.artifact).or_default() += 1;
            }
        }
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut named = Vec::new();
        for evidence in &self.0 {
            let artifact = evidence.origin().artifact.as_str();
            let of_rules = shared.as_deref().unwrap_or(artifact);
            let (artifact, number) = match evidence {
                Evidence::Routes(..) => {
                    let number = seen.entry(artifact).or_default();
                    *number += 1;
                    (artifact, *number)
                }
                Evidence::Rules(..) => match routes.get(of_rules) {
                    None | Some(1) => (of_rules, 1),
                    Some(several) => (of_rules, several + 1),
                },
            };
            named.push((if number == 1 { artifact.to_owned() } else { format!("{artifact} ({number})") }, *evidence));
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Body, NextHop, paths};
    use super::*;
    use crate::{RemarkKind, Resource};

    /// Names of the paths' interfaces, each once.
    fn names(resources: &[Resource]) -> Vec<String> {
        let mut names: Vec<String> = paths(resources).into_iter().map(|path| path.interface).collect();
        names.dedup();
        names
    }

    fn effective_routes(interface: Option<&str>) -> Body {
        Body::EffectiveRoutes(EffectiveRoutes {
            interface: interface.map(ResourceId::new),
            interface_name: None,
            routes: vec![route("0.0.0.0/0", NextHop::None, None)],
        })
    }

    fn effective_rules() -> Body {
        Body::EffectiveSecurityGroup(EffectiveSecurityGroup::default())
    }

    fn interface(path: &str) -> Body {
        let id = ResourceId::new(path);
        Body::NetworkInterface(NetworkInterface { name: id.name().to_owned(), id: Some(id), ..Default::default() })
    }

    fn in_artifacts(bodies: Vec<(&str, Body)>) -> Vec<Resource> {
        let make = |(at, (artifact, body)): (usize, (&str, Body))| Resource {
            body: crate::Body::Azure(body),
            origin: origin(artifact, at),
        };
        bodies.into_iter().enumerate().map(make).collect()
    }

    #[test]
    fn interfaces_of_linux_machines_are_left_out() {
        let mut lab = Lab::new();
        lab.machine.operating_system = Some("Linux".to_owned());
        assert!(lab.paths().is_empty());
        let mut lab = Lab::new();
        lab.machine.operating_system = None;
        assert_eq!(lab.paths().len(), 2, "one for each address of KMS");
    }

    #[test]
    fn a_machine_without_its_interface_in_the_exports_has_one() {
        let lab = Lab::new();
        let resources = resources([Body::VirtualMachine(lab.machine)]);
        assert_eq!(names(&resources), ["nic1"]);
        assert_eq!(paths(&resources)[0].machine.as_deref(), Some("vm1"));
    }

    #[test]
    fn a_secondary_interface_is_remarked_upon() {
        let mut lab = Lab::new();
        lab.machine.interfaces[0].1 = Some(false);
        assert!(remarks(&lab.path(), RemarkKind::SecondaryInterface));
        assert!(!remarks(&Lab::new().path(), RemarkKind::SecondaryInterface));
    }

    #[test]
    fn names_are_told_apart_by_group() {
        let nic = |group: &str| interface(&format!("/subscriptions/s/resourceGroups/{group}/providers/n/n/nic"));
        assert_eq!(names(&resources([nic("one"), nic("two"), interface("/s/other")])), ["one/nic", "other", "two/nic"]);
        let nic = |subscription: &str| {
            interface(&format!("/subscriptions/{subscription}/resourceGroups/g/providers/n/n/nic"))
        };
        assert_eq!(names(&resources([nic("s1"), nic("s2")])), ["s1/g/nic", "s2/g/nic"]);
    }

    #[test]
    fn what_names_no_interface_belongs_to_the_only_one() {
        let resources = resources([interface("/s/nic1"), effective_routes(None), effective_rules()]);
        assert_eq!(names(&resources), ["nic1"]);
    }

    #[test]
    fn what_names_no_interface_may_say_it_in_the_name_of_the_file() {
        for (artifact, expected) in [
            ("NIC2.json", vec!["nic1", "nic2"]),
            ("exports/nic2-effective-routes.txt", vec!["nic1", "nic2"]),
            ("routes_nic2.json", vec!["nic1", "nic2"]),
            ("nic2-other.json", vec!["nic1", "nic2", "nic2-other.json"]),
            ("routes.json", vec!["nic1", "nic2", "routes.json"]),
        ] {
            let resources = in_artifacts(vec![
                ("a", interface("/s/nic1")),
                ("a", interface("/s/nic2")),
                (artifact, effective_routes(None)),
            ]);
            assert_eq!(names(&resources), expected, "{artifact}");
        }
    }

    #[test]
    fn what_names_no_interface_makes_one_named_after_its_artifact() {
        let alone = in_artifacts(vec![("routes.txt", effective_routes(None))]);
        assert_eq!(names(&alone), ["routes.txt"]);
        let both = in_artifacts(vec![("rules.json", effective_rules()), ("routes.txt", effective_routes(None))]);
        assert_eq!(names(&both), ["routes.txt"], "routes of one and rules of another");
        let twice = in_artifacts(vec![("all.txt", effective_routes(None)), ("all.txt", effective_routes(None))]);
        assert_eq!(names(&twice), ["all.txt", "all.txt (2)"]);
    }

    #[test]
    fn evidence_by_name_meets_the_interface_by_id() {
        let by_name = resources([effective_routes(Some("NIC1")), interface("/s/nic1")]);
        assert_eq!(names(&by_name), ["nic1"]);
        let unknown = resources([effective_routes(Some("/s/nic9")), interface("/s/nic1")]);
        assert_eq!(names(&unknown), ["nic1", "nic9"]);
    }
}
