//! Route tables, and the routes that hold at an interface.

use kmsdoctor_cloud::azure::{NextHop, Route, RoutePrefix, RouteSource, RouteTable};
use kmsdoctor_core::fact::Origin;

use super::item::{self, Named};
use super::{Source, security};
use crate::readers::cloud::json::Object;

/// Whether an object is a route as it holds at an interface.
pub(super) fn is_effective(object: &Object<'_>) -> bool {
    ["source", "state", "nextHopType", "addressPrefix"].iter().all(|name| item::get(object, name).is_some())
}

pub(super) fn table(object: &Object<'_>, named: Named, source: Source<'_>) -> RouteTable {
    RouteTable {
        id: named.id,
        name: named.name,
        disables_gateway_routes: item::flag(object, "disableBgpRoutePropagation"),
        routes: item::objects(object, "routes").map(|route| self::route(route, source)).collect(),
    }
}

/// A route of a table.
pub(super) fn route(object: &Object<'_>, source: Source<'_>) -> Route {
    Written {
        name: item::text(object, "name"),
        source: "user",
        state: "active",
        prefixes: &item::texts(object, "addressPrefix"),
        next_hop: &item::text(object, "nextHopType").unwrap_or_default(),
        address: item::texts(object, "nextHopIpAddress").first().copied(),
    }
    .route(source.origin(object))
}

/// A route as it holds at an interface.
pub(super) fn effective(object: &Object<'_>, source: Source<'_>) -> Route {
    Written {
        name: item::text(object, "name"),
        source: &item::text(object, "source").unwrap_or_default(),
        state: &item::text(object, "state").unwrap_or_default(),
        prefixes: &item::texts(object, "addressPrefix"),
        next_hop: &item::text(object, "nextHopType").unwrap_or_default(),
        address: item::texts(object, "nextHopIpAddress").first().copied(),
    }
    .route(source.origin(object))
}

/// Stands for the routes behind the place where a list is cut off: any of them may win.
pub(super) fn cut_off(origin: Origin) -> Route {
    Written { name: None, source: "user", state: "active", prefixes: &[], next_hop: "", address: None }.route(origin)
}

/// A route in words.
pub(super) struct Written<'w> {
    pub(super) name: Option<String>,
    pub(super) source: &'w str,
    pub(super) state: &'w str,
    pub(super) prefixes: &'w [&'w str],
    pub(super) next_hop: &'w str,
    pub(super) address: Option<&'w str>,
}

impl Written<'_> {
    /// The route. Without prefixes it is one of which nobody knows what it is for.
    pub(super) fn route(self, origin: Origin) -> Route {
        let mut prefixes: Vec<RoutePrefix> = self.prefixes.iter().map(|text| prefix(text)).collect();
        if prefixes.is_empty() {
            prefixes.push(RoutePrefix::Unreadable(security::CUT_OFF.to_owned()));
        }
        Route {
            name: self.name,
            source: source(self.source),
            is_active: ["active", "アクティブ", "有効"].contains(&folded(self.state).as_str()),
            prefixes,
            next_hop: next_hop(self.next_hop),
            next_hop_address: self.address.and_then(|address| address.trim().parse().ok()),
            origin: Some(origin),
        }
    }
}

fn prefix(text: &str) -> RoutePrefix {
    match item::prefix(text) {
        Some(net) => RoutePrefix::Prefix(net),
        None if security::is_tag(text) => RoutePrefix::Tag(text.to_owned()),
        None => RoutePrefix::Unreadable(text.to_owned()),
    }
}

/// `VNet peering` of the portal and `VNetPeering` of the tools are one word.
fn folded(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Japanese words are those of Microsoft's documentation; that the portal's download has them is not confirmed [unverified].
fn source(text: &str) -> RouteSource {
    match folded(text).as_str() {
        "user" | "userdefined" | "ユーザー" | "ユーザー定義" => RouteSource::User,
        "virtualnetworkgateway" | "仮想ネットワークゲートウェイ" => RouteSource::Gateway,
        "default" | "既定" => RouteSource::Default,
        _ => RouteSource::Unknown,
    }
}

fn next_hop(text: &str) -> NextHop {
    match folded(text).as_str() {
        "internet" | "インターネット" => NextHop::Internet,
        "virtualappliance" | "仮想アプライアンス" => NextHop::VirtualAppliance,
        "virtualnetworkgateway" | "仮想ネットワークゲートウェイ" => NextHop::VirtualNetworkGateway,
        "vnetlocal" | "virtualnetwork" | "仮想ネットワーク" => NextHop::VirtualNetwork,
        "vnetpeering"
        | "virtualnetworkpeering"
        | "globalvnetpeering"
        | "connectedgroup"
        | "vnetピアリング"
        | "仮想ネットワークピアリング" => NextHop::Peering,
        "virtualnetworkserviceendpoint" | "interfaceendpoint" | "仮想ネットワークサービスエンドポイント" => {
            NextHop::ServiceEndpoint
        }
        "none" | "なし" => NextHop::None,
        _ => NextHop::Unknown(text.to_owned()),
    }
}
