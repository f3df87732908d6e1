use kmsdoctor_live::SweepTarget;

use super::*;

const END: SweepEnd = SweepEnd { interrupted: false, no_sockets: false, tries_max: 2, loss: 0.0 };

fn row(target: &str, host: Option<&str>, address: Option<&str>, reach: Reach) -> Row {
    let answered = reach == Reach::Acknowledged;
    Row {
        target: target.to_owned(),
        host: host.map(str::to_owned),
        address: address.map(|address| address.parse().unwrap()),
        reach,
        connect_ms: answered.then_some(0.5),
        bind_ms: answered.then_some(1.25),
        tries: if reach == Reach::Timeout { 2 } else { 1 },
        detail: "said \"so\", really".to_owned(),
    }
}

/// A domain with two hosts, a host, and a range.
fn judged(second: Reach, host: Reach) -> (Judgement, Vec<Row>) {
    let rows = vec![
        row("contoso.com", Some("kms1.contoso.com"), Some("10.0.0.5:1688"), Reach::Acknowledged),
        row("contoso.com", Some("kms2.contoso.com"), Some("10.0.0.6:1688"), second),
        row("kms3", Some("kms3"), Some("10.0.0.7:1688"), host),
        row("10.1.0.9:1688", None, Some("10.1.0.9:1688"), Reach::Foreign),
        row("10.1.0.10:1688", None, Some("10.1.0.10:1688"), Reach::Refused),
    ];
    let mut judgement = Judgement::new(&[
        Target::Named(SweepTarget::Domain("contoso.com".to_owned())),
        Target::Named(SweepTarget::Host { name: "kms3".to_owned(), port: 1688 }),
        Target::Range("10.1.0.0/28".parse().unwrap(), 1688),
    ]);
    for row in &rows {
        judgement.take(row);
    }
    (judgement, rows)
}

fn printed(format: ProbeFormat, language: Language) -> String {
    let (judgement, rows) = judged(Reach::Timeout, Reach::Acknowledged);
    let mut printer = printer(format, false, language);
    let mut text: String = rows.iter().map(|row| printer.row(row, judgement.is_named(row))).collect();
    text.push_str(&printer.end(&judgement, &END));
    text
}

#[test]
fn what_was_named_is_judged_and_ranges_are_not() {
    let status = |second, host| judged(second, host).0.status(&END);
    assert_eq!(status(Reach::Acknowledged, Reach::Acknowledged), Status::Healthy);
    assert_eq!(status(Reach::Timeout, Reach::Acknowledged), Status::Degraded);
    assert_eq!(status(Reach::Timeout, Reach::Refused), Status::Problem);
    assert_eq!(status(Reach::Acknowledged, Reach::Unknown), Status::Unknown);
    let interrupted = SweepEnd { interrupted: true, ..END };
    assert_eq!(judged(Reach::Acknowledged, Reach::Acknowledged).0.status(&interrupted), Status::Unknown);
    assert_eq!(judged(Reach::Acknowledged, Reach::Refused).0.status(&interrupted), Status::Problem);
    // A host with an address that fails beside one that answers is well.
    let (mut judgement, _) = judged(Reach::Acknowledged, Reach::Acknowledged);
    judgement.take(&row("kms3", Some("kms3"), Some("[fd00::7]:1688"), Reach::Unreachable));
    assert_eq!(judgement.status(&END), Status::Healthy);
    // Nothing came of a target at all.
    let nothing = Judgement::new(&[Target::Named(SweepTarget::Domain("contoso.com".to_owned()))]);
    assert_eq!(nothing.status(&END), Status::Unknown);
}

