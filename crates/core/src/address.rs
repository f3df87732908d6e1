//! Classes of addresses.

use std::net::IpAddr;

/// `loopback`, `private` (RFC 1918, RFC 4193, link-local, shared address space of RFC 6598) or `public`.
pub fn class(address: IpAddr) -> &'static str {
    let is_private = match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || address.is_link_local() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    match address {
        address if address.is_loopback() => "loopback",
        _ if is_private => "private",
        _ => "public",
    }
}
