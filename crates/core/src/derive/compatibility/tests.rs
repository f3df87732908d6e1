use super::*;

/// The activation ID of Windows Server 2022 Datacenter, which the product table knows.
const SERVER_2022: &str = "ef6cfc9f-8c5d-44ac-9aad-de6a2ea0ae03";

fn present(subject: &Subject, key: Key, value: Value) -> Fact {
    fact(subject, key, value, None, Vec::new())
}

fn machine(key: Key, text: &str) -> Fact {
    present(&Subject::machine(), key, Value::Text(text.to_owned()))
}

fn host(key: &str, build: &str) -> Vec<Fact> {
    vec![machine(Key::HostKeyGeneration, key), machine(Key::MachineBuild, build)]
}

/// A Windows client with a setup key, pinned to a host.
fn client(last_five: &str, status: &'static str, pinned: &str) -> Vec<Fact> {
    let license = Subject::new(SubjectKind::License, "x");
    vec![
        present(&license, Key::LicenseChannel, Value::Word("gvlk")),
        present(&license, Key::LicensePartialKey, Value::Text(last_five.to_owned())),
        present(&license, Key::LicenseStatus, Value::Word(status)),
        present(&Subject::endpoint(pinned, 1688), Key::EndpointPinned, Value::Flag(true)),
    ]
}

fn attempt(record: &'static str, code: u32, id: &str) -> Vec<Fact> {
    let attempt = Subject::new(SubjectKind::Attempt, "1");
    vec![
        present(&attempt, Key::AttemptRecord, Value::Word(record)),
        present(&attempt, Key::AttemptCode, Value::Code(ErrorCode(code))),
        present(&attempt, Key::AttemptActivationId, Value::Text(id.to_owned())),
    ]
}

/// What is told of each machine.
fn judged(machines: Vec<(Option<&str>, Vec<Fact>)>) -> Vec<Option<String>> {
    let mut machines: Vec<MachineFacts> =
        machines.into_iter().map(|(name, facts)| (name.map(str::to_owned), FactBase::new(facts))).collect();
    join_hosts(&mut machines, Knowledge::embedded());
    let word = |facts: &FactBase| Some(facts.known(&Subject::machine(), Key::HostCompatibility)?.value()?.to_string());
    machines.iter().map(|(_, facts)| word(facts)).collect()
}

#[track_caller]
fn check(host: Vec<Fact>, client: Vec<Fact>, expect: Option<&str>) {
    let seen = judged(vec![(Some("kms1.contoso.com"), host), (Some("pc1"), client)]);
    assert_eq!(seen, [None, expect.map(str::to_owned)]);
}

#[test]
fn a_client_is_held_against_the_host_that_it_uses() {
    let server_2022 = || client("6VM33", "notification", "kms1.contoso.com");
    check(host("server-2022", "10.0.17763.1999"), server_2022(), Some("listed"));
    check(host("server-2022", "10.0.17763.737"), server_2022(), Some("update-missing"));
    check(host("server-2019", "10.0.17763.5458"), server_2022(), Some("not-listed"));
    check(host("server-2022", "10.0.20348.1"), server_2022(), Some("listed"));
    // The table does not list this key on this system.
    check(host("server-2025", "10.0.14393.1"), server_2022(), Some("not-listed"));
    check(host("server-2019", "10.0.17763.1"), client("6VM33", "unlicensed", "KMS1"), Some("not-listed"));
}

