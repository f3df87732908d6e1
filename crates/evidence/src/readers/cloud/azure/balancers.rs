//! Load balancers.

use kmsdoctor_cloud::azure::{
    BackendPool, Frontend, LoadBalancer, LoadBalancingRule, OutboundRule, Probe, Protocol, ResourceId,
};

use super::item::{self, Named};
use super::{Source, security};
use crate::readers::cloud::json::Object;

pub(super) fn load_balancer(object: &Object<'_>, named: Named, source: Source<'_>) -> LoadBalancer {
    LoadBalancer {
        sku: item::object(object, "sku").and_then(|sku| item::text(sku, "name")),
        frontends: item::objects(object, "frontendIPConfigurations").map(|part| frontend(part, &named)).collect(),
        pools: item::objects(object, "backendAddressPools").map(|part| pool(part, &named)).collect(),
        rules: item::objects(object, "loadBalancingRules").filter_map(|part| rule(part, source)).collect(),
        outbound_rules: item::objects(object, "outboundRules").map(outbound_rule).collect(),
        probes: item::objects(object, "probes").filter_map(|part| probe(part, &named)).collect(),
        id: named.id,
        name: named.name,
    }
}

fn frontend(object: &Object<'_>, of: &Named) -> Frontend {
    Frontend {
        id: of.part(object, "frontendIPConfigurations").id,
        private_address: item::address(object, "privateIPAddress"),
        is_public: ["publicIPAddress", "publicIPPrefix"].iter().any(|name| item::get(object, name).is_some()),
    }
}

fn pool(object: &Object<'_>, of: &Named) -> BackendPool {
    const ADDRESSES: &str = "loadBalancerBackendAddresses";
    let by_address = item::objects(object, ADDRESSES)
        .filter_map(|address| item::reference(address, "networkInterfaceIPConfiguration").flatten());
    let mut configurations: Vec<ResourceId> = item::references(object, "backendIPConfigurations");
    configurations.extend(by_address);
    configurations.sort();
    configurations.dedup();
    BackendPool {
        id: of.part(object, "backendAddressPools").id,
        configurations,
        addresses: item::objects(object, ADDRESSES).filter_map(|address| item::address(address, "ipAddress")).collect(),
    }
}

/// A rule; without ports that can be read it serves none.
fn rule(object: &Object<'_>, source: Source<'_>) -> Option<LoadBalancingRule> {
    let mut pools: Vec<ResourceId> = item::reference(object, "backendAddressPool").flatten().into_iter().collect();
    pools.extend(item::references(object, "backendAddressPools"));
    pools.sort();
    pools.dedup();
    Some(LoadBalancingRule {
        name: item::text(object, "name").unwrap_or_default(),
        frontend: item::reference(object, "frontendIPConfiguration").flatten(),
        pools,
        probe: item::reference(object, "probe").flatten(),
        protocol: protocol(object),
        frontend_port: item::number(object, "frontendPort")?,
        backend_port: item::number(object, "backendPort")?,
        disables_outbound: item::flag(object, "disableOutboundSnat"),
        distribution: item::text(object, "loadDistribution"),
        origin: Some(source.origin(object)),
    })
}

fn outbound_rule(object: &Object<'_>) -> OutboundRule {
    OutboundRule {
        name: item::text(object, "name").unwrap_or_default(),
        pool: item::reference(object, "backendAddressPool").flatten(),
        protocol: protocol(object),
    }
}

fn probe(object: &Object<'_>, of: &Named) -> Option<Probe> {
    let named = of.part(object, "probes");
    let protocol = item::text(object, "protocol").unwrap_or_default();
    Some(Probe { id: named.id, name: named.name, protocol, port: item::number(object, "port")? })
}

fn protocol(object: &Object<'_>) -> Protocol {
    item::text(object, "protocol").as_deref().and_then(security::protocol).unwrap_or(Protocol::Other)
}
