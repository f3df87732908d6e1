//! Transcripts: what a live run asked, what came back, when, and with which error.
//!
//! A transcript is *evidence*, never a verdict: it holds the bytes of each exchange, so that the same reading
//! (`kmsdoctor-evidence`) gives the same facts on the machine where it was taken and from a bundle years later.
//! One transcript is one JSON document with `"format": "kmsdoctor.transcript/1"`.
//!
//! Units: `*_us` are microseconds, `port` is a TCP port, times are UTC.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hex::Hex;

/// The value of [`Transcript::format`].
pub const FORMAT: &str = "kmsdoctor.transcript/1";

/// One document: a recorded part of a live run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// Always [`FORMAT`].
    pub format: String,
    /// When the recorded exchange began, by the clock of the machine that ran it.
    pub started_at: Timestamp,
    /// What was recorded.
    #[serde(flatten)]
    pub record: Record,
}

impl Transcript {
    /// A transcript of `record`, begun at `started_at`.
    pub fn new(started_at: Timestamp, record: Record) -> Self {
        Self { format: FORMAT.to_owned(), started_at, record }
    }
}

/// What a transcript can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// What the user asked for, and what the machine offered to ask about.
    Scope(Scope),
    /// One DNS question put to one resolver.
    Dns(DnsQuestion),
    /// One KMS host and port: connection, RPC bind, and whether the host lives at all.
    Endpoint(EndpointProbe),
    /// One time source asked over SNTP.
    Time(TimeQuestion),
    /// One name looked up by the system, as its programs do it.
    SystemLookup(SystemLookup),
}

/// What a live run was asked to judge. Saved so that a bundle is judged by the same question later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The machine's own name, where the system tells one.
    pub machine: Option<String>,
    /// Local time minus UTC, where the system tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_s: Option<i32>,
    /// Domains in which SRV records were looked for.
    pub domains: Vec<ScopeDomain>,
    /// Hosts that the user named (`--host`); without them discovery is judged.
    pub hosts: Vec<HostPort>,
    /// Resolvers that were asked, in the order of use.
    pub resolvers: Vec<SocketAddr>,
    /// Time sources that were asked.
    pub time_sources: Vec<String>,
    /// Why something could not be asked at all (no resolver configured, no domain known), one short sentence each.
    pub not_asked: Vec<NotAsked>,
    /// The settings of the machine's own KMS client; `None` where they were not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_settings: Option<Vec<SettingsKey>>,
}

/// One registry key of the software licensing service: the values that say where the KMS client looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsKey {
    /// The key below `HKEY_LOCAL_MACHINE`, with which settings of the whole machine, of an application and of a product
    /// are told apart.
    pub path: String,
    /// Its values of interest. One that is missing here is not set.
    pub values: Vec<SettingsValue>,
}

/// A value of a [`SettingsKey`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsValue {
    /// Its name.
    pub name: String,
    /// Its text; a number as digits.
    pub data: String,
}

/// A domain of [`Scope`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDomain {
    /// The domain, without a trailing dot.
    pub name: String,
    /// Where it came from.
    pub source: DomainSource,
}

/// Where a domain name came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DomainSource {
    /// Given by the user (`--domain`).
    Given,
    /// The machine's primary DNS suffix or AD domain.
    Primary,
    /// Handed out by DHCP, or the resolver configuration's own domain.
    Dhcp,
    /// Only in the suffix search list: Windows' KMS client does not look there, so it proves nothing.
    SearchList,
    /// The lookup domain that is set on the client (`slmgr /skms-domain`): the only one in which it looks.
    Forced,
}

/// Something that a live run could not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotAsked {
    /// No domain was given and the machine has none.
    NoDomain,
    /// No resolver was given and the machine has none configured.
    NoResolver,
    /// A name that was given, configured or advertised is no DNS name.
    InvalidName,
    /// More targets, addresses or domains than a run asks; the rest was left out.
    TooManyTargets,
    /// The time of the run was over before something could be asked.
    OutOfTime,
    /// The system gives this program no sockets at all.
    NoSockets,
    /// The user ended the run before everything had answered.
    Interrupted,
    /// The system gives this program no way to hear from the hops on the way to a host.
    NoTrace,
}

