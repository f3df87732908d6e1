use std::collections::BTreeSet;

use jiff::Timestamp;
use kmsdoctor_core::fact::State;
use kmsdoctor_core::redact::{Map, Public};
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DnsQuestion, DomainSource, EndpointProbe, Exchange, Hop, HopAnswer, HostPort, LifeMethod,
    LookupOutcome, Outcome, ProbeReason, Record, Scope, ScopeDomain, SettingsKey, SettingsValue, SignOfLife,
    SystemLookup, TimeQuestion, Trace, TraceMethod, Transcript, Transport,
};

use super::*;

/// Redacts an artifact; facts of both, with the tokens of the first put in.
fn check(name: &str, bytes: &[u8], secrets: &[&str]) -> Artifact {
    let original = Artifact::new(name, bytes.to_vec(), None);
    let mut redactor = Redactor::new(Map::default(), &Public::default());
    let reading = crate::read(&original);
    assert!(!reading.facts.is_empty(), "{name}");
    redactor.learn_facts(&reading.facts);
    learn(&original, &mut redactor);
    let redacted = artifact(&original, &mut redactor).expect("a redacted form");
    let again = crate::read(&redacted);
    // Of both sides what a report shows.
    let mut shown = |facts: &[kmsdoctor_core::fact::Fact]| {
        let mut set = BTreeSet::new();
        for fact in facts {
            let mut fact = fact.clone();
            redactor.fact(&mut fact);
            let state = match &fact.state {
                State::Present(value) => value.to_string().to_lowercase(),
                other => format!("{other:?}"),
            };
            // Attempts of events are named by the event, those of commands by the hash of the artifact.
            let subject = if fact.subject.id.starts_with("command:") { "command" } else { &fact.subject.id };
            set.insert(format!("{} {} {state}", subject.to_lowercase(), fact.key.name()));
        }
        set
    };
    assert_eq!(shown(&reading.facts), shown(&again.facts), "{}", String::from_utf8_lossy(redacted.bytes()));
    let text = String::from_utf8_lossy(redacted.bytes()).to_lowercase();
    for secret in secrets {
        assert!(!text.contains(&secret.to_lowercase()), "{secret} in {text}");
        assert!(!redacted.name().to_lowercase().contains(&secret.to_lowercase()), "{}", redacted.name());
        let hex = secret.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert!(!text.contains(&hex), "{secret} as hex in {text}");
    }
    redacted
}

const EVENT: &str = "Log Name: Application
Source: Microsoft-Windows-Security-SPP
Event ID: 12288
Computer: pc1.contoso.com
Description:
The client has sent an activation request to the key management service machine.
Info:
0xC004F06C, 0x00000000, kms1.contoso.com:1688, 11111111-2222-4333-8444-555555555555, 2026/11/20 03:15, 0, 2, 41760, 73111121-5638-40f6-bc11-f1d7b0d64300, 25
";

#[test]
fn texts_in_every_encoding() {
    let secrets = ["pc1", "contoso", "kms1", "11111111-2222"];
    check("pc1.txt", EVENT.as_bytes(), &secrets);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    check("x", &[&b"\xff\xfe"[..], &utf16(EVENT)].concat(), &secrets);
    let nslookup = "C:\\Users\\mia>nslookup -type=srv _vlmcs._tcp.contoso.com
Server:  dc1.contoso.com
Address:  10.20.0.10

_vlmcs._tcp.contoso.com SRV service location:
          priority       = 0
          weight         = 0
          port           = 1688
          svr hostname   = kms1.contoso.com
kms1.contoso.com        internet address = 10.20.0.5
";
    check("x", nslookup.as_bytes(), &["mia", "contoso", "dc1", "kms1", "10.20."]);
    let registry = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform
    KeyManagementServiceName    REG_SZ    10.20.0.5
    KeyManagementServiceLookupDomain    REG_SZ    corp.contoso.com
";
    check("x", registry.as_bytes(), &["10.20.", "contoso"]);
}

