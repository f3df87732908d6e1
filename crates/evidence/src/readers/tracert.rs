//! `tracert` and `pathping`, in any language: lines of hops look the same everywhere. What matters is whether the last
//! hop is the host itself; a hop on the way that stays silent is normal.

use super::console;
use super::ping::{Target, says_unreachable};
use crate::document::Document;
use crate::sink::Sink;

/// Lines above the first hop in which its header is looked for: blank ones and the second line of the header.
const HEADER_LINES_MAX: usize = 5;

/// Most hops of both tools (`-h`), which count from 0 or 1.
const HOP_MAX: u8 = 255;

/// Puts what traces found into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut trace: Option<Trace> = None;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        let hop = Hop::read(text);
        if hop.is_some() || is_start(text) {
            trace = trace.or_else(|| Trace::begin(document, index));
            if let (Some(trace), Some(hop)) = (trace.as_mut(), hop) {
                trace.hop(&hop, text, index);
            }
        } else if console::is_prompt(text)
            || (Target::find(text).is_some() && trace.as_ref().is_some_and(|trace| trace.hops > 0))
        {
            // The next trace, or something else.
            tell(trace.take(), sink);
        }
    }
    tell(trace, sink);
}

/// One line of a hop: its number, then times or stars, then who answered.
struct Hop {
    answered: bool,
    by: Option<Target>,
}

impl Hop {
    fn read(text: &str) -> Option<Self> {
        let (number, rest) = text.split_once(char::is_whitespace)?;
        number.parse::<u8>().ok().filter(|number| *number < HOP_MAX)?;
        let rest = rest.trim_start();
        let timed = has_time(rest);
        let silent = rest.split_whitespace().filter(|word| *word == "*").count() >= 2;
        let told = says_unreachable(rest) && Target::find(rest).is_some();
        (timed || silent || told).then(|| Self { answered: timed, by: Target::find(rest) })
    }
}

/// `1 ms`, `<1 ms`, and `41ms` as pathping prints it.
fn has_time(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let digits = word.strip_prefix('<').unwrap_or(word);
        let number = digits.strip_suffix("ms").unwrap_or(digits);
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && (digits.ends_with("ms") || words.peek() == Some(&"ms")) {
            return true;
        }
    }
    false
}

/// `  0  pc1.contoso.com [10.20.7.31]`: pathping lists the hops first, and their times below.
fn is_start(text: &str) -> bool {
    text.strip_prefix("0 ").is_some_and(|rest| Target::find(rest).is_some())
}

/// The line that names the target, above the hop at `index`.
fn header(document: &Document<'_>, index: usize) -> Option<(Target, usize)> {
    (index.saturating_sub(HEADER_LINES_MAX)..index).rev().find_map(|line| {
        let text = document.lines.get(line)?.text.trim();
        let is_command = console::is_prompt(text) || console::arguments(text, "tracert").is_some();
        // A header is a sentence, not a bare value or a row.
        let is_sentence = text.split_whitespace().count() >= 2 && Hop::read(text).is_none();
        let target = Target::find(text).filter(|_| is_sentence && !is_command)?;
        Some((target, line))
    })
}

struct Trace {
    target: Target,
    line: usize,
    first: usize,
    hops: usize,
    answer: Option<(bool, usize)>,
    last: usize,
}

impl Trace {
    /// The trace whose first hop stands at `index`.
    fn begin(document: &Document<'_>, index: usize) -> Option<Self> {
        let (target, line) = header(document, index)?;
        Some(Self { target, line, first: index, hops: 0, answer: None, last: index })
    }

    fn hop(&mut self, hop: &Hop, text: &str, index: usize) {
        self.hops += 1;
        self.last = index;
        let by_target = hop.by.as_ref().is_some_and(|by| by.address == self.target.address);
        if hop.answered && by_target {
            self.answer = Some((true, index));
        } else if says_unreachable(text) && self.answer.is_none() {
            self.answer = Some((false, index));
        }
    }
}

