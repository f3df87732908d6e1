//! The text format of Prometheus, for the textfile collector or a cron job: what was named, and what was found open.

use std::fmt::Write as _;

use kmsdoctor_evidence::reach::Reach;
use kmsdoctor_live::SweepEnd;

use super::{Judgement, Printer, Row};

/// Keeps the rows, because the format wants all samples of a metric together.
#[derive(Default)]
pub(super) struct Prometheus {
    rows: Vec<Row>,
}

/// A metric: its name, what it is, and its value for a row.
type Metric = (&'static str, &'static str, fn(&Row) -> Option<f64>);

const METRICS: [Metric; 4] = [
    ("kmsdoctor_probe_acknowledged", "1 if the RPC bind was acknowledged, else 0.", |row| {
        Some(f64::from(u8::from(row.reach == Reach::Acknowledged)))
    }),
    ("kmsdoctor_probe_connect_seconds", "Time until the TCP connection opened or was refused.", |row| {
        row.connect_ms.map(|time| time / 1000.0)
    }),
    ("kmsdoctor_probe_bind_seconds", "Time until the RPC bind was answered.", |row| {
        row.bind_ms.map(|time| time / 1000.0)
    }),
    ("kmsdoctor_probe_tries", "How often the endpoint was asked.", |row| Some(f64::from(row.tries))),
];

impl Printer for Prometheus {
    fn row(&mut self, row: &Row, is_named: bool) -> String {
        if is_named || row.reach.is_open() {
            self.rows.push(row.clone());
        }
        String::new()
    }

    fn end(&mut self, judgement: &Judgement, end: &SweepEnd) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for (name, help, value) in METRICS {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
            for row in &self.rows {
                if let Some(value) = value(row) {
                    let _ = writeln!(text, "{name}{{{}}} {value}", labels(row));
                }
            }
        }
        let name = "kmsdoctor_probe_endpoints";
        let _ = writeln!(text, "# HELP {name} Endpoints and names by what they came to.\n# TYPE {name} gauge");
        for reach in Reach::ALL {
            let count = judgement.counts.get(&reach).copied().unwrap_or(0);
            let _ = writeln!(text, "{name}{{reach=\"{reach}\"}} {count}");
        }
        let name = "kmsdoctor_probe_interrupted";
        let _ = writeln!(text, "# HELP {name} 1 if the probe was stopped before its end.\n# TYPE {name} gauge");
        let _ = writeln!(text, "{name} {}", u8::from(end.interrupted));
        text
    }
}

fn labels(row: &Row) -> String {
    let address = row.address.map(|address| address.to_string()).unwrap_or_default();
    let labels = [("target", &row.target), ("host", row.host.as_ref().unwrap_or(&row.target)), ("address", &address)];
    let labels = labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{},reach=\"{}\"", labels.join(","), row.reach)
}

/// Label values escape these three (Prometheus documentation, *Exposition formats*, read on 2026-11-24).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
