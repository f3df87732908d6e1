//! The smallest safe change: what would have to be added to the cloud so that blocked paths reach KMS, and nothing else.
//!
//! A change is found by the faults of the paths, round by round, since a path that leaves by another way meets new stations
//! there. What one change does is then applied to the model and judged like the exports were: it is offered only if each path
//! that it promises reaches KMS, if every other path is as it was, and if taking it back gives the exports again.

mod aws;
mod azure;
mod google;
#[cfg(test)]
mod laws;
mod operation;
mod print;
mod safe;
mod search;
#[cfg(test)]
mod tests;
mod words;

pub use aws::AwsOperation;
pub use azure::{AzureOperation, Element, NetworkRule};
pub use google::GoogleOperation;
pub use operation::Operation;
pub use print::{Form, Printed, print};

use std::net::IpAddr;

use azure::places::Places;

use crate::{Missing, Path, Provider, Resource};

/// What can be done about blocked paths.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advice {
    /// Safe changes, independent of each other, in the order of their first paths.
    pub changes: Vec<Change>,
    /// Paths that do not reach KMS and that no change is offered for.
    pub refusals: Vec<Refusal>,
}

/// A change: operations that belong together, since some path needs them all.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where.
    pub provider: Provider,
    /// In the order in which they are to be done.
    pub operations: Vec<Operation>,
    /// The paths that reach KMS by it.
    pub helps: Vec<PathName>,
    /// Machines (interfaces without one) whose packets also meet what is changed.
    pub touches: Vec<String>,
    /// What to weigh before.
    pub risks: Vec<Risk>,
}

/// Which path: the parts of a [`Path`] that name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathName {
    /// Name of the machine.
    pub machine: Option<String>,
    /// Name of the interface.
    pub interface: String,
    /// Address of KMS.
    pub address: IpAddr,
}

/// What to weigh before a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Every machine of the subnet leaves by another public address from then on.
    OutboundAddress {
        /// Name of the subnet or pool.
        of: String,
    },
    /// Every machine of the subnet reaches the services of Google, too.
    GoogleServices {
        /// Name of the subnet.
        subnet: String,
    },
    /// It costs money.
    Costs,
    /// Packets to KMS no longer pass the gateway or appliance that all others pass.
    PastInspection,
    /// A rule or route that is there on purpose, as it seems, is overruled: ask its owner.
    OnPurpose {
        /// The rule or route.
        element: String,
    },
    /// The exports do not name the resource that has to be changed: a placeholder stands for it.
    Placeholder,
}

/// Why no change is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For which paths.
    pub paths: Vec<PathName>,
    /// Why.
    pub reason: Reason,
}

/// Reasons for which no change is offered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The exports do not tell what happens: export this first.
    Unknown(Vec<Missing>),
    /// Nothing is served at the address any more: use a current one.
    AddressRetired,
    /// The licence is not one for the cloud's KMS.
    LicenceNotCovered,
    /// No free priority before what denies in this resource.
    NoPriority(String),
    /// The resource that would have to be changed is not in the exports, or several have this name.
    NotFound(String),
    /// The export of this subnet has no route table, and effective routes show that it has one.
    Contradiction(String),
    /// There is no change for this fault that would touch nothing else.
    NoSmallChange,
    /// The change was tried on the model, and the paths do not reach KMS by it.
    NotEnough,
    /// The change was tried on the model, and it changed more than it says.
    ChangesMore,
}

/// What can be done about those of `paths` that do not reach KMS; `paths` are those of `resources`.
pub fn of(resources: &[Resource], paths: &[Path]) -> Advice {
    search::of(resources, paths)
}

impl Change {
    /// The model with the change in it.
    pub fn apply(&self, resources: &[Resource]) -> Vec<Resource> {
        apply_all(&self.operations, resources)
    }

    /// The model with the change taken back.
    pub fn undo(&self, resources: &[Resource]) -> Vec<Resource> {
        undo_all(&self.operations, resources)
    }

    /// The machines that it helps (interfaces where the exports have none).
    pub fn machines(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.helps.iter().map(|path| path.machine.as_deref().unwrap_or(&path.interface)).collect();
        names.dedup();
        names
    }

    /// The interfaces that it helps.
    fn interfaces(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.helps.iter().map(|path| path.interface.as_str()).collect();
        names.dedup();
        names
    }

    /// Its operations in Azure.
    fn azure(&self) -> impl DoubleEndedIterator<Item = &AzureOperation> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Azure(operation) => Some(operation),
            _ => None,
        })
    }

    /// Its operations on machines of AWS.
    fn aws(&self) -> impl DoubleEndedIterator<Item = &AwsOperation> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Aws(operation) => Some(operation),
            _ => None,
        })
    }

    /// Its operations in Google Cloud.
    fn google(&self) -> impl DoubleEndedIterator<Item = &GoogleOperation> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Google(operation) => Some(operation),
            _ => None,
        })
    }

    fn new(provider: Provider) -> Self {
        Self { provider, operations: Vec::new(), helps: Vec::new(), touches: Vec::new(), risks: Vec::new() }
    }
}

fn apply_all(operations: &[Operation], resources: &[Resource]) -> Vec<Resource> {
    let mut places = Places::new(resources);
    let mut resources = resources.to_vec();
    for operation in operations {
        operation.apply(&mut resources, &mut places);
    }
    resources
}

fn undo_all(operations: &[Operation], resources: &[Resource]) -> Vec<Resource> {
    let mut places = Places::new(resources);
    let mut resources = resources.to_vec();
    for operation in operations.iter().rev() {
        operation.undo(&mut resources, &mut places);
    }
    resources
}

/// The name, with a number behind it if it is used.
fn free_name(name: &str, is_used: impl Fn(&str) -> bool) -> String {
    if !is_used(name) {
        return name.to_owned();
    }
    let mut numbered = (2u32..).map(|number| format!("{name}-{number}"));
    numbered.find(|name| !is_used(name)).unwrap_or_else(|| name.to_owned())
}

impl From<&Path> for PathName {
    fn from(path: &Path) -> Self {
        let (machine, interface) = (path.machine.clone(), path.interface.clone());
        Self { machine, interface, address: path.destination.address }
    }
}
