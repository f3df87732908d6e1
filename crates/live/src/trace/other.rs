//! Elsewhere only raw sockets hear from hops.

use std::net::SocketAddr;

use kmsdoctor_wire::transcript::TraceMethod;
use tokio::time::Instant;

use super::Heard;

pub(super) const METHOD: TraceMethod = TraceMethod::NotPermitted;

#[expect(clippy::unused_async, reason = "the other systems' wait")]
pub(super) async fn ask(_: SocketAddr, _: u8, _: Instant) -> Heard {
    Heard::NotPermitted
}
