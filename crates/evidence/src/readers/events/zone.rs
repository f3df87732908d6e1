//! The zone of local times. Event Viewer and PowerShell print the time of the machine that they run on. Where the same
//! listing has events 12288 or 12289, these carry the client's time in UTC as well, and date the others by it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Found;
use super::payload::Payload;
use crate::readers::pattern::{DateOrder, civil_in};

/// Offsets of zones are multiples of this.
const STEP_SECONDS: i64 = 15 * 60;
/// A request is logged when it has ended, and its stamp has no seconds: so much later than the stamp at most.
const LATER_SECONDS_MAX: i64 = 5 * 60;
/// And so much earlier, for clocks that are set meanwhile.
const EARLIER_SECONDS_MAX: i64 = 60;
/// Zones lie between -12 and +14 hours.
const OFFSET_SECONDS_MAX: i64 = 14 * 3600;
const ORDERS: [DateOrder; 2] = [DateOrder::DayFirst, DateOrder::MonthFirst];

/// Dates the events of the client that have a local time only, where all its requests and responses in the listing agree
/// on one zone.
pub(super) fn date(found: &mut [Found]) {
    let mut computers: BTreeSet<Option<String>> = BTreeSet::new();
    let mut agreed: Option<BTreeSet<(DateOrder, i64)>> = None;
    for event in found.iter().filter(|event| event.time.is_none() && !event.date.is_empty()) {
        let stamp = match &event.payload {
            Some(Payload::Request(request)) => request.client_time,
            Some(Payload::Response(response)) => response.client_time,
            _ => None,
        };
        let Some(stamp) = stamp else { continue };
        computers.insert(computer(event));
        let readings = ORDERS.into_iter().filter_map(|order| {
            let offset = offset(local(&event.date, order)?.duration_since(stamp).as_secs())?;
            Some((order, offset))
        });
        let readings: BTreeSet<_> = readings.collect();
        agreed = Some(match agreed {
            Some(agreed) => agreed.intersection(&readings).copied().collect(),
            None => readings,
        });
    }
    let agreed: Vec<_> = agreed.into_iter().flatten().collect();
    // Both orders may fit (the fifth of May, or the year first): then they agree on the offset.
    let Some((_, offset)) = agreed.first().copied().filter(|first| agreed.iter().all(|other| other.1 == first.1))
    else {
        return;
    };
    let states = |event: &Found| matches!(event.payload, Some(Payload::Failure(_) | Payload::Statements(..)));
    for event in found.iter_mut().filter(|event| event.time.is_none() && states(event)) {
        // Another machine's log may have been printed elsewhere.
        if !computers.contains(&computer(event)) {
            continue;
        }
        let mut times = agreed.iter().filter_map(|(order, _)| local(&event.date, *order));
        let Some(time) = times.next() else { continue };
        if times.all(|other| other == time) {
            event.time = time.checked_sub(SignedDuration::from_secs(offset)).ok();
        }
    }
}

fn computer(event: &Found) -> Option<String> {
    event.computer.as_ref().map(|(name, _)| name.to_lowercase())
}

/// The local time as if it were UTC.
fn local(date: &str, order: DateOrder) -> Option<Timestamp> {
    civil_in(date, order)?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// The offset of a zone that explains the difference between local time and stamp.
fn offset(seconds: i64) -> Option<i64> {
    let offset = (seconds + EARLIER_SECONDS_MAX).div_euclid(STEP_SECONDS) * STEP_SECONDS;
    (seconds - offset <= LATER_SECONDS_MAX && offset.abs() <= OFFSET_SECONDS_MAX).then_some(offset)
}

/// Which of two local times is newer, where their order is certain whatever the order of day and month.
pub(super) fn is_newer(one: &str, other: &str) -> Option<bool> {
    let mut answers = ORDERS.into_iter().filter_map(|order| Some(local(one, order)? > local(other, order)?));
    let first = answers.next()?;
    answers.all(|answer| answer == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        for (seconds, expect) in [
            (9 * 3600 + 33, Some(9 * 3600)),
            (-5 * 3600 + 200, Some(-5 * 3600)),
            (5 * 3600 + 45 * 60, Some(5 * 3600 + 45 * 60)),
            (-30, Some(0)),
            (9 * 3600 + 7 * 60, None),
            (20 * 3600, None),
        ] {
            assert_eq!(offset(seconds), expect, "{seconds}");
        }
    }

    #[test]
    fn order_of_local_times() {
        for (one, other, expect) in [
            ("2026/01/05 9:13:33", "2026/01/05 9:13:32", Some(true)),
            ("1/5/2026 9:13", "1/6/2026 9:13", Some(false)),
            // The second of January, or the first of February.
            ("1/2/2026 9:13", "2/1/2026 9:13", None),
            ("13/1/2026 9:13", "1/2/2026 9:13", Some(false)),
            ("", "1/2/2026 9:13", None),
        ] {
            assert_eq!(is_newer(one, other), expect, "{one} {other}");
        }
    }
}
