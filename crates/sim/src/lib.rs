//! Simulated worlds on loopback, for drills and measurements.
//!
//! **Invariants.** The simulator is no KMS host: its RPC responder acknowledges a bind, and answers everything after it, and
//! everything else, with a fault. It listens on loopback only, and changes nothing on the machine.
//!
//! Start reading at [`Scenario`]: what is broken is data, and [`World::start`] builds it.

mod dice;
mod dns;
mod interrupt;
mod ports;
pub mod responder;
mod rpc;
mod scenario;
mod time;
mod world;

pub use interrupt::at_interrupt;
pub use scenario::{SCENARIOS, Scenario, Told};
pub use world::{Directions, World};