#[test]
fn what_is_open_says_nothing() {
    let server_2022 = || client("6VM33", "notification", "kms1.contoso.com");
    // Whether the update is there.
    check(host("server-2022", "10.0.17763"), server_2022(), None);
    let licensing =
        vec![machine(Key::HostKeyGeneration, "server-2022"), machine(Key::MachineVersion, "10.0.17763.737")];
    check(licensing, server_2022(), None);
    check(vec![machine(Key::HostKeyGeneration, "server-2019")], server_2022(), None);
    check(vec![machine(Key::MachineBuild, "10.0.17763.737")], server_2022(), None);
    check(host("server-2003", "10.0.17763.737"), server_2022(), None);
    check(host("server-2019", "10.0.99999.1"), server_2022(), None);
    // Another host, another key, Office.
    check(host("server-2019", "10.0.17763.1"), client("6VM33", "notification", "kms2.contoso.com"), None);
    check(host("server-2019", "10.0.17763.1"), client("ABCDE", "notification", "kms1.contoso.com"), None);
    check(host("server-2019", "10.0.17763.1"), client("GCVGB", "notification", "kms1.contoso.com"), None);
    // It is activated: whatever the table does not list, it works.
    check(host("server-2019", "10.0.17763.1"), client("6VM33", "licensed", "kms1.contoso.com"), None);
    check(host("server-2022", "10.0.20348.1"), client("6VM33", "licensed", "kms1.contoso.com"), Some("listed"));
}

#[test]
fn one_setup_key_for_two_generations_takes_the_build() {
    let windows = |build: &str| {
        let mut facts = client("2YT43", "notification", "kms1.contoso.com");
        facts.push(machine(Key::MachineBuild, build));
        facts
    };
    let host = || host("server-2019", "10.0.17763.5458");
    check(host(), client("2YT43", "notification", "kms1.contoso.com"), None);
    check(host(), windows("10.0.19045.1"), Some("listed"));
    check(host(), windows("10.0.22631.1"), Some("not-listed"));
    check(host(), windows("10.0.20348.1"), None);
}

#[test]
fn the_licensing_service_tells_the_generation_too() {
    let licensing =
        vec![machine(Key::HostKeyGeneration, "server-2019"), machine(Key::MachineVersion, "10.0.17763.737")];
    check(licensing, client("6VM33", "notification", "kms1.contoso.com"), Some("not-listed"));
}

#[test]
fn a_request_in_the_log_of_the_host_leads_there() {
    let mut pc = client("6VM33", "notification", "kms9.contoso.com");
    pc.extend(attempt("served", 0xC004_F015, SERVER_2022));
    let attempt = Subject::new(SubjectKind::Attempt, "1");
    pc.push(present(&attempt, Key::AttemptComputer, Value::Text("KMS1".to_owned())));
    check(host("server-2019", "10.0.17763.737"), pc, Some("not-listed"));
}

#[test]
fn a_host_that_refuses_is_held_against_the_products_of_its_own_log() {
    let alone = |record, code, id: &str| {
        let facts = [host("server-2022", "10.0.17763.737"), attempt(record, code, id)].concat();
        judged(vec![(None, facts)]).remove(0)
    };
    assert_eq!(alone("served", 0xC004_F015, SERVER_2022).as_deref(), Some("update-missing"));
    assert_eq!(alone("served", 0xC004_F042, &SERVER_2022.to_uppercase()).as_deref(), Some("update-missing"));
    assert_eq!(alone("served", 0xC004_F038, SERVER_2022), None, "too few clients");
    assert_eq!(alone("served", 0, SERVER_2022), None);
    assert_eq!(alone("request", 0xC004_F042, SERVER_2022), None, "of this machine, not of its clients");
    assert_eq!(alone("served", 0xC004_F015, "9bd77860-9b31-4b7b-96ad-2564017315bf"), None);
}

#[test]
fn facts_of_a_host_and_a_client_that_nothing_tells_apart_say_nothing() {
    let mixed = [host("server-2019", "10.0.17763.737"), client("6VM33", "notification", "kms1.contoso.com")].concat();
    assert_eq!(judged(vec![(None, mixed.clone())]), [None]);
    assert_eq!(judged(vec![(Some("kms1.contoso.com"), mixed)]), [None]);
}

#[test]
fn hosts_that_the_table_judges_differently_give_no_answer() {
    let mut pc = client("6VM33", "notification", "kms1");
    pc.push(present(&Subject::endpoint("kms2", 1688), Key::EndpointUsed, Value::Flag(true)));
    let seen = judged(vec![
        (Some("kms1"), host("server-2019", "10.0.17763.737")),
        (Some("kms2"), host("server-2022", "10.0.20348.1")),
        (Some("pc1"), pc),
    ]);
    assert_eq!(seen, [None, None, None]);
}
