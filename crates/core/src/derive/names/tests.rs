use super::*;
use crate::derive::endpoint_facts;
use crate::fact::Why;

/// `kms1 name.dns-ipv4 = 10.20.0.5`, `machine machine.hosts-entries = 2`, `kms1 name.cached-address absent`.
fn read(line: &str) -> Fact {
    let mut words = line.splitn(3, ' ');
    let (subject, key, state) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let key = Key::from_name(key).unwrap();
    let value = |text: &str| match key.value_type() {
        crate::fact::ValueType::Word(_) => Value::Word(key.word(text).unwrap()),
        crate::fact::ValueType::Flag => Value::Flag(text == "true"),
        crate::fact::ValueType::Integer => Value::Integer(text.parse().unwrap()),
        _ => Value::Text(text.to_owned()),
    };
    let state = match state.strip_prefix("= ") {
        Some(text) => State::Present(value(text)),
        None if state == "absent" => State::Absent,
        None => State::Unknown(Why::NoAnswer),
    };
    let origin = Origin {
        artifact: line.to_owned(),
        sha256: line.to_owned(),
        span: 0..1,
        line: Some(1),
        quote: line.to_owned(),
    };
    let subject = Subject::new(key.subject_kind(), if subject == "machine" { "" } else { subject });
    Fact { subject, key, state, time: None, origins: vec![origin] }
}

fn render(fact: &Fact) -> String {
    let state = match &fact.state {
        State::Present(value) => format!("= {value}"),
        State::Absent => "absent".to_owned(),
        State::Unknown(why) => format!("unknown {why:?}"),
    };
    format!("{} {} {state}", fact.subject.id, fact.key.name())
}

/// Asserts that exactly `expect` is derived from `input`, ports and addresses of endpoints apart, in any order of it.
fn check(input: &[&str], expect: &[&str]) {
    let given: Vec<Fact> = input.iter().map(|line| read(line)).collect();
    for reverse in [false, true] {
        let mut given = given.clone();
        if reverse {
            given.reverse();
        }
        let count = given.len();
        let mut base = FactBase::new(given);
        for rule in [facts, endpoint_facts] {
            for fact in rule(&base) {
                base.insert(fact);
            }
        }
        let apart = [Key::EndpointPort, Key::EndpointAddress];
        let derived = base.iter().skip(count).filter(|fact| !apart.contains(&fact.key));
        let mut derived: Vec<String> = derived.map(render).collect();
        derived.sort();
        assert_eq!(derived, expect, "{input:?}, reverse: {reverse}");
    }
}

#[test]
fn cached_addresses_against_servers() {
    let dns = "kms1 name.dns-ipv4 = 10.20.0.5, 10.20.0.6";
    check(&[dns, "kms1 name.cached-address = 10.20.0.99"], &["kms1 name.cache-differs = true"]);
    check(&[dns, "kms1 name.cached-address = 10.20.0.6"], &["kms1 name.cache-differs = false"]);
    check(&[dns, "kms1 name.cached-address = 10.20.0.6, 10.20.0.99"], &[]);
    check(&[dns, "kms1 name.cached-address = fd00::5"], &[]);
    check(
        &[dns, "kms1 name.dns-ipv6 = fd00::6", "kms1 name.cached-address = 10.20.0.5, fd00::5"],
        &["kms1 name.cache-differs = true"],
    );
    check(&[dns, "kms1 name.cached-address absent"], &["kms1 name.cache-differs = true"]);
    check(
        &["kms1 name.address = no-such-name", "kms1 name.cached-address = 10.20.0.99"],
        &["kms1 name.cache-differs = true"],
    );
    check(
        &["kms1 name.address = no-such-name", "kms1 name.cached-address absent"],
        &["kms1 name.cache-differs = false"],
    );
    check(&["kms1 name.cached-address = 10.20.0.99"], &[]);
}

#[test]
fn cached_services_against_servers() {
    let cached = "contoso.com domain.cached-srv = kms-old.contoso.com:1688";
    check(
        &[cached, "contoso.com domain.srv-targets = kms1.contoso.com:1688"],
        &["kms-old.contoso.com name.cache-differs = true"],
    );
    check(&[cached, "contoso.com domain.srv-targets = kms-old.contoso.com:1688, kms1.contoso.com:1688"], &[]);
    check(&[cached, "contoso.com domain.srv = no-data"], &["kms-old.contoso.com name.cache-differs = true"]);
    check(
        &["contoso.com domain.cached-srv absent", "contoso.com domain.srv-targets = kms1.contoso.com:1688"],
        &["kms1.contoso.com name.cache-differs = true"],
    );
    // The record is old, whatever its target's address.
    check(
        &[
            cached,
            "contoso.com domain.srv-targets = kms1.contoso.com:1688",
            "kms-old.contoso.com name.cached-address = 10.20.0.5",
            "kms-old.contoso.com name.dns-ipv4 = 10.20.0.5",
        ],
        &["kms-old.contoso.com name.cache-differs = true"],
    );
}

