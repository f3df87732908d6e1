//! Which routes hold for an interface or a firewall, and where they lead.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::rc::Rc;

use kmsdoctor_core::fact::Origin;

use super::endpoints;
use super::estate::{Estate, Held};
use super::interfaces::Interface;
use super::matching::{Match, Memo, is_literally};
use super::selection::{Selection, Way, own_routes};
use super::{Firewall, NextHop, ResourceId, Route, RoutePrefix, RouteSource, RouteTable, VirtualNetwork};
use crate::{Fault, Missing};

/// Where a route leads.
#[derive(Debug)]
pub(super) enum Lead<'e> {
    Internet,
    Blocked(Fault),
    /// Through the firewall with this number.
    Firewall(&'e Held<'e, Firewall>),
    /// To an appliance of which the exports do not tell what it does.
    Appliance(String),
    Unknown(Missing),
}

/// What of a table bears on paths beside the routes that win.
#[derive(Debug, Default)]
struct Traits {
    has_default: bool,
    retired: HashSet<IpAddr>,
}

impl Traits {
    fn of(routes: &[Route]) -> Self {
        let mut traits = Self::default();
        for route in routes.iter().filter(|route| route.is_active) {
            for prefix in &route.prefixes {
                let RoutePrefix::Prefix(prefix) = prefix else { continue };
                let is_default = prefix.prefix_len() == 0 && prefix.addr().is_ipv4();
                traits.has_default |= route.source == RouteSource::User && is_default;
                if endpoints::is_retired(prefix.addr()) && is_literally(prefix, prefix.addr()) {
                    traits.retired.insert(prefix.addr());
                }
            }
        }
        traits
    }
}

/// The routes of an interface or of a firewall.
enum Table<'e> {
    Effective(&'e [Route]),
    /// Of the subnet; none if it has none.
    Subnet(Option<&'e Held<'e, RouteTable>>),
}

/// Selects routes; what interfaces share is worked out once.
pub(super) struct Routes<'e> {
    estate: &'e Estate<'e>,
    announced_to: HashSet<ResourceId>,
    firewalls: HashMap<IpAddr, Vec<usize>>,
    selections: Memo<(Option<usize>, Option<usize>, IpAddr), Selection<'e>>,
    traits: Memo<usize, Traits>,
}

impl<'e> Routes<'e> {
    pub(super) fn new(estate: &'e Estate<'e>) -> Self {
        Self {
            estate,
            announced_to: estate.announced_to(),
            firewalls: estate.firewalls_by_address(),
            selections: Memo::new(),
            traits: Memo::new(),
        }
    }

    /// The name and the place of what the routes of an interface were read from.
    pub(super) fn named(&self, interface: &Interface<'e>) -> (String, Option<&'e Origin>) {
        match self.table(interface) {
            Ok(Table::Effective(_)) => (interface.name.clone(), interface.routes.map(|(_, origin)| origin)),
            Ok(Table::Subnet(Some(table))) => (table.is.name.clone(), Some(table.origin)),
            Err(Missing::RouteTable(name)) => (name, None),
            _ => {
                let subnet = interface.subnet;
                (subnet.map(|held| held.is.name.clone()).unwrap_or_default(), subnet.map(|held| held.origin))
            }
        }
    }

