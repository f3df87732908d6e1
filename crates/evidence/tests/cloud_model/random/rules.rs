//! Random rules: of security groups and of firewalls.

use crate::world::{
    ApplicationRule, Collection, CollectionGroup, CollectionRules, IpGroup, NetworkRule, Policy, Ports, Prefix,
    Protocol, SecurityGroup, SecurityRule, Thing, Who, own_rules,
};

use super::Maker;

/// The network that the machines are in.
const SPOKE: Prefix = Prefix { net: 0x0A00_0000, length: 16 };
/// Subnet `web` in it.
const WEB: Prefix = Prefix { net: 0x0A00_0A00, length: 24 };

impl Maker<'_> {
    pub(crate) fn security_groups(&mut self) {
        for name in ["nsg-a", "nsg-b", "nsg-c"] {
            let group = self.security_group(name);
            self.things.push(Thing::SecurityGroup(group));
        }
    }

    fn security_group(&mut self, name: &str) -> SecurityGroup {
        let mut rules: Vec<_> = (0..self.random.below(4)).map(|at| self.security_rule(at)).collect();
        let has_defaults = self.random.percent(70);
        if has_defaults {
            rules.extend(own_rules());
        }
        self.random.shuffle(&mut rules);
        SecurityGroup { name: name.to_owned(), rules, has_defaults }
    }

    fn security_rule(&mut self, number: usize) -> SecurityRule {
        let allows = self.random.percent(35);
        SecurityRule {
            name: format!("rule-{number}"),
            is_outbound: self.random.percent(88),
            allows,
            priority: 100 + 10 * u32::try_from(self.random.below(40) * 4 + number).unwrap_or(0),
            protocol: self.random.pick(&[Protocol::Any, Protocol::Any, Protocol::Tcp, Protocol::Tcp, Protocol::Udp]),
            sources: self.security_sources(),
            source_ports: self.source_ports(),
            destinations: self.security_destinations(),
            ports: self.ports(),
            resolved: None,
        }
    }

    fn security_sources(&mut self) -> Vec<Who> {
        match self.random.below(10) {
            0 => vec![Who::Prefix(WEB)],
            1 => vec![Who::Prefix(SPOKE), Who::Prefix(Prefix { net: 0xC000_0200, length: 24 })],
            2 => vec![Who::Tag("VirtualNetwork")],
            3 => vec![Who::Group("asg-web".to_owned())],
            4 => vec![Who::Tag("Internet")],
            5 => vec![Who::Prefix(Prefix { net: 0x0A01_0000, length: 16 })],
            _ => vec![Who::Any],
        }
    }

    fn security_destinations(&mut self) -> Vec<Who> {
        match self.random.below(16) {
            0 | 1 => vec![Who::Any],
            2 | 3 => vec![Who::Tag("Internet")],
            4 => vec![Who::Prefix(Prefix::ALL)],
            5 => vec![Who::Tag("AzurePlatformLKM")],
            6 => vec![Who::Tag(self.random.pick(&["AzureCloud", "AzureCloud.japaneast", "Storage"]))],
            7 => vec![Who::Tag(self.random.pick(&["AzurePlatformDNS", "AzurePlatformIMDS"]))],
            8 => vec![Who::Group("asg-sql".to_owned())],
            9 => vec![Who::Tag("VirtualNetwork")],
            10 => vec![Who::Prefix(self.near()), Who::Prefix(Prefix::ALL)],
            11 => vec![Who::Prefix(Prefix::around(0, 1)), Who::Prefix(Prefix::around(u32::MAX, 1))],
            _ => {
                let mut near: Vec<_> = (0..=self.random.below(2)).map(|_| Who::Prefix(self.near())).collect();
                near.dedup();
                near
            }
        }
    }

    fn source_ports(&mut self) -> Vec<Ports> {
        match self.random.below(12) {
            0 => vec![(1024, 65535)],
            1 => vec![(50000, 51000)],
            2 => vec![(1688, 1688)],
            3 => vec![(49152, 60000), (60001, 65535)],
            _ => vec![(0, 65535)],
        }
    }

    fn ports(&mut self) -> Vec<Ports> {
        match self.random.below(10) {
            0 => vec![(443, 443)],
            1 => vec![(1687, 1687), (1689, 1690)],
            2 => vec![(1688, 1688)],
            3 => vec![(80, 80), (1688, 1688)],
            4 => vec![(1024, 2048)],
            _ => vec![(0, 65535)],
        }
    }

    /// What Azure makes of a group: the effective rules for it.
    pub(crate) fn effective_rules(&mut self, group: &SecurityGroup) -> SecurityGroup {
        let mut group = group.clone();
        if !group.has_defaults {
            group.has_defaults = true;
            group.rules.extend(own_rules());
        }
        if self.random.percent(20) {
            group.rules.retain(|rule| rule.destinations.contains(&Who::Prefix(Prefix::ALL)) || rule.priority >= 65000);
        }
        for rule in &mut group.rules {
            for who in rule.sources.iter_mut().chain(&mut rule.destinations) {
                if matches!(who, Who::Group(_)) {
                    *who = Who::Prefix(WEB);
                }
            }
            // `*` of users shows as addresses; of Azure's own rules it may, which changes nothing.
            if rule.priority < 65000 && rule.destinations == [Who::Any] && self.random.percent(50) {
                rule.destinations = vec![Who::Prefix(Prefix::ALL)];
            }
            let is_resolvable =
                matches!(rule.destinations[..], [Who::Tag(tag)] if !["Internet", "AzurePlatformLKM"].contains(&tag));
            if is_resolvable && self.random.percent(50) {
                rule.resolved = Some(vec![SPOKE, self.near()]);
            }
        }
        group
    }

    pub(crate) fn policies(&mut self) {
        for (name, base) in [("policy-a", Some("policy-base")), ("policy-b", None), ("policy-base", None)] {
            let mut groups = Vec::new();
            for number in 0..=self.random.below(2) {
                let group = format!("{name}-group-{number}");
                let priority = 1000 - 100 * u32::try_from(self.random.below(4) * 2 + number).unwrap_or(0);
                let collections = self.collections();
                self.things.push(Thing::CollectionGroup(CollectionGroup {
                    name: group.clone(),
                    policy: name.to_owned(),
                    priority,
                    collections,
                }));
                groups.push(group);
            }
            let dns_proxy = self.random.percent(50);
            let base = base.filter(|_| self.random.percent(60)).map(str::to_owned);
            self.things.push(Thing::Policy(Policy { name: name.to_owned(), base, groups, dns_proxy }));
        }
        let mut prefixes = vec![SPOKE];
        if self.random.percent(60) {
            prefixes.push(self.near());
        }
        self.things.push(Thing::IpGroup(IpGroup { name: "ip-group".to_owned(), prefixes }));
    }

    pub(crate) fn collections(&mut self) -> Vec<Collection> {
        let mut collections = Vec::new();
        for number in 0..self.random.below(4) {
            let rules = match self.random.below(8) {
                0 => CollectionRules::Translation,
                1 | 2 => {
                    CollectionRules::Application((0..=self.random.below(2)).map(|at| self.application(at)).collect())
                }
                _ => CollectionRules::Network((0..=self.random.below(2)).map(|at| self.network_rule(at)).collect()),
            };
            let is_application = matches!(rules, CollectionRules::Application(_));
            collections.push(Collection {
                name: format!("collection-{number}"),
                priority: 200 + 100 * u32::try_from(self.random.below(5) * 4 + number).unwrap_or(0),
                allows: is_application || self.random.percent(80),
                rules,
            });
        }
        collections
    }

    fn network_rule(&mut self, number: usize) -> NetworkRule {
        let destination = match self.random.below(12) {
            0 => Who::Any,
            1 => Who::Tag(self.random.pick(&["AzureCloud", "Storage.westeurope"])),
            2 => Who::Tag("Internet"),
            3 | 4 => {
                let names: Vec<_> =
                    crate::world::kms(self.location).iter().flat_map(|kms| kms.names).copied().collect();
                Who::Domain(self.random.pick(&names))
            }
            5 => Who::Domain(self.random.pick(&["update.contoso.com", "*.core.windows.net"])),
            6 => Who::IpGroup("ip-group".to_owned()),
            7 => {
                let address = self.kms();
                Who::Range(address - 4, address + u32::try_from(self.random.below(4)).unwrap_or(0))
            }
            _ => Who::Prefix(self.near()),
        };
        let mut destinations = vec![destination];
        if matches!(destinations[0], Who::Prefix(_)) && self.random.percent(50) {
            destinations.push(Who::Prefix(self.near()));
        }
        NetworkRule {
            name: format!("network-{number}"),
            protocol: self.random.pick(&[Protocol::Tcp, Protocol::Tcp, Protocol::Any, Protocol::Udp]),
            sources: self.firewall_sources(),
            destinations,
            ports: self.ports(),
        }
    }

    fn firewall_sources(&mut self) -> Vec<Who> {
        match self.random.below(8) {
            0 => vec![Who::Prefix(WEB)],
            1 => vec![Who::Range(WEB.net, WEB.net + 10)],
            2 => vec![Who::IpGroup("ip-group".to_owned())],
            3 => vec![Who::Prefix(SPOKE)],
            _ => vec![Who::Any],
        }
    }

    fn application(&mut self, number: usize) -> ApplicationRule {
        let names: Vec<_> = crate::world::kms(self.location).iter().flat_map(|kms| kms.names).copied().collect();
        let name = self.random.pick(&names);
        let mut rule = ApplicationRule {
            name: format!("application-{number}"),
            sources: self.firewall_sources(),
            domains: Vec::new(),
            tags: Vec::new(),
        };
        match self.random.below(6) {
            0 => rule.domains = vec![name, "www.contoso.com"],
            1 => rule.domains = vec!["*"],
            2 => rule.domains = vec!["*.core.windows.net"],
            3 => rule.tags = vec![self.random.pick(&["WindowsUpdate", "WindowsVirtualDesktop"])],
            _ => rule.domains = vec!["www.contoso.com"],
        }
        rule
    }
}
