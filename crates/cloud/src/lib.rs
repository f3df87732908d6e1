//! The way from a virtual machine to KMS, as a cloud's exports describe it: what is there ([`Resource`]), what follows from it
//! for each address of KMS ([`Path`]), what would have to change, and how it looks.
//!
//! **Invariants.** No format of an export (the readers of `kmsdoctor-evidence` make resources), no I/O, no clock. Missing
//! resources never open and never close a path: where one would decide, the hop is unknown and names what to export next.
//! Every hop is judged, also behind one that blocks, so that all faults show at once.
//!
//! The rules with their sources stand in `docs/cloud.md`. Start reading at [`paths`], then `azure.rs`.

mod assume;
pub mod aws;
pub mod azure;
pub mod change;
mod facts;
pub mod google;
mod names;
pub mod path;
pub mod picture;
mod texts;

pub use assume::assume;
pub use path::{
    AllowanceLoss, Destination, Detail, Fault, Hop, Missing, NextHop, OutboundLoss, Outcome, Path, Provider, Remark,
    RemarkKind, Stage, Verdict, WayOut,
};

use kmsdoctor_core::fact::Origin;

/// Something that an export describes, with the place that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What it is.
    pub body: Body,
    /// Where it was read.
    pub origin: Origin,
}

/// What a resource is, by its cloud.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Of Azure.
    Azure(azure::Body),
    /// Of AWS.
    Aws(aws::Body),
    /// Of Google Cloud.
    Google(google::Body),
}

/// Every path from an interface of the exports to an address of KMS, in the order of machines, interfaces and addresses.
pub fn paths(resources: &[Resource]) -> Vec<Path> {
    let mut paths = azure::paths(resources);
    paths.extend(aws::paths(resources));
    paths.extend(google::paths(resources));
    paths
}
