use proptest::prelude::*;

use super::*;
use crate::fact::{Key, Origin, State, SubjectKind, Value, Why};
use crate::knowledge::Section;
use crate::language::Language;

const RECURRENCE: &str = "[recurrence]\nowner = 'help-desk'\nmonitor = []\naudit = []\n[recurrence.escalate]\nto = 'help-desk'\nchecks = []\nwith = { ja = '文', en = 'text' }\n";
const SOURCES: &str = "[[sources]]\nname = 'ours'\nread = '2026-11-23'\n";

/// Knowledge with the given causes: id, head of the file, conditions.
fn knowledge(causes: &[(&str, &str, &str)]) -> Knowledge {
    let mut files: Vec<(String, String)> = Vec::new();
    for (id, head, conditions) in causes {
        let cause = format!(
            "id = '{id}'\ntitle = {{ ja = '題', en = 'title' }}\nseverity = 'fault'\nweight = 50\nchecks = ['look']\nno_remedy = {{ ja = '無', en = 'none' }}\n{head}\n{conditions}\n{RECURRENCE}\n{SOURCES}"
        );
        files.push((format!("causes/test/{id}/cause.toml"), cause));
        for language in Language::ALL {
            let sections: Vec<String> =
                Section::ALL.iter().map(|section| format!("## {}\ntext", section.heading(language))).collect();
            let text = sections.join("\n");
            files.push((format!("causes/test/{id}/{}.md", language.tag()), text));
        }
    }
    let check = "[[check]]\nid = 'look'\ntitle = { ja = '見る', en = 'look' }\ncommand = 'look {host}'\nplace = 'any'\nwhy = { ja = '分かる', en = 'tells' }\nprovides = []\neffort = 1\nseconds = 1\nsources = [{ name = 'ours', read = '2026-11-23' }]\n";
    files.push(("checks/all.toml".to_owned(), check.to_owned()));
    Knowledge::load(files.iter().map(|(name, content)| (name.as_str(), content.as_str())))
        .expect("sound test knowledge")
}

fn fact(subject: &Subject, key: Key, state: State, place: usize) -> Fact {
    let origin =
        Origin { artifact: "a".into(), sha256: "a".into(), span: place..place + 1, line: Some(1), quote: "q".into() };
    Fact { subject: subject.clone(), key, state, time: None, origins: vec![origin] }
}

fn word(key: Key, word: &str) -> State {
    State::Present(Value::Word(key.word(word).expect("a word of the key")))
}

fn endpoint(name: &str, tcp: &str, place: usize) -> Vec<Fact> {
    let subject = Subject::endpoint(name, 1688);
    vec![
        fact(&subject, Key::EndpointTcp, word(Key::EndpointTcp, tcp), place),
        fact(&subject, Key::EndpointAsked, State::Present(Value::Flag(true)), place),
    ]
}

fn refused() -> Knowledge {
    knowledge(&[(
        "port-refused",
        "subject = 'endpoint'\ncodes = ['0xC004F074']",
        "[confirmed]\nall = [{ fact = 'endpoint.tcp', is = 'refused' }, { fact = 'endpoint.alive', is = true }]\n[ruled_out]\nfact = 'endpoint.tcp'\nis = 'open'",
    )])
}

fn statuses(diagnosis: &Diagnosis<'_>) -> Vec<(String, Option<String>, Status)> {
    diagnosis
        .findings
        .iter()
        .map(|finding| {
            (finding.cause.id.clone(), finding.subject.as_ref().map(|subject| subject.id.clone()), finding.status)
        })
        .collect()
}

#[test]
fn missing_evidence_neither_confirms_nor_clears() {
    let knowledge = refused();
    let diagnosis = diagnose(endpoint("kms1", "refused", 1), &knowledge, &Given::default());
    assert_eq!(diagnosis.findings[0].status, Status::NotCheckable);
    assert_eq!(diagnosis.findings[0].missing[0].key, Key::EndpointAlive);
    assert_eq!(diagnosis.verdict, Verdict::Undetermined);
    assert_eq!(diagnosis.next_checks[0].check.id, "look");

    let mut facts = endpoint("kms1", "refused", 1);
    facts.push(fact(&Subject::endpoint("kms1", 1688), Key::EndpointAlive, State::Unknown(Why::NoAnswer), 2));
    assert_eq!(diagnose(facts.clone(), &knowledge, &Given::default()).findings[0].status, Status::NotCheckable);
    facts.push(fact(&Subject::endpoint("kms1", 1688), Key::EndpointAlive, State::Present(Value::Flag(true)), 3));
    let diagnosis = diagnose(facts, &knowledge, &Given::default());
    assert_eq!((diagnosis.findings[0].status, diagnosis.verdict), (Status::Confirmed, Verdict::Problem));
    assert!(diagnosis.next_checks.is_empty());
}

