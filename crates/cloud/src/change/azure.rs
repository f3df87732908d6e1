//! Azure: what a change does there, which faults need it, and whom it meets.

pub(super) mod apply;
pub(super) mod find;
mod operation;
pub(super) mod places;
pub(super) mod topology;

pub use operation::{AzureOperation, Element, NetworkRule};