#[test]
fn hosts_files() {
    let dns = "kms1 name.dns-ipv4 = 10.20.0.5";
    check(&[dns, "kms1 name.hosts-file = 127.0.0.1"], &["kms1 name.hosts-file-differs = true"]);
    check(&[dns, "kms1 name.hosts-file = 10.20.0.5"], &["kms1 name.hosts-file-differs = false"]);
    check(&["kms1 name.address = no-such-name", "kms1 name.hosts-file = 10.20.0.5"], &[]);
    check(&[dns, "machine machine.hosts-entries = 0"], &["kms1 name.hosts-file absent"]);
    check(
        &[dns, "kms1 name.hosts-file = 10.20.0.9", "machine machine.hosts-entries = 1"],
        &["kms1 name.hosts-file-differs = true"],
    );
}

#[test]
fn what_the_client_itself_found() {
    check(&["kms1 name.client-address = 10.20.0.5"], &["kms1 name.address = found"]);
    check(&["kms1 name.client-address = 10.20.0.5", "kms1 name.address unknown"], &["kms1 name.address = found"]);
    check(&["kms1 name.client-address = 10.20.0.5", "kms1 name.address = no-such-name"], &[]);
}

#[test]
fn life_of_endpoints() {
    let endpoint = "kms1:1688 endpoint.tcp = timeout";
    check(&[endpoint, "kms1 name.alive = true"], &["kms1:1688 endpoint.alive = true"]);
    check(&[endpoint, "kms2 name.alive = true"], &[]);
    check(
        &[endpoint, "kms1 name.dns-ipv4 = 10.20.0.5", "10.20.0.5 name.alive = false"],
        &["kms1:1688 endpoint.alive = false"],
    );
    let two = "kms1 name.dns-ipv4 = 10.20.0.5, 10.20.0.6";
    check(&[endpoint, two, "10.20.0.5 name.alive = false"], &[]);
    check(&[endpoint, two, "10.20.0.5 name.alive = true"], &["kms1:1688 endpoint.alive = true"]);
    check(
        &["10.20.0.5:1688 endpoint.tcp = timeout", "10.20.0.5 name.alive = true"],
        &["10.20.0.5:1688 endpoint.alive = true"],
    );
}

#[test]
fn only_names_that_matter_are_kept() {
    let keep = |input: &[&str]| {
        let facts = related_names(input.iter().map(|line| read(line)).collect());
        facts.iter().filter(|fact| AMBIENT.contains(&fact.key)).map(|fact| fact.subject.id.clone()).collect::<Vec<_>>()
    };
    let cached = ["www.fabrikam.com", "lic.contoso.com", "kms9.contoso.com"]
        .map(|name| format!("{name} name.cached-address = 10.20.0.9"));
    let cached = cached.each_ref().map(String::as_str);
    assert_eq!(keep(&cached), ["kms9.contoso.com"]);
    for other in [
        "lic.contoso.com:1688 endpoint.pinned = true",
        "machine kms.pinned-host = LIC.contoso.com:1700",
        "1 attempt.target = lic.contoso.com:1688",
        "contoso.com domain.cached-srv = kms1.contoso.com:1688, lic.contoso.com:1688",
        "lic.contoso.com name.dns-ipv4 = 10.20.0.5",
    ] {
        assert_eq!(keep(&[cached.as_slice(), &[other]].concat()), ["lic.contoso.com", "kms9.contoso.com"], "{other}");
    }
}

#[test]
fn what_the_client_took_against_servers() {
    let dns = "kms1.contoso.com name.dns-ipv4 = 10.20.0.5";
    let client = "kms1.contoso.com name.client-address = 10.20.0.99";
    check(&[dns, client], &["kms1.contoso.com name.address = found", "kms1.contoso.com name.client-differs = true"]);
    check(
        &[dns, "kms1.contoso.com name.client-address = 10.20.0.5, fd00::5"],
        &["kms1.contoso.com name.address = found", "kms1.contoso.com name.client-differs = false"],
    );
    check(&["kms1.contoso.com name.address = no-such-name", client], &["kms1.contoso.com name.client-differs = true"]);
    check(&["kms1.contoso.com name.address = no-data", client], &[]);
    // The client looks a short name up below its suffixes.
    check(&["kms1 name.ipv4 = no-such-name", "kms1 name.client-address = 10.20.0.5"], &["kms1 name.address = found"]);
    check(&["kms1 name.ipv4 = no-such-name", "kms1 name.client-address absent"], &["kms1 name.address = no-such-name"]);
    check(&["kms1.contoso.com name.client-address absent"], &[]);
}