#[test]
fn each_subject_is_judged_for_itself() {
    let knowledge = refused();
    let mut facts = endpoint("kms1", "refused", 1);
    facts.push(fact(&Subject::endpoint("kms1", 1688), Key::EndpointAlive, State::Present(Value::Flag(true)), 2));
    facts.extend(endpoint("kms2", "open", 3));
    let diagnosis = diagnose(facts, &knowledge, &Given::default());
    assert_eq!(
        statuses(&diagnosis),
        vec![("port-refused".to_owned(), Some("kms1:1688".to_owned()), Status::Confirmed)]
    );

    // Where nothing is found, all subjects are told as one.
    let facts = endpoint("kms1", "open", 1).into_iter().chain(endpoint("kms2", "open", 2));
    let diagnosis = diagnose(facts, &knowledge, &Given::default());
    assert_eq!(statuses(&diagnosis), vec![("port-refused".to_owned(), None, Status::RuledOut)]);
    assert_eq!(diagnosis.findings[0].against.len(), 2);
}

#[test]
fn a_code_alone_raises_and_never_confirms() {
    let knowledge = refused();
    let attempt = Subject::new(SubjectKind::Attempt, "command:1");
    let code = fact(&attempt, Key::AttemptCode, State::Present(Value::Code(ErrorCode(0xC004_F074))), 1);
    let diagnosis = diagnose([code.clone()], &knowledge, &Given::default());
    assert_eq!(statuses(&diagnosis), vec![("port-refused".to_owned(), None, Status::Possible)]);
    assert_eq!(diagnosis.verdict, Verdict::Undetermined);
    assert_eq!(diagnosis.findings[0].seen_codes, vec![ErrorCode(0xC004_F074)]);

    // The endpoint is open: the code does not bring the cause back.
    let facts = endpoint("kms1", "open", 2).into_iter().chain([code]);
    assert_eq!(diagnose(facts, &knowledge, &Given::default()).findings[0].status, Status::RuledOut);
}

#[test]
fn a_consequence_never_stands_above_its_root() {
    let confirmed = "[confirmed]\nfact = 'endpoint.tcp'\nis = 'refused'";
    let knowledge = knowledge(&[
        ("a-consequence", "subject = 'endpoint'", confirmed),
        ("z-root", "subject = 'endpoint'\nleads_to = ['a-consequence']", confirmed),
    ]);
    let diagnosis = diagnose(endpoint("kms1", "refused", 1), &knowledge, &Given::default());
    assert_eq!(diagnosis.findings[0].cause.id, "z-root");
}

#[test]
fn later_success_overcomes_a_failure() {
    let attempt = |id: &str, code: u32, activated: Option<bool>, time: &str| {
        let subject = Subject::new(SubjectKind::Attempt, id);
        let record = if activated.is_some() { "response" } else { "request" };
        let mut facts = vec![
            fact(&subject, Key::AttemptCode, State::Present(Value::Code(ErrorCode(code))), 0),
            fact(&subject, Key::AttemptRecord, word(Key::AttemptRecord, record), 0),
        ];
        facts.extend(activated.map(|flag| fact(&subject, Key::AttemptActivated, State::Present(Value::Flag(flag)), 0)));
        for fact in &mut facts {
            fact.time = Some(time.parse().expect("a time"));
        }
        facts
    };
    let mut facts = attempt("1", 0xC004_F074, None, "2026-11-01T00:00:00Z");
    facts.extend(attempt("2", 0, Some(true), "2026-11-02T00:00:00Z"));
    facts.extend(attempt("3", 0xC004_F074, None, "2026-11-03T00:00:00Z"));
    let knowledge = refused();
    let diagnosis = diagnose(facts, &knowledge, &Given::default());
    let overcome = |id: &str| diagnosis.facts().state(&Subject::new(SubjectKind::Attempt, id), Key::AttemptOvercome);
    assert_eq!(overcome("1"), State::Present(Value::Flag(true)));
    assert_eq!(overcome("3"), State::Present(Value::Flag(false)));
    assert_eq!(
        diagnosis.facts().state(&Subject::machine(), Key::ActivationFailures),
        State::Present(Value::Integer(1))
    );
    assert_eq!(diagnosis.verdict, Verdict::Undetermined, "the newest attempt failed and nothing says why");
    assert_eq!(diagnosis.as_of, Some("2026-11-03T00:00:00Z".parse().expect("a time")));
}