#[test]
fn html_becomes_text() {
    let mail = "<html><head><title>contoso</title><meta name=author content=mia></head><body onload=\"mia()\"><!-- kms1 -->
<p>Hello,</p><pre>C:\\Users\\mia&gt;reg query HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform

HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform
    KeyManagementServiceName    REG_SZ    <b>kms1</b>.contoso.com
</pre><img src=\"https://kms1.contoso.com/x.png\"></body></html>";
    let redacted = check("mia.html", mail.as_bytes(), &["mia", "contoso", "kms1"]);
    let text = String::from_utf8_lossy(redacted.bytes());
    assert!(!text.contains("<pre>") && text.contains("KeyManagementServiceName"), "{text}");
}

#[test]
fn hives_become_text() {
    let path = r"Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
    let hive = hive::tests::writer::Key::new("ROOT")
        .text(path, "KeyManagementServiceName", "kms1.contoso.com")
        .text(r"Microsoft\Windows NT\CurrentVersion", "EditionID", "Professional")
        .hive();
    check("SOFTWARE", &hive, &["kms1", "contoso"]);
}

#[test]
fn binary_logs_become_text() {
    let event = evtx::writer::Event {
        source: "Microsoft-Windows-Security-SPP",
        id: 12288,
        number: 7,
        time: "2026-11-20T03:15:05Z",
        computer: "pc1.contoso.com",
        data: &[(
            "",
            "0xC004F06C, 0x00000000, kms1.contoso.com:1688, 11111111-2222-4333-8444-555555555555, 2026/11/20 03:15, 0, 2, 41760, 73111121-5638-40f6-bc11-f1d7b0d64300, 25",
        )],
    };
    check("Application.evtx", &evtx::writer::log(&[&[event]]), &["pc1", "kms1", "contoso", "11111111-2222"]);
}

#[test]
fn what_has_no_text_has_no_redacted_form() {
    let mut redactor = Redactor::new(Map::default(), &Public::default());
    for bytes in [
        &b"\0\x01\x02\x03\x04"[..],
        b"",
        b"regf\0\0\0\0",
        b"{\"format\": \"kmsdoctor.transcript/1\", \"x\": \"706331\"}",
    ] {
        assert_eq!(artifact(&Artifact::new("x", bytes.to_vec(), None), &mut redactor), None);
    }
}

fn exchange(sent: Vec<u8>, outcome: Outcome) -> Exchange {
    Exchange { transport: Transport::Tcp, sent: Hex(sent), outcome, elapsed_us: 1_200_000 }
}

fn endpoint(data: Vec<u8>) -> Record {
    Record::Endpoint(EndpointProbe {
        endpoint: HostPort { host: "kms1.contoso.com".to_owned(), port: 1688 },
        reasons: vec![ProbeReason::Advertised { domain: "contoso.com".to_owned() }],
        client_addresses: vec!["10.20.0.5".parse().unwrap()],
        attempts: vec![ConnectionAttempt {
            bind: Some(exchange(vec![5, 0], Outcome::Received { data: Hex(data) })),
            trace: Some(Trace {
                method: TraceMethod::Tcp,
                asked: 30,
                hops: vec![Hop {
                    hops: 1,
                    answer: HopAnswer::Icmp { from: [10, 20, 0, 1].into(), message_type: 11, code: 0 },
                    elapsed_us: 10,
                }],
            }),
            control: Some(SignOfLife {
                address: [10, 20, 0, 5].into(),
                method: LifeMethod::Tcp { port: 1 },
                outcome: Outcome::Refused,
                elapsed_us: 10,
            }),
            ..ConnectionAttempt::new("10.20.0.5:1688".parse().unwrap(), Outcome::Connected, 10)
        }],
        signs_of_life: Vec::new(),
    })
}

