//! What is asked beside DNS: KMS endpoints and time sources.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use kmsdoctor_wire::sntp;
use kmsdoctor_wire::transcript::{
    DomainSource, HostPort, NotAsked, ProbeReason, ScopeDomain, SettingsKey, TimeQuestion,
};

use super::Run;
use crate::KMS_PORT;
use crate::system::{self, client, normal_name};

/// Endpoints taken from DNS. Organisations have a handful of KMS hosts; whoever answers with hundreds must not make us
/// knock at hundreds of doors.
pub(crate) const ADVERTISED_MAX: usize = 64;

/// A KMS endpoint to probe.
pub(super) struct Endpoint {
    pub(super) target: HostPort,
    pub(super) reasons: Vec<ProbeReason>,
    pub(super) named_at: Timestamp,
}

/// A time source to ask.
pub(super) struct TimeSource {
    /// As it was named.
    pub(super) source: String,
    pub(super) host: String,
    pub(super) port: u16,
    /// The domain whose controller it is; `None` for those that the user named.
    pub(super) domain: Option<String>,
    /// Addresses asked: the first of each family, since one family may have no way there.
    pub(super) asked: Vec<SocketAddr>,
    pub(super) named_at: Timestamp,
}

impl TimeSource {
    /// What is left of a source whose name has no address.
    pub(super) fn without_address(&self) -> TimeQuestion {
        let (sent_at, received_at) = (self.named_at, Timestamp::now());
        TimeQuestion { source: self.source.clone(), address: None, sent_at, received_at, exchange: None }
    }
}

impl Run<'_> {
    /// Hosts that the user named.
    pub(super) fn take_hosts(&mut self, hosts: &[(String, Option<u16>)]) {
        for (host, port) in hosts {
            let target = HostPort { host: normal_host(host), port: port.unwrap_or(KMS_PORT) };
            self.want_endpoint(&target.host, target.port, ProbeReason::Asked);
            if !self.scope.hosts.contains(&target) {
                self.scope.hosts.push(target);
            }
        }
    }

    /// What the machine's own KMS client has set: its hosts are probed, its lookup domain comes before other `domains`.
    pub(super) fn take_client_settings(&mut self, settings: Option<Vec<SettingsKey>>, domains: &mut Vec<ScopeDomain>) {
        let known = settings.as_deref().unwrap_or_default();
        let mut forced = system::domains(client::lookup_domains(known).map(|name| (name, DomainSource::Forced)));
        forced.retain(|forced| domains.iter().all(|domain| domain.name != forced.name));
        domains.splice(..0, forced);
        for (hosts, reason) in
            [(client::pinned(known), ProbeReason::Pinned), (client::cached(known), ProbeReason::Cached)]
        {
            for HostPort { host, port } in hosts {
                self.want_endpoint(&normal_host(&host), port, reason.clone());
            }
        }
        self.scope.client_settings = settings;
    }

    /// An endpoint is probed once, for all its reasons.
    pub(super) fn want_endpoint(&mut self, host: &str, port: u16, reason: ProbeReason) {
        // A host that listens where it always does tells a wrong port from a dead host.
        let control = (port != KMS_PORT).then_some(KMS_PORT);
        if self.add_endpoint(host, port, reason)
            && let Some(port) = control
        {
            self.add_endpoint(host, port, ProbeReason::DefaultPort);
        }
    }

    /// Whether the endpoint is probed.
    fn add_endpoint(&mut self, host: &str, port: u16, reason: ProbeReason) -> bool {
        let target = HostPort { host: host.to_owned(), port };
        if let Some(known) = self.endpoints.iter_mut().find(|endpoint| endpoint.target == target) {
            if !known.reasons.contains(&reason) {
                known.reasons.push(reason);
            }
            return true;
        }
        let is_advertised = |reason: &ProbeReason| matches!(reason, ProbeReason::Advertised { .. });
        let advertised = self.endpoints.iter().filter(|endpoint| endpoint.reasons.iter().any(is_advertised));
        if is_advertised(&reason) && advertised.count() >= ADVERTISED_MAX {
            self.note(NotAsked::TooManyTargets);
            return false;
        }
        self.endpoints.push(Endpoint { target, reasons: vec![reason], named_at: Timestamp::now() });
        self.find_addresses(host);
        self.probe_known_addresses(host, port);
        true
    }

    /// A time source that the user named.
    pub(super) fn take_time_source(&mut self, source: &str) {
        let source = source.trim();
        let (host, port) = host_and_port(source);
        if self.time_sources.iter().all(|known| (&known.host, known.port) != (&host, port)) {
            self.want_time(source.to_owned(), &host, port, None);
        }
    }

    pub(super) fn want_controller(&mut self, domain: &str, host: &str) {
        if self.time_sources.iter().all(|known| known.host != host) {
            self.want_time(host.to_owned(), host, sntp::PORT, Some(domain.to_owned()));
        }
    }

    pub(super) fn time_sources_of(&self, domain: &str) -> usize {
        self.time_sources.iter().filter(|source| source.domain.as_deref() == Some(domain)).count()
    }

    fn want_time(&mut self, source: String, host: &str, port: u16, domain: Option<String>) {
        self.scope.time_sources.push(source.clone());
        let named_at = Timestamp::now();
        let asked = Vec::new();
        self.time_sources.push(TimeSource { source, host: host.to_owned(), port, domain, asked, named_at });
        self.find_addresses(host);
        self.ask_known_addresses_for_time(host);
    }
}

