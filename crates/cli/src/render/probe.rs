//! Output of a probe: a line for each endpoint as it is found out, and a summary.

mod human;
mod lines;
mod nagios;
mod prometheus;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use kmsdoctor_core::language::Language;
use kmsdoctor_evidence::reach::{self, Reach};
use kmsdoctor_live::{SweepEnd, SweepTarget, Swept};
use serde::Serialize;

use crate::arguments::ProbeFormat;
use crate::targets::Target;

/// One endpoint, or a name that led to none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    /// As it was asked for: a host, an address with its port, the domain of an SRV record.
    pub(crate) target: String,
    /// The host, where a name led there.
    pub(crate) host: Option<String>,
    /// The address, where there is one.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) reach: Reach,
    pub(crate) connect_ms: Option<f64>,
    pub(crate) bind_ms: Option<f64>,
    /// How often it was asked.
    pub(crate) tries: u32,
    /// What came back, in English.
    pub(crate) detail: String,
}

impl Row {
    pub(crate) fn of(swept: Swept) -> Self {
        match swept {
            Swept::Endpoint { origin, tries, attempt } => {
                let (reach, detail) = reach::of_attempt(&attempt);
                let bind_us = attempt.bind.as_ref().map(|exchange| exchange.elapsed_us);
                let (target, host) = match origin {
                    Some(origin) => (origin.target.clone(), Some(origin.host.clone())),
                    None => (attempt.address.to_string(), None),
                };
                Self {
                    target,
                    host,
                    address: Some(attempt.address),
                    reach,
                    connect_ms: (bind_us.is_some() || reach == Reach::Refused)
                        .then_some(milliseconds(attempt.connect_us)),
                    bind_ms: bind_us.filter(|_| reach <= Reach::Foreign).map(milliseconds),
                    tries,
                    detail,
                }
            }
            Swept::Nowhere { target, host, question } => {
                let (reach, detail) = question.as_ref().map_or((Reach::Unknown, String::new()), reach::of_question);
                Self { target, host, address: None, reach, connect_ms: None, bind_ms: None, tries: 1, detail }
            }
        }
    }
}

/// Milliseconds with microseconds behind the point.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 microseconds")]
fn milliseconds(us: u64) -> f64 {
    us as f64 / 1000.0
}

/// What the rows come to.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Targets that the user named, each with its hosts and the best outcome of every host: one with two addresses is well
    /// if one of them is. What else is found lies in a range.
    named: BTreeMap<String, BTreeMap<Option<String>, Reach>>,
    counts: BTreeMap<Reach, u64>,
    slowest_ms: f64,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Every host that was named acknowledges; of ranges alone, at least one does.
    Healthy,
    /// Every target has a host that acknowledges, and another one that does not.
    Degraded,
    /// A target has none.
    Problem,
    /// Nothing was judged, or it could not be told.
    Unknown,
}

impl Judgement {
    pub(crate) fn new(targets: &[Target]) -> Self {
        let named = targets.iter().filter_map(|target| match target {
            Target::Named(SweepTarget::Address(address)) => Some(address.to_string()),
            Target::Named(SweepTarget::Host { name: target, .. } | SweepTarget::Domain(target)) => Some(target.clone()),
            Target::Range(..) => None,
        });
        Self { named: named.map(|target| (target, BTreeMap::new())).collect(), ..Self::default() }
    }

    pub(crate) fn is_named(&self, row: &Row) -> bool {
        self.named.contains_key(&row.target)
    }

    pub(crate) fn take(&mut self, row: &Row) {
        *self.counts.entry(row.reach).or_default() += 1;
        if let Some(hosts) = self.named.get_mut(&row.target) {
            let best = hosts.entry(row.host.clone()).or_insert(row.reach);
            *best = row.reach.min(*best);
        }
        if row.reach == Reach::Acknowledged {
            let took = row.connect_ms.unwrap_or(0.0) + row.bind_ms.unwrap_or(0.0);
            self.slowest_ms = self.slowest_ms.max(took);
        }
    }

    /// Endpoints that acknowledge.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.counts.get(&Reach::Acknowledged).copied().unwrap_or(0)
    }

    /// Hosts that were named, and how many of them acknowledge.
    fn named_hosts(&self) -> (usize, usize) {
        let hosts = || self.named.values().flat_map(BTreeMap::values);
        (hosts().count(), hosts().filter(|reach| **reach == Reach::Acknowledged).count())
    }

    /// Hosts that were named and do not acknowledge, with their targets.
    fn unwell(&self) -> impl Iterator<Item = (&str, Option<&str>, Reach)> {
        let hosts = self
            .named
            .iter()
            .flat_map(|(target, hosts)| hosts.iter().map(|(host, reach)| (target.as_str(), host.as_deref(), *reach)));
        hosts.filter(|(_, _, reach)| *reach != Reach::Acknowledged)
    }

    pub(crate) fn status(&self, end: &SweepEnd) -> Status {
        if self.named.is_empty() {
            return if self.acknowledged() > 0 { Status::Healthy } else { Status::Unknown };
        }
        let is_well = |hosts: &&BTreeMap<_, Reach>| hosts.values().any(|reach| *reach == Reach::Acknowledged);
        let unwell: Vec<_> = self.named.values().filter(|hosts| !is_well(hosts)).collect();
        let is_unknown = |hosts: &&BTreeMap<_, Reach>| hosts.values().all(|reach| *reach == Reach::Unknown);
        if end.no_sockets || (!unwell.is_empty() && unwell.iter().all(is_unknown)) {
            Status::Unknown
        } else if !unwell.is_empty() {
            Status::Problem
        } else if self.unwell().next().is_some() {
            Status::Degraded
        } else if end.interrupted {
            Status::Unknown
        } else {
            Status::Healthy
        }
    }
}

/// A form of the output.
pub(crate) trait Printer {
    /// What is printed of a row when it comes; empty for nothing.
    fn row(&mut self, row: &Row, is_named: bool) -> String;
    /// What is printed at the end.
    fn end(&mut self, judgement: &Judgement, end: &SweepEnd) -> String;
    /// The exit status.
    fn exit(&self, status: Status) -> u8 {
        match status {
            Status::Healthy => crate::EXIT_HEALTHY,
            Status::Degraded | Status::Problem => crate::EXIT_PROBLEM,
            Status::Unknown => crate::EXIT_UNDETERMINED,
        }
    }
}

/// The form that was asked for.
pub(crate) fn printer(format: ProbeFormat, is_verbose: bool, language: Language) -> Box<dyn Printer> {
    match format {
        ProbeFormat::Human => Box::new(human::Human::new(is_verbose, language)),
        ProbeFormat::Json => Box::new(lines::Json),
        ProbeFormat::Csv => Box::new(lines::Csv::default()),
        ProbeFormat::Prometheus => Box::new(prometheus::Prometheus::default()),
        ProbeFormat::Nagios => Box::new(nagios::Nagios::new(language)),
    }
}

/// How far it is.
pub(crate) fn progress(begun: u64, acknowledged: u64, language: Language) -> String {
    match language {
        Language::Japanese => format!("… {begun} 件に接続を開始、応答した KMS ホスト {acknowledged} 件"),
        Language::English => format!("… {begun} begun, {acknowledged} acknowledge"),
    }
}

#[cfg(test)]
mod tests;
