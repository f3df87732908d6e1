//! Exports of Azure: names in the ids of resources and in the parameters of templates, and prefixes that are the same for everybody.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::{Redactor, learn};

/// Shorter names are words: `app`, `web`, `kms`. Rules and their names of hosts have to stay readable.
const NAME_CHARS_MIN: usize = 4;
/// What ids of resources in a group have before the group's name, in lower case.
const GROUP: &str = "/resourcegroups/";
/// Words of the format: a resource that is called like one of them keeps its name, or nothing could be read any more.
/// Subnets that Azure gives a meaning have theirs for this.
const FORMAT_WORDS: &[&str] = &[
    "access",
    "action",
    "active",
    "addressprefix",
    "addressprefixes",
    "addressspace",
    "allow",
    "applicationrule",
    "association",
    "azurebastionsubnet",
    "azurecloud",
    "azurefirewall",
    "azurefirewallmanagementsubnet",
    "azurefirewalls",
    "azurefirewallsubnet",
    "azureplatformlkm",
    "backendaddresspools",
    "basic",
    "connected",
    "data",
    "default",
    "deny",
    "destination",
    "direction",
    "dynamic",
    "false",
    "firewall",
    "firewallpolicies",
    "firewallpolicy",
    "gatewaysubnet",
    "hubipaddresses",
    "inbound",
    "internet",
    "invalid",
    "ipaddress",
    "ipaddresses",
    "ipconfigurations",
    "ipgroups",
    "kind",
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
    "none",
    "null",
    "outbound",
    "outboundrules",
    "parameters",
    "port",
    "primary",
    "priority",
    "probe",
    "probes",
    "properties",
    "protocol",
    "providers",
    "publicipaddress",
    "publicipaddresses",
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
    "rules",
    "securityrules",
    "source",
    "standard",
    "state",
    "static",
    "storageprofile",
    "subnet",
    "subnets",
    "subscriptions",
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
    "vnetlocal",
    "vnetpeering",
    "windows",
];
/// Parts whose names are the format's own or those of rules, which name what they are for.
const NAMELESS: [&str; 6] =
    ["defaultsecurityrules", "ipconfigurations", "frontendipconfigurations", "securityrules", "routes", "probes"];
/// Prefixes that every network of Azure has routes for.
const OWN_PREFIXES: [(Ipv4Addr, u8); 5] = [
    (Ipv4Addr::UNSPECIFIED, 0),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

impl Redactor {
    /// Learns the names of an export of Azure.
    pub(super) fn learn_resources(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        for (at, _) in lower.match_indices(GROUP) {
            let is_of_id = |character: char| character.is_alphanumeric() || "/._-()".contains(character);
            let path = &text[at + GROUP.len()..];
            let path = &path[..path.find(|character| !is_of_id(character)).unwrap_or(path.len())];
            let mut parts = path.split('/');
            self.learn_resource(parts.next().unwrap_or_default());
            // `providers/Microsoft.Network/type/name/type/name`.
            let mut parts = parts.skip(2);
            while let (Some(kind), Some(name)) = (parts.next(), parts.next()) {
                if !NAMELESS.contains(&kind.to_ascii_lowercase().as_str()) {
                    self.learn_resource(name);
                }
            }
        }
        self.learn_parameters(text);
    }

    /// `"networkInterfaces_vm1_nic_name": {"defaultValue": "vm1-nic"}`, as the portal exports names.
    fn learn_parameters(&mut self, text: &str) {
        let mut is_name = false;
        let mut strings = text.split('"').skip(1).step_by(2);
        while let Some(string) = strings.next() {
            if string == "defaultValue" && is_name {
                self.learn_resource(strings.next().unwrap_or_default());
            }
            is_name = string.ends_with("_name") || (is_name && string != "defaultValue" && string != "type");
        }
    }

    /// Learns the name of a resource; in names of parameters it stands with underscores.
    pub(super) fn learn_resource(&mut self, name: &str) {
        let name = name.to_lowercase();
        let is_short = name.chars().count() < NAME_CHARS_MIN;
        if is_short || FORMAT_WORDS.contains(&name.as_str()) || learn::is_token(&name) || name.contains(['[', '/', ' '])
        {
            return;
        }
        self.learn_label(&name);
        if let Some(token) = self.words.get(&name).copied() {
            self.word(&name.replace(['-', '.'], "_"), token);
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