#[test]
fn a_licence_under_two_names_is_one() {
    let license = |id: &str| Subject::new(SubjectKind::License, id);
    let partial =
        |id: &str, key: &str| fact(&license(id), Key::LicensePartialKey, State::Present(Value::Text(key.into())), 1);
    let full = "73111121-5638-40f6-bc11-f1d7b0d64300";
    let licenses = |facts: Vec<Fact>| {
        let knowledge = refused();
        let diagnosis = diagnose(facts, &knowledge, &Given::default());
        diagnosis.facts().subjects(SubjectKind::License).map(|license| license.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(licenses(vec![partial("windows:2yt43", "2YT43"), partial(full, "2YT43")]), [full]);
    assert_eq!(licenses(vec![partial("windows:2yt43", "2YT43"), partial(full, "J464C")]), [full, "windows:2yt43"]);
}

/// Facts over three endpoints, each key at most once, so that no two contradict each other.
fn some_facts() -> impl Strategy<Value = Vec<Fact>> {
    let hosts = ["kms1", "kms2", "kms3"];
    let one = (0..3usize, 0..3usize, 0..4usize).prop_map(move |(host, key, value)| {
        let subject = Subject::endpoint(hosts[host], 1688);
        match key {
            0 => fact(
                &subject,
                Key::EndpointTcp,
                word(Key::EndpointTcp, ["open", "refused", "timeout", "unreachable"][value]),
                value,
            ),
            1 => fact(&subject, Key::EndpointAlive, State::Present(Value::Flag(value % 2 == 0)), value),
            _ => fact(&subject, Key::EndpointAsked, State::Present(Value::Flag(value % 2 == 0)), value),
        }
    });
    proptest::collection::vec(one, 0..9).prop_map(|facts| {
        let mut kept: Vec<Fact> = Vec::new();
        for fact in facts {
            if !kept.iter().any(|other| other.subject == fact.subject && other.key == fact.key) {
                kept.push(fact);
            }
        }
        kept
    })
}

proptest! {
    #[test]
    fn order_does_not_matter(facts in some_facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))) {
        let knowledge = refused();
        let (ordered, shuffled) = facts;
        prop_assert_eq!(statuses(&diagnose(ordered, &knowledge, &Given::default())), statuses(&diagnose(shuffled, &knowledge, &Given::default())));
    }

    #[test]
    fn more_evidence_never_turns_confirmed_into_ruled_out(facts in some_facts(), more in some_facts()) {
        let knowledge = refused();
        let before = diagnose(facts.clone(), &knowledge, &Given::default());
        let added: Vec<Fact> = more.into_iter().filter(|fact| !facts.iter().any(|known| known.subject == fact.subject && known.key == fact.key)).collect();
        let after = statuses(&diagnose(facts.into_iter().chain(added), &knowledge, &Given::default()));
        for (cause, subject, status) in statuses(&before) {
            if status == Status::Confirmed {
                prop_assert!(after.contains(&(cause.clone(), subject.clone(), Status::Confirmed)), "{} {:?}", cause, subject);
            }
        }
    }
}

/// Two machines: the one that works is no reason to call the other one healthy, and each is told by its name.
#[test]
fn machines_are_judged_one_by_one() {
    let machine = |artifact: &str, name: &str, status: &str| {
        let of = |subject: Subject, key: Key, state: State, place: usize| {
            let mut fact = fact(&subject, key, state, place);
            fact.origins[0].artifact = artifact.into();
            fact.origins[0].sha256 = artifact.into();
            fact
        };
        vec![
            of(Subject::machine(), Key::MachineName, State::Present(Value::Text(name.into())), 1),
            of(Subject::new(SubjectKind::License, "x"), Key::LicenseStatus, word(Key::LicenseStatus, status), 2),
        ]
    };
    let knowledge = knowledge(&[(
        "not-activated",
        "subject = 'license'",
        "[confirmed]\nfact = 'license.status'\nis = 'notification'",
    )]);
    let both = [machine("a", "pc1", "licensed"), machine("b", "pc2", "notification")].concat();
    let diagnosis = diagnose(both, &knowledge, &Given::default());
    let names: Vec<(Option<&str>, Verdict)> =
        diagnosis.machines.iter().map(|machine| (machine.name.as_deref(), machine.verdict)).collect();
    assert_eq!(names, [(Some("pc1"), Verdict::Healthy), (Some("pc2"), Verdict::Problem)]);
    assert_eq!(diagnosis.verdict, Verdict::Problem);
    let confirmed = diagnosis.findings.iter().find(|finding| finding.status == Status::Confirmed).expect("one");
    assert_eq!(diagnosis.machine_of(confirmed), Some("pc2"));
    // A name alone is nothing to judge.
    let name = Fact {
        origins: machine("c", "pc3", "licensed")[0].origins.clone(),
        ..machine("c", "pc3", "licensed")[0].clone()
    };
    let healthy = diagnose([machine("a", "pc1", "licensed"), vec![name]].concat(), &knowledge, &Given::default());
    assert_eq!(healthy.verdict, Verdict::Healthy);
    assert!(healthy.next_checks.is_empty());
}