    /// The routes of an interface's packets.
    pub(super) fn of_interface(
        &self,
        interface: &Interface<'e>,
        destination: IpAddr,
    ) -> Result<Rc<Selection<'e>>, Missing> {
        let table = match self.table(interface)? {
            Table::Effective([]) => return Err(Missing::EffectiveRoutes),
            Table::Effective(routes) => return Ok(Rc::new(Selection::of(routes, Vec::new(), destination))),
            Table::Subnet(table) => table,
        };
        let selection = self.joined(table, interface.network, destination);
        let is_announced_to = interface.network_id.as_ref().is_some_and(|id| self.announced_to.contains(id));
        let keeps_out = table.is_some_and(|table| table.is.disables_gateway_routes);
        let may_lose = |way: &Way| !way.holds_against_announced() && *way.next_hop != NextHop::VirtualNetworkGateway;
        if is_announced_to && !keeps_out && selection.winners.iter().any(may_lose) {
            return Err(Missing::EffectiveRoutes);
        }
        Ok(selection)
    }

    /// The routes of a firewall's packets, if the exports have the table of its subnet.
    pub(super) fn of_firewall(
        &self,
        firewall: &Firewall,
        destination: IpAddr,
    ) -> Option<(&'e Held<'e, RouteTable>, Rc<Selection<'e>>)> {
        let subnet = self.estate.subnets.find(firewall.subnet.as_ref()?)?;
        let table = self.estate.route_tables.find(subnet.is.route_table.as_ref()?.as_ref()?)?;
        let network = subnet.is.id.as_ref().or(firewall.subnet.as_ref()).and_then(ResourceId::parent);
        let network = network.and_then(|id| self.estate.networks.find(&id));
        Some((table, self.joined(Some(table), network, destination)))
    }

    /// Whether a user-defined route for everything is active.
    pub(super) fn has_default(&self, interface: &Interface<'e>) -> Match {
        match self.table(interface) {
            Err(missing) => Match::Unknown(missing),
            Ok(Table::Effective([])) => Match::Unknown(Missing::EffectiveRoutes),
            Ok(Table::Effective(routes)) => Match::when(Traits::of(routes).has_default),
            Ok(Table::Subnet(table)) => Match::when(table.is_some_and(|table| self.traits_of(table).has_default)),
        }
    }

    /// Whether an active route of the interface names a retired address.
    pub(super) fn names(&self, interface: &Interface<'e>, address: IpAddr) -> bool {
        match self.table(interface) {
            Ok(Table::Effective(routes)) => Traits::of(routes).retired.contains(&address),
            Ok(Table::Subnet(Some(table))) => self.traits_of(table).retired.contains(&address),
            _ => false,
        }
    }

    fn traits_of(&self, table: &'e Held<'e, RouteTable>) -> Rc<Traits> {
        self.traits.get(table.number, || Traits::of(&table.is.routes))
    }

    fn table(&self, interface: &Interface<'e>) -> Result<Table<'e>, Missing> {
        if let Some((effective, _)) = interface.routes {
            return Ok(Table::Effective(&effective.routes));
        }
        let subnet = interface.subnet.ok_or_else(|| interface.missing_subnet())?;
        match &subnet.is.route_table {
            None => Err(interface.missing_subnet()),
            Some(None) => Ok(Table::Subnet(None)),
            Some(Some(id)) => match self.estate.route_tables.find(id) {
                Some(table) => Ok(Table::Subnet(Some(table))),
                None => Err(Missing::RouteTable(id.name().to_owned())),
            },
        }
    }

    /// A table with Azure's own routes.
    fn joined(
        &self,
        table: Option<&'e Held<'e, RouteTable>>,
        network: Option<&'e Held<'e, VirtualNetwork>>,
        destination: IpAddr,
    ) -> Rc<Selection<'e>> {
        let key = (table.map(|held| held.number), network.map(|held| held.number), destination);
        self.selections.get(key, || {
            let routes = table.map_or(&[][..], |held| &held.is.routes);
            Selection::of(routes, own_routes(network, destination), destination)
        })
    }

    /// Where a route leads the packets of a network.
    pub(super) fn lead(&self, way: &Way<'e>, network_id: Option<&ResourceId>) -> Lead<'e> {
        match way.next_hop {
            NextHop::Internet => Lead::Internet,
            NextHop::None => Lead::Blocked(Fault::RouteToNowhere),
            NextHop::VirtualNetwork | NextHop::Peering => Lead::Blocked(Fault::RouteIntoNetwork),
            NextHop::ServiceEndpoint | NextHop::Unknown(_) => Lead::Unknown(Missing::Unreadable(way.label.clone())),
            NextHop::VirtualNetworkGateway => self.through_hub(network_id),
            NextHop::VirtualAppliance => match way.address {
                None => Lead::Appliance(String::new()),
                Some(address) => match self.firewall_at(address, network_id) {
                    Some(firewall) => Lead::Firewall(firewall),
                    None => Lead::Appliance(address.to_string()),
                },
            },
        }
    }

    /// A gateway leads to the premises, unless a hub announces its default route.
    fn through_hub(&self, network_id: Option<&ResourceId>) -> Lead<'e> {
        let connection = network_id.and_then(|id| self.estate.connections.get(id));
        let Some(connection) = connection.filter(|connection| connection.announces_default_route) else {
            return Lead::Blocked(Fault::RouteToGateway);
        };
        let hub = connection.id.as_ref().and_then(ResourceId::parent);
        let intent = hub.as_ref().and_then(|hub| self.estate.intents.get(hub));
        match intent.and_then(|intent| intent.internet_next_hop.as_ref()) {
            None => Lead::Unknown(Missing::VirtualHub(hub.map(|id| id.name().to_owned()).unwrap_or_default())),
            Some(id) => match self.estate.firewalls.find(id) {
                Some(firewall) => Lead::Firewall(firewall),
                None => Lead::Appliance(id.name().to_owned()),
            },
        }
    }

    /// The firewall at an address. Networks that do not know each other may have the same addresses.
    fn firewall_at(&self, address: IpAddr, network_id: Option<&ResourceId>) -> Option<&'e Held<'e, Firewall>> {
        let firewalls = self.firewalls.get(&address)?.iter().map(|&number| self.estate.firewalls.number(number));
        let all: Vec<&Held<Firewall>> = firewalls.collect();
        if let [only] = all.as_slice() {
            return Some(only);
        }
        let in_networks = |networks: &HashSet<&ResourceId>| -> Vec<&'e Held<'e, Firewall>> {
            let is_in = |held: &&&Held<Firewall>| {
                let network = held.is.subnet.as_ref().and_then(ResourceId::parent);
                network.is_some_and(|id| networks.contains(&id))
            };
            all.iter().filter(is_in).copied().collect()
        };
        let own = in_networks(&network_id.into_iter().collect());
        if !own.is_empty() {
            return if let [only] = own.as_slice() { Some(only) } else { None };
        }
        let network = self.estate.networks.find(network_id?)?;
        let peerings = network.is.peerings.iter().flatten().filter(|peering| peering.is_connected);
        match in_networks(&peerings.filter_map(|peering| peering.remote_network.as_ref()).collect()).as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Body, EffectiveRoutes, HubConnection, Peering, RoutingIntent, Subnet};
    use super::*;
    use crate::{Outcome, Path, Stage, Verdict};

    fn at(path: &Path) -> Outcome {
        outcome(path, Stage::Route).expect("a route").clone()
    }

    fn with(routes: Vec<Route>) -> Outcome {
        at(&Lab::new().routes(routes).path())
    }

    fn effective(routes: Vec<Route>) -> Lab {
        let interface = Some(id("networkInterfaces/nic1"));
        Lab::new().with(Body::EffectiveRoutes(EffectiveRoutes { interface, interface_name: None, routes }))
    }

    fn to(source: RouteSource, destination: &str, next_hop: NextHop) -> Route {
        Route { source, ..route(destination, next_hop, None) }
    }

    const GATEWAY: Outcome = Outcome::Blocks(Fault::RouteToGateway);
    const INSIDE: Outcome = Outcome::Blocks(Fault::RouteIntoNetwork);

    #[test]
    fn gateways_may_announce_routes_that_no_table_shows() {
        let gateway_subnet = || {
            let id = Some(id("virtualNetworks/spoke/subnets/GatewaySubnet"));
            Body::Subnet(Subnet { id, name: "GatewaySubnet".to_owned(), ..Subnet::default() })
        };
        let unknown = Outcome::Unknown(Missing::EffectiveRoutes);
        let default = |next_hop| vec![route("0.0.0.0/0", next_hop, None)];
        assert_eq!(at(&Lab::new().with(gateway_subnet()).path()), unknown);
        assert_eq!(at(&Lab::new().routes(default(NextHop::Internet)).with(gateway_subnet()).path()), unknown);
        let to_gateway = Lab::new().routes(default(NextHop::VirtualNetworkGateway)).with(gateway_subnet());
        assert_eq!(at(&to_gateway.path()), GATEWAY, "wherever it leads there");
        for tight in ["20.118.99.224/32", "AzurePlatformLKM"] {
            let lab = Lab::new().routes(vec![route(tight, NextHop::Internet, None)]).with(gateway_subnet());
            assert_eq!(at(&lab.path()), Outcome::Passes, "{tight}");
        }
        let mut kept_out = Lab::new().routes(vec![]).with(gateway_subnet());
        if let Some(Body::RouteTable(table)) = kept_out.others.first_mut() {
            table.disables_gateway_routes = true;
        }
        assert_eq!(at(&kept_out.path()), Outcome::Passes);
        for (is_connected, expected) in [(true, unknown), (false, Outcome::Passes)] {
            let mut lab = Lab::new();
            lab.network.peerings =
                Some(vec![Peering { is_connected, uses_remote_gateways: true, ..Peering::default() }]);
            assert_eq!(at(&lab.path()), expected);
        }
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let mut lab = Lab::new();
        lab.subnet.route_table = Some(Some(id("routeTables/gone")));
        assert_eq!(at(&lab.path()), Outcome::Unknown(Missing::RouteTable("gone".to_owned())));
        let mut lab = Lab::new();
        lab.configuration().subnet = Some(id("virtualNetworks/spoke/subnets/gone"));
        let path = lab.path();
        assert_eq!(at(&path), Outcome::Unknown(Missing::Subnet("gone".to_owned())));
        assert_eq!(outcome(&path, Stage::Outbound), None, "nothing is judged behind it");
        let odd = vec![route("0.0.0.0/0", NextHop::ServiceEndpoint, None)];
        assert!(matches!(with(odd), Outcome::Unknown(Missing::Unreadable(_))));
    }

    #[test]
    fn addresses_in_the_address_space_stay_inside() {
        let mut lab = Lab::new();
        lab.network.address_space.push(prefix("20.118.0.0/16"));
        assert_eq!(at(&lab.path()), INSIDE);
    }

    fn firewall(subnet: &str) -> Body {
        Body::Firewall(Firewall {
            id: Some(id(&format!("azureFirewalls/{}", subnet.replace('/', "-")))),
            name: subnet.to_owned(),
            private_addresses: vec![address("10.0.3.4")],
            subnet: Some(id(&format!("virtualNetworks/{subnet}"))),
            has_public_address: Some(true),
            ..Firewall::default()
        })
    }

    fn by_appliance() -> Lab {
        Lab::new().routes(vec![route("0.0.0.0/0", NextHop::VirtualAppliance, Some("10.0.3.4"))])
    }

    /// Name of the firewall on the way.
    fn on_the_way(lab: Lab) -> String {
        let path = lab.path();
        path.hops.iter().find(|hop| hop.stage == Stage::Firewall).expect("an appliance").name.clone()
    }

    #[test]
    fn appliances_are_firewalls_of_the_exports_or_unknown() {
        let path = by_appliance().path();
        assert_eq!(at(&path), Outcome::Passes);
        let missing = Missing::Appliance("10.0.3.4".to_owned());
        assert_eq!(outcome(&path, Stage::Firewall), Some(&Outcome::Unknown(missing)));
        let hub = "hub/subnets/AzureFirewallSubnet";
        let (other, own) = ("other/subnets/AzureFirewallSubnet", "spoke/subnets/AzureFirewallSubnet");
        assert_eq!(on_the_way(by_appliance().with(firewall(hub))), hub);
        let two = || by_appliance().with(firewall(hub)).with(firewall(other));
        assert_eq!(on_the_way(two()), "10.0.3.4", "nothing tells which of them");
        assert_eq!(on_the_way(two().with(firewall(own))), own);
        let mut peered = two();
        let remote_network = Some(id("virtualNetworks/hub"));
        peered.network.peerings = Some(vec![Peering { remote_network, is_connected: true, ..Peering::default() }]);
        assert_eq!(on_the_way(peered), hub);
    }

    #[test]
    fn hubs_announce_their_default_route() {
        let connected = |announces_default_route| {
            let to_gateway = to(RouteSource::Gateway, "0.0.0.0/0", NextHop::VirtualNetworkGateway);
            effective(vec![to_gateway]).with(Body::HubConnection(HubConnection {
                id: Some(id("virtualHubs/hub1/hubVirtualNetworkConnections/spoke")),
                network: Some(id("virtualNetworks/spoke")),
                announces_default_route,
            }))
        };
        let intent = |next_hop: Option<&str>| {
            let id_of_intent = Some(id("virtualHubs/hub1/routingIntent/intent"));
            Body::RoutingIntent(RoutingIntent { id: id_of_intent, internet_next_hop: next_hop.map(id) })
        };
        let missing = Outcome::Unknown(Missing::VirtualHub("hub1".to_owned()));
        assert_eq!(at(&connected(false).path()), GATEWAY);
        assert_eq!(at(&connected(true).path()), missing);
        assert_eq!(at(&connected(true).with(intent(None)).path()), missing);
        let hub = "hub/subnets/x";
        let by_firewall = intent(Some("azureFirewalls/hub-subnets-x"));
        assert_eq!(on_the_way(connected(true).with(by_firewall).with(firewall(hub))), hub);
        assert_eq!(on_the_way(connected(true).with(intent(Some("networkVirtualAppliances/nva")))), "nva");
    }

    #[test]
    fn the_firewalls_own_routes_lead_on() {
        let behind = |routes: Option<Vec<Route>>| {
            let mut lab = by_appliance();
            lab = lab.with(firewall("hub/subnets/fw"));
            let Some(routes) = routes else { return lab.path() };
            let table = id("routeTables/fw");
            lab = lab.with(Body::Subnet(Subnet {
                id: Some(id("virtualNetworks/hub/subnets/fw")),
                route_table: Some(Some(table.clone())),
                ..Subnet::default()
            }));
            lab.with(Body::RouteTable(RouteTable { id: Some(table), routes, ..RouteTable::default() })).path()
        };
        let at = |routes| outcome(&behind(Some(routes)), Stage::FirewallRoute).expect("a route").clone();
        assert_eq!(at(vec![]), Outcome::Passes);
        assert_eq!(at(vec![route("0.0.0.0/0", NextHop::VirtualNetworkGateway, None)]), GATEWAY);
        let further = vec![route("0.0.0.0/0", NextHop::VirtualAppliance, Some("10.9.9.9"))];
        assert_eq!(at(further), Outcome::Unknown(Missing::Appliance("10.9.9.9".to_owned())));
        assert_eq!(outcome(&behind(None), Stage::FirewallRoute), None, "straight out");
        let blocked = behind(Some(vec![route("0.0.0.0/0", NextHop::None, None)]));
        assert_eq!(outcome(&blocked, Stage::Outbound), None);
        assert_eq!(blocked.verdict(), Verdict::Blocked);
    }
}
