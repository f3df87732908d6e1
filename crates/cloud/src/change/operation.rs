//! An operation of whatever cloud.

use std::net::IpAddr;

use crate::Resource;
use crate::change::azure::places::Places;
use crate::change::azure::topology::Topology;
use crate::change::{AwsOperation, AzureOperation, GoogleOperation, Risk};

/// One operation of a change. Its parts are data of the exports: the printers quote them.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// In Azure.
    Azure(AzureOperation),
    /// On a machine of AWS.
    Aws(AwsOperation),
    /// In Google Cloud.
    Google(GoogleOperation),
}

impl Operation {
    /// Does it.
    pub(super) fn apply(&self, resources: &mut Vec<Resource>, places: &mut Places) {
        match self {
            Self::Azure(operation) => operation.apply(resources, places),
            Self::Aws(operation) => operation.apply(resources),
            Self::Google(operation) => operation.apply(resources),
        }
    }

    /// Takes it back.
    pub(super) fn undo(&self, resources: &mut Vec<Resource>, places: &mut Places) {
        match self {
            Self::Azure(operation) => operation.undo(resources, places),
            Self::Aws(operation) => operation.undo(resources),
            Self::Google(operation) => operation.undo(resources),
        }
    }

    /// What it is about: two operations with one key are one.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Azure(operation) => operation.key(),
            Self::Aws(operation) => operation.key(),
            Self::Google(operation) => operation.key(),
        }
    }

    /// Takes in another operation of the same key; whether it became another by it.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Azure(operation), Self::Azure(other)) => operation.absorb(other),
            (Self::Google(operation), Self::Google(other)) => operation.absorb(other),
            _ => false,
        }
    }

    /// The addresses that it is for; none if it is for all.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        match self {
            Self::Azure(operation) => operation.addresses(),
            Self::Aws(operation) => vec![operation.address.into()],
            Self::Google(_) => Vec::new(),
        }
    }

    /// Whether packets to the address meet it.
    pub(super) fn is_for(&self, address: IpAddr) -> bool {
        let addresses = self.addresses();
        addresses.is_empty() || addresses.contains(&address)
    }

    /// What to weigh before.
    pub(super) fn risks(&self) -> Vec<Risk> {
        match self {
            Self::Azure(operation) => operation.risks(),
            Self::Aws(_) => Vec::new(),
            Self::Google(operation) => operation.risks(),
        }
    }

    /// Whether it leads packets another way than all others.
    pub(super) fn is_route(&self) -> bool {
        matches!(self, Self::Azure(AzureOperation::AddRoute { .. }) | Self::Google(GoogleOperation::AddRoute { .. }))
    }

    /// A resource at which there may be several operations: these are one change.
    pub(super) fn resource(&self) -> Option<&str> {
        match self {
            Self::Azure(AzureOperation::AddRoute { table, .. }) => Some(table.key()),
            Self::Aws(operation) => Some(operation.machine()),
            _ => None,
        }
    }

    /// Names of the machines (interfaces without one) whose packets meet it.
    pub(super) fn meeting(&self, topology: &Topology, resources: &[Resource]) -> Vec<String> {
        match self {
            Self::Azure(operation) => {
                topology.meeting(operation).into_iter().map(|interface| topology.label(interface)).collect()
            }
            Self::Aws(_) => Vec::new(),
            Self::Google(operation) => operation.meeting(resources),
        }
    }
}
