//! The world: sockets and the system's configuration. A live run asks, and leaves transcripts behind.
//!
//! **Invariants.** This crate makes artifacts, never facts or verdicts: what an answer means is read elsewhere, from
//! the transcripts. It changes nothing on the machine or on the network. On a KMS port it sends one RPC bind and
//! nothing after it.
//!
//! Start reading at [`CheckRequest`]; a run is conducted in `run.rs`, a sweep over many endpoints in `sweep.rs`.

mod artifacts;
mod context;
mod dns;
mod endpoint;
mod life;
#[cfg(target_os = "linux")]
mod linux;
mod outcome;
mod run;
mod sweep;
mod system;
mod tcp;
mod time;
mod trace;
mod udp;

use std::net::SocketAddr;
use std::time::Duration;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_wire::transcript::Transcript;

pub use sweep::{Origin, SweepEnd, SweepObserver, SweepRequest, SweepTarget, Swept, sweep};

/// TCP port of a KMS host unless it is told otherwise (Microsoft Learn, `SetKeyManagementServiceListeningPort` of
/// `SoftwareLicensingService`, read on 2026-11-23).
pub const KMS_PORT: u16 = 1688;

/// How much longer than its deadline a run may take: one exchange that began late may still end, and the whole stays
/// within half a second of the deadline.
pub const OVERTIME: Duration = Duration::from_millis(300);

/// What a live run is asked to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRequest {
    /// Domains whose SRV records are looked for. Empty: those of this machine, unless `hosts` are given; with them come
    /// the hosts that its own KMS client has pinned or keeps.
    pub domains: Vec<String>,
    /// Hosts to probe, with a port other than [`KMS_PORT`] where needed. With hosts and without domains there is no
    /// discovery.
    pub hosts: Vec<(String, Option<u16>)>,
    /// Resolvers to ask. Empty: those that the system has configured.
    pub resolvers: Vec<SocketAddr>,
    /// Time sources to ask, as `host`, `host:port` or `[address]:port`. Without any, domain controllers of the domains
    /// are asked, where DNS names some.
    pub time_sources: Vec<String>,
    /// Time for each exchange. The whole run takes at most [`OVERTIME`] more.
    pub deadline: Duration,
}

/// Runs everything and returns one JSON artifact per transcript, and the system's hosts file as it is. Blocks until the run is over; `progress` hears in
/// English what is being asked.
///
/// Names are unique, made for archives and for Windows: `live/scope.json`, `live/dns/srv-contoso.com-at-10.0.0.1.json`,
/// `live/endpoint/kms1.contoso.com-1688.json`, `live/time/dc1.contoso.com-at-10.0.0.2.json`, `live/hosts.txt`.
pub fn check(request: &CheckRequest, progress: &mut dyn FnMut(&str)) -> Vec<Artifact> {
    let mut artifacts = artifacts::pack(&transcripts(request, progress));
    artifacts.extend(artifacts::hosts_file());
    artifacts
}

/// Runs everything and returns the transcripts, the [`Scope`](kmsdoctor_wire::transcript::Scope) first.
pub fn transcripts(request: &CheckRequest, progress: &mut dyn FnMut(&str)) -> Vec<Transcript> {
    run::conduct(request, progress)
}
