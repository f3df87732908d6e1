//! What `kmsdoctor check` must say: exit status and JSON report, by the contract of the report.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::Result;
use crate::product::Run;

/// The schema that the lab knows.
const SCHEMA: &str = "kmsdoctor.report/1";
/// Statuses that make a cause the answer.
const DECIDED: [&str; 2] = ["confirmed", "likely"];

impl Run {
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

    /// Demands a problem in which exactly these causes are decided, in any order.
    pub fn expect_causes(&self, causes: &[&str]) -> Result<()> {
        let findings = self.expect_report(1, "problem")?;
        let decided = findings.iter().filter(|finding| is_decided(finding));
        let decided: BTreeSet<_> = decided.filter_map(|finding| finding["cause"].as_str()).collect();
        if decided != causes.iter().copied().collect() {
            return Err(self.failure(&format!("decided are {decided:?}, not {causes:?}")));
        }
        Ok(())
    }

    /// Demands that nothing is decided and that `next_check` is proposed.
    pub fn expect_undetermined(&self, next_check: &str) -> Result<()> {
        let findings = self.expect_report(3, "undetermined")?;
        if let Some(finding) = findings.iter().find(|finding| is_decided(finding)) {
            return Err(self.failure(&format!("{} is {}", finding["cause"], finding["status"])));
        }
        let report = self.report()?;
        let proposed = |checks: &Vec<Value>| checks.iter().any(|check| check["id"] == next_check);
        if !report["next_checks"].as_array().is_some_and(proposed) {
            return Err(self.failure(&format!("{next_check} is not proposed")));
        }
        Ok(())
    }

    /// Demands that `other`, of the same evidence, has the same status and, but for its time, the same report.
    pub fn expect_same(&self, other: &Self) -> Result<()> {
        if self.status == other.status && self.timeless() == other.timeless() {
            return Ok(());
        }
        Err(self.failure(&format!("not the same as this: {}", other.failure("the other run"))))
    }

    /// What it printed, without the time at which it did.
    fn timeless(&self) -> Value {
        match self.report() {
            Ok(Value::Object(mut report)) => {
                report.remove("generated_at");
                Value::Object(report)
            }
            Ok(_) | Err(_) => Value::String(self.stdout.clone()),
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

    fn run(status: i32, verdict: &str, findings: &Value) -> Run {
        let report = json!({ "schema": SCHEMA, "verdict": verdict, "findings": findings });
        Run {
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
    fn causes_are_exactly_those() {
        let both = json!([finding("a", "likely"), finding("b", "confirmed"), finding("c", "possible")]);
        assert!(run(1, "problem", &both).expect_causes(&["b", "a"]).is_ok());
        assert!(run(1, "problem", &both).expect_causes(&["a"]).is_err());
        assert!(run(1, "problem", &both).expect_causes(&["a", "b", "c"]).is_err());
    }

    #[test]
    fn undetermined_proposes_a_check() {
        let mut undecided = run(3, "undetermined", &json!([finding("a", "possible")]));
        assert!(undecided.expect_undetermined("look").is_err());
        let mut report = undecided.report().expect("a report");
        report["next_checks"] = json!([{ "id": "look" }]);
        undecided.stdout = report.to_string();
        assert!(undecided.expect_undetermined("look").is_ok());
        assert!(undecided.expect_undetermined("listen").is_err());
    }

    #[test]
    fn the_same_but_for_the_time() {
        let at = |time: &str, cause: &str| {
            let mut run = run(1, "problem", &json!([finding(cause, "likely")]));
            let mut report = run.report().expect("a report");
            report["generated_at"] = json!(time);
            run.stdout = report.to_string();
            run
        };
        assert!(at("1", "a").expect_same(&at("2", "a")).is_ok());
        assert!(at("1", "a").expect_same(&at("1", "b")).is_err());
        let mut failed = at("1", "a");
        failed.status = Some(2);
        assert!(at("1", "a").expect_same(&failed).is_err());
    }

    #[test]
    fn garbage_is_an_error_that_shows_the_output() {
        let mut run = run(0, "healthy", &json!([]));
        run.stdout = "no report".into();
        assert!(run.expect_healthy().is_err_and(|error| error.to_string().contains("no report")));
    }
}
