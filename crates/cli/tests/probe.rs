//! Probes as their users run them, against the worlds of the drills.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output, Stdio};

use kmsdoctor_sim::{Scenario, World};
use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmsdoctor"));
    command.arg("probe").args(arguments).env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn probe(arguments: &[&str], input: &str) -> Output {
    let mut child = command(arguments).spawn().expect("the program starts");
    // A program that does not read its input closes it: that is no failure of the test.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A world with its domain and its DNS server.
fn world(scenario: &str) -> (World, String, String) {
    let world = World::start(Scenario::find(scenario).expect("a scenario"), 7).expect("loopback");
    let (domain, server) = {
        let directions = world.directions();
        (directions.domain.clone().expect("a domain"), directions.resolver.to_string())
    };
    (world, domain, server)
}

#[test]
fn a_domain_whose_host_is_well() {
    let (_world, domain, server) = world("healthy");
    let output = probe(&["--domain", &domain, "--dns", &server, "--lang", "en"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("Healthy: 1 of 1 named hosts"), "{}", text(&output.stdout));
    let output = probe(&["--domain", &domain, "--dns", &server, "--format", "nagios", "--lang", "ja"], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("KMS OK - KMS ホスト 1 台中 1 台"), "{}", text(&output.stdout));
}

#[test]
fn faults_show_in_every_form() {
    let (_world, domain, server) = world("other-rpc-service");
    let record = format!("_vlmcs._tcp.{domain}");
    let output = probe(&["-", "--dns", &server, "--format", "json"], &format!("# hosts\n{record}\n\n"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let line: Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
    assert_eq!((&line["target"], &line["reach"]), (&domain.as_str().into(), &"rejected".into()));
    let output = probe(&[&record, "--dns", &server, "--format", "nagios"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).starts_with("KMS CRITICAL"));
    let output = probe(&[&record, "--dns", &server, "--format", "prometheus"], "");
    assert!(text(&output.stdout).contains("kmsdoctor_probe_endpoints{reach=\"rejected\"} 1"));
    let output = probe(&[&record, "--dns", &server, "--format", "csv"], "");
    assert!(text(&output.stdout).lines().nth(1).is_some_and(|line| line.contains(",rejected,")));
}

#[test]
fn a_domain_without_a_record() {
    let (_world, domain, server) = world("srv-missing");
    let output = probe(&["--domain", &domain, "--dns", &server, "--lang", "ja"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("kmsdoctor check --domain"), "{}", text(&output.stdout));
}

#[test]
fn what_may_not_be_probed_is_said_with_the_way_on() {
    for (target, language, words) in [
        ("10.0.0.0/8", "en", "--yes"),
        ("10.0.0.0/8", "ja", "--yes を付けてください"),
        ("198.51.100.0/24", "en", "--public"),
        ("198.51.100.0/24", "ja", "--public を付けてください"),
        ("http://kms1", "en", "a target looks like"),
        ("@/nowhere/hosts.txt", "ja", "読めません"),
    ] {
        let output = probe(&[target, "--lang", language], "");
        assert_eq!(output.status.code(), Some(2), "{target}");
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    let output = probe(&["-", "--lang", "en"], "10.0.0.1\n10.0.0.0/99\n");
    assert!(text(&output.stderr).contains("line 2"), "{}", text(&output.stderr));
    assert_eq!(probe(&["-"], "# nothing\n").status.code(), Some(2));
}

/// Ctrl-C tells what is known. The one that is known is a line before the signal is sent, the other never answers.
#[cfg(unix)]
#[test]
fn an_interrupted_probe_tells_what_it_has() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback");
    let silent = silent.local_addr().map(|address| (silent, address.to_string())).expect("an address");
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback").local_addr().expect("an address");
    let closed = closed.to_string();
    let arguments = [closed.as_str(), silent.1.as_str(), "--timeout", "60", "--lang", "en"];
    let mut child = command(&arguments).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let first = lines.next().expect("a line").expect("UTF-8");
    assert!(first.contains("port is closed"), "{first}");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill of procps");
    assert!(killed.success());
    let rest: Vec<String> = lines.map(|line| line.expect("UTF-8")).collect();
    assert!(rest.iter().any(|line| line.contains("stopped before its end")), "{rest:?}");
    assert_eq!(child.wait().expect("the program ends").code(), Some(1));
}
