//! What has to hold before a change is offered: it does what it promises, and to other packets it does nothing.

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::azure::{Body, Peer, Protocol, Route, RoutePrefix, SecurityRule};
use crate::change::search::Draft;
use crate::change::{Operation, Reason, apply_all, undo_all};
use crate::{Body as AnyBody, Path, Resource, Verdict};

/// Tries changes on the model, all at once.
pub(super) fn check(resources: &[Resource], paths: &[Path], drafts: &[Draft]) -> Result<(), Reason> {
    let operations: Vec<Operation> = drafts.iter().flat_map(|draft| draft.change.operations.clone()).collect();
    let after = apply_all(&operations, resources);
    let judged = crate::paths(&after);
    if undo_all(&operations, &after) != resources || judged.len() != paths.len() {
        return Err(Reason::ChangesMore);
    }
    let promised: HashSet<usize> = drafts.iter().flat_map(|draft| draft.helped.iter().copied()).collect();
    if promised.iter().any(|index| judged[*index].verdict() != Verdict::Reaches) {
        return Err(Reason::NotEnough);
    }
    let met: HashSet<String> = drafts.iter().flat_map(met).collect();
    for (index, (before, after)) in paths.iter().zip(&judged).enumerate() {
        let is_met = met.contains(&before.interface.to_ascii_lowercase())
            || before.machine.as_ref().is_some_and(|machine| met.contains(&machine.to_ascii_lowercase()));
        let is_kept = if is_met {
            after.verdict() == before.verdict() || is_better(before, after)
        } else {
            is_same(before, after)
        };
        if !promised.contains(&index) && !is_kept {
            return Err(Reason::ChangesMore);
        }
    }
    if other_packets_stay(resources, &after, &operations) { Ok(()) } else { Err(Reason::ChangesMore) }
}

/// Machines and interfaces that a change names, in lower case.
fn met(draft: &Draft) -> Vec<String> {
    let helps = draft.change.helps.iter();
    let names = helps.flat_map(|path| path.machine.iter().chain([&path.interface])).chain(&draft.change.touches);
    names.map(|name| name.to_ascii_lowercase()).collect()
}

fn is_same(before: &Path, after: &Path) -> bool {
    before.hops == after.hops && before.destination == after.destination
}

fn is_better(before: &Path, after: &Path) -> bool {
    before.verdict() != Verdict::Reaches && after.verdict() != Verdict::Blocked
}

/// Whether routes and rules decide on every other packet as before: at the borders of all prefixes that they name, where
/// decisions change.
pub(super) fn other_packets_stay(before: &[Resource], after: &[Resource], operations: &[Operation]) -> bool {
    let addresses: HashSet<IpAddr> = operations.iter().flat_map(Operation::addresses).collect();
    let promised = |address: &IpAddr| addresses.contains(address);
    before.iter().zip(after).filter(|(before, after)| before.body != after.body).all(|(before, after)| {
        match (&before.body, &after.body) {
            (AnyBody::Azure(before), AnyBody::Azure(after)) => match (lists(before), lists(after)) {
                (Some(Lists::Routes(before)), Some(Lists::Routes(after))) => routes_stay(before, after, promised),
                (Some(Lists::Rules(before)), Some(Lists::Rules(after))) => rules_stay(before, after, promised),
                _ => true,
            },
            _ => true,
        }
    })
}

enum Lists<'a> {
    Routes(&'a [Route]),
    Rules(&'a [SecurityRule]),
}

fn lists(body: &Body) -> Option<Lists<'_>> {
    match body {
        Body::RouteTable(body) => Some(Lists::Routes(&body.routes)),
        Body::EffectiveRoutes(body) => Some(Lists::Routes(&body.routes)),
        Body::SecurityGroup(body) => Some(Lists::Rules(&body.rules)),
        Body::EffectiveSecurityGroup(body) => Some(Lists::Rules(&body.rules)),
        _ => None,
    }
}

fn routes_stay(before: &[Route], after: &[Route], promised: impl Fn(&IpAddr) -> bool) -> bool {
    let prefixes = after.iter().flat_map(|route| &route.prefixes).filter_map(|prefix| match prefix {
        RoutePrefix::Prefix(prefix) => Some(*prefix),
        _ => None,
    });
    borders(prefixes).iter().filter(|address| !promised(address)).all(|address| {
        let leads = |routes| winner(routes, *address).map(|route| (&route.next_hop, route.next_hop_address));
        leads(before) == leads(after)
    })
}

/// The longest prefix, then the source, then the order.
fn winner(routes: &[Route], address: IpAddr) -> Option<&Route> {
    let length = |route: &Route| {
        let holding = route.prefixes.iter().filter_map(|prefix| match prefix {
            RoutePrefix::Prefix(prefix) if prefix.contains(&address) => Some(prefix.prefix_len()),
            _ => None,
        });
        holding.max()
    };
    let active = routes.iter().filter(|route| route.is_active);
    let holding = active.filter_map(|route| Some((length(route)?, route)));
    holding.min_by_key(|(length, route)| (u8::MAX - length, route.source)).map(|(_, route)| route)
}

fn rules_stay(before: &[SecurityRule], after: &[SecurityRule], promised: impl Fn(&IpAddr) -> bool) -> bool {
    let prefixes = after.iter().flat_map(|rule| &rule.destinations).filter_map(|peer| match peer {
        Peer::Prefix(prefix) => Some(*prefix),
        _ => None,
    });
    let addresses = borders(prefixes);
    let ports = [443, 1687, 1688, 1689];
    let packets = addresses.iter().flat_map(|address| {
        ports.into_iter().flat_map(move |port| [(*address, port, Protocol::Tcp), (*address, port, Protocol::Other)])
    });
    let mut others =
        packets.filter(|(address, port, protocol)| !(promised(address) && *port == 1688 && *protocol == Protocol::Tcp));
    others.all(|packet| decider(before, packet) == decider(after, packet))
}

/// The outbound rule that decides; tags are taken as holding nothing, before and after alike.
fn decider(rules: &[SecurityRule], (address, port, protocol): (IpAddr, u16, Protocol)) -> Option<&SecurityRule> {
    let holds = |peer: &Peer| match peer {
        Peer::Any => true,
        Peer::Prefix(prefix) => prefix.contains(&address),
        _ => false,
    };
    let matches = |rule: &&SecurityRule| {
        rule.is_outbound
            && (rule.protocol == Protocol::Any || rule.protocol == protocol)
            && rule.destinations.iter().any(holds)
            && rule.destination_ports.iter().any(|ports| (ports.first..=ports.last).contains(&port))
    };
    rules.iter().filter(matches).min_by_key(|rule| rule.priority)
}

/// First and last address of each prefix, and those beside it.
fn borders(prefixes: impl Iterator<Item = IpNet>) -> BTreeSet<IpAddr> {
    let mut borders = BTreeSet::new();
    for prefix in prefixes {
        let (first, last) = (prefix.network(), prefix.broadcast());
        borders.extend([first, last]);
        borders.extend(beside(first, false));
        borders.extend(beside(last, true));
    }
    borders
}

fn beside(address: IpAddr, is_next: bool) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let number = u32::from(address);
            let beside = if is_next { number.checked_add(1) } else { number.checked_sub(1) };
            beside.map(|number| IpAddr::V4(Ipv4Addr::from(number)))
        }
        IpAddr::V6(address) => {
            let number = u128::from(address);
            let beside = if is_next { number.checked_add(1) } else { number.checked_sub(1) };
            beside.map(|number| IpAddr::V6(Ipv6Addr::from(number)))
        }
    }
}
