//! A path: the hops from one interface to one address of KMS, what each does to the packets, and the verdict.

use std::net::IpAddr;

use kmsdoctor_core::fact::Origin;

/// A cloud. The names are those of the fact `cloud-path.provider`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Microsoft Azure with its sovereign clouds.
    Azure,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    GoogleCloud,
}

/// The way of one interface's packets to one address of KMS.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Whose rules hold.
    pub provider: Provider,
    /// Name of the virtual machine; `None` where the exports do not tie the interface to one.
    pub machine: Option<String>,
    /// Name of the interface, or, where the exports give none, of the artifact that describes its routes.
    pub interface: String,
    /// Where the packets go.
    pub destination: Destination,
    /// From the machine outwards. Empty only if nothing is known.
    pub hops: Vec<Hop>,
    /// What does not change the verdict and is worth knowing.
    pub remarks: Vec<Remark>,
}

/// An address of KMS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// The address.
    pub address: IpAddr,
    /// TCP port.
    pub port: u16,
    /// The name that leads to it, where the table of endpoints has one.
    pub name: Option<String>,
    /// Whether the cloud serves KMS there today; `None` for a KMS host of the organisation.
    pub is_current: Option<bool>,
}

/// One station of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// What kind of station.
    pub stage: Stage,
    /// Which one: name of the resource. Empty where the exports do not have it.
    pub name: String,
    /// The rule or route in it that decides, as the cloud names it: `DenyAll (100)`, `0.0.0.0/0 → VirtualAppliance 10.0.3.4`.
    pub rule: Option<String>,
    /// What it does to the packets.
    pub outcome: Outcome,
    /// How, where the outcome does not say it all.
    pub detail: Option<Detail>,
    /// Where it was read: of the rule if there is one, else of the resource.
    pub origin: Option<Origin>,
}

/// Kinds of stations, in the order in which packets meet them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The machine itself: its pinned KMS, its own routes.
    Machine,
    /// The network interface.
    Interface,
    /// Rules at the interface (Azure), or of the network (Google Cloud).
    InterfaceRules,
    /// Rules at the subnet.
    SubnetRules,
    /// The subnet's, or the machine's, choice of a route.
    Route,
    /// A firewall of the cloud on the way.
    Firewall,
    /// The firewall's own subnet: its routes lead the packets on.
    FirewallRoute,
    /// The translation to a public address, or its stand-in (Private Google Access).
    Outbound,
    /// A load balancer before a KMS host of the organisation.
    LoadBalancer,
    /// KMS.
    Kms,
}

/// What a station does to the packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They go on.
    Passes,
    /// They do not.
    Blocks(Fault),
    /// The exports do not tell.
    Unknown(Missing),
}

/// How a station does what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// A rule denies, and the implicit allowance of KMS lets the packets pass.
    ImplicitAllowance,
    /// Where a route leads.
    LeadsTo(NextHop),
    /// By what the packets get a public address.
    By(WayOut),
}

/// Where a route leads. The names are those of the fact `cloud-path.next-hop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextHop {
    /// Straight out, or to the link-local KMS of AWS.
    Internet,
    /// A firewall of the cloud whose rules the exports have.
    Firewall,
    /// An appliance.
    Appliance,
    /// A gateway to the premises.
    Gateway,
    /// Into the virtual network or a peered one.
    VirtualNetwork,
    /// Nowhere.
    Nowhere,
}

/// By what packets get a public address. The names are those of the fact `cloud-path.outbound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WayOut {
    /// A public address of the interface.
    PublicAddress,
    /// A NAT gateway.
    NatGateway,
    /// A rule of a load balancer.
    LoadBalancerRule,
    /// Azure's default outbound access.
    DefaultAccess,
    /// The firewall's own public address.
    Firewall,
    /// Private Google Access: no public address is needed.
    PrivateGoogleAccess,
}

/// Why a station blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A security rule denies, and nothing allows KMS besides (Azure: the implicit allowance is lost by this).
    RuleDenies(Option<AllowanceLoss>),
    /// The route leads to a gateway: the request would leave from the premises.
    RouteToGateway,
    /// The route drops the packets.
    RouteToNowhere,
    /// The route leads into a virtual network, where no KMS of the cloud is.
    RouteIntoNetwork,
    /// There is no route.
    RouteMissing,
    /// The route names a gateway that is not of this subnet.
    RouteStale,
    /// The firewall has no rule that allows it, or one that denies it.
    FirewallDenies,
    /// Only an application rule of the firewall names KMS; those carry HTTP(S) and MSSQL alone.
    FirewallApplicationOnly,
    /// No public address, NAT gateway, outbound rule or default access.
    NoOutbound(OutboundLoss),
    /// The load balancer has no rule for the port, or no machine behind it.
    LoadBalancerWithoutRule,
    /// The load balancer's probe asks a port that the KMS host does not serve, or by HTTP, which it does not answer.
    LoadBalancerProbe,
    /// Nothing is served at this address any more.
    AddressRetired,
    /// The image's licence is not for the cloud's KMS (Google Cloud: `-byol`; AWS: BYOL).
    LicenceNotCovered,
}

