//! What a machine's own settings say of its path to a cloud's KMS, once it is known to run there.

use super::fact;
use crate::fact::{Fact, FactBase, Key, Subject, SubjectKind, Value};

/// AWS serves KMS at these link-local addresses (AWS documentation of common messages, read on 2026-11-23).
const AWS_KMS: [&str; 2] = ["169.254.169.250:1688", "169.254.169.251:1688"];

/// A routing table without any route to AWS' addresses matters where the machine runs on AWS, and nowhere else.
pub(super) fn facts(facts: &FactBase) -> Vec<Fact> {
    let machine = Subject::machine();
    let known = |key: Key, word: &'static str| {
        facts.known(&machine, key).filter(|fact| fact.value() == Some(&Value::Word(word)))
    };
    let (Some(platform), Some(routes)) = (known(Key::MachinePlatform, "aws"), known(Key::MachineAwsRoutes, "missing"))
    else {
        return Vec::new();
    };
    let origins: Vec<_> = routes.origins.iter().chain(&platform.origins).cloned().collect();
    // Where the artifact with the table has other routes, or the exports tie it to an instance, its paths are judged already.
    let artifact = routes.origins.first().map_or("", |origin| origin.artifact.as_str());
    let told = |address: &str| {
        let mut paths = facts.subjects(SubjectKind::CloudPath);
        paths.any(|path| path.id.ends_with(address) && facts.history(path, Key::CloudPathRoute).next().is_some())
    };
    AWS_KMS
        .into_iter()
        .filter(|address| !told(address))
        .map(|address| Subject::new(SubjectKind::CloudPath, format!("{artifact}/{address}")))
        .flat_map(|path| {
            [(Key::CloudPathProvider, "aws"), (Key::CloudPathRoute, "missing")]
                .map(|(key, word)| fact(&path, key, Value::Word(word), routes.time, origins.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Origin;

    fn check(words: &[(Key, &'static str)], expect: usize) {
        let origin = Origin { artifact: "a".into(), sha256: "a".into(), span: 0..1, line: None, quote: String::new() };
        let given = words.iter().map(|(key, word)| {
            let subject = if key.subject_kind() == SubjectKind::CloudPath { "a/169.254.169.251:1688" } else { "" };
            fact(&Subject::new(key.subject_kind(), subject), *key, Value::Word(word), None, vec![origin.clone()])
        });
        assert_eq!(facts(&FactBase::new(given)).len(), expect, "{words:?}");
    }

    #[test]
    fn missing_routes_matter_on_aws_only() {
        let missing = (Key::MachineAwsRoutes, "missing");
        check(&[missing, (Key::MachinePlatform, "aws")], 4);
        check(&[missing, (Key::MachinePlatform, "azure")], 0);
        check(&[missing], 0);
        check(&[(Key::MachineAwsRoutes, "present"), (Key::MachinePlatform, "aws")], 0);
        check(&[missing, (Key::MachinePlatform, "aws"), (Key::CloudPathRoute, "present")], 2);
    }
}
