//! Exports of clouds: names in the parameters of templates, names that are words, and prefixes that are the same for everybody.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::Redactor;

/// Names of a cloud's resources that stay: names that the cloud itself gives, words that exports are made of, and KMS.
pub(super) const RESOURCE_WORDS: &[&str] = &[
    "access",
    "action",
    "active",
    "address",
    "addressprefix",
    "addressprefixes",
    "addressspace",
    "allow",
    "app",
    "applicationrule",
    "association",
    "azurebastionsubnet",
    "azurecloud",
    "azurefirewall",
    "azurefirewallmanagementsubnet",
    "azurefirewalls",
    "azurefirewallsubnet",
    "azkms",
    "azureplatformlkm",
    "backend",
    "backendaddresspools",
    "basic",
    "client",
    "connected",
    "data",
    "default",
    "default-internet-gateway",
    "deny",
    "destination",
    "dev",
    "direction",
    "dynamic",
    "false",
    "firewall",
    "firewallpolicies",
    "firewallpolicy",
    "frontend",
    "gateway",
    "gatewaysubnet",
    "hub",
    "hubipaddresses",
    "inbound",
    "instance",
    "instances",
    "internet",
    "invalid",
    "ipaddress",
    "ipaddresses",
    "ipconfig",
    "ipconfig1",
    "ipconfigurations",
    "ipgroups",
    "kind",
    "kms",
    "linux",
    "loadbalancers",
    "location",
    "microsoft",
    "name",
    "natgateway",
    "natgateways",
    "natrule",
    "network",
    "networkinterface",
    "networkinterfaces",
    "networkprofile",
    "networkrule",
    "networksecuritygroup",
    "networksecuritygroups",
    "nic",
    "none",
    "null",
    "outbound",
    "outboundrules",
    "parameters",
    "policy",
    "port",
    "prefix",
    "primary",
    "priority",
    "probe",
    "probes",
    "prod",
    "properties",
    "protocol",
    "providers",
    "publicipaddress",
    "publicipaddresses",
    "region",
    "resource",
    "resourcegroup",
    "resourcegroups",
    "resources",
    "route",
    "routes",
    "routeserversubnet",
    "routetable",
    "routetables",
    "routingintent",
    "rule",
    "rules",
    "securityrules",
    "server",
    "source",
    "spoke",
    "standard",
    "state",
    "static",
    "storageprofile",
    "subnet",
    "subnets",
    "subscriptions",
    "tags",
    "tcp",
    "test",
    "true",
    "type",
    "user",
    "value",
    "variables",
    "virtualappliance",
    "virtualhub",
    "virtualhubs",
    "virtualmachine",
    "virtualmachines",
    "virtualnetwork",
    "virtualnetworkgateway",
    "virtualnetworks",
    "vm",
    "vnet",
    "vnetlocal",
    "vnetpeering",
    "web",
    "windows",
    "zone",
];

/// Prefixes that every network of Azure has routes for.
const OWN_PREFIXES: [(Ipv4Addr, u8); 5] = [
    (Ipv4Addr::UNSPECIFIED, 0),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

impl Redactor {
    /// `"networkInterfaces_vm1_nic_name": {"defaultValue": "vm1-nic"}`, as the portal exports names.
    pub(super) fn learn_parameters(&mut self, text: &str) {
        let mut is_name = false;
        let mut strings = text.split('"').skip(1).step_by(2);
        while let Some(string) = strings.next() {
            if string == "defaultValue" && is_name {
                self.learn_resource(strings.next().unwrap_or_default());
            }
            is_name = string.ends_with("_name") || (is_name && string != "defaultValue" && string != "type");
        }
    }

    /// Whether `address` with the `/24` that stands behind it is a prefix that shows nothing of an organisation: one of Azure's own
    /// routes, half of the Internet, or one in which a documented endpoint is.
    pub(super) fn is_public_prefix(&self, address: IpAddr, behind: &str) -> bool {
        let digits = behind.strip_prefix('/').unwrap_or_default();
        let length = digits.bytes().take(3).take_while(u8::is_ascii_digit).count();
        let (IpAddr::V4(address), Ok(length)) = (address, digits[..length].parse::<u8>()) else { return false };
        let Ok(net) = Ipv4Net::new(address, length) else { return false };
        let holds = |public: &IpAddr| matches!(public, IpAddr::V4(public) if net.contains(public));
        OWN_PREFIXES.contains(&(address, length)) || length <= 1 || self.public_addresses.iter().any(holds)
    }
}
