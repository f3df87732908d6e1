//! Lines and a summary for people.

use std::fmt::Write as _;
use std::net::SocketAddr;

use kmsdoctor_core::language::Language::{self, English, Japanese};
use kmsdoctor_core::printable::printable;
use kmsdoctor_evidence::reach::Reach;
use kmsdoctor_live::SweepEnd;

use super::{Judgement, Printer, Row, Status};
use crate::words::{self, pick};

/// Width of the first column: an IPv4 address with its port.
const ENDPOINT_CHARS: usize = 21;
/// A loss below this is not worth a word.
const LOSS_MIN: f64 = 0.005;

pub(super) struct Human {
    is_verbose: bool,
    language: Language,
    /// Of a range, endpoints that were not worth a line.
    hidden: u64,
}

impl Human {
    pub(super) fn new(is_verbose: bool, language: Language) -> Self {
        Self { is_verbose, language, hidden: 0 }
    }
}

impl Printer for Human {
    fn row(&mut self, row: &Row, is_named: bool) -> String {
        if !(is_named || self.is_verbose || row.reach.is_open()) {
            self.hidden += 1;
            return String::new();
        }
        let endpoint = row.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        let mut name = row.host.clone().unwrap_or_default();
        if row.host.as_ref() != Some(&row.target) && row.address.is_none_or(|address| address.to_string() != row.target)
        {
            let _ = write!(name, "{}(SRV {})", if name.is_empty() { "" } else { " " }, row.target);
        }
        let gap = if name.is_empty() { "" } else { "  " };
        let said = said(row, self.language);
        format!("{endpoint:<ENDPOINT_CHARS$}  {}{gap}{said}\n", printable(&name))
    }

    fn end(&mut self, judgement: &Judgement, end: &SweepEnd) -> String {
        let language = self.language;
        // Writing to a string cannot fail.
        let mut text = String::from("\n");
        let _ = writeln!(text, "{}", verdict(judgement, end, language));
        for (reach, count) in &judgement.counts {
            let _ = writeln!(text, "  {count:>7}  {}", words::reach(*reach, language));
        }
        let mut note = |applies: bool, japanese: &str, english: &str| {
            if applies {
                let _ = writeln!(text, "{}", pick(language, japanese, english));
            }
        };
        note(
            end.interrupted,
            "途中で止められました。まだ応答のない対象は含まれていません。",
            "It was stopped before its end: what had not answered yet is not counted.",
        );
        note(
            end.no_sockets,
            "このプログラムはソケットを開けないため、何も調べていません。",
            "The system gives this program no sockets, so nothing was asked.",
        );
        note(
            self.hidden > 0,
            "範囲の中で閉じている、または応答のないアドレスは省略しました (-v で表示)。",
            "Addresses of a range that are closed or silent are left out (-v shows them).",
        );
        if end.loss >= LOSS_MIN {
            let (percent, tries) = (end.loss * 100.0, end.tries_max);
            let _ = match language {
                Japanese => writeln!(
                    text,
                    "応答するホストでも要求の約 {percent:.0} % が失われています。応答のない対象には {tries} 回まで尋ねました。"
                ),
                English => writeln!(
                    text,
                    "About {percent:.0} % of tries got lost even at hosts that answer. Silent ones were asked up to {tries} times."
                ),
            };
        }
        if let Some((target, host, _)) = judgement.unwell().next() {
            // A domain without a record led to no host; an address needs none.
            let is_domain = host.is_none() && target.parse::<SocketAddr>().is_err();
            let option = if is_domain { "--domain" } else { "--host" };
            let what = printable(host.unwrap_or(target));
            let why = pick(language, "理由を調べる:", "To find out why:");
            let _ = writeln!(text, "{why} kmsdoctor check {option} {what}");
        }
        text
    }
}

/// What became of an endpoint, with times or details.
fn said(row: &Row, language: Language) -> String {
    let reach = words::reach(row.reach, language);
    let detail = match (row.reach, row.connect_ms, row.bind_ms) {
        (Reach::Acknowledged, Some(connect), Some(bind)) => match language {
            Japanese => format!("接続 {connect:.1} ms、バインド {bind:.1} ms"),
            English => format!("connect {connect:.1} ms, bind {bind:.1} ms"),
        },
        // The word says it all.
        (Reach::Refused | Reach::Timeout | Reach::Reset | Reach::Closed | Reach::Silent, ..) => String::new(),
        _ => printable(&row.detail),
    };
    let tries = match (row.tries, language) {
        (..=1, _) => String::new(),
        (tries, Japanese) => format!(" ({tries} 回)"),
        (tries, English) => format!(" ({tries} tries)"),
    };
    let gap = if detail.is_empty() { "" } else { ": " };
    format!("{reach}{gap}{detail}{tries}")
}

fn verdict(judgement: &Judgement, end: &SweepEnd, language: Language) -> String {
    let (hosts, well) = judgement.named_hosts();
    let found = judgement.acknowledged();
    let status = judgement.status(end);
    if judgement.named.is_empty() {
        return match (status, language) {
            (Status::Healthy, Japanese) => format!("KMS のバインドに応答するホストが {found} 件見つかりました。"),
            (Status::Healthy, English) => format!("Found {found} endpoints that acknowledge the KMS bind."),
            (_, Japanese) => "KMS のバインドに応答するホストは見つかりませんでした。".to_owned(),
            (_, English) => "No endpoint was found that acknowledges the KMS bind.".to_owned(),
        };
    }
    match (status, language) {
        (Status::Healthy, Japanese) => format!("正常: 指定した対象の {hosts} 台すべてが応答しました。"),
        (Status::Healthy, English) => format!("Healthy: {well} of {hosts} named hosts acknowledge the bind."),
        (Status::Degraded | Status::Problem, Japanese) => {
            format!("問題あり: 指定した対象の {hosts} 台のうち {well} 台だけが応答しました。")
        }
        (Status::Degraded | Status::Problem, English) => {
            format!("Problem found: {well} of {hosts} named hosts acknowledge the bind.")
        }
        (Status::Unknown, Japanese) => "判定できません。".to_owned(),
        (Status::Unknown, English) => "Could not tell.".to_owned(),
    }
}
