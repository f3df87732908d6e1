//! Which rule of a list decides, where the exports may not tell whether a rule matches.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::rc::Rc;

use ipnet::IpNet;
use kmsdoctor_core::fact::Origin;

use super::{Peer, PortRange, Protocol};
use crate::Missing;

/// Whether something matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    No,
    Unknown(Missing),
    Yes,
}

impl Match {
    pub(super) fn when(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// Whether one of them matches.
    pub(super) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::No;
        for one in all {
            match one {
                Self::Yes => return Self::Yes,
                Self::Unknown(_) if result == Self::No => result = one,
                _ => {}
            }
        }
        result
    }

    /// Whether both match. The other one is asked only where it counts.
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Unknown(missing) => match other() {
                Self::No => Self::No,
                _ => Self::Unknown(missing),
            },
        }
    }
}

/// A rule for one address of KMS: everything but its sources is settled.
#[derive(Debug)]
pub(super) struct Line<'e> {
    pub(super) label: String,
    pub(super) allows: bool,
    /// Whether it matches by everything but its sources. Rules that do not are no lines.
    pub(super) matches: Match,
    pub(super) sources: &'e [Peer],
    pub(super) origin: Option<&'e Origin>,
    /// Whether it names the address literally.
    pub(super) is_literal: bool,
    /// Whether it matches by a domain name alone.
    pub(super) is_by_name: bool,
}

/// One step of a list of rules.
#[derive(Debug)]
pub(super) enum Step<'e> {
    /// A rule.
    Rule(Line<'e>),
    /// Rules that the exports do not have: they may decide either way.
    Gap(Missing),
}

/// What a list of rules decides.
#[derive(Debug)]
pub(super) enum Decision<'l, 'e> {
    /// This rule.
    By(&'l Line<'e>),
    /// No rule: what is not allowed is denied.
    ByNone,
    /// The exports do not tell.
    Open(Missing),
}

/// The first rule that matches, unless an earlier one may match and decides otherwise.
pub(super) fn decide<'l, 'e>(steps: &'l [Step<'e>], source: impl Fn(&Peer) -> Match) -> Decision<'l, 'e> {
    let mut may_allow: Option<Missing> = None;
    let mut may_deny: Option<Missing> = None;
    for step in steps {
        let line = match step {
            Step::Gap(missing) => return Decision::Open(may_allow.or(may_deny).unwrap_or_else(|| missing.clone())),
            Step::Rule(line) => line,
        };
        let matches = line.matches.clone().and(|| Match::any(line.sources.iter().map(&source)));
        let (alike, otherwise) = if line.allows { (&mut may_allow, &may_deny) } else { (&mut may_deny, &may_allow) };
        match matches {
            Match::No => {}
            Match::Unknown(missing) => _ = alike.get_or_insert(missing),
            Match::Yes => return otherwise.clone().map_or(Decision::By(line), Decision::Open),
        }
    }
    may_allow.map_or(Decision::ByNone, Decision::Open)
}

/// Whether TCP is among the protocols.
pub(super) fn is_tcp(protocol: Protocol) -> bool {
    protocol != Protocol::Other
}

/// Whether a port is in one of the ranges.
pub(super) fn holds_port(ranges: &[PortRange], port: u16) -> bool {
    ranges.iter().any(|range| (range.first..=range.last).contains(&port))
}

/// Whether an address lies between two others, both included.
pub(super) fn in_range(address: IpAddr, first: IpAddr, last: IpAddr) -> bool {
    address.is_ipv4() == first.is_ipv4() && (first..=last).contains(&address)
}

/// Whether a prefix is this one address.
pub(super) fn is_literally(prefix: &IpNet, address: IpAddr) -> bool {
    prefix.prefix_len() == prefix.max_prefix_len() && prefix.addr() == address
}

/// Whether the prefixes and ranges of rules hold the source, whose address may not be known.
pub(super) fn holds_source(peer: &Peer, address: Option<IpAddr>) -> Match {
    match (peer, address) {
        (Peer::Any, _) => Match::Yes,
        (Peer::Prefix(prefix), Some(address)) => Match::when(prefix.contains(&address)),
        (Peer::Range(first, last), Some(address)) => Match::when(in_range(address, *first, *last)),
        (Peer::Prefix(IpNet::V4(prefix)), None) if prefix.prefix_len() == 0 => Match::Yes,
        (Peer::Prefix(_) | Peer::Range(..), None) => Match::Unknown(Missing::Interface),
        (Peer::Unreadable(text), _) => Match::Unknown(Missing::Unreadable(text.clone())),
        _ => Match::No,
    }
}

/// Results that many interfaces share.
pub(super) struct Memo<K, V>(RefCell<HashMap<K, Rc<V>>>);

impl<K: Eq + Hash, V> Memo<K, V> {
    pub(super) fn new() -> Self {
        Self(RefCell::new(HashMap::new()))
    }

    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> Rc<V> {
        if let Some(known) = self.0.borrow().get(&key) {
            return Rc::clone(known);
        }
        let result = Rc::new(make());
        self.0.borrow_mut().insert(key, Rc::clone(&result));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(allows: bool, matches: Match) -> Step<'static> {
        let label = format!("{allows} {matches:?}");
        let sources = &[Peer::Any];
        Step::Rule(Line { label, allows, matches, sources, origin: None, is_literal: false, is_by_name: false })
    }

    fn unknown() -> Match {
        Match::Unknown(Missing::Group("t".to_owned()))
    }

    #[test]
    fn what_is_unknown_counts_only_where_it_decides() {
        let word = |steps: &[Step]| match decide(steps, |peer| holds_source(peer, None)) {
            Decision::By(line) => {
                if line.allows {
                    "allows"
                } else {
                    "denies"
                }
            }
            Decision::ByNone => "none",
            Decision::Open(_) => "open",
        };
        for (steps, expected) in [
            (vec![], "none"),
            (vec![line(true, Match::No), line(false, Match::Yes), line(true, Match::Yes)], "denies"),
            (vec![line(true, unknown()), line(true, Match::Yes)], "allows"),
            (vec![line(false, unknown()), line(true, Match::Yes)], "open"),
            (vec![line(false, unknown())], "none"),
            (vec![line(true, unknown())], "open"),
            (vec![line(true, Match::Yes), Step::Gap(Missing::Interface)], "allows"),
            (vec![Step::Gap(Missing::Interface), line(true, Match::Yes)], "open"),
        ] {
            assert_eq!(word(&steps), expected, "{steps:?}");
        }
    }

    #[test]
    fn three_values_combine() {
        assert_eq!(Match::any([Match::No, unknown(), Match::Yes]), Match::Yes);
        assert_eq!(Match::any([Match::No, unknown()]), unknown());
        assert_eq!(unknown().and(|| Match::No), Match::No);
        assert_eq!(unknown().and(|| Match::Yes), unknown());
        assert_eq!(Match::Yes.and(unknown), unknown());
    }
}
