//! Interfaces, networks, subnets, public addresses, NAT gateways, virtual hubs.

use kmsdoctor_cloud::azure::{
    AddressConfiguration, HubConnection, NatGateway, NetworkInterface, Peering, PublicAddress, RoutingIntent, Subnet,
    VirtualHub, VirtualNetwork,
};

use super::item::{self, Named};
use crate::readers::cloud::json::{Object, Value};

pub(super) fn interface(object: &Object<'_>, named: Named) -> NetworkInterface {
    NetworkInterface {
        id: named.id,
        name: named.name,
        location: item::text(object, "location"),
        machine: item::reference(object, "virtualMachine").flatten(),
        is_primary: item::get(object, "primary").and_then(Value::flag),
        security_group: item::reference(object, "networkSecurityGroup"),
        configurations: item::objects(object, "ipConfigurations").map(configuration).collect(),
    }
}

fn configuration(object: &Object<'_>) -> AddressConfiguration {
    const POOLS: &str = "loadBalancerBackendAddressPools";
    let is_told = matches!(item::get(object, POOLS), None | Some(Value::List(_)));
    AddressConfiguration {
        is_primary: item::get(object, "primary").and_then(Value::flag),
        private_address: item::address(object, "privateIPAddress"),
        subnet: item::reference(object, "subnet").flatten(),
        public_address: item::reference(object, "publicIPAddress"),
        backend_pools: is_told.then(|| item::references(object, POOLS)),
        application_groups: item::references(object, "applicationSecurityGroups"),
    }
}

pub(super) fn network(object: &Object<'_>, named: Named) -> VirtualNetwork {
    let servers = item::object(object, "dhcpOptions").map(|options| item::texts(options, "dnsServers"));
    VirtualNetwork {
        id: named.id,
        name: named.name,
        address_space: item::object(object, "addressSpace")
            .map(|space| item::prefixes(space, "addressPrefixes"))
            .unwrap_or_default(),
        dns_servers: Some(servers.unwrap_or_default().into_iter().filter_map(|server| server.parse().ok()).collect()),
        peerings: item::is_list(object, "virtualNetworkPeerings")
            .then(|| item::objects(object, "virtualNetworkPeerings").map(peering).collect()),
    }
}

fn peering(object: &Object<'_>) -> Peering {
    let space =
        item::object(object, "remoteVirtualNetworkAddressSpace").or_else(|| item::object(object, "remoteAddressSpace"));
    Peering {
        name: item::text(object, "name").unwrap_or_default(),
        remote_network: item::reference(object, "remoteVirtualNetwork").flatten(),
        remote_address_space: space.map(|space| item::prefixes(space, "addressPrefixes")).unwrap_or_default(),
        uses_remote_gateways: item::flag(object, "useRemoteGateways"),
        is_connected: item::text(object, "peeringState").is_some_and(|state| state.eq_ignore_ascii_case("connected")),
    }
}

pub(super) fn subnet(object: &Object<'_>, named: Named) -> Subnet {
    let mut prefixes = item::prefixes(object, "addressPrefix");
    prefixes.extend(item::prefixes(object, "addressPrefixes"));
    prefixes.dedup();
    Subnet {
        id: named.id,
        name: named.name,
        prefixes,
        security_group: item::reference(object, "networkSecurityGroup"),
        route_table: item::reference(object, "routeTable"),
        nat_gateway: item::reference(object, "natGateway"),
        default_outbound_access: item::get(object, "defaultOutboundAccess").and_then(Value::flag),
    }
}

pub(super) fn public_address(object: &Object<'_>, named: Named) -> PublicAddress {
    PublicAddress { id: named.id, name: named.name, address: item::address(object, "ipAddress") }
}

pub(super) fn nat_gateway(object: &Object<'_>, named: Named) -> NatGateway {
    let lists = ["publicIpAddresses", "publicIpPrefixes", "publicIpAddressesV6", "publicIpPrefixesV6"];
    NatGateway {
        id: named.id,
        name: named.name,
        has_public_address: lists.iter().any(|list| item::objects(object, list).next().is_some()),
        subnets: item::is_list(object, "subnets").then(|| item::references(object, "subnets")),
    }
}

pub(super) fn hub(object: &Object<'_>, named: Named) -> VirtualHub {
    VirtualHub { id: named.id, name: named.name, firewall: item::reference(object, "azureFirewall").flatten() }
}

pub(super) fn hub_connection(object: &Object<'_>, named: Named) -> HubConnection {
    HubConnection {
        id: named.id,
        network: item::reference(object, "remoteVirtualNetwork").flatten(),
        announces_default_route: item::flag(object, "enableInternetSecurity"),
    }
}

pub(super) fn routing_intent(object: &Object<'_>, named: Named) -> RoutingIntent {
    let internet = item::objects(object, "routingPolicies").find(|policy| {
        item::texts(policy, "destinations").iter().any(|destination| destination.eq_ignore_ascii_case("internet"))
    });
    let next_hop = internet.and_then(|policy| item::text(policy, "nextHop"));
    RoutingIntent { id: named.id, internet_next_hop: next_hop.map(|id| kmsdoctor_cloud::azure::ResourceId::new(&id)) }
}