#[test]
fn transcripts_stay_transcripts() {
    let query = kmsdoctor_wire::dns::Query::new(7, "kms1.contoso.com", kmsdoctor_wire::dns::RecordType::A).unwrap();
    let sent = query.encode().unwrap();
    // An answer with one address: the header with one answer, the question, a pointer to it.
    let mut answer = sent[..12].to_vec();
    answer[2] = 0x81;
    answer[7] = 1;
    answer[11] = 0;
    answer.extend(&sent[12..12 + 22]);
    answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 20, 0, 5]);
    let question = DnsQuestion {
        server: "10.20.0.10:53".parse().unwrap(),
        name: "kms1.contoso.com".to_owned(),
        record_type: "A".to_owned(),
        exchanges: vec![exchange(sent, Outcome::Received { data: Hex(answer) })],
        unchecked: Vec::new(),
    };
    let scope = Scope {
        machine: Some("pc1".to_owned()),
        domains: vec![ScopeDomain { name: "contoso.com".to_owned(), source: DomainSource::Primary }],
        hosts: vec![HostPort { host: "kms1.contoso.com".to_owned(), port: 1688 }],
        resolvers: vec!["10.20.0.10:53".parse().unwrap()],
        time_sources: vec!["dc1.contoso.com".to_owned()],
        client_settings: Some(vec![SettingsKey {
            path: r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform".to_owned(),
            values: vec![
                SettingsValue { name: "KeyManagementServiceName".to_owned(), data: "KMS1.contoso.com".to_owned() },
                SettingsValue { name: "KeyManagementServicePort".to_owned(), data: "1700".to_owned() },
                SettingsValue { name: "KeyManagementServiceLookupDomain".to_owned(), data: "contoso.com".to_owned() },
            ],
        }]),
        ..Scope::default()
    };
    let mut ntp = vec![0; 48];
    (ntp[0], ntp[1]) = (0x24, 3);
    ntp[12..16].copy_from_slice(&[10, 20, 0, 99]);
    let time = TimeQuestion {
        source: "dc1.contoso.com".to_owned(),
        address: Some("10.20.0.10:123".parse().unwrap()),
        sent_at: Timestamp::UNIX_EPOCH,
        received_at: Timestamp::UNIX_EPOCH,
        exchange: Some(exchange(vec![0; 48], Outcome::Received { data: Hex(ntp) })),
    };
    let lookup = SystemLookup {
        name: "kms1.contoso.com".to_owned(),
        outcome: LookupOutcome::Found { addresses: vec!["10.20.0.99".parse().unwrap()] },
        elapsed_us: 300,
    };
    let http = b"HTTP/1.1 400 Bad Request\r\nServer: proxy1.contoso.com\r\n\r\n".to_vec();
    let tls = [&[22, 3, 3, 0, 90, 2, 0, 0][..], &[0x90, 0x91], b"kms1.contoso.com"].concat();
    for record in [
        Record::Scope(scope),
        Record::Dns(question),
        Record::Time(time),
        Record::SystemLookup(lookup),
        endpoint(http),
        endpoint(tls),
        endpoint(vec![5]),
    ] {
        let transcript = Transcript::new(Timestamp::UNIX_EPOCH, record);
        let bytes = serde_json::to_vec_pretty(&transcript).unwrap();
        let secrets = ["pc1", "kms1", "contoso", "dc1", "proxy1", "10.20.", "\n\u{14}\0"];
        let redacted = check("live/dns/a-kms1.contoso.com-at-10.20.0.10.json", &bytes, &secrets);
        assert!(serde_json::from_slice::<Transcript>(redacted.bytes()).is_ok());
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(noise in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), at in 0_usize..400, head in 0_usize..4) {
        let transcript = serde_json::to_vec(&Transcript::new(Timestamp::UNIX_EPOCH, endpoint(noise.clone()))).unwrap();
        let mut bytes = match head {
            0 => noise.clone(),
            1 => [b"regf\0\0\0\0", &noise[..]].concat(),
            2 => [b"ElfFile\0", &noise[..]].concat(),
            _ => transcript,
        };
        if let (Some(place), Some(byte)) = (at.checked_rem(bytes.len()), noise.first()) {
            bytes[place] = *byte;
        }
        let mut redactor = Redactor::new(Map::default(), &Public::default());
        let original = Artifact::new("x", bytes, None);
        learn(&original, &mut redactor);
        let _ = artifact(&original, &mut redactor);
    }
}
