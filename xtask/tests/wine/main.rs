//! The Windows program, started under Wine: it explains, it reads files, it probes a port.
//!
//! Where it cannot run, the tests are listed as ignored with the reason and the last line says `wine: not run: …`;
//! they never pass. With `KMSDOCTOR_WINE=required` they fail instead.

mod responder;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use responder::Responder;
use serde_json::Value;
use socket2::{Domain, Socket, Type};
use world::Run;

/// Set to `required`, tests that cannot run fail instead of being ignored.
const DEMAND_VARIABLE: &str = "KMSDOCTOR_WINE";

type Test = fn() -> Result<()>;

const TESTS: [(&str, Test); 7] = [
    ("explain-english", explain_english),
    ("explain-japanese", explain_japanese),
    ("analyze-utf8-and-cp932-alike", analyze_utf8_and_cp932_alike),
    ("analyze-garbage-from-stdin", analyze_garbage_from_stdin),
    ("analyze-missing-file", analyze_missing_file),
    ("check-host-that-acknowledges", check_host_that_acknowledges),
    ("check-port-that-refuses", check_port_that_refuses),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = world::missing();
    let is_demanded = std::env::var_os(DEMAND_VARIABLE).is_some_and(|value| value == "required");
    let trials = TESTS.map(|(name, test)| {
        let reason = missing.clone();
        let trial = Trial::test(name, move || match reason {
            Some(reason) => Err(format!("not run: {reason}").into()),
            None => test().map_err(|error| Failed::from(format!("{error:?}"))),
        });
        trial.with_ignored_flag(missing.is_some() && !is_demanded)
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    if let (false, Some(reason)) = (arguments.list, &missing) {
        println!("wine: not run: {reason}");
    }
    conclusion.exit_code()
}

fn explain_english() -> Result<()> {
    let run = world::start("explain-en", &["explain", "0xC004F074", "--lang", "en"], b"")?;
    run.expect_status(0)?;
    run.expect_text(&["0xC004F074", "Key Management Service (KMS)", "net-port-refused"])
}

fn explain_japanese() -> Result<()> {
    let run = world::start("explain-ja", &["explain", "0xC004F074", "--lang", "ja"], b"")?;
    run.expect_status(0)?;
    run.expect_text(&["0xC004F074", "キー管理サービス", "net-port-refused"])
}

/// The same text in two encodings gives the same facts and findings.
fn analyze_utf8_and_cp932_alike() -> Result<()> {
    let mut reports = Vec::new();
    for name in ["slmgr-dlv-ja.txt", "slmgr-dlv-ja.cp932.txt"] {
        let file = xtask::root().join("xtask/tests/wine/fixtures").join(name);
        let run =
            world::start(name, &["analyze", &world::windows_path(&file), "--format", "json", "--lang", "ja"], b"")?;
        let report = run.report()?;
        let artifact = &report["artifacts"][0];
        ensure!(artifact["unread"].is_null() && artifact["facts"].as_u64() > Some(5), "{name} is not read\n{run}");
        ensure!(report["subjects"][0]["channel"] == "gvlk", "{name}: the key's channel is not seen\n{run}");
        let causes = report["findings"].as_array().context("findings are a list")?.iter();
        let causes: Vec<String> = causes.map(|finding| format!("{} {}", finding["cause"], finding["status"])).collect();
        reports.push((
            artifact["facts"].clone(),
            report["subjects"].clone(),
            report["verdict"].clone(),
            causes,
            run.status,
        ));
    }
    ensure!(reports[0] == reports[1], "UTF-8 and CP932 differ: {reports:#?}");
    Ok(())
}

fn analyze_garbage_from_stdin() -> Result<()> {
    let run = world::start("garbage", &["analyze", "-", "--format", "json", "--lang", "en"], b"garbage\n")?;
    run.expect_status(3)?;
    let report = run.report()?;
    ensure!(report["verdict"] == "undetermined", "garbage has a verdict\n{run}");
    ensure!(report["artifacts"][0]["unread"].is_string(), "the report does not say why nothing was read\n{run}");
    Ok(())
}

fn analyze_missing_file() -> Result<()> {
    let run = world::start("missing", &["analyze", "Z:\\no\\such\\file.txt", "--lang", "ja"], b"")?;
    run.expect_status(2)
}

/// `check --host` asks nothing but that port: no DNS, no clock.
fn check(name: &str, address: SocketAddr) -> Result<Run> {
    let host = address.to_string();
    world::start(name, &["check", "--host", &host, "--timeout", "5", "--format", "json", "--lang", "en"], b"")
}

fn check_host_that_acknowledges() -> Result<()> {
    let responder = Responder::start()?;
    let run = check("acknowledges", responder.address())?;
    let received = responder.finish()?;
    run.expect_status(0)?;
    ensure!(run.report()?["verdict"] == "healthy", "the path is healthy\n{run}");
    // The boundary of the program: one bind, and nothing after it.
    let types: Vec<u8> = received.iter().map(|message| message.message_type).collect();
    ensure!(!types.is_empty(), "healthy without a bind\n{run}");
    ensure!(types.iter().all(|kind| *kind == responder::BIND), "messages {types:?} were sent, and only binds may be");
    Ok(())
}

fn check_port_that_refuses() -> Result<()> {
    // Bound and not listening: connections are refused, and nobody else can get the port meanwhile.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).context("a socket cannot be opened")?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).context("no port is free")?;
    let address = socket.local_addr()?.as_socket().context("the socket has no address")?;
    let run = check("refuses", address)?;
    run.expect_status(1)?;
    let report = run.report()?;
    let first: &Value = &report["findings"][0];
    ensure!(first["cause"] == "net-port-refused", "the first finding is {}\n{run}", first["cause"]);
    ensure!(report["verdict"] == "problem", "the verdict is {}\n{run}", report["verdict"]);
    Ok(())
}
