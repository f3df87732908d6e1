//! Simulated worlds on loopback, for drills and measurements.
//!
//! **Invariants.** The simulator is no KMS host: its RPC responder acknowledges a bind, and answers everything after it, and
//! everything else, with a fault. It listens on loopback only, and changes nothing on the machine.

pub mod responder;
mod rpc;
