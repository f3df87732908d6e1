//! One line for each endpoint: JSON and CSV.

use std::fmt::Write as _;

use kmsdoctor_live::SweepEnd;
use serde::Serialize;

use super::{Judgement, Printer, Row};

/// JSON lines: `kmsdoctor.probe/1`.
pub(super) struct Json;

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    row: &'a Row,
}

impl Printer for Json {
    fn row(&mut self, row: &Row, _: bool) -> String {
        // Plain data with text keys cannot fail to be written.
        let mut line = serde_json::to_string(&Line { schema: "kmsdoctor.probe/1", row }).unwrap_or_default();
        line.push('\n');
        line
    }

    fn end(&mut self, _: &Judgement, _: &SweepEnd) -> String {
        String::new()
    }
}

/// Comma-separated values with a header (RFC 4180, line feeds).
#[derive(Default)]
pub(super) struct Csv {
    has_header: bool,
}

const HEADER: &str = "target,host,address,port,reach,connect_ms,bind_ms,tries,detail\n";

impl Printer for Csv {
    fn row(&mut self, row: &Row, _: bool) -> String {
        let mut line = if std::mem::replace(&mut self.has_header, true) { String::new() } else { HEADER.to_owned() };
        let number = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
        let fields = [
            row.target.clone(),
            row.host.clone().unwrap_or_default(),
            row.address.map(|address| address.ip().to_string()).unwrap_or_default(),
            row.address.map(|address| address.port().to_string()).unwrap_or_default(),
            row.reach.to_string(),
            number(row.connect_ms),
            number(row.bind_ms),
            row.tries.to_string(),
            row.detail.clone(),
        ];
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                line.push(',');
            }
            if field.contains([',', '"', '\n', '\r']) {
                // Writing to a string cannot fail.
                let _ = write!(line, "\"{}\"", field.replace('"', "\"\""));
            } else {
                line.push_str(field);
            }
        }
        line.push('\n');
        line
    }

    fn end(&mut self, _: &Judgement, _: &SweepEnd) -> String {
        if self.has_header { String::new() } else { HEADER.to_owned() }
    }
}
