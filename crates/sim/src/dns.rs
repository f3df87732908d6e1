//! A DNS server with one zone, by `hickory-server`.

use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::{Time, TokioRuntimeProvider};
use hickory_server::proto::rr::rdata::{SOA, SRV};
use hickory_server::proto::rr::{LowerName, Name, RData, Record};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneHandler, ZoneType};
use tokio::net::{TcpListener, UdpSocket};

use crate::scenario::Dns;

/// How long a connection may be idle.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Answers of one connection that wait to be sent.
const ANSWERS_QUEUED: usize = 8;
/// Time to live, and every interval of the SOA record: nothing outlives a drill.
const TTL_S: u32 = 60;
const INTERVAL_S: i32 = 60;
const SERIAL: u32 = 1;

/// The zone of a domain.
pub(crate) struct Zone {
    origin: Name,
    records: Vec<Record>,
}

impl Zone {
    /// A zone without hosts.
    pub(crate) fn new(domain: &str) -> io::Result<Self> {
        let origin = name(domain)?;
        let (server, mailbox) = (name(&format!("ns.{domain}"))?, name(&format!("hostmaster.{domain}"))?);
        let soa = SOA::new(server, mailbox, SERIAL, INTERVAL_S, INTERVAL_S, INTERVAL_S, TTL_S);
        let records = vec![Record::from_rdata(origin.clone(), TTL_S, RData::SOA(soa))];
        Ok(Self { origin, records })
    }

    /// Gives a host its address.
    pub(crate) fn add_host(&mut self, host: &str, address: Ipv4Addr) -> io::Result<()> {
        self.add(host, RData::A(address.into()))
    }

    /// Advertises a host and port as a KMS host's.
    pub(crate) fn advertise(&mut self, domain: &str, host: &str, port: u16) -> io::Result<()> {
        self.add(&format!("_vlmcs._tcp.{domain}"), RData::SRV(SRV::new(0, 0, port, name(host)?)))
    }

    fn add(&mut self, owner: &str, data: RData) -> io::Result<()> {
        self.records.push(Record::from_rdata(name(owner)?, TTL_S, data));
        Ok(())
    }

    fn handler(&self) -> Arc<dyn ZoneHandler> {
        let (origin, primary, no_transfer) = (self.origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        let mut handler = InMemoryZoneHandler::<TokioRuntimeProvider>::empty(origin, primary, no_transfer);
        for record in &self.records {
            handler.upsert_mut(record.clone(), SERIAL);
        }
        Arc::new(handler)
    }

    /// A zone without a handler is one that the server should know and does not: it answers SERVFAIL.
    fn catalog(&self, is_served: bool) -> Catalog {
        let mut catalog = Catalog::new();
        let handlers = if is_served { vec![self.handler()] } else { Vec::new() };
        catalog.upsert(LowerName::from(&self.origin), handlers);
        catalog
    }
}

fn name(text: &str) -> io::Result<Name> {
    Name::from_str(&format!("{text}.")).map_err(io::Error::other)
}

/// The zone as it is for who wants DNSSEC checks, as everybody does, and for who does without (CD bit).
pub(crate) struct Views {
    checked: Catalog,
    unchecked: Catalog,
}

impl RequestHandler for Views {
    fn handle_request<'server, 'request, 'answer, R, T>(
        &'server self,
        request: &'request Request,
        response: R,
    ) -> Pin<Box<dyn Future<Output = ResponseInfo> + Send + 'answer>>
    where
        'server: 'answer,
        'request: 'answer,
        R: ResponseHandler + 'answer,
        T: Time + 'answer,
        Self: 'answer,
    {
        let view = if request.metadata.checking_disabled { &self.unchecked } else { &self.checked };
        view.handle_request::<R, T>(request, response)
    }
}

/// Serves the zone until what is returned is dropped.
pub(crate) fn serve(zone: &Zone, state: Dns, sockets: (UdpSocket, TcpListener)) -> Server<Views> {
    let checked = zone.catalog(state == Dns::Answers);
    let unchecked = zone.catalog(state != Dns::Fails);
    let mut server = Server::new(Views { checked, unchecked });
    server.register_socket(sockets.0);
    server.register_listener(sockets.1, IDLE_MAX, ANSWERS_QUEUED);
    server
}
