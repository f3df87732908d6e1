//! From names to addresses. Each host is looked up once, however many domains name it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use kmsdoctor_wire::dns::{RecordType, Response, ResponseCode};
use kmsdoctor_wire::transcript::{DnsQuestion, LookupOutcome, SystemLookup};

use super::Origin;
use crate::context::Context;
use crate::dns::{self, Asked};
use crate::run::{ADDRESSES_PER_HOST_MAX, ADVERTISED_MAX, SERVICE_PREFIX};
use crate::system;

/// What a lookup gave.
#[derive(Debug)]
pub(super) enum Answer {
    /// Hosts and ports of a domain's record, and the question that was asked last.
    Services { domain: String, services: Vec<(String, u16)>, question: Option<DnsQuestion> },
    /// Addresses of a host.
    Addresses { host: String, addresses: Vec<IpAddr>, question: Option<DnsQuestion> },
}

/// A lookup that runs.
type Lookup = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// What is known of a host.
pub(super) enum Found {
    /// Its addresses, or the question that gave none.
    Known(Vec<IpAddr>, Option<DnsQuestion>),
    /// This lookup has to be run.
    Asked(Lookup),
    /// One is running, and [`Hosts::know`] will tell.
    Waiting,
}

enum Host {
    /// Who waits for it.
    Asked(Vec<(Arc<Origin>, u16)>),
    Known(Vec<IpAddr>, Option<DnsQuestion>),
}

/// Every host that was looked up.
pub(super) struct Hosts {
    resolvers: Arc<[SocketAddr]>,
    /// Names that the resolvers do not know may be known to the system, by its hosts file or a suffix.
    with_system: bool,
    known: BTreeMap<String, Host>,
}

impl Hosts {
    pub(super) fn new(resolvers: Vec<SocketAddr>, with_system: bool) -> Self {
        Self { resolvers: resolvers.into(), with_system, known: BTreeMap::new() }
    }

    /// Looks for the record of a domain.
    pub(super) fn ask_for_services(&self, context: &Arc<Context>, domain: String) -> Lookup {
        let (context, resolvers) = (Arc::clone(context), Arc::clone(&self.resolvers));
        Box::pin(async move {
            let name = format!("{SERVICE_PREFIX}{domain}");
            let (response, question) = ask(&context, &resolvers, &name, RecordType::Srv).await;
            let offered = response.map(|response| response.services).unwrap_or_default();
            // An empty target means "no such service here" (RFC 2782).
            let offered = offered.into_iter().filter(|service| !service.target.is_empty()).take(ADVERTISED_MAX);
            let services = offered.map(|service| (service.target, service.port)).collect();
            Answer::Services { domain, services, question }
        })
    }

    /// Looks for the addresses of the host that `origin` names.
    pub(super) fn find(&mut self, context: &Arc<Context>, origin: &Arc<Origin>, port: u16) -> Found {
        match self.known.get_mut(&origin.host) {
            Some(Host::Asked(waiting)) => {
                waiting.push((Arc::clone(origin), port));
                Found::Waiting
            }
            Some(Host::Known(addresses, question)) => Found::Known(addresses.clone(), question.clone()),
            None => {
                let host = origin.host.clone();
                self.known.insert(host.clone(), Host::Asked(vec![(Arc::clone(origin), port)]));
                Found::Asked(lookup(Arc::clone(context), Arc::clone(&self.resolvers), host, self.with_system))
            }
        }
    }

    /// Takes what is known of a host, and gives who waited for it.
    pub(super) fn know(
        &mut self,
        host: &str,
        addresses: Vec<IpAddr>,
        question: Option<DnsQuestion>,
    ) -> Vec<(Arc<Origin>, u16)> {
        match self.known.insert(host.to_owned(), Host::Known(addresses, question)) {
            Some(Host::Asked(waiting)) => waiting,
            Some(Host::Known(..)) | None => Vec::new(),
        }
    }
}

fn lookup(context: Arc<Context>, resolvers: Arc<[SocketAddr]>, host: String, with_system: bool) -> Lookup {
    Box::pin(async move {
        let ((first, question), (second, _)) = tokio::join!(
            ask(&context, &resolvers, &host, RecordType::A),
            ask(&context, &resolvers, &host, RecordType::Aaaa)
        );
        let answers = [first, second].into_iter().flatten();
        let mut addresses: Vec<IpAddr> = answers.flat_map(|response| response.addresses).collect();
        if addresses.is_empty() && with_system {
            let looked_up = system::lookup(&context, host.clone()).await;
            if let Some((_, SystemLookup { outcome: LookupOutcome::Found { addresses: found }, .. })) = looked_up {
                addresses = found;
            }
        }
        addresses.sort_unstable();
        addresses.dedup();
        addresses.truncate(ADDRESSES_PER_HOST_MAX);
        Answer::Addresses { host, addresses, question }
    })
}

/// Asks one resolver after the other until one knows the name, or knows that there is none.
async fn ask(
    context: &Context,
    resolvers: &[SocketAddr],
    name: &str,
    record_type: RecordType,
) -> (Option<Response>, Option<DnsQuestion>) {
    let mut last = None;
    for &resolver in resolvers {
        let Some(query) = dns::query(name, record_type) else { break };
        let Some(Asked { question, response, .. }) = dns::ask(context, resolver, query).await else { break };
        last = Some(question);
        let is_answer = |response: &Response| matches!(response.code, ResponseCode::NoError | ResponseCode::NameError);
        if response.as_ref().is_some_and(is_answer) {
            return (response, last);
        }
    }
    (None, last)
}
