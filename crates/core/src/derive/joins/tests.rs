use proptest::prelude::*;

use super::*;
use crate::code::ErrorCode;

const CMID: &str = "11111111-2222-3333-4444-555555555555";

/// One line per record: artifact, kind, code, computer, time of the record, and `key=value` for what else it says.
fn facts(lines: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (index, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap();
        let (artifact, kind, code, computer, time) = (word(), word(), word(), word(), word());
        let subject = Subject::new(SubjectKind::Attempt, format!("{index:02}"));
        let mut put = |key: Key, value: Value| {
            let origin = Origin {
                artifact: artifact.to_owned(),
                sha256: artifact.to_owned(),
                span: index..index + 1,
                line: None,
                quote: line.to_owned(),
            };
            let time = (time != "-").then(|| format!("2026-{time}:00Z").parse().unwrap());
            facts.push(Fact {
                subject: subject.clone(),
                key,
                state: State::Present(value),
                time,
                origins: vec![origin],
            });
        };
        put(Key::AttemptRecord, Value::Word(Key::AttemptRecord.word(kind).unwrap()));
        put(Key::AttemptCode, Value::Code(ErrorCode::parse(code).unwrap()));
        if computer != "-" {
            put(Key::AttemptComputer, Value::Text(computer.to_owned()));
        }
        for word in words {
            let (key, value) = word.split_once('=').unwrap();
            match key {
                "id" => put(Key::AttemptClientId, Value::Text(value.to_owned())),
                "at" => put(Key::AttemptClientTime, Value::Time(format!("2026-{value}:00Z").parse().unwrap())),
                "to" => put(Key::AttemptTarget, Value::Text(value.to_owned())),
                "from" => put(Key::AttemptClient, Value::Text(value.to_owned())),
                "for" => put(Key::AttemptActivationId, Value::Text(value.to_owned())),
                "app" => put(Key::AttemptApplication, Value::Word(Key::AttemptApplication.word(value).unwrap())),
                "number" => put(Key::AttemptRecordNumber, Value::Integer(value.parse().unwrap())),
                _ => panic!("{word}"),
            }
        }
    }
    facts
}

fn derived(facts: Vec<Fact>) -> FactBase {
    let mut base = FactBase::new(facts);
    for rule in RULES {
        for fact in rule(&base) {
            base.insert(fact);
        }
    }
    base
}

/// What `key` says of each record, in their order: `true true -`.
fn check(key: Key, lines: &str, expect: &str) {
    let base = derived(facts(lines));
    let found: Vec<String> = base
        .subjects(SubjectKind::Attempt)
        .map(|subject| match base.state(subject, key) {
            State::Present(value) => value.to_string(),
            State::Absent | State::Unknown(_) => "-".to_owned(),
        })
        .collect();
    assert_eq!(found.join(" "), expect, "{lines}");
}

#[test]
fn the_hosts_log_shows_whether_a_request_arrived() {
    let log = "h served 0x0 kms1.contoso.com 01-05T00:00 id=other from=pc8 at=01-05T00:00
         h served 0x0 kms1.contoso.com 01-05T00:30 id=other from=pc8 at=01-05T00:30";
    let request =
        |to: &str| format!("c request 0xC004F074 pc1.contoso.com 01-05T00:13 id={CMID} at=01-05T00:13 to={to}\n{log}");
    let seen = format!("h served 0x0 kms1.contoso.com 01-05T06:13 id={CMID} from=pc1 at=01-05T00:13");
    check(Key::AttemptSeenByHost, &format!("{}\n{seen}", request("kms1.contoso.com:1688")), "true - - -");
    check(Key::AttemptSeenByHost, &format!("{}\n{seen}", request("10.0.0.5:1688")), "true - - -");
    // The log covers the time and has no such request.
    check(Key::AttemptSeenByHost, &request("kms1.contoso.com:1688"), "false - -");
    check(Key::AttemptSeenByHost, &request("kms1:1688"), "false - -");
    // Another host, or one that cannot be told: its log says nothing.
    for target in ["kms2.contoso.com:1688", "kms1.fabrikam.com:1688", "10.0.0.5:1688"] {
        check(Key::AttemptSeenByHost, &request(target), "- - -");
    }
    // The log begins later, ends earlier, or is empty.
    let outside = request("kms1:1688").replace("00:00", "00:20");
    check(Key::AttemptSeenByHost, &outside, "- - -");
    check(Key::AttemptSeenByHost, &request("kms1:1688").replace("00:30", "00:10"), "- - -");
    check(Key::AttemptSeenByHost, request("kms1:1688").lines().next().unwrap(), "-");
    // It was answered, so it arrived whatever the log has lost.
    check(Key::AttemptSeenByHost, &request("kms1:1688").replace("0xC004F074", "0x0"), "- - -");
}

#[test]
fn a_lost_request_rests_on_both_logs() {
    let base = derived(facts(&format!(
        "c request 0xC004F074 pc1 01-05T00:13 id={CMID} at=01-05T00:13 to=kms1:1688
         h served 0x0 kms1 01-05T00:00 id=other from=pc8 at=01-05T00:00
         h served 0x0 kms1 01-05T00:30 id=other from=pc8 at=01-05T00:30"
    )));
    let request = Subject::new(SubjectKind::Attempt, "00");
    let lost = base.known(&request, Key::AttemptSeenByHost).unwrap();
    let artifacts: Vec<&str> = lost.origins.iter().map(|origin| origin.artifact.as_str()).collect();
    assert_eq!(artifacts, ["c", "h", "h"]);
}

