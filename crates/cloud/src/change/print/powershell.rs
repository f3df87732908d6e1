//! Commands for an elevated prompt or PowerShell on a machine of AWS. Only addresses stand in them.

use super::{Printed, az};
use crate::change::{AwsOperation, Change};

pub(super) fn print(change: &Change) -> Printed {
    let verify = std::iter::once("route print -4".to_owned()).chain(az::connect(change));
    Printed {
        apply: change.aws().map(apply).collect(),
        undo: change.aws().rev().map(undo).collect(),
        verify: verify.map(|line| line + "\n").collect(),
    }
}

fn apply(operation: &AwsOperation) -> String {
    let delete = if operation.replaces.is_empty() { String::new() } else { delete(operation) };
    format!("{delete}{}", add(operation, operation.gateway))
}

fn undo(operation: &AwsOperation) -> String {
    let mut gateways: Vec<_> = operation.replaces.iter().filter_map(|(_, route)| route.gateway).collect();
    gateways.dedup();
    let before: String = gateways.into_iter().map(|gateway| add(operation, gateway)).collect();
    delete(operation) + &before
}

fn delete(operation: &AwsOperation) -> String {
    format!("route delete {}\n", operation.address)
}

fn add(operation: &AwsOperation, gateway: std::net::Ipv4Addr) -> String {
    format!("route -p add {} mask 255.255.255.255 {gateway}\n", operation.address)
}
