//! DNS questions and what follows from their answers.

use std::net::SocketAddr;
use std::sync::Arc;

use kmsdoctor_wire::dns::{RecordType, SrvRecord};
use kmsdoctor_wire::transcript::{DomainSource, NotAsked, ProbeReason, Record, ScopeDomain, Transcript};

use super::{Event, Run};
use crate::dns::{self, Asked};
use crate::system;

/// In front of a domain this names its SRV records of KMS hosts (Microsoft Learn, *Key Management Services (KMS) client
/// activation and product keys*).
pub(crate) const SERVICE_PREFIX: &str = "_vlmcs._tcp.";

/// In front of a domain this names the SRV records of its domain controllers (\[MS-ADTS\] section 6.3.2.3); they are the
/// time sources of its members.
const CONTROLLERS_PREFIX: &str = "_ldap._tcp.dc._msdcs.";

/// Resolvers asked. Systems use three (Unix) or a few per adapter (Windows); more is a mistake in the configuration.
const RESOLVERS_MAX: usize = 8;

/// Domains looked in. Search lists have six entries on Unix and rarely more on Windows.
const DOMAINS_MAX: usize = 16;

/// Domain controllers asked for the time in one domain: enough to see that one of them is wrong.
const CONTROLLERS_PER_DOMAIN_MAX: usize = 2;

/// What a question is for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// KMS hosts of this domain.
    Services { domain: String },
    /// Domain controllers of this domain.
    Controllers { domain: String },
    /// Addresses of this host.
    Addresses { host: String },
}

impl Run<'_> {
    pub(super) fn take_resolvers(&mut self, resolvers: &[SocketAddr]) {
        for &resolver in resolvers {
            if self.scope.resolvers.len() >= RESOLVERS_MAX {
                self.note(NotAsked::TooManyTargets);
                break;
            }
            if !self.scope.resolvers.contains(&resolver) {
                self.scope.resolvers.push(resolver);
            }
        }
    }

    /// The domains to look in: those given, else those of the machine.
    pub(super) fn choose_domains(&mut self, given: &[String], own: Vec<ScopeDomain>) -> Vec<ScopeDomain> {
        let mut domains = if given.is_empty() {
            own
        } else {
            system::domains(given.iter().map(|name| (name.as_str(), DomainSource::Given)))
        };
        if domains.is_empty() {
            self.note(NotAsked::NoDomain);
        }
        if given.is_empty() && domains.len() > DOMAINS_MAX {
            self.note(NotAsked::TooManyTargets);
            domains.truncate(DOMAINS_MAX);
        }
        domains
    }

    /// Asks for the KMS hosts of a domain and, for the time, for its domain controllers.
    pub(super) fn ask_for_services(&mut self, domain: &ScopeDomain, with_time: bool) {
        let name = &domain.name;
        let purpose = Purpose::Services { domain: name.clone() };
        self.ask_all(&format!("{SERVICE_PREFIX}{name}"), RecordType::Srv, &purpose);
        // A suffix in the search list or a lookup domain makes nobody a member of that domain.
        if with_time && !matches!(domain.source, DomainSource::SearchList | DomainSource::Forced) {
            let purpose = Purpose::Controllers { domain: name.clone() };
            self.ask_all(&format!("{CONTROLLERS_PREFIX}{name}"), RecordType::Srv, &purpose);
        }
    }

    /// Puts one question to all resolvers at once. Returns how many are asked.
    pub(super) fn ask_all(&mut self, name: &str, record_type: RecordType, purpose: &Purpose) -> usize {
        if self.scope.resolvers.is_empty() {
            self.note(NotAsked::NoResolver);
            return 0;
        }
        let resolvers = self.scope.resolvers.clone();
        for &server in &resolvers {
            let Some(query) = dns::query(name, record_type) else {
                self.note(NotAsked::InvalidName);
                return 0;
            };
            self.say(&format!("DNS {server}: {record_type} {}", query.name));
            let (context, purpose) = (Arc::clone(&self.context), purpose.clone());
            self.tasks.spawn(async move {
                let asked = dns::ask(&context, server, query).await;
                asked.map_or(Event::OutOfTime, |asked| Event::Dns(purpose, asked))
            });
        }
        resolvers.len()
    }

    pub(super) fn take_answer(&mut self, purpose: Purpose, asked: Asked) {
        self.questions.push(Transcript::new(asked.started_at, Record::Dns(asked.question)));
        let Some(response) = asked.response else { return };
        let mut services = response.services;
        // An empty target means "no such service here" (RFC 2782).
        services.retain(|service| !service.target.is_empty());
        services.sort_by_key(|service| service.priority);
        match purpose {
            Purpose::Services { domain } => {
                for SrvRecord { target, port, .. } in services {
                    self.want_endpoint(&target, port, ProbeReason::Advertised { domain: domain.clone() });
                }
            }
            Purpose::Controllers { domain } => {
                for SrvRecord { target, .. } in services {
                    if self.time_sources_of(&domain) < CONTROLLERS_PER_DOMAIN_MAX {
                        self.want_controller(&domain, &target);
                    }
                }
            }
            Purpose::Addresses { host } => self.take_addresses(&host, &response.addresses),
        }
    }
}