/// A host name or address with a TCP port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostPort {
    /// Host name without trailing dot, or an address literal without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// One question to one resolver, with every datagram or stream exchange that it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsQuestion {
    /// The resolver asked.
    pub server: SocketAddr,
    /// The name asked for, without trailing dot.
    pub name: String,
    /// `SRV`, `A` or `AAAA`.
    pub record_type: String,
    /// Every try, in order; the last one is the answer that counts.
    pub exchanges: Vec<Exchange>,
    /// The same question with the resolver's own checks disabled (CD bit), put after a SERVFAIL: an answer here, where the
    /// question fails again without the bit, shows that the records fail DNSSEC validation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<Exchange>,
}

/// One message sent and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The transport used.
    pub transport: Transport,
    /// Bytes sent. A DNS message over TCP stands here without the two length bytes before it.
    pub sent: Hex,
    /// What came back.
    pub outcome: Outcome,
    /// Time from sending to the outcome.
    pub elapsed_us: u64,
}

/// Transport of an [`Exchange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A UDP datagram.
    Udp,
    /// A TCP stream.
    Tcp,
}

/// What became of a message or a connection attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Outcome {
    /// Bytes came back: a whole message, or what had come of it when the deadline was reached.
    Received {
        /// The bytes.
        data: Hex,
    },
    /// The connection opened (connection attempts only).
    Connected,
    /// Nothing came before the deadline.
    TimedOut,
    /// Something on this machine keeps the packets back: it rejects them itself, or nothing came before the deadline and what
    /// the system sent again never left (TCP connections on Linux only).
    KeptBack,
    /// The peer refused: RST on connect, or ICMP port unreachable.
    Refused,
    /// An open connection was reset.
    Reset,
    /// An open connection was closed by the peer before a whole message came.
    Closed {
        /// What had come before the close.
        data: Hex,
    },
    /// The system or a router said that there is no way there.
    Unreachable {
        /// The operating system's error number.
        os_error: Option<i32>,
    },
    /// The local system refused to send (permission, local firewall, no socket).
    Failed {
        /// The operating system's error number.
        os_error: Option<i32>,
        /// The operating system's words.
        text: String,
    },
}

/// One name put to the system's own lookup (`getaddrinfo`): hosts file, cache and whatever else it asks beside DNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemLookup {
    /// The name, without trailing dot.
    pub name: String,
    /// What the system said.
    pub outcome: LookupOutcome,
    /// Time to the outcome.
    pub elapsed_us: u64,
}

/// What came of a [`SystemLookup`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum LookupOutcome {
    /// The name has these addresses.
    Found {
        /// In the order of the system's preference.
        addresses: Vec<IpAddr>,
    },
    /// The system gave an error.
    Failed {
        /// The operating system's error number, where it has one for lookups.
        os_error: Option<i32>,
        /// The operating system's words.
        text: String,
    },
    /// The run was over before it said anything.
    TimedOut,
}

/// Everything that was tried against one host and port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointProbe {
    /// Host and port as advertised or given.
    pub endpoint: HostPort,
    /// Why it was probed.
    pub reasons: Vec<ProbeReason>,
    /// Addresses that the system's own lookup gives for the host: what the client would connect to. Empty where it was not
    /// asked, or found none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_addresses: Vec<IpAddr>,
    /// One entry per address of the host, all tried at once.
    pub attempts: Vec<ConnectionAttempt>,
    /// Signs of life of the host beside the port, asked at the same time.
    pub signs_of_life: Vec<SignOfLife>,
}

