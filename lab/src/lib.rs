//! A network to break: two network namespaces joined by a virtual cable, a real BIND, a time server whose clock
//! can be wrong, and TCP responders that acknowledge a DCE/RPC bind or misbehave in a chosen way.
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
mod dns;
mod error;
mod expectation;
mod name_server;
mod namespace;
mod network;
mod product;
mod rpc;
mod serve;
mod tcp_server;
mod time_server;
mod trials;

pub use crate::dns::ask;
pub use crate::error::{LabError, Result};
pub use crate::name_server::{NameServer, Zone};
pub use crate::namespace::Namespace;
pub use crate::network::{CLIENT, Network, SERVER, UNROUTED_HOST, host_address, host_address_v6};
pub use crate::product::{CheckRun, Product};
pub use crate::rpc::{FAULT_OPERATION_OUT_OF_RANGE, PDU_BIND, PDU_BIND_ACK, PDU_FAULT, PDU_REQUEST, PduLog};
pub use crate::tcp_server::{Behaviour, TcpServer};
pub use crate::time_server::TimeServer;
pub use crate::trials::{Trial, run};
