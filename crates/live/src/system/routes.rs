//! Linux: default gateways and neighbours, as the kernel lists them for everybody (`proc_net`(5)).

use std::fs;
use std::net::{IpAddr, Ipv4Addr};

const ROUTES: &str = "/proc/net/route";
const NEIGHBOURS: &str = "/proc/net/arp";

/// Flags of a route that is up and leads through a gateway (`linux/route.h`).
const UP_AND_GATEWAY: u32 = 0x3;
/// Flag of a neighbour whose hardware address is known (`linux/if_arp.h`).
const COMPLETE: u32 = 0x2;

pub(super) fn gateways() -> Vec<IpAddr> {
    gateways_in(&fs::read_to_string(ROUTES).unwrap_or_default())
}

pub(super) fn is_neighbour(address: IpAddr) -> Option<bool> {
    is_neighbour_in(&fs::read_to_string(NEIGHBOURS).ok()?, address)
}

/// Columns: interface, destination, gateway, flags, 3 counters, mask; numbers in hexadecimal, addresses in the byte order of the
/// machine.
fn gateways_in(table: &str) -> Vec<IpAddr> {
    let gateway = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let number = |index: usize| u32::from_str_radix(fields.get(index)?, 16).ok();
        let is_default = number(1)? == 0 && number(7)? == 0 && number(3)? & UP_AND_GATEWAY == UP_AND_GATEWAY;
        is_default.then_some(IpAddr::from(number(2)?.to_ne_bytes()))
    };
    let mut gateways: Vec<IpAddr> = table.lines().filter_map(gateway).collect();
    gateways.dedup();
    gateways
}

/// Columns: address, type of hardware, flags, hardware address, mask, device. Who has no line was never sent anything.
fn is_neighbour_in(table: &str, address: IpAddr) -> Option<bool> {
    let neighbour = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let is_it = fields.next()?.parse::<Ipv4Addr>().is_ok_and(|found| found == address);
        let flags = fields.nth(1)?.strip_prefix("0x")?;
        is_it.then_some(u32::from_str_radix(flags, 16).ok()? & COMPLETE != 0)
    };
    table.lines().filter_map(neighbour).reduce(|one, other| one || other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_gateways() {
        let gateway = format!("{:08X}", u32::from_ne_bytes([10, 0, 0, 1]));
        let table = format!(
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
             eth0\t00000000\t{gateway}\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
             wlan0\t00000000\t{gateway}\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
             tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n\
             tun0\t00000000\t{gateway}\t0003\t0\t0\t0\t00000080\t0\t0\t0\n\
             eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
        );
        assert_eq!(gateways_in(&table), [IpAddr::from([10, 0, 0, 1])]);
        assert!(gateways_in("").is_empty());
    }

    #[test]
    fn neighbours() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
                     10.0.0.1         0x1         0x2         00:00:5e:00:53:01     *        eth0\n\
                     10.0.0.9         0x1         0x0         00:00:00:00:00:00     *        eth0\n";
        let check = |host, expect| assert_eq!(is_neighbour_in(table, [10, 0, 0, host].into()), expect, "{host}");
        check(1, Some(true));
        check(9, Some(false));
        check(2, None);
    }
}
