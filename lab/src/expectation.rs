//! What a run of `kmsdoctor check` must say: exit status and JSON report, by the contract of the report.

use serde_json::Value;

use crate::error::Result;
use crate::product::CheckRun;

/// The schema that the lab knows.
const SCHEMA: &str = "kmsdoctor.report/1";
/// Statuses that make a cause the answer.
const DECIDED: [&str; 2] = ["confirmed", "likely"];

impl CheckRun {
    /// Demands a problem whose first finding is `cause`, decided and resting on evidence. Returns the findings.
    pub fn expect_problem(&self, cause: &str) -> Result<Vec<Value>> {
        let findings = self.expect_report(1, "problem")?;
        let first = findings.first().ok_or_else(|| self.failure("no finding"))?;
        if first["cause"] != cause {
            let detail = format!("the first finding is {}, not \"{cause}\"", first["cause"]);
            return Err(self.failure(&detail));
        }
        if !is_decided(first) {
            let detail = format!("{cause} is {}, not confirmed or likely", first["status"]);
            return Err(self.failure(&detail));
        }
        if first["for"].as_array().is_none_or(Vec::is_empty) {
            return Err(self.failure(&format!("{cause} rests on no evidence")));
        }
        Ok(findings)
    }

    /// Demands health: nothing may be found in a network without a fault.
    pub fn expect_healthy(&self) -> Result<()> {
        let findings = self.expect_report(0, "healthy")?;
        match findings.iter().find(|finding| is_decided(finding)) {
            Some(finding) => {
                let detail = format!("{} is {} in health", finding["cause"], finding["status"]);
                Err(self.failure(&detail))
            }
            None => Ok(()),
        }
    }

    fn expect_report(&self, status: i32, verdict: &str) -> Result<Vec<Value>> {
        let report = self.report()?;
        for (field, expected) in [("schema", SCHEMA), ("verdict", verdict)] {
            if report[field] != expected {
                let detail = format!("{field} is {}, not \"{expected}\"", report[field]);
                return Err(self.failure(&detail));
            }
        }
        if self.status != Some(status) {
            return Err(self.failure(&format!("the exit status is not {status}")));
        }
        let findings = report["findings"].as_array().cloned();
        findings.ok_or_else(|| self.failure("`findings` is no list"))
    }
}

fn is_decided(finding: &Value) -> bool {
    finding["status"].as_str().is_some_and(|status| DECIDED.contains(&status))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn run(status: i32, verdict: &str, findings: &Value) -> CheckRun {
        let report = json!({ "schema": SCHEMA, "verdict": verdict, "findings": findings });
        CheckRun {
            command_line: String::new(),
            status: Some(status),
            stdout: report.to_string(),
            stderr: String::new(),
            elapsed: Duration::ZERO,
        }
    }

    fn finding(cause: &str, status: &str) -> Value {
        json!({ "cause": cause, "status": status, "for": [{ "fact": "x" }] })
    }

    #[test]
    fn a_problem_needs_status_verdict_cause_and_evidence() {
        let good = json!([finding("a", "likely"), finding("b", "confirmed")]);
        assert!(run(1, "problem", &good).expect_problem("a").is_ok());
        assert!(run(1, "problem", &good).expect_problem("b").is_err(), "not the first");
        assert!(run(0, "problem", &good).expect_problem("a").is_err());
        assert!(run(1, "healthy", &good).expect_problem("a").is_err());
        let possible = json!([finding("a", "possible")]);
        assert!(run(1, "problem", &possible).expect_problem("a").is_err());
        let bare = json!([{ "cause": "a", "status": "likely", "for": [] }]);
        assert!(run(1, "problem", &bare).expect_problem("a").is_err());
        assert!(run(1, "problem", &json!([])).expect_problem("a").is_err());
    }

    #[test]
    fn health_has_no_decided_finding() {
        let ruled_out = json!([finding("a", "ruled-out")]);
        assert!(run(0, "healthy", &ruled_out).expect_healthy().is_ok());
        assert!(run(3, "healthy", &ruled_out).expect_healthy().is_err());
        assert!(run(0, "healthy", &json!([finding("a", "likely")])).expect_healthy().is_err());
        assert!(run(0, "healthy", &Value::Null).expect_healthy().is_err());
    }

    #[test]
    fn garbage_is_an_error_that_shows_the_output() {
        let mut run = run(0, "healthy", &json!([]));
        run.stdout = "no report".into();
        assert!(run.expect_healthy().is_err_and(|error| error.to_string().contains("no report")));
    }
}
