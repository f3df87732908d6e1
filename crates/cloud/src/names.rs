//! The words of paths: those of facts and of the JSON report. Words are permanent, like ids of causes.

use crate::path::{
    AllowanceLoss, Detail, Fault, Missing, NextHop, OutboundLoss, Outcome, Provider, RemarkKind, Stage, Verdict, WayOut,
};

impl Provider {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Aws => "aws",
            Self::GoogleCloud => "google-cloud",
        }
    }
}

impl Verdict {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reaches => "reaches",
            Self::Blocked => "blocked",
            Self::CannotTell => "cannot-tell",
        }
    }
}

impl Stage {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Interface => "interface",
            Self::InterfaceRules => "interface-rules",
            Self::SubnetRules => "subnet-rules",
            Self::Route => "route",
            Self::Firewall => "firewall",
            Self::FirewallRoute => "firewall-route",
            Self::Outbound => "outbound",
            Self::LoadBalancer => "load-balancer",
            Self::Kms => "kms",
        }
    }
}

impl Outcome {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Blocks(_) => "blocks",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The word of why it blocks or of what is missing.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Passes => None,
            Self::Blocks(fault) => Some(fault.word()),
            Self::Unknown(missing) => Some(missing.word()),
        }
    }
}

impl Detail {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::ImplicitAllowance => "implicit-allowance",
            Self::LeadsTo(next_hop) => next_hop.word(),
            Self::By(way) => way.word(),
        }
    }
}

impl NextHop {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Firewall => "firewall",
            Self::Appliance => "appliance",
            Self::Gateway => "gateway",
            Self::VirtualNetwork => "virtual-network",
            Self::Nowhere => "none",
        }
    }
}

impl WayOut {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::PublicAddress => "public-address",
            Self::NatGateway => "nat-gateway",
            Self::LoadBalancerRule => "load-balancer-rule",
            Self::DefaultAccess => "default-access",
            Self::Firewall => "firewall",
            Self::PrivateGoogleAccess => "private-google-access",
        }
    }
}

impl Fault {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::RuleDenies(_) => "rule-denies",
            Self::RouteToGateway => "route-to-gateway",
            Self::RouteToNowhere => "route-to-nowhere",
            Self::RouteIntoNetwork => "route-into-network",
            Self::RouteMissing => "route-missing",
            Self::RouteStale => "route-stale",
            Self::FirewallDenies => "firewall-denies",
            Self::FirewallApplicationOnly => "firewall-application-only",
            Self::NoOutbound(_) => "no-outbound",
            Self::LoadBalancerWithoutRule => "load-balancer-without-rule",
            Self::LoadBalancerProbe => "load-balancer-probe",
            Self::AddressRetired => "address-retired",
            Self::LicenceNotCovered => "licence-not-covered",
        }
    }

    /// The word of what it came by.
    pub fn detail(&self) -> Option<&'static str> {
        match self {
            Self::RuleDenies(loss) => loss.map(AllowanceLoss::word),
            Self::NoOutbound(loss) => Some(loss.word()),
            _ => None,
        }
    }
}

impl AllowanceLoss {
    fn word(self) -> &'static str {
        match self {
            Self::RuleForEverything => "rule-for-everything",
            Self::DefaultRoute => "default-route",
            Self::LicenceTag => "licence-tag",
        }
    }
}

impl OutboundLoss {
    fn word(self) -> &'static str {
        match self {
            Self::PrivateSubnet => "private-subnet",
            Self::InternalLoadBalancer => "internal-load-balancer",
            Self::PublicLoadBalancer => "public-load-balancer",
            Self::AvailabilitySet => "availability-set",
            Self::FirewallWithoutAddress => "firewall-without-address",
            Self::PrivateGoogleAccess => "private-google-access",
        }
    }
}

