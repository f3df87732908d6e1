//! Virtual machines.

use kmsdoctor_cloud::azure::VirtualMachine;

use super::item::{self, Named};
use crate::readers::cloud::json::{Object, Value};

pub(super) fn machine(object: &Object<'_>, named: Named) -> VirtualMachine {
    let network = item::object(object, "networkProfile");
    let interfaces = network.into_iter().flat_map(|network| item::objects(network, "networkInterfaces"));
    let storage = item::object(object, "storageProfile");
    VirtualMachine {
        id: named.id,
        name: named.name,
        location: item::text(object, "location"),
        interfaces: interfaces
            .filter_map(|interface| Some((item::id(interface)?, item::get(interface, "primary").and_then(Value::flag))))
            .collect(),
        availability_set: item::reference(object, "availabilitySet").flatten(),
        image: storage.and_then(|storage| item::object(storage, "imageReference")).and_then(image),
        license_type: item::text(object, "licenseType"),
        operating_system: storage
            .and_then(|storage| item::object(storage, "osDisk"))
            .and_then(|disk| item::text(disk, "osType"))
            .or_else(|| item::object(object, "osProfile").and_then(operating_system)),
    }
}

/// `MicrosoftWindowsServer/WindowsServer/2022-datacenter`; images of one's own have no publisher.
fn image(object: &Object<'_>) -> Option<String> {
    let parts = ["publisher", "offer", "sku"].map(|name| item::text(object, name));
    parts.into_iter().collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

/// Templates of machines that are not there yet leave out the disk's system.
fn operating_system(profile: &Object<'_>) -> Option<String> {
    let is_there = |name: &str| item::object(profile, name).is_some();
    let name = match (is_there("windowsConfiguration"), is_there("linuxConfiguration")) {
        (true, false) => "Windows",
        (false, true) => "Linux",
        _ => return None,
    };
    Some(name.to_owned())
}
