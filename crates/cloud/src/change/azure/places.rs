//! Where in a list of resources what stands, so that a change of thousands of operations takes a step for each.

use std::collections::HashMap;

use crate::azure::estate::Estate;
use crate::azure::{Body, EffectiveRoutes, ResourceId, interfaces};
use crate::change::azure::Element;
use crate::{Body as AnyBody, Resource};

/// Places of Azure's resources in a list that only grows at its end.
#[derive(Default)]
pub(in crate::change) struct Places {
    /// Exports of a resource; of a security group also its effective rules.
    by_id: HashMap<ResourceId, Vec<usize>>,
    subnets_of_table: HashMap<ResourceId, Vec<ResourceId>>,
    /// Effective routes by what they are those of.
    routes_of_subnet: HashMap<ResourceId, Vec<usize>>,
    routes_of_interface: HashMap<String, Vec<usize>>,
}

impl Places {
    pub(in crate::change) fn new(resources: &[Resource]) -> Self {
        let mut places = Self::default();
        let mut effective: HashMap<*const EffectiveRoutes, usize> = HashMap::new();
        for (place, resource) in resources.iter().enumerate() {
            let AnyBody::Azure(body) = &resource.body else { continue };
            if let Body::EffectiveRoutes(routes) = body {
                effective.insert(std::ptr::from_ref(routes), place);
            }
            places.put(body, place);
        }
        if !effective.is_empty() {
            places.put_effective(resources, &effective);
        }
        places
    }

    /// Notes a resource.
    pub(in crate::change) fn put(&mut self, body: &Body, place: usize) {
        if let Some(id) = id_of(body) {
            self.by_id.entry(id.clone()).or_default().push(place);
        }
        if let Body::Subnet(subnet) = body
            && let (Some(id), Some(Some(table))) = (&subnet.id, &subnet.route_table)
        {
            self.associate(table, id);
        }
    }

    /// Notes that a table holds at a subnet.
    pub(in crate::change) fn associate(&mut self, table: &ResourceId, subnet: &ResourceId) {
        self.subnets_of_table.entry(table.clone()).or_default().push(subnet.clone());
    }

    fn put_effective(&mut self, resources: &[Resource], effective: &HashMap<*const EffectiveRoutes, usize>) {
        let estate = Estate::new(resources);
        for interface in interfaces::all(&estate) {
            let Some((routes, _)) = interface.routes else { continue };
            let Some(place) = effective.get(&std::ptr::from_ref(routes)) else { continue };
            self.routes_of_interface.entry(interface.name.to_ascii_lowercase()).or_default().push(*place);
            if let Some(id) = interface.subnet.and_then(|subnet| subnet.is.id.clone()) {
                self.routes_of_subnet.entry(id).or_default().push(*place);
            }
        }
    }

    /// Where a resource stands.
    pub(in crate::change) fn of(&self, id: &ResourceId) -> Vec<usize> {
        self.by_id.get(id).cloned().unwrap_or_default()
    }

    /// Where the routes of a table stand: in it, and in the effective routes of the interfaces that it holds at.
    pub(in crate::change) fn of_routes(&self, table: &Element) -> Vec<usize> {
        let mut places = match table {
            Element::Of { interface } => {
                let name = interface.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
                self.routes_of_interface.get(&name).cloned().unwrap_or_default()
            }
            Element::Known { id, .. } => {
                let subnets = self.subnets_of_table.get(id).into_iter().flatten();
                let effective = subnets.filter_map(|subnet| self.routes_of_subnet.get(subnet)).flatten();
                effective.copied().chain(self.of(id)).collect()
            }
        };
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// The id of a resource; of effective rules that of their group.
fn id_of(body: &Body) -> Option<&ResourceId> {
    match body {
        Body::VirtualMachine(body) => body.id.as_ref(),
        Body::NetworkInterface(body) => body.id.as_ref(),
        Body::VirtualNetwork(body) => body.id.as_ref(),
        Body::Subnet(body) => body.id.as_ref(),
        Body::SecurityGroup(body) => body.id.as_ref(),
        Body::EffectiveSecurityGroup(body) => body.group.as_ref(),
        Body::RouteTable(body) => body.id.as_ref(),
        Body::PublicAddress(body) => body.id.as_ref(),
        Body::NatGateway(body) => body.id.as_ref(),
        Body::LoadBalancer(body) => body.id.as_ref(),
        Body::Firewall(body) => body.id.as_ref(),
        Body::FirewallPolicy(body) => body.id.as_ref(),
        Body::RuleCollectionGroup(body) => body.id.as_ref(),
        Body::IpGroup(body) => body.id.as_ref(),
        Body::VirtualHub(body) => body.id.as_ref(),
        Body::HubConnection(body) => body.id.as_ref(),
        Body::RoutingIntent(body) => body.id.as_ref(),
        Body::EffectiveRoutes(_) => None,
    }
}

/// Takes the last resource with the id away. What a change made stands at the end.
pub(in crate::change) fn remove(resources: &mut Vec<Resource>, id: &ResourceId) {
    let is_it = |resource: &Resource| matches!(&resource.body, AnyBody::Azure(body) if id_of(body) == Some(id));
    if let Some(place) = resources.iter().rposition(is_it) {
        resources.remove(place);
    }
}
