//! The output of a Nagios plugin (Monitoring Plugins Development Guidelines, read on 2026-11-24): one line with a status and
//! performance data, then a line for each host that is not well.

use std::fmt::Write as _;

use kmsdoctor_core::language::Language;
use kmsdoctor_live::SweepEnd;

use super::{Judgement, Printer, Row, Status};
use crate::words;

/// Lines about hosts that are not well.
const LINES_MAX: usize = 20;

pub(super) struct Nagios {
    language: Language,
}

impl Nagios {
    pub(super) fn new(language: Language) -> Self {
        Self { language }
    }
}

impl Printer for Nagios {
    fn row(&mut self, _: &Row, _: bool) -> String {
        String::new()
    }

    fn end(&mut self, judgement: &Judgement, end: &SweepEnd) -> String {
        let (hosts, well) = match judgement.named_hosts() {
            // Of a range, what was found.
            (0, _) => (judgement.acknowledged(), judgement.acknowledged()),
            (hosts, well) => (hosts as u64, well as u64),
        };
        let word = match judgement.status(end) {
            Status::Healthy => "OK",
            Status::Degraded => "WARNING",
            Status::Problem => "CRITICAL",
            Status::Unknown => "UNKNOWN",
        };
        let said = match self.language {
            Language::Japanese => format!("KMS ホスト {hosts} 台中 {well} 台がバインドに応答"),
            Language::English => format!("{well} of {hosts} KMS hosts acknowledge the bind"),
        };
        let slowest_s = judgement.slowest_ms / 1000.0;
        let mut text =
            format!("KMS {word} - {said} | acknowledged={well};;{hosts}:;0;{hosts} slowest={slowest_s:.6}s\n");
        for (target, host, reach) in judgement.unwell().take(LINES_MAX) {
            let host = host.filter(|host| *host != target).map(|host| format!(" ({host})"));
            // Writing to a string cannot fail. `|` would begin performance data.
            let line = format!("{target}{}: {}", host.unwrap_or_default(), words::reach(reach, self.language));
            let _ = writeln!(text, "{}", line.replace('|', "/"));
        }
        text
    }

    fn exit(&self, status: Status) -> u8 {
        match status {
            Status::Healthy => 0,
            Status::Degraded => 1,
            Status::Problem => 2,
            Status::Unknown => 3,
        }
    }
}