impl Missing {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Subnet(_) => "subnet",
            Self::SecurityGroup(_) => "security-group",
            Self::RouteTable(_) => "route-table",
            Self::EffectiveRoutes => "effective-routes",
            Self::Group(_) => "group",
            Self::Appliance(_) => "appliance",
            Self::FirewallPolicy(_) => "firewall-policy",
            Self::IpGroup(_) => "ip-group",
            Self::LoadBalancer(_) => "load-balancer",
            Self::VirtualHub(_) => "virtual-hub",
            Self::MachineRoutes => "machine-routes",
            Self::NetworkRules(_) => "network-rules",
            Self::NetworkRoutes(_) => "network-routes",
            Self::PublicAddress(_) => "public-address",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Name of the resource, where it has one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Interface | Self::EffectiveRoutes | Self::MachineRoutes => None,
            Self::Subnet(name)
            | Self::SecurityGroup(name)
            | Self::RouteTable(name)
            | Self::Group(name)
            | Self::Appliance(name)
            | Self::FirewallPolicy(name)
            | Self::IpGroup(name)
            | Self::LoadBalancer(name)
            | Self::VirtualHub(name)
            | Self::NetworkRules(name)
            | Self::NetworkRoutes(name)
            | Self::PublicAddress(name)
            | Self::Unreadable(name) => Some(name.as_str()).filter(|name| !name.is_empty()),
        }
    }

    /// The same, to be rewritten.
    pub(crate) fn name_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Interface | Self::EffectiveRoutes | Self::MachineRoutes => None,
            Self::Subnet(name)
            | Self::SecurityGroup(name)
            | Self::RouteTable(name)
            | Self::Group(name)
            | Self::Appliance(name)
            | Self::FirewallPolicy(name)
            | Self::IpGroup(name)
            | Self::LoadBalancer(name)
            | Self::VirtualHub(name)
            | Self::NetworkRules(name)
            | Self::NetworkRoutes(name)
            | Self::PublicAddress(name)
            | Self::Unreadable(name) => Some(name),
        }
    }

    /// Id of the check of the knowledge that gets it; none for what is there and cannot be read.
    pub fn check(&self, provider: Provider) -> Option<&'static str> {
        let is_google = provider == Provider::GoogleCloud;
        Some(match self {
            Self::Interface | Self::PublicAddress(_) if is_google => "gcloud-instance",
            Self::Subnet(_) if is_google => "gcloud-subnet",
            Self::Interface => "azure-nic-outbound",
            Self::PublicAddress(_) => "azure-public-address",
            Self::Subnet(_) => "azure-subnet",
            Self::SecurityGroup(_) => "azure-security-group",
            Self::Group(_) => "azure-effective-nsg",
            Self::RouteTable(_) => "azure-route-table",
            Self::EffectiveRoutes => "azure-effective-routes",
            Self::Appliance(_) => "azure-firewalls",
            Self::FirewallPolicy(_) => "azure-firewall-rules",
            Self::IpGroup(_) => "azure-ip-group",
            Self::LoadBalancer(_) => "azure-load-balancer",
            Self::VirtualHub(_) => "azure-virtual-hub",
            Self::MachineRoutes => "route-print",
            Self::NetworkRules(_) => "gcloud-firewall-rules",
            Self::NetworkRoutes(_) => "gcloud-routes",
            Self::Unreadable(_) => return None,
        })
    }
}

impl RemarkKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::DenyWithoutEffect => "deny-without-effect",
            Self::RetiredAddress => "retired-address",
            Self::AddressPinned => "address-pinned",
            Self::RouteWithoutEffect => "route-without-effect",
            Self::DefaultOutboundAccess => "default-outbound-access",
            Self::CustomDnsServers => "custom-dns-servers",
            Self::DnsProxyOff => "dns-proxy-off",
            Self::AzureEdition => "azure-edition",
            Self::MetadataDenied => "metadata-denied",
            Self::SessionPersistence => "session-persistence",
            Self::SecondaryInterface => "secondary-interface",
        }
    }

    /// Whether it looks like a fault and is none.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::DenyWithoutEffect | Self::RetiredAddress | Self::RouteWithoutEffect)
    }
}
