//! What measured clocks say, each with the bound that its round trip sets, and whether they agree.

use super::fact;
use crate::fact::{Fact, FactBase, Key, Subject, SubjectKind, Value};

/// Time sources that differ by more than this beyond their bounds do not tell the same time. Domains allow their members
/// 300 seconds (Kerberos), and KMS asks for far less.
const AGREEMENT_S: f64 = 300.0;

/// Facts on every time source that was measured, and on all of them together.
pub(super) fn facts(facts: &FactBase) -> Vec<Fact> {
    let measured: Vec<Measured<'_>> = facts
        .subjects(SubjectKind::TimeSource)
        .filter_map(|source| {
            let offset = facts.known(source, Key::ClockOffset)?;
            let bound = facts.known(source, Key::ClockBound).and_then(seconds).unwrap_or_default();
            Some(Measured { offset, offset_s: seconds(offset)?, bound_s: bound })
        })
        .collect();
    let mut derived: Vec<Fact> = measured.iter().map(Measured::at_least).collect();
    derived.extend(disagreement(&measured));
    derived
}

struct Measured<'f> {
    offset: &'f Fact,
    offset_s: f64,
    bound_s: f64,
}

impl Measured<'_> {
    /// The part of the offset that is certain: an answer that took long may have been long on one way alone.
    fn at_least(&self) -> Fact {
        let certain = (self.offset_s.abs() - self.bound_s).max(0.0).copysign(self.offset_s);
        let Fact { subject, time, origins, .. } = self.offset;
        fact(subject, Key::ClockOffsetAtLeast, Value::Seconds(certain), *time, origins.clone())
    }
}

/// Whether the earliest and the latest of several sources tell different times.
fn disagreement(measured: &[Measured<'_>]) -> Option<Fact> {
    let end = |measured: &Measured<'_>| measured.offset_s + measured.bound_s;
    let start = |measured: &Measured<'_>| measured.offset_s - measured.bound_s;
    let earliest = measured.iter().min_by(|one, other| end(one).total_cmp(&end(other)))?;
    let latest = measured.iter().max_by(|one, other| start(one).total_cmp(&start(other)))?;
    if measured.len() < 2 {
        return None;
    }
    let disagree = start(latest) - end(earliest) > AGREEMENT_S;
    let (early, late) = (earliest.offset, latest.offset);
    let origins = early.origins.iter().chain(&late.origins).cloned().collect();
    let time = early.time.max(late.time);
    Some(fact(&Subject::machine(), Key::ClockSourcesDisagree, Value::Flag(disagree), time, origins))
}

fn seconds(fact: &Fact) -> Option<f64> {
    match fact.value() {
        Some(Value::Seconds(seconds)) => Some(*seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(measured: &[(f64, Option<f64>)], at_least: &[&str], disagree: Option<bool>) {
        let given = measured.iter().enumerate().flat_map(|(index, (offset, bound))| {
            let source = Subject::new(SubjectKind::TimeSource, format!("dc{index}"));
            let of = |key, seconds| fact(&source, key, Value::Seconds(seconds), None, Vec::new());
            [Some(of(Key::ClockOffset, *offset)), bound.map(|bound| of(Key::ClockBound, bound))]
        });
        let derived = facts(&FactBase::new(given.flatten()));
        let values = |key| derived.iter().filter(move |fact| fact.key == key).filter_map(Fact::value);
        assert_eq!(values(Key::ClockOffsetAtLeast).map(ToString::to_string).collect::<Vec<_>>(), at_least);
        let flag = disagree.map(Value::Flag);
        assert_eq!(values(Key::ClockSourcesDisagree).next(), flag.as_ref());
    }

    #[test]
    fn offsets_are_known_up_to_half_of_the_round_trip() {
        check(&[(18_000.0, Some(0.5))], &["+17999.500"], None);
        check(&[(-18_000.0, Some(0.5))], &["-17999.500"], None);
        check(&[(0.2, Some(0.5))], &["+0.000"], None);
        check(&[(-0.5, None)], &["-0.500"], None);
    }

    #[test]
    fn sources_that_tell_different_times() {
        check(&[], &[], None);
        check(&[(0.1, None), (18_000.0, None)], &["+0.100", "+18000.000"], Some(true));
        check(&[(0.1, None), (300.0, None)], &["+0.100", "+300.000"], Some(false));
        check(&[(1.0, Some(1.0)), (302.5, Some(1.0))], &["+0.000", "+301.500"], Some(false));
        check(&[(-18_000.0, None), (18_000.0, None), (0.0, None)], &["-18000.000", "+18000.000", "+0.000"], Some(true));
    }
}
