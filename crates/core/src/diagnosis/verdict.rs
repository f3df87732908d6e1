//! The verdict: about the activation in question, not about everything that could be better.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Machine};
use crate::fact::{Fact, FactBase, Key, State, Subject, SubjectKind, Value, Why};
use crate::knowledge::Severity;

/// The allowed difference between the clocks of client and host, in seconds: 4 hours of UTC.
/// Source: MicrosoftDocs/SupportArticles-docs error-0xc004f06c-activate-windows.md, read 2026-11-23.
const CLOCK_OFFSET_S_MAX: f64 = 4.0 * 3600.0;

/// Minutes left to a licence that renews: 30 of 180 days.
const RENEWED_MINUTES_MIN: i64 = 30 * 24 * 60;

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

/// The verdict on several machines: a problem of one is a problem, and health is claimed where all of them that
/// the evidence shows a licence or a failure of are healthy.
pub(super) fn of_all(machines: &[Machine]) -> Verdict {
    if let [only] = machines {
        return only.verdict;
    }
    if machines.iter().any(|machine| machine.verdict == Verdict::Problem) {
        return Verdict::Problem;
    }
    let is_judged = |machine: &&Machine| {
        let facts = &machine.facts;
        machine.verdict == Verdict::Healthy
            || facts.subjects(SubjectKind::License).next().is_some()
            || facts.subjects(SubjectKind::Attempt).any(|attempt| open_failure(facts, attempt))
    };
    let mut judged = machines.iter().filter(is_judged).peekable();
    if judged.peek().is_some() && judged.all(|machine| machine.verdict == Verdict::Healthy) {
        Verdict::Healthy
    } else {
        Verdict::Undetermined
    }
}

pub(super) fn verdict(findings: &[Finding<'_>], facts: &FactBase, as_of: Option<Timestamp>) -> Verdict {
    let carried = |severity| {
        let mut of_severity =
            findings.iter().filter(|finding| finding.status.carries() && finding.cause.severity == severity);
        // Faults on the way to KMS do not concern an activation that does not use it.
        if uses_kms(facts) {
            of_severity.next().is_some()
        } else {
            of_severity.any(|finding| !finding.cause.is_on_the_way())
        }
    };
    if carried(Severity::Fault) {
        return Verdict::Problem;
    }
    let licences: Vec<Licence> =
        facts.subjects(SubjectKind::License).map(|license| Licence::of(facts, license, as_of)).collect();
    let licensed = licences.contains(&Licence::Works);
    let open = licences.iter().any(|licence| matches!(licence, Licence::Stopped | Licence::Open));
    if carried(Severity::Command) {
        // The command's own failure is explained; it is no failed activation where the licence is there.
        return if licensed && !open { Verdict::Healthy } else { Verdict::Problem };
    }
    let failed = facts.subjects(SubjectKind::Attempt).any(|attempt| open_failure(facts, attempt));
    let dated_success = facts.known(&Subject::machine(), Key::ActivationLastSuccess).is_some();
    let shown = licensed || dated_success || undated_success(facts) || path_is_healthy(facts);
    if shown && !open && !failed { Verdict::Healthy } else { Verdict::Undetermined }
}

/// Whether the activation in question may be one through KMS: it is not where every licence works with a key of another
/// kind.
fn uses_kms(facts: &FactBase) -> bool {
    let mut licences = facts.subjects(SubjectKind::License).peekable();
    let other_kind = |license: &Subject| {
        let other =
            matches!(facts.state(license, Key::LicenseChannel), State::Present(Value::Word("mak" | "retail" | "oem")));
        other && Licence::of(facts, license, None) == Licence::Works
    };
    licences.peek().is_none() || !licences.all(other_kind)
}

/// What the evidence says of one licence at the moment of judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Licence {
    /// It is activated and can renew.
    Works,
    /// It is not activated.
    Stopped,
    /// It was activated and has lapsed since, will not renew, or the evidence contradicts itself.
    Open,
    /// Nothing is said of its state.
    Unsaid,
}

impl Licence {
    fn of(facts: &FactBase, license: &Subject, as_of: Option<Timestamp>) -> Self {
        let expires = match facts.state(license, Key::LicenseExpires) {
            State::Present(Value::Time(expires)) => Some(expires),
            _ => None,
        };
        let status = facts.known(license, Key::LicenseStatus);
        let lapsed = expires.into_iter().chain(status.and_then(|status| lapses_at(facts, license, status)));
        let has_lapsed = lapsed.into_iter().any(|lapse| as_of.is_some_and(|as_of| lapse < as_of));
        // An evaluation is licensed and will not renew.
        let evaluation = facts.state(license, Key::LicenseChannel) == State::Present(Value::Word("evaluation"));
        match facts.state(license, Key::LicenseStatus) {
            State::Present(Value::Word("licensed")) if has_lapsed || evaluation || is_late(facts, license) => {
                Self::Open
            }
            State::Present(Value::Word("licensed")) => Self::Works,
            State::Present(_) => Self::Stopped,
            State::Unknown(Why::Contradictory) => Self::Open,
            State::Absent | State::Unknown(_) if flag(facts, license, Key::LicensePermanent) => Self::Works,
            State::Absent | State::Unknown(_) if expires.is_some() => {
                if has_lapsed {
                    Self::Open
                } else {
                    Self::Works
                }
            }
            State::Absent | State::Unknown(_) => Self::Unsaid,
        }
    }
}

/// A client of KMS renews every 7 days and has 180 days when it does: with less than 30 left it has failed for months.
fn is_late(facts: &FactBase, license: &Subject) -> bool {
    let gvlk = facts.state(license, Key::LicenseChannel) == State::Present(Value::Word("gvlk"));
    let left = facts.state(license, Key::LicenseMinutesLeft);
    gvlk && matches!(left, State::Present(Value::Integer(minutes)) if (1..RENEWED_MINUTES_MIN).contains(&minutes))
}

/// When a dated state ends by the minutes that were left in it.
fn lapses_at(facts: &FactBase, license: &Subject, status: &Fact) -> Option<Timestamp> {
    let left = facts.known(license, Key::LicenseMinutesLeft)?;
    match (status.time, left.value()) {
        (Some(time), Some(Value::Integer(minutes))) if *minutes > 0 => {
            time.checked_add(SignedDuration::from_mins(*minutes)).ok()
        }
        _ => None,
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

/// A live run was asked to judge the path: every endpoint that is judged or pinned acknowledges the bind, discovery found one if it was
/// asked for, and the clock is within limits if it was asked for.
fn path_is_healthy(facts: &FactBase) -> bool {
    let machine = Subject::machine();
    if !flag(facts, &machine, Key::ScopePath) {
        return false;
    }
    let reasons = [Key::EndpointAdvertised, Key::EndpointAsked, Key::EndpointPinned];
    let judged: Vec<&Subject> = facts
        .subjects(SubjectKind::Endpoint)
        .filter(|endpoint| reasons.into_iter().any(|reason| flag(facts, endpoint, reason)))
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
