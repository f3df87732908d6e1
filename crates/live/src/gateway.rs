//! A control beside KMS hosts that do not answer: whether this machine reaches its own first hop.

use std::net::IpAddr;

use jiff::Timestamp;
use kmsdoctor_wire::transcript::{Gateway, LifeMethod};

use crate::context::Context;
use crate::{life, system};

/// Gateways asked. Machines with several networks have a few.
pub(crate) const GATEWAYS_MAX: usize = 4;

/// One gateway.
pub(crate) async fn ask(context: &Context, address: IpAddr) -> (Timestamp, Gateway) {
    let started_at = Timestamp::now();
    let echo = life::ask(context, address, LifeMethod::Icmp).await;
    (started_at, Gateway { address, echo, is_neighbour: system::is_neighbour(address) })
}
