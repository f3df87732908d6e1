//! Sans-I/O codecs and transcripts: bytes in, bytes out.
//!
//! **Invariants.** This crate opens no socket, reads no clock and knows no cause, fact or report. It encodes one
//! RPC message, the bind, and decodes only what may answer a bind; it has no code for the activation exchange.
//!
//! Start reading at [`transcript`], which is what a live run leaves behind.

pub mod dns;
pub mod hex;
pub mod icmp;
pub mod rpc;
pub mod sntp;
pub mod transcript;
