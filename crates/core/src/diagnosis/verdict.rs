//! The verdict: about the activation in question, not about everything that could be better.

use super::Finding;
use crate::fact::{FactBase, Key, State, Subject, SubjectKind, Value};
use crate::knowledge::Severity;

/// The allowed difference between the clocks of client and host, in seconds: 4 hours of UTC.
/// Source: MicrosoftDocs/SupportArticles-docs error-0xc004f06c-activate-windows.md, read 2026-11-23.
const CLOCK_OFFSET_S_MAX: f64 = 4.0 * 3600.0;

/// The verdict of an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The activation works and will renew, as far as was asked.
    Healthy,
    /// Something has stopped it or will stop it.
    Problem,
    /// The evidence carries neither.
    Undetermined,
}

impl Verdict {
    /// Its name in JSON reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Problem => "problem",
            Self::Undetermined => "undetermined",
        }
    }
}

pub(super) fn verdict(findings: &[Finding<'_>], facts: &FactBase) -> Verdict {
    let carried =
        |severity| findings.iter().any(|finding| finding.status.carries() && finding.cause.severity == severity);
    if carried(Severity::Fault) {
        return Verdict::Problem;
    }
    let of_licences = |key| facts.subjects(SubjectKind::License).map(move |license| facts.state(license, key));
    let licences: Vec<State> = of_licences(Key::LicenseStatus).collect();
    // An evaluation is licensed and will not renew.
    let evaluation = of_licences(Key::LicenseChannel).any(|state| state == State::Present(Value::Word("evaluation")));
    let licensed = !licences.is_empty()
        && !evaluation
        && licences.iter().all(|state| *state == State::Present(Value::Word("licensed")));
    let permanent = facts.subjects(SubjectKind::License).any(|license| flag(facts, license, Key::LicensePermanent));
    let stopped =
        licences.iter().any(|state| matches!(state, State::Present(Value::Word(word)) if *word != "licensed"));
    let open_failure = facts.subjects(SubjectKind::Attempt).any(|attempt| open_failure(facts, attempt));
    let succeeded =
        facts.history(&Subject::machine(), Key::ActivationLastSuccess).next().is_some() || undated_success(facts);
    if !stopped && !open_failure && (licensed || permanent || succeeded || path_is_healthy(facts)) {
        Verdict::Healthy
    } else {
        Verdict::Undetermined
    }
}

fn flag(facts: &FactBase, subject: &Subject, key: Key) -> bool {
    facts.state(subject, key) == State::Present(Value::Flag(true))
}

/// A failed attempt of the activation itself (not of the genuine-ticket path) that no later success overcomes.
fn open_failure(facts: &FactBase, attempt: &Subject) -> bool {
    let failed =
        matches!(facts.state(attempt, Key::AttemptCode), State::Present(Value::Code(code)) if !code.is_success());
    let online = facts.state(attempt, Key::AttemptRecord) == State::Present(Value::Word("online"));
    failed && !online && !flag(facts, attempt, Key::AttemptOvercome)
}

fn undated_success(facts: &FactBase) -> bool {
    facts.subjects(SubjectKind::Attempt).any(|attempt| {
        let succeeded =
            matches!(facts.state(attempt, Key::AttemptCode), State::Present(Value::Code(code)) if code.is_success());
        match facts.state(attempt, Key::AttemptRecord) {
            State::Present(Value::Word("command")) => succeeded,
            State::Present(Value::Word("response")) => succeeded && flag(facts, attempt, Key::AttemptActivated),
            _ => false,
        }
    })
}

/// A live run was asked to judge the path: every judged endpoint acknowledges the bind, discovery found one if it was
/// asked for, and the clock is within limits if it was asked for.
fn path_is_healthy(facts: &FactBase) -> bool {
    let machine = Subject::machine();
    if !flag(facts, &machine, Key::ScopePath) {
        return false;
    }
    let judged: Vec<&Subject> = facts
        .subjects(SubjectKind::Endpoint)
        .filter(|endpoint| flag(facts, endpoint, Key::EndpointAdvertised) || flag(facts, endpoint, Key::EndpointAsked))
        .collect();
    let acknowledged = !judged.is_empty()
        && judged
            .iter()
            .all(|endpoint| facts.state(endpoint, Key::EndpointRpc) == State::Present(Value::Word("acknowledged")));
    let discovered = !flag(facts, &machine, Key::ScopeDiscovery)
        || facts.subjects(SubjectKind::Domain).any(|domain| {
            flag(facts, domain, Key::DomainLookup)
                && facts.state(domain, Key::DomainSrv) == State::Present(Value::Word("found"))
        });
    let in_time = !flag(facts, &machine, Key::ScopeTime)
        || facts
            .subjects(SubjectKind::TimeSource)
            .any(|source| matches!(facts.state(source, Key::ClockOffset), State::Present(Value::Seconds(offset)) if offset.abs() <= CLOCK_OFFSET_S_MAX));
    acknowledged && discovered && in_time
}
