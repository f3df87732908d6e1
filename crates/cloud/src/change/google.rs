//! Google Cloud: what a change does there, and which faults need it.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::change::{Reason, Risk, free_name};
use crate::google::{
    Body, FirewallRule, Instance, Interface, Link, Route, RouteTarget, Service, Subnet, Targets, Traffic,
};
use crate::{Body as AnyBody, Fault, Hop, Missing, Outcome, Path, Resource, Stage};

/// Port of KMS.
const KMS_PORT: u16 = 1688;
/// What `gcloud` gives rules and routes without a priority of their own.
const USUAL_PRIORITY: u32 = 1000;

/// What a change does in Google Cloud.
#[derive(Debug, Clone, PartialEq)]
pub enum GoogleOperation {
    /// A firewall rule that lets TCP 1688 out to the address.
    AllowEgress {
        /// The network.
        network: Link,
        /// Name of the rule.
        name: String,
        /// Before the rules that deny: of equal priorities denying ones go first.
        priority: u32,
        /// Address of KMS.
        address: IpAddr,
    },
    /// A route for the address alone to the default Internet gateway.
    AddRoute {
        /// The network.
        network: Link,
        /// Name of the route.
        name: String,
        /// Before other routes for this very address.
        priority: u32,
        /// Address of KMS.
        address: IpAddr,
    },
    /// Private Google Access of a subnet.
    EnablePrivateAccess {
        /// The subnet, with its region.
        subnet: Link,
    },
}

impl GoogleOperation {
    pub(super) fn apply(&self, resources: &mut Vec<Resource>) {
        match self {
            Self::EnablePrivateAccess { subnet } => set_access(resources, subnet, false, true),
            Self::AllowEgress { network, .. } | Self::AddRoute { network, .. } => {
                let Some(body) = self.body() else { return };
                let is_of_network = |resource: &&Resource| {
                    google(resource).and_then(network_of).is_some_and(|other| other.refers_to(network))
                };
                let Some(near) = resources.iter().find(is_of_network) else { return };
                let origin = near.origin.clone();
                resources.push(Resource { body: AnyBody::Google(body), origin });
            }
        }
    }

    pub(super) fn undo(&self, resources: &mut Vec<Resource>) {
        match self {
            Self::EnablePrivateAccess { subnet } => set_access(resources, subnet, true, false),
            Self::AllowEgress { .. } | Self::AddRoute { .. } => {
                let body = self.body();
                resources.retain(|resource| google(resource) != body.as_ref());
            }
        }
    }

    /// The resource that it makes.
    fn body(&self) -> Option<Body> {
        match self {
            Self::AllowEgress { network, name, priority, address } => Some(Body::FirewallRule(FirewallRule {
                name: name.clone(),
                network: network.clone(),
                priority: *priority,
                is_disabled: false,
                allows: true,
                traffic: Traffic {
                    is_egress: true,
                    sources: Vec::new(),
                    destinations: Some(vec![IpNet::from(*address)]),
                    services: Some(vec![Service { protocol: "tcp".to_owned(), ports: vec![KMS_PORT..=KMS_PORT] }]),
                },
                targets: Some(Targets::default()),
            })),
            Self::AddRoute { network, name, priority, address } => Some(Body::Route(Route {
                name: name.clone(),
                network: network.clone(),
                destination: IpNet::from(*address),
                priority: *priority,
                next_hop: RouteTarget::InternetGateway,
                tags: Some(Vec::new()),
            })),
            Self::EnablePrivateAccess { .. } => None,
        }
    }

    pub(super) fn key(&self) -> String {
        match self {
            Self::AllowEgress { network, .. } => format!("rule {}", network.as_str()),
            Self::AddRoute { network, .. } => format!("route {}", network.as_str()),
            Self::EnablePrivateAccess { subnet } => format!("access {}", subnet.as_str()),
        }
    }

    /// Takes in another operation of the same key; whether it became another by it.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::AllowEgress { priority, .. }, Self::AllowEgress { priority: other, .. })
            | (Self::AddRoute { priority, .. }, Self::AddRoute { priority: other, .. }) => {
                let is_earlier = other < priority;
                *priority = (*other).min(*priority);
                is_earlier
            }
            _ => false,
        }
    }

    pub(super) fn risks(&self) -> Vec<Risk> {
        match self {
            Self::EnablePrivateAccess { subnet } => vec![Risk::GoogleServices { subnet: subnet.name().to_owned() }],
            _ => Vec::new(),
        }
    }

    /// Names of the machines whose packets meet it.
    pub(super) fn meeting(&self, resources: &[Resource]) -> Vec<String> {
        let meets = |interface: &Interface| match self {
            Self::AllowEgress { network, .. } | Self::AddRoute { network, .. } => {
                interface.network.as_ref().is_some_and(|own| own.refers_to(network))
            }
            Self::EnablePrivateAccess { subnet } => interface.subnet.as_ref().is_some_and(|own| own.refers_to(subnet)),
        };
        let meeting = instances(resources).filter(|instance| instance.interfaces.iter().any(meets));
        meeting.map(|instance| instance.link.name().to_owned()).collect()
    }
}

/// What the next faults of a blocked path need.
pub(super) fn operations(resources: &[Resource], path: &Path) -> Result<Vec<GoogleOperation>, Reason> {
    let step = Step { resources, path, interface: interface_of(resources, path) };
    let mut operations = Vec::new();
    for hop in &path.hops {
        match &hop.outcome {
            Outcome::Passes => {}
            Outcome::Unknown(Missing::Appliance(_)) if hop.stage == Stage::Route => operations.push(step.route()?),
            Outcome::Unknown(missing) => return Err(Reason::Unknown(vec![missing.clone()])),
            Outcome::Blocks(fault) => operations.push(step.against(hop, fault)?),
        }
    }
    Ok(operations)
}