#[test]
fn a_client_id_under_several_names_is_shared() {
    let key = Key::AttemptClientIdShared;
    let served = |name: &str, minute: u8| {
        format!("h served 0x0 kms1 01-05T00:{minute:02} id={CMID} from={name} at=01-05T00:{minute:02}\n")
    };
    check(key, &(served("pc1.contoso.com", 1) + &served("pc2.contoso.com", 2)), "true true");
    check(key, &(served("pc1.contoso.com", 1) + &served("PC1", 2)), "- -");
    check(key, &(served("pc1.contoso.com", 1) + &served("pc1.fabrikam.com", 2)), "true true");
    check(key, &served("pc1", 1), "-");
    check(key, &(served("pc1", 1) + &served("pc2", 2).replace(CMID, "x")), "- -");
    // Two clients' own logs.
    let request = |log: &str, name: &str, minute: u8, more: &str| {
        format!("{log} request 0x0 {name} 01-05T00:{minute:02} id={CMID} at=01-05T00:{minute:02} to=kms1:1688 {more}\n")
    };
    check(key, &(request("a", "pc1", 1, "number=7") + &request("b", "pc2", 2, "number=8")), "true true");
    check(key, &(request("a", "pc1", 1, "") + &request("a", "pc2", 2, "")), "true true");
    // One log that goes on under a new name: the machine was renamed, and the host knows it under both.
    let renamed = request("a", "win-1a2b", 1, "number=7") + &request("a", "pc2.contoso.com", 2, "number=8");
    check(key, &renamed, "- -");
    check(key, &(renamed.clone() + &served("win-1a2b", 1) + &served("pc2.contoso.com", 2)), "- - - -");
    check(key, &(renamed.clone() + &served("pc3", 3)), "true true true");
    check(key, &(renamed + &request("a", "win-1a2b", 3, "number=9")), "true true true");
}

#[test]
fn a_response_takes_over_what_its_request_tells() {
    let lines = format!(
        "a request 0xC004F074 pc1 01-05T00:13 id={CMID} at=01-05T00:13 to=kms1:1688 for=p
         a request 0x0 pc1 01-05T00:13 id={CMID} at=01-05T00:13 to=kms2:1688 for=p
         b response 0x0 pc1 01-05T00:13 at=01-05T00:13"
    );
    check(Key::AttemptTarget, &lines, "kms1:1688 kms2:1688 kms2:1688");
    check(Key::AttemptClientId, &lines, &format!("{CMID} {CMID} {CMID}"));
    check(Key::AttemptActivationId, &lines, "p p p");
    // Another machine, another minute, two answered requests.
    check(Key::AttemptTarget, &lines.replace("response 0x0 pc1", "response 0x0 pc2"), "kms1:1688 kms2:1688 -");
    check(
        Key::AttemptTarget,
        &lines
            .replace("b response 0x0 pc1 01-05T00:13 at=01-05T00:13", "b response 0x0 pc1 01-05T00:13 at=01-05T00:14"),
        "kms1:1688 kms2:1688 -",
    );
    check(Key::AttemptTarget, &lines.replace("0xC004F074", "0x0"), "kms1:1688 kms2:1688 -");
    // Without names only records of one artifact belong together.
    check(Key::AttemptTarget, &lines.replace("pc1", "-"), "kms1:1688 kms2:1688 -");
    check(
        Key::AttemptTarget,
        &lines.replace("pc1", "-").replace("b response", "a response"),
        "kms1:1688 kms2:1688 kms2:1688",
    );
}

#[test]
fn the_application_is_that_of_the_product() {
    let lines = "a reported 0xC004F074 pc1 01-05T00:13 for=p app=office
                 a request 0xC004F074 pc1 01-05T00:13 for=p
                 a request 0xC004F074 pc1 01-05T00:13 for=q";
    check(Key::AttemptApplication, lines, "office office -");
}

proptest! {
    #[test]
    fn order_does_not_matter(order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let lines = format!(
            "a request 0xC004F074 pc1 01-05T00:13 id={CMID} at=01-05T00:13 to=kms1:1688 for=p
             b request 0x0 pc2 01-05T00:14 id={CMID} at=01-05T00:14 to=kms1:1688 for=p
             c response 0x0 pc2 01-05T00:14 at=01-05T00:14
             d served 0x0 kms1 01-05T00:00 id=other from=pc8 at=01-05T00:00
             e served 0x0 kms1 01-05T00:30 id={CMID} from=pc8 at=01-05T00:30
             f reported 0xC004F074 pc1 01-05T00:13 for=p app=windows
             g response 0x0 pc1 01-05T00:14 at=01-05T00:14"
        );
        let all = facts(&lines);
        let artifacts = ["a", "b", "c", "d", "e", "f", "g"];
        let shuffled = order.iter().flat_map(|index| {
            all.iter().filter(|fact| fact.origins[0].artifact == artifacts[*index]).cloned().collect::<Vec<_>>()
        });
        let states = |base: &FactBase| {
            let subjects: Vec<&Subject> = base.subjects(SubjectKind::Attempt).collect();
            let keys = Key::ALL.iter().filter(|key| key.subject_kind() == SubjectKind::Attempt);
            keys.flat_map(|key| subjects.iter().map(|subject| base.state(subject, *key))).collect::<Vec<_>>()
        };
        let shuffled = derived(shuffled.collect());
        prop_assert_eq!(states(&derived(all)), states(&shuffled));
    }
}
