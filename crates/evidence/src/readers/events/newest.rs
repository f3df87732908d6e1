//! Which events are kept where there are too many, and which of several undated ones is the newest.

use std::collections::{BTreeMap, BTreeSet};

use kmsdoctor_core::fact::{Key, SubjectKind};

use super::payload::{Payload, Statement};
use super::{Found, zone};

/// Events of one artifact that are read. Each becomes a dozen facts of some 700 bytes with their places; so many of
/// them stay below 300 MiB with everything that is derived from them. A KMS host with 2 000 clients logs as many in a
/// month, and an older request says nothing about the activation in question.
pub(super) const EVENTS_MAX: usize = 20_000;

/// Keeps the newest `limit` events, once there are more; returns how many were dropped. A later place counts as newer
/// where there is no date.
pub(super) fn keep(found: &mut Vec<Found>, limit: usize) -> usize {
    if found.len() <= limit {
        return 0;
    }
    let dropped = found.len() - EVENTS_MAX.min(limit);
    found.sort_by_key(|event| (event.time, event.number, *event.lines.start()));
    found.drain(..dropped);
    dropped
}

/// Takes back what an event without a zone says of the machine where a newer event of the same listing says otherwise.
/// Event Viewer and PowerShell list the newest first, so that the last line is not the last word.
pub(super) fn supersede(found: &mut [Found]) {
    let mut last: BTreeMap<Key, usize> = BTreeMap::new();
    let mut over: BTreeSet<(usize, Key)> = BTreeSet::new();
    for (index, event) in found.iter().enumerate().filter(|(_, event)| event.time.is_none()) {
        for key in keys(event) {
            let known = last.entry(key).or_insert(index);
            let Some(other) = found.get(*known).filter(|_| *known != index) else { continue };
            if zone::is_newer(&other.date, &event.date) == Some(true) {
                over.insert((index, key));
            } else {
                if zone::is_newer(&event.date, &other.date) == Some(true) {
                    over.insert((*known, key));
                }
                *known = index;
            }
        }
    }
    for (index, event) in found.iter_mut().enumerate() {
        if let Some(Payload::Statements(_, statements)) = &mut event.payload {
            statements.retain(|statement| !over.contains(&(index, statement.key)));
        }
    }
}

fn keys(event: &Found) -> impl Iterator<Item = Key> {
    let statements: &[Statement] = match &event.payload {
        Some(Payload::Statements(_, statements)) => statements,
        _ => &[],
    };
    statements.iter().filter(|statement| statement.subject.kind == SubjectKind::Machine).map(|statement| statement.key)
}
