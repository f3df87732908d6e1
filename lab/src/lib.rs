//! A network to break: two network namespaces joined by a virtual cable, which can delay and lose packets; in them real
//! servers (BIND, Unbound, nginx, Samba's endpoint mapper, chrony), a time server whose clock can be wrong, and TCP
//! responders that acknowledge a DCE/RPC bind or misbehave in a chosen way.
//!
//! Invariants:
//! - The lab is no KMS host. Its RPC responder acknowledges a *bind* and answers every other PDU with a fault.
//! - The lab knows nothing of the product's crates: it starts the binary and reads its output, so that both
//!   cannot be wrong in the same way.
//! - Everything it sets up goes away with its guard, also on panic; what a killed run left is swept by the next.
//! - Nothing waits for luck: every wait is for a condition and has a limit.
//!
//! Start reading at [`Network`], then `tests/scenarios.rs`.

#![cfg(target_os = "linux")]

mod command;
mod daemon;
mod dns;
mod error;
mod expectation;
mod line;
mod name_server;
mod namespace;
mod network;
mod peer;
mod product;
mod rpc;
mod serve;
mod tcp_server;
mod time_server;
mod trials;

pub use crate::dns::ask;
pub use crate::error::{LabError, Result};
pub use crate::line::Quality;
pub use crate::name_server::{NameServer, Signatures, Zone};
pub use crate::namespace::{Chain, Namespace};
pub use crate::network::{CLIENT, Network, RESOLVER, SERVER, SERVER_V6, UNROUTED_HOST, host_address, host_address_v6};
pub use crate::peer::{Peer, WebProtocol};
pub use crate::product::{Product, Run};
pub use crate::rpc::{FAULT_OPERATION_OUT_OF_RANGE, PDU_BIND, PDU_BIND_ACK, PDU_FAULT, PDU_REQUEST, PduLog};
pub use crate::tcp_server::{Behaviour, TcpServer};
pub use crate::time_server::{TimeServer, ask_time};
pub use crate::trials::{Trial, run};
