//! Addresses of KMS in each of Azure's clouds, by the embedded knowledge.

use std::net::IpAddr;
use std::sync::OnceLock;

use kmsdoctor_core::knowledge::{CloudEndpoint, Knowledge};

use super::Sovereign;
use crate::Destination;

/// An address of KMS with every name that leads to it.
#[derive(Debug)]
pub(super) struct Kms {
    pub(super) destination: Destination,
    pub(super) names: Vec<&'static str>,
}

impl Kms {
    pub(super) fn is_retired(&self) -> bool {
        self.destination.is_current == Some(false)
    }
}

/// The addresses of a cloud, in the order of the knowledge: the current ones, and those that were.
pub(super) fn of(cloud: Sovereign) -> &'static [Kms] {
    static CLOUDS: OnceLock<[Vec<Kms>; 3]> = OnceLock::new();
    let clouds = CLOUDS.get_or_init(|| ["public", "us-government", "china"].map(read));
    match cloud {
        Sovereign::Public => &clouds[0],
        Sovereign::UsGovernment => &clouds[1],
        Sovereign::China => &clouds[2],
    }
}

/// Whether nothing is served any more at this address of any cloud.
pub(super) fn is_retired(address: IpAddr) -> bool {
    [Sovereign::Public, Sovereign::UsGovernment, Sovereign::China]
        .into_iter()
        .flat_map(of)
        .any(|kms| kms.destination.address == address && kms.is_retired())
}

fn read(region: &str) -> Vec<Kms> {
    let mut all: Vec<Kms> = Vec::new();
    let endpoints = Knowledge::embedded().endpoints.iter();
    for endpoint in endpoints.filter(|endpoint| endpoint.cloud == "azure" && endpoint.region == region) {
        for address in endpoint.addresses.iter().filter_map(|address| address.parse().ok()) {
            add(&mut all, endpoint, address);
        }
    }
    all
}

fn add(all: &mut Vec<Kms>, endpoint: &'static CloudEndpoint, address: IpAddr) {
    let name = endpoint.name.as_deref();
    let is_current = endpoint.until.is_none();
    if let Some(known) = all.iter_mut().find(|kms| kms.destination.address == address) {
        known.names.extend(name);
        if is_current {
            known.destination.is_current = Some(true);
        }
        return;
    }
    let destination =
        Destination { address, port: endpoint.port, name: name.map(str::to_owned), is_current: Some(is_current) };
    all.push(Kms { destination, names: name.into_iter().collect() });
}

impl Sovereign {
    /// The cloud that a region belongs to: `usgovvirginia`, `US DoD East`, `chinaeast2`, `japaneast`.
    pub fn of_region(region: &str) -> Self {
        let region: String = region.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        match region.as_str() {
            name if name.starts_with("usgov") || name.starts_with("usdod") => Self::UsGovernment,
            name if name.starts_with("china") => Self::China,
            _ => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_its_addresses() {
        let current = |cloud| of(cloud).iter().filter(|kms| !kms.is_retired()).count();
        assert_eq!(current(Sovereign::Public), 2);
        assert_eq!(current(Sovereign::UsGovernment), 2);
        assert_eq!(current(Sovereign::China), 3);
        let shared = &of(Sovereign::Public)[0];
        assert_eq!(shared.names, ["azkms.core.windows.net", "kms.core.windows.net"], "one address has both names");
        assert!(is_retired("23.102.135.246".parse().unwrap()));
        assert!(!is_retired("51.4.143.248".parse().unwrap()), "the German cloud is no cloud of an export");
    }

    #[test]
    fn regions_belong_to_clouds() {
        for (region, cloud) in [
            ("japaneast", Sovereign::Public),
            ("germanywestcentral", Sovereign::Public),
            ("USGov Virginia", Sovereign::UsGovernment),
            ("usdodeast", Sovereign::UsGovernment),
            ("China East 2", Sovereign::China),
            ("", Sovereign::Public),
        ] {
            assert_eq!(Sovereign::of_region(region), cloud, "{region}");
        }
    }
}