/// Splits `host`, `host:port`, `[address]:port` and bare addresses; without a port it is the one of NTP.
fn host_and_port(source: &str) -> (String, u16) {
    let source = source.trim();
    if source.parse::<IpAddr>().is_err()
        && let Some((host, port)) = source.rsplit_once(':')
        && let Ok(port) = port.parse()
    {
        return (normal_host(host), port);
    }
    (normal_host(source), sntp::PORT)
}

/// A host name in its usual form, an address without brackets.
fn normal_host(host: &str) -> String {
    let host = normal_name(host);
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match bare.unwrap_or(&host).parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => host,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kmsdoctor_wire::transcript::SettingsValue;
    use tokio::runtime::Builder;

    use super::*;
    use crate::CheckRequest;

    #[test]
    fn time_sources_with_and_without_port() {
        let check = |source: &str, host: &str, port| assert_eq!(host_and_port(source), (host.to_owned(), port));
        check("Time.Contoso.com.", "time.contoso.com", 123);
        check("time.contoso.com:1123", "time.contoso.com", 1123);
        check("10.0.0.1:1123", "10.0.0.1", 1123);
        check("fe80::1", "fe80::1", 123);
        check("[FE80::1]:1123", "fe80::1", 1123);
        check("[::1]", "::1", 123);
        check("dc1:many", "dc1:many", 123);
    }

    #[test]
    fn hosts_and_domain_of_the_client() {
        let value = |(name, data): (&str, &str)| SettingsValue { name: name.to_owned(), data: data.to_owned() };
        let values = [
            ("KeyManagementServiceName", "127.0.0.1"),
            ("KeyManagementServicePort", "1"),
            ("DiscoveredKeyManagementServiceName", "127.0.0.1"),
            ("DiscoveredKeyManagementServicePort", "1"),
            ("KeyManagementServiceLookupDomain", "Fabrikam.com"),
        ];
        let settings = vec![SettingsKey { path: String::new(), values: values.into_iter().map(value).collect() }];
        let own = |name: &str, source| ScopeDomain { name: name.to_owned(), source };
        let mut domains = vec![own("contoso.com", DomainSource::Primary)];
        let request = CheckRequest {
            domains: Vec::new(),
            hosts: Vec::new(),
            resolvers: Vec::new(),
            time_sources: Vec::new(),
            deadline: Duration::from_secs(5),
        };
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut nothing_said = |_: &str| {};
            let mut run = Run::new(&request, &mut nothing_said);
            run.take_client_settings(Some(settings.clone()), &mut domains);
            let probed = run.endpoints.iter().map(|endpoint| (endpoint.target.port, endpoint.reasons.as_slice()));
            let expect: [(u16, &[ProbeReason]); 2] =
                [(1, &[ProbeReason::Pinned, ProbeReason::Cached]), (KMS_PORT, &[ProbeReason::DefaultPort])];
            assert!(probed.eq(expect));
            assert_eq!(run.scope.client_settings, Some(settings.clone()));
            assert_eq!(domains[0], own("fabrikam.com", DomainSource::Forced));
            // A lookup domain that is the machine's own keeps its source, and is not asked for twice.
            let mut domains = vec![own("fabrikam.com", DomainSource::Primary)];
            run.take_client_settings(Some(settings), &mut domains);
            assert_eq!(domains, [own("fabrikam.com", DomainSource::Primary)]);
        });
    }
}