struct Step<'a> {
    resources: &'a [Resource],
    path: &'a Path,
    interface: Option<&'a Interface>,
}

impl<'a> Step<'a> {
    fn against(&self, hop: &Hop, fault: &Fault) -> Result<GoogleOperation, Reason> {
        match (hop.stage, fault) {
            (_, Fault::LicenceNotCovered) => Err(Reason::LicenceNotCovered),
            (Stage::InterfaceRules, _) => self.rule(),
            (Stage::Route, _) => self.route(),
            (Stage::Outbound, _) => self.access(),
            _ => Err(Reason::NoSmallChange),
        }
    }

    fn not_found(&self) -> Reason {
        Reason::NotFound(self.path.interface.clone())
    }

    fn network(&self) -> Result<&'a Link, Reason> {
        self.interface.and_then(|interface| interface.network.as_ref()).ok_or_else(|| self.not_found())
    }

    /// What the network has, by kind.
    fn bodies(&self, network: &'a Link) -> impl Iterator<Item = &'a Body> {
        let bodies = self.resources.iter().filter_map(google);
        bodies.filter(move |body| network_of(body).is_some_and(|own| own.refers_to(network)))
    }

    /// A rule before all that may deny. A policy that denies before the network's rules stays: the trial shows it.
    fn rule(&self) -> Result<GoogleOperation, Reason> {
        let (network, address) = (self.network()?, self.path.destination.address);
        let rules = || {
            self.bodies(network).filter_map(|body| match body {
                Body::FirewallRule(rule) => Some(rule),
                _ => None,
            })
        };
        let may_hold = |traffic: &Traffic| {
            let destinations = traffic.destinations.as_deref().unwrap_or_default();
            destinations.is_empty() || destinations.iter().any(|destination| destination.contains(&address))
        };
        let denying = rules().filter(|rule| rule.traffic.is_egress && !rule.allows && may_hold(&rule.traffic));
        let priority = match denying.map(|rule| rule.priority).min() {
            Some(0) => return Err(Reason::NoPriority(network.name().to_owned())),
            Some(denying) => (denying - 1).min(USUAL_PRIORITY),
            None => USUAL_PRIORITY,
        };
        let name = free_name("allow-windows-kms", |name| rules().any(|rule| rule.name == name));
        Ok(GoogleOperation::AllowEgress { network: network.clone(), name, priority, address })
    }

    fn route(&self) -> Result<GoogleOperation, Reason> {
        let (network, address) = (self.network()?, self.path.destination.address);
        let routes = || {
            self.bodies(network).filter_map(|body| match body {
                Body::Route(route) => Some(route),
                _ => None,
            })
        };
        let same = routes().filter(|route| route.destination == IpNet::from(address));
        let priority = match same.map(|route| route.priority).min() {
            Some(0) => return Err(Reason::NoPriority(network.name().to_owned())),
            Some(other) => (other - 1).min(USUAL_PRIORITY),
            None => USUAL_PRIORITY,
        };
        let name = free_name("windows-kms", |name| routes().any(|route| route.name == name));
        Ok(GoogleOperation::AddRoute { network: network.clone(), name, priority, address })
    }

    fn access(&self) -> Result<GoogleOperation, Reason> {
        let link = self.interface.and_then(|interface| interface.subnet.as_ref()).ok_or_else(|| self.not_found())?;
        let subnet = self.resources.iter().filter_map(google).find_map(|body| match body {
            Body::Subnet(subnet) if subnet.link.refers_to(link) => Some(subnet),
            _ => None,
        });
        let subnet = subnet.ok_or_else(|| self.not_found())?;
        Ok(GoogleOperation::EnablePrivateAccess { subnet: subnet.link.clone() })
    }
}

/// The interface that a path is named after.
fn interface_of<'a>(resources: &'a [Resource], path: &Path) -> Option<&'a Interface> {
    let mut named = instances(resources).filter_map(|instance| {
        let name = instance.link.name();
        let zone = instance.zone.as_deref().or_else(|| instance.link.part("zones")).unwrap_or_default();
        let machine = path.machine.as_deref()?;
        let is_it = machine == name || machine.strip_prefix(name) == Some(&format!(".{zone}"));
        let own = path.interface.strip_prefix(machine)?.strip_prefix('-')?;
        instance.interfaces.iter().find(|interface| is_it && interface.name == own)
    });
    let interface = named.next()?;
    named.all(|other| other == interface).then_some(interface)
}

fn instances(resources: &[Resource]) -> impl Iterator<Item = &Instance> {
    resources.iter().filter_map(google).filter_map(|body| match body {
        Body::Instance(instance) => Some(instance),
        _ => None,
    })
}

fn network_of(body: &Body) -> Option<&Link> {
    match body {
        Body::FirewallRule(rule) => Some(&rule.network),
        Body::Route(route) => Some(&route.network),
        Body::Network(network) => Some(&network.link),
        Body::Router(router) => Some(&router.network),
        Body::Instance(instance) => instance.interfaces.first().and_then(|interface| interface.network.as_ref()),
        Body::Subnet(_) | Body::FirewallPolicy(_) => None,
    }
}

fn google(resource: &Resource) -> Option<&Body> {
    match &resource.body {
        AnyBody::Google(body) => Some(body),
        _ => None,
    }
}

fn set_access(resources: &mut [Resource], link: &Link, from: bool, to: bool) {
    for resource in resources {
        if let AnyBody::Google(Body::Subnet(Subnet { link: own, has_private_google_access })) = &mut resource.body
            && own == link
            && *has_private_google_access == Some(from)
        {
            *has_private_google_access = Some(to);
        }
    }
}