#[test]
fn human() {
    insta::assert_snapshot!(printed(ProbeFormat::Human, Language::English), @r#"
10.0.0.5:1688          kms1.contoso.com (SRV contoso.com)  acknowledges the KMS bind: connect 0.5 ms, bind 1.2 ms
10.0.0.6:1688          kms2.contoso.com (SRV contoso.com)  no answer (2 tries)
10.0.0.7:1688          kms3  acknowledges the KMS bind: connect 0.5 ms, bind 1.2 ms
10.1.0.9:1688          something other than KMS: said "so", really

Problem found: 2 of 3 named hosts acknowledge the bind.
        2  acknowledges the KMS bind
        1  something other than KMS
        1  port is closed
        1  no answer
Addresses of a range that are closed or silent are left out (-v shows them).
To find out why: kmsdoctor check --host kms2.contoso.com
"#);
    insta::assert_snapshot!(printed(ProbeFormat::Human, Language::Japanese), @r#"
10.0.0.5:1688          kms1.contoso.com (SRV contoso.com)  KMS のバインドに応答: 接続 0.5 ms、バインド 1.2 ms
10.0.0.6:1688          kms2.contoso.com (SRV contoso.com)  応答なし (2 回)
10.0.0.7:1688          kms3  KMS のバインドに応答: 接続 0.5 ms、バインド 1.2 ms
10.1.0.9:1688          KMS 以外のサービス: said "so", really

問題あり: 指定した対象の 3 台のうち 2 台だけが応答しました。
        2  KMS のバインドに応答
        1  KMS 以外のサービス
        1  ポートが閉じている
        1  応答なし
範囲の中で閉じている、または応答のないアドレスは省略しました (-v で表示)。
理由を調べる: kmsdoctor check --host kms2.contoso.com
"#);
}

#[test]
fn the_way_on_fits_the_target() {
    for (target, reach, way) in [
        (SweepTarget::Address("10.0.0.7:1700".parse().unwrap()), Reach::Unknown, "check --host 10.0.0.7:1700\n"),
        (SweepTarget::Domain("contoso.com".to_owned()), Reach::NoData, "check --domain contoso.com\n"),
    ] {
        let mut judgement = Judgement::new(&[Target::Named(target.clone())]);
        let name = if let SweepTarget::Address(address) = target { address.to_string() } else { "contoso.com".into() };
        judgement.take(&row(&name, None, None, reach));
        let text = printer(ProbeFormat::Human, false, Language::English).end(&judgement, &END);
        assert!(text.ends_with(way), "{text}");
    }
}

#[test]
fn json_lines_and_csv() {
    let json = printed(ProbeFormat::Json, Language::English);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!((&lines[1]["schema"], &lines[1]["reach"]), (&"kmsdoctor.probe/1".into(), &"timeout".into()));
    let csv = printed(ProbeFormat::Csv, Language::English);
    assert_eq!(
        csv.lines().nth(1),
        Some("contoso.com,kms1.contoso.com,10.0.0.5,1688,acknowledged,0.500,1.250,1,\"said \"\"so\"\", really\"")
    );
    assert_eq!(csv.lines().count(), 6);
    assert_eq!(printer(ProbeFormat::Csv, false, Language::English).end(&Judgement::default(), &END).lines().count(), 1);
}

#[test]
fn nagios() {
    insta::assert_snapshot!(printed(ProbeFormat::Nagios, Language::English), @r#"
KMS WARNING - 2 of 3 KMS hosts acknowledge the bind | acknowledged=2;;3:;0;3 slowest=0.001750s
contoso.com (kms2.contoso.com): no answer
"#);
    insta::assert_snapshot!(printed(ProbeFormat::Nagios, Language::Japanese), @r#"
KMS WARNING - KMS ホスト 3 台中 2 台がバインドに応答 | acknowledged=2;;3:;0;3 slowest=0.001750s
contoso.com (kms2.contoso.com): 応答なし
"#);
    let printer = printer(ProbeFormat::Nagios, false, Language::English);
    let codes =
        [Status::Healthy, Status::Degraded, Status::Problem, Status::Unknown].map(|status| printer.exit(status));
    assert_eq!(codes, [0, 1, 2, 3]);
}

#[test]
fn prometheus() {
    insta::assert_snapshot!(printed(ProbeFormat::Prometheus, Language::English), @r#"
# HELP kmsdoctor_probe_acknowledged 1 if the RPC bind was acknowledged, else 0.
# TYPE kmsdoctor_probe_acknowledged gauge
kmsdoctor_probe_acknowledged{target="contoso.com",host="kms1.contoso.com",address="10.0.0.5:1688",reach="acknowledged"} 1
kmsdoctor_probe_acknowledged{target="contoso.com",host="kms2.contoso.com",address="10.0.0.6:1688",reach="timeout"} 0
kmsdoctor_probe_acknowledged{target="kms3",host="kms3",address="10.0.0.7:1688",reach="acknowledged"} 1
kmsdoctor_probe_acknowledged{target="10.1.0.9:1688",host="10.1.0.9:1688",address="10.1.0.9:1688",reach="foreign"} 0
# HELP kmsdoctor_probe_connect_seconds Time until the TCP connection opened or was refused.
# TYPE kmsdoctor_probe_connect_seconds gauge
kmsdoctor_probe_connect_seconds{target="contoso.com",host="kms1.contoso.com",address="10.0.0.5:1688",reach="acknowledged"} 0.0005
kmsdoctor_probe_connect_seconds{target="kms3",host="kms3",address="10.0.0.7:1688",reach="acknowledged"} 0.0005
# HELP kmsdoctor_probe_bind_seconds Time until the RPC bind was answered.
# TYPE kmsdoctor_probe_bind_seconds gauge
kmsdoctor_probe_bind_seconds{target="contoso.com",host="kms1.contoso.com",address="10.0.0.5:1688",reach="acknowledged"} 0.00125
kmsdoctor_probe_bind_seconds{target="kms3",host="kms3",address="10.0.0.7:1688",reach="acknowledged"} 0.00125
# HELP kmsdoctor_probe_tries How often the endpoint was asked.
# TYPE kmsdoctor_probe_tries gauge
kmsdoctor_probe_tries{target="contoso.com",host="kms1.contoso.com",address="10.0.0.5:1688",reach="acknowledged"} 1
kmsdoctor_probe_tries{target="contoso.com",host="kms2.contoso.com",address="10.0.0.6:1688",reach="timeout"} 2
kmsdoctor_probe_tries{target="kms3",host="kms3",address="10.0.0.7:1688",reach="acknowledged"} 1
kmsdoctor_probe_tries{target="10.1.0.9:1688",host="10.1.0.9:1688",address="10.1.0.9:1688",reach="foreign"} 1
# HELP kmsdoctor_probe_endpoints Endpoints and names by what they came to.
# TYPE kmsdoctor_probe_endpoints gauge
kmsdoctor_probe_endpoints{reach="acknowledged"} 2
kmsdoctor_probe_endpoints{reach="rejected"} 0
kmsdoctor_probe_endpoints{reach="foreign"} 1
kmsdoctor_probe_endpoints{reach="reset"} 0
kmsdoctor_probe_endpoints{reach="closed"} 0
kmsdoctor_probe_endpoints{reach="silent"} 0
kmsdoctor_probe_endpoints{reach="refused"} 1
kmsdoctor_probe_endpoints{reach="timeout"} 1
kmsdoctor_probe_endpoints{reach="unreachable"} 0
kmsdoctor_probe_endpoints{reach="blocked-locally"} 0
kmsdoctor_probe_endpoints{reach="no-data"} 0
kmsdoctor_probe_endpoints{reach="no-such-name"} 0
kmsdoctor_probe_endpoints{reach="unknown"} 0
# HELP kmsdoctor_probe_interrupted 1 if the probe was stopped before its end.
# TYPE kmsdoctor_probe_interrupted gauge
kmsdoctor_probe_interrupted 0
"#);
}

#[test]
fn rows_from_a_sweep() {
    use kmsdoctor_wire::transcript::{ConnectionAttempt, Outcome};
    let attempt = ConnectionAttempt::new("10.0.0.5:1688".parse().unwrap(), Outcome::TimedOut, 2_000_000);
    let row = Row::of(Swept::Endpoint { origin: None, tries: 2, attempt });
    assert_eq!((row.target.as_str(), row.reach, row.connect_ms, row.tries), ("10.0.0.5:1688", Reach::Timeout, None, 2));
    let row = Row::of(Swept::Nowhere { target: "contoso.com".to_owned(), host: None, question: None });
    assert_eq!((row.reach, row.address), (Reach::Unknown, None));
}
