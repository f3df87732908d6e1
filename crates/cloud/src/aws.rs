//! AWS: the link-local addresses of KMS and the machine's own routes to them.

use crate::{Path, Resource};

/// A resource of AWS.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {}

/// A path for each machine and each address of KMS.
pub fn paths(_resources: &[Resource]) -> Vec<Path> {
    Vec::new()
}
