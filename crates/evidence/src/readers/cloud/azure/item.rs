//! Properties of a resource, wherever its layout puts them: `az` has them beside its name, Azure's own interface below
//! `properties`.

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_cloud::azure::ResourceId;

use crate::readers::cloud::json::{Object, Value};

/// The property; none where it is `null`.
pub(super) fn get<'v, 't>(object: &'v Object<'t>, name: &str) -> Option<&'v Value<'t>> {
    let inner = object.member("properties").and_then(Value::object);
    let found = inner.and_then(|inner| inner.member(name)).or_else(|| object.member(name));
    found.filter(|value| **value != Value::Null)
}

/// The property's text.
pub(super) fn text(object: &Object<'_>, name: &str) -> Option<String> {
    get(object, name).and_then(Value::text).map(str::to_owned)
}

/// The property as an object.
pub(super) fn object<'v, 't>(of: &'v Object<'t>, name: &str) -> Option<&'v Object<'t>> {
    get(of, name).and_then(Value::object)
}

/// The objects in a list.
pub(super) fn objects<'v, 't>(of: &'v Object<'t>, name: &str) -> impl Iterator<Item = &'v Object<'t>> {
    get(of, name).map_or(&[][..], Value::list).iter().filter_map(Value::object)
}

/// The texts in a list, or the one text. Windows PowerShell may wrap a list into `{"value": […], "Count": 1}`.
pub(super) fn texts<'v>(of: &'v Object<'_>, name: &str) -> Vec<&'v str> {
    match get(of, name) {
        Some(Value::List(list)) => list.iter().filter_map(Value::text).collect(),
        Some(Value::Object(wrapped)) => {
            wrapped.member("value").map_or(&[][..], Value::list).iter().filter_map(Value::text).collect()
        }
        Some(value) => value.text().into_iter().collect(),
        None => Vec::new(),
    }
}

/// Whether the property is a list, an empty one too.
pub(super) fn is_list(of: &Object<'_>, name: &str) -> bool {
    matches!(get(of, name), Some(Value::List(_)))
}

/// The id of an object that stands for a resource.
pub(super) fn id(of: &Object<'_>) -> Option<ResourceId> {
    of.member("id").and_then(Value::text).map(ResourceId::new)
}

/// The resource that a property names. `Some(None)`: none, since exports leave out or write `null` what is not set.
pub(super) fn reference(of: &Object<'_>, name: &str) -> Option<Option<ResourceId>> {
    match get(of, name) {
        None => Some(None),
        Some(Value::Object(named)) => id(named).map(Some),
        Some(_) => None,
    }
}

/// Ids of the resources in a list.
pub(super) fn references(of: &Object<'_>, name: &str) -> Vec<ResourceId> {
    objects(of, name).filter_map(id).collect()
}

/// The flag, `false` where it is not set.
pub(super) fn flag(of: &Object<'_>, name: &str) -> bool {
    get(of, name).and_then(Value::flag).unwrap_or_default()
}

/// The number, if it is one of this type.
pub(super) fn number<N: std::str::FromStr>(of: &Object<'_>, name: &str) -> Option<N> {
    get(of, name).and_then(Value::text)?.parse().ok()
}

/// The address.
pub(super) fn address(of: &Object<'_>, name: &str) -> Option<IpAddr> {
    get(of, name).and_then(Value::text)?.parse().ok()
}

/// A prefix, or an address as the prefix of it alone. Bits behind the prefix do not count.
pub(super) fn prefix(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().map(|net| net.trunc()).ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The prefixes in a list.
pub(super) fn prefixes(of: &Object<'_>, name: &str) -> Vec<IpNet> {
    texts(of, name).into_iter().filter_map(prefix).collect()
}

/// A resource of the export: what it is called and where it belongs.
pub(super) struct Named {
    /// Its id.
    pub(super) id: Option<ResourceId>,
    /// Its name as written.
    pub(super) name: String,
}

impl Named {
    /// A part of it: `subnets/default`. Templates do not write the ids of parts.
    pub(super) fn part(&self, of: &Object<'_>, segment: &str) -> Self {
        let name = text(of, "name").unwrap_or_default();
        let built = || self.id.as_ref().map(|id| ResourceId::new(&format!("{}/{segment}/{name}", id.as_str())));
        Self { id: id(of).or_else(built), name }
    }
}