/// Why an endpoint was probed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ProbeReason {
    /// An SRV record of this domain advertises it.
    Advertised {
        /// The domain of the record.
        domain: String,
    },
    /// The user named it.
    Asked,
    /// The client has it pinned (`slmgr /skms`).
    Pinned,
    /// The client found it in DNS once and keeps it.
    Cached,
    /// Control: the same host on the default port 1688, because another port was advertised or asked for.
    DefaultPort,
}

/// One address: TCP connection, then RPC bind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionAttempt {
    /// The address and port connected to.
    pub address: SocketAddr,
    /// `Connected`, or why not.
    pub connect: Outcome,
    /// Time that the connection attempt took.
    pub connect_us: u64,
    /// The bind exchange, where the connection opened.
    pub bind: Option<Exchange>,
    /// How far packets come, asked where the connection stays without an answer or there is no way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// A connection to a port of the same address where nothing listens, asked where one to the KMS port opens and leads
    /// nowhere: whoever accepts that one, too, accepts everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<SignOfLife>,
}

impl ConnectionAttempt {
    /// A connection without a bind, and nothing asked beside it.
    pub fn new(address: SocketAddr, connect: Outcome, connect_us: u64) -> Self {
        Self { address, connect, connect_us, bind: None, trace: None, control: None }
    }
}

/// The way to an address and port, asked with packets that may pass 1, 2, 3, … hops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// How it was asked.
    pub method: TraceMethod,
    /// For how many hops it was asked, from 1.
    pub asked: u8,
    /// Hops from which something came, in order, up to the first answer that is no "time exceeded".
    pub hops: Vec<Hop>,
}

/// How a way is traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceMethod {
    /// TCP connections to the KMS port itself: firewalls treat them as they treat the client.
    Tcp,
    /// ICMP echo: it shows the routers, not what they do to the port.
    Icmp,
    /// Not at all: the system gives this program no way to hear from hops.
    NotPermitted,
}

/// Something that came back from the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Hops that the packet was allowed to pass (TTL, hop limit).
    pub hops: u8,
    /// What came.
    pub answer: HopAnswer,
    /// Time to the answer.
    pub elapsed_us: u64,
}

/// What came back from the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum HopAnswer {
    /// An ICMP message.
    Icmp {
        /// Who sent it.
        from: IpAddr,
        /// Its type (RFC 792, or RFC 4443 for IPv6).
        message_type: u8,
        /// Its code.
        code: u8,
    },
    /// The destination answered: a connection, a refusal, an echo reply.
    Arrived,
}

impl HopAnswer {
    /// Whether a hop says that the packet has passed as many as it may: ICMP type 11, and 3 for IPv6.
    pub fn is_time_exceeded(&self) -> bool {
        match self {
            Self::Icmp { from: IpAddr::V4(_), message_type, .. } => *message_type == 11,
            Self::Icmp { from: IpAddr::V6(_), message_type, .. } => *message_type == 3,
            Self::Arrived => false,
        }
    }
}

/// One question whether the host lives, asked beside the KMS port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOfLife {
    /// The address asked.
    pub address: IpAddr,
    /// How it was asked.
    pub method: LifeMethod,
    /// `Received` (echo reply), `Connected` and `Refused` prove life.
    pub outcome: Outcome,
    /// Time to the outcome.
    pub elapsed_us: u64,
}

/// How a sign of life was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum LifeMethod {
    /// ICMP echo.
    Icmp,
    /// A TCP connection to this port.
    Tcp {
        /// TCP port.
        port: u16,
    },
}

/// One SNTP question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeQuestion {
    /// The time source as named (host name or address).
    pub source: String,
    /// The address asked, where the name resolved.
    pub address: Option<SocketAddr>,
    /// Local clock when the request left.
    pub sent_at: Timestamp,
    /// Local clock when the outcome came.
    pub received_at: Timestamp,
    /// The exchange; `None` when the name had no address.
    pub exchange: Option<Exchange>,
}