fn tell(trace: Option<Trace>, sink: &mut Sink<'_>) {
    let Some(trace) = trace else { return };
    let answer = trace.answer.map_or(trace.first..=trace.last, |(_, index)| index..=index);
    trace.target.tell(trace.answer.map(|(alive, _)| alive), &[trace.line..=trace.line, answer], sink);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn a_trace_that_arrives() {
        check(
            "
C:\\>tracert kms1.contoso.com

Tracing route to kms1.contoso.com [10.20.0.5]
over a maximum of 30 hops:

  1    <1 ms    <1 ms    <1 ms  10.20.7.1
  2     *        *        *     Request timed out.
  3     1 ms     2 ms     1 ms  kms1.contoso.com [10.20.0.5]

Trace complete.
",
            "kms1.contoso.com name.client-address = 10.20.0.5 @3
             kms1.contoso.com name.alive = true @8
             10.20.0.5 name.alive = true @8",
        );
        check(
            "
kms1.contoso.com [10.20.0.5] へのルートをトレースしています
経由するホップ数は最大 30 です:

  1    <1 ms    <1 ms    <1 ms  10.20.7.1
  2     1 ms     2 ms     1 ms  kms1.contoso.com [10.20.0.5]

トレースを完了しました。

10.20.0.6 へのルートをトレースしています。経由するホップ数は最大 30 です

  1    <1 ms    <1 ms    <1 ms  10.20.7.1
  2     *        *        *     要求がタイムアウトしました。
",
            "kms1.contoso.com name.client-address = 10.20.0.5 @1
             kms1.contoso.com name.alive = true @5
             10.20.0.5 name.alive = true @5
             10.20.0.6 name.alive unknown NoAnswer @11",
        );
        check(
            "Routenverfolgung zu 10.20.0.5 über maximal 30 Hops\n\n  1     5 ms     1 ms     1 ms  10.20.0.5",
            "10.20.0.5 name.alive = true @3",
        );
    }

    #[test]
    fn a_router_that_says_no() {
        for (header, said) in [
            ("Tracing route to 10.20.0.5 over a maximum of 30 hops", "reports: Destination host unreachable."),
            (
                "10.20.0.5 へのルートをトレースしています。経由するホップ数は最大 30 です",
                "レポート: 宛先ホストに到達できません。",
            ),
            ("Routenverfolgung zu 10.20.0.5 über maximal 30 Hops", "meldet: Zielhost nicht erreichbar."),
        ] {
            check(
                &format!("{header}\n\n  1    <1 ms    <1 ms    <1 ms  10.20.7.1\n  2  10.20.7.1  {said}\n"),
                "10.20.0.5 name.alive = false @4",
            );
        }
    }

    #[test]
    fn pathping() {
        check(
            "
Tracing route to kms1.contoso.com [10.20.0.5]
over a maximum of 30 hops:
  0  pc1.contoso.com [10.20.7.31]
  1  10.20.7.1
  2  kms1.contoso.com [10.20.0.5]

Computing statistics for 50 seconds...
            Source to Here   This Node/Link
Hop  RTT    Lost/Sent = Pct  Lost/Sent = Pct  Address
  0                                           pc1.contoso.com [10.20.7.31]
                                0/ 100 =  0%   |
  1    1ms     0/ 100 =  0%     0/ 100 =  0%  10.20.7.1
                                0/ 100 =  0%   |
  2    3ms     0/ 100 =  0%     0/ 100 =  0%  kms1.contoso.com [10.20.0.5]
",
            "kms1.contoso.com name.client-address = 10.20.0.5 @1
             kms1.contoso.com name.alive = true @14
             10.20.0.5 name.alive = true @14",
        );
    }

    #[test]
    fn other_rows_say_nothing() {
        check("  1    <1 ms    <1 ms    <1 ms  10.20.7.1", "");
        check("Servers: 10.20.0.5\n\n1 2 3\n2 ms late", "");
        check("1 * 10.20.0.5 * 3", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(Tracing route to |  [0-9]  )?(<1 ms|\\*  \\*|41ms)?(10\\.20\\.0\\.5|\\[|\\])?\\PC{0,12}", 0..20)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