/// By what Azure's implicit allowance of KMS is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AllowanceLoss {
    /// An outbound rule of the security group names the destination `0.0.0.0/0` literally.
    RuleForEverything,
    /// A user-defined route `0.0.0.0/0`.
    DefaultRoute,
    /// A rule denies the service tag `AzurePlatformLKM`.
    LicenceTag,
}

/// Why there is no way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutboundLoss {
    /// The subnet is private (`defaultOutboundAccess` is false).
    PrivateSubnet,
    /// The machine is behind an internal load balancer of the Standard SKU.
    InternalLoadBalancer,
    /// The machine is behind a public load balancer of the Standard SKU whose rules give no way out.
    PublicLoadBalancer,
    /// Another machine of its availability set is behind an internal one.
    AvailabilitySet,
    /// The firewall that the packets go through has no public address.
    FirewallWithoutAddress,
    /// Google Cloud: no external address and no Private Google Access.
    PrivateGoogleAccess,
}

/// What the exports would have to hold to decide. Each leads to a check of the knowledge, by [`Missing::check`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The interface with its subnet and security group.
    Interface,
    /// The subnet, or the virtual network with it.
    Subnet(String),
    /// A security group that is named and not there.
    SecurityGroup(String),
    /// A route table that is named and not there.
    RouteTable(String),
    /// The effective routes: gateways may announce routes that no table shows.
    EffectiveRoutes,
    /// Which addresses a service tag or an application security group holds.
    Group(String),
    /// The firewall behind this address.
    Appliance(String),
    /// A firewall's policy, or a rule collection group of it.
    FirewallPolicy(String),
    /// An IP group.
    IpGroup(String),
    /// A load balancer in whose pool the interface is.
    LoadBalancer(String),
    /// A virtual hub, its connections or its routing intent.
    VirtualHub(String),
    /// The machine's own routes (`route print`).
    MachineRoutes,
    /// Firewall rules of a network of Google Cloud.
    NetworkRules(String),
    /// Routes of a network of Google Cloud.
    NetworkRoutes(String),
    /// Whether an address that the interface has is public: its resource is not there.
    PublicAddress(String),
    /// A value is there that cannot be read, or that does not decide.
    Unreadable(String),
}

/// What does not change the verdict and is worth knowing.
#[derive(Debug, Clone, PartialEq)]
pub struct Remark {
    /// What it is.
    pub kind: RemarkKind,
    /// Name of the rule, route or resource.
    pub element: String,
    /// Where it was read.
    pub origin: Option<Origin>,
}

/// Kinds of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemarkKind {
    /// A rule denies, and does no harm: the implicit allowance of KMS holds.
    DenyWithoutEffect,
    /// A route or rule for a retired address does no harm.
    RetiredAddress,
    /// A route or rule names a current address: it has to be kept up by hand where the name would do.
    AddressPinned,
    /// A route is invalid or overridden and decides nothing.
    RouteWithoutEffect,
    /// The default outbound access is in use: no address of the organisation, and new subnets do not have it.
    DefaultOutboundAccess,
    /// The virtual network has DNS servers of its own: they have to resolve the name of KMS.
    CustomDnsServers,
    /// A network rule names a domain name and the firewall's DNS proxy is off.
    DnsProxyOff,
    /// An Azure Edition also needs the instance metadata service.
    AzureEdition,
    /// A rule denies the service tag of the instance metadata service: an Azure Edition cannot attest.
    MetadataDenied,
    /// The load balancer before the KMS host keeps sessions: clients behind one address all meet one host.
    SessionPersistence,
    /// The interface is not the machine's primary one: Windows sends KMS packets from the primary one.
    SecondaryInterface,
}

/// What becomes of the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// They reach KMS by every hop.
    Reaches,
    /// At least one hop blocks.
    Blocked,
    /// No hop blocks, and at least one is unknown.
    CannotTell,
}

impl Path {
    /// What becomes of the packets.
    pub fn verdict(&self) -> Verdict {
        verdict(&self.hops)
    }

    /// The faults on the way, from the machine outwards.
    pub fn faults(&self) -> impl Iterator<Item = (&Hop, &Fault)> {
        self.hops.iter().filter_map(|hop| match &hop.outcome {
            Outcome::Blocks(fault) => Some((hop, fault)),
            _ => None,
        })
    }

    /// What to export next.
    pub fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.hops.iter().filter_map(|hop| match &hop.outcome {
            Outcome::Unknown(missing) => Some(missing),
            _ => None,
        })
    }
}

/// What becomes of packets by these hops.
pub(crate) fn verdict(hops: &[Hop]) -> Verdict {
    let mut verdict = if hops.is_empty() { Verdict::CannotTell } else { Verdict::Reaches };
    for hop in hops {
        match hop.outcome {
            Outcome::Blocks(_) => return Verdict::Blocked,
            Outcome::Unknown(_) => verdict = Verdict::CannotTell,
            Outcome::Passes => {}
        }
    }
    verdict
}
