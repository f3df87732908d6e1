//! Secrets planted in every kind of evidence: no product key comes out anywhere, and with `--redact` no name, address,
//! user or id.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_evidence::bundle;
use serde_json::{Value, json};

#[allow(dead_code)]
#[path = "../../evidence/src/readers/events/evtx/writer.rs"]
mod evtx;
#[allow(dead_code)]
#[path = "../../evidence/src/readers/hive/tests/writer.rs"]
mod hive;

/// Parts of a key's form but for the last, put together here so that no text of the repository holds one.
const KEY: [&str; 5] = ["BCDF2", "GHJK3", "MPQR4", "TVWX6", "Y7N89"];

/// What must not come out of a redacted run, in lower case. None of it stands in the program's own words.
const SECRETS: [&str; 14] = [
    "zqpc42",
    "zqkms7",
    "zqdc3",
    "zqfile9",
    "fabrikam",
    "zqmia",
    "zqtaro",
    "財務課",
    "山田",
    "10.77.",
    "fd77",
    "5d-0a-0b",
    "2345678901-3456789012",
    "4bf3-9d1e",
];

/// An installation ID: what is looked for in outputs are its pieces.
const INSTALLATION_ID: &str = "123456789876543210192837465564738291029384756657483920110293847";

const CMID: &str = "a1b2c3d4-e5f6-4bf3-9d1e-a5b6c7d8e9f0";

fn key(separator: &str) -> String {
    KEY.join(separator)
}

fn request(code: &str) -> String {
    format!(
        "{code}, 0x00000000, zqkms7.corp.fabrikam.com:1688, {CMID}, 2026/11/20 03:15, 0, 2, 41760, 73111121-5638-40f6-bc11-f1d7b0d64300, 25"
    )
}

/// `DigitalProductId` with a byte that would show.
fn digital() -> Vec<u8> {
    let mut bytes = vec![0x5a; 164];
    bytes[..8].copy_from_slice(&[0xa4, 0, 0, 0, 3, 0, 0, 0]);
    bytes
}

fn slmgr() -> String {
    format!(
        "C:\\Users\\zqmia>cscript //nologo slmgr.vbs /ipk {}
Installed product key {} successfully.

C:\\Users\\zqmia>cscript //nologo slmgr.vbs /dlv
Software licensing service version: 10.0.19041.1
Name: Windows(R), Enterprise edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Activation ID: 73111121-5638-40f6-bc11-f1d7b0d64300
Installation ID: {INSTALLATION_ID}
Product Key Channel: Volume:GVLK
Partial Product Key: 2YT43
License Status: Notification
Notification Reason: 0xC004F074.
Most recent activation information:
Key Management Service client information
    Client Machine ID (CMID): {CMID}
    Registered KMS machine name: zqkms7.corp.fabrikam.com:1688
    KMS machine IP address: 10.77.0.5
",
        key("-"),
        key("\u{2011}")
    )
}

fn ospp() -> String {
    format!(
        "---Processing--------------------------
---------------------------------------
SKU ID: 85dd8b5f-eaa4-4af3-a628-cce9e77c9a03
LICENSE NAME: Office 19, Office19ProPlus2019VL_KMS_Client_AE edition
LICENSE STATUS:  ---NOTIFICATIONS---
ERROR CODE: 0xC004F074
Last 5 characters of installed product key: 6MWKP
KMS machine registry override defined: zqkms7.corp.fabrikam.com:1688
inslic {}
",
        key(" ")
    )
}

fn events() -> String {
    format!(
        "Log Name: Application
Source: Microsoft-Windows-Security-SPP
Event ID: 12288
Task Category: None
Level: Information
User: FABRIKAM\\zqmia
Computer: zqpc42.corp.fabrikam.com
Description:
The client has sent an activation request to the key management service machine.
Info:
{}
Key: {}
",
        request("0xC004F06C"),
        key("")
    )
}

fn xml() -> String {
    format!(
        "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><Provider Name=\"Microsoft-Windows-Security-SPP\"/>\
         <EventID>12288</EventID><TimeCreated SystemTime=\"2026-11-20T03:15:05Z\"/><Computer>zqpc42.corp.fabrikam.com</Computer>\
         <Security UserID='S-1-5-21-1234567890-2345678901-3456789012-1104'/></System>\
         <EventData><Data>{}</Data><Data Name='TargetUserName'>zqmia</Data><Data>{}</Data></EventData></Event>",
        request("0xC004F06C"),
        key("&#45;")
    )
}

const SPP: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

fn registry() -> String {
    let hex: String = digital().iter().map(|byte| format!("{byte:02X}")).collect();
    format!(
        "{SPP}
    BackupProductKeyDefault    REG_SZ    {}
    KeyManagementServiceName    REG_SZ    10.77.0.5
    KeyManagementServiceLookupDomain    REG_SZ    corp.fabrikam.com

HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion
    DigitalProductId    REG_BINARY    {hex}
    RegisteredOwner    REG_SZ    山田 zqtaro

HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName
    ComputerName    REG_SZ    ZQPC42
",
        key("-")
    )
}

fn export() -> Vec<u8> {
    let hex: Vec<String> = digital().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{SPP}]\r\n\"BackupProductKeyDefault\"=\"{}\"\r\n\"KeyManagementServiceName\"=\"zqkms7.corp.fabrikam.com\"\r\n\
         \"InactivityShutdownDelay\"=dword:0000001e\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\r\n\
         \"DigitalProductId\"=hex:{}\r\n\"RegisteredOwner\"=\"zqtaro\"\r\n",
        key("-"),
        hex.chunks(22).map(|line| line.join(",")).collect::<Vec<_>>().join(",\\\r\n  ")
    );
    [&b"\xff\xfe"[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat()
}

const NSLOOKUP: &str = "C:\\>nslookup -type=srv _vlmcs._tcp.corp.fabrikam.com
Server:  zqdc3.corp.fabrikam.com
Address:  10.77.0.10

_vlmcs._tcp.corp.fabrikam.com   SRV service location:
          priority       = 0
          weight         = 0
          port           = 1688
          svr hostname   = zqkms7.corp.fabrikam.com
zqkms7.corp.fabrikam.com        internet address = 10.77.0.5
zqkms7.corp.fabrikam.com        AAAA IPv6 address = fd77::5
";

const IPCONFIG: &str = "Windows IP Configuration

   Host Name . . . . . . . . . . . . : ZQPC42
   Primary Dns Suffix  . . . . . . . : corp.fabrikam.com
   Node Type . . . . . . . . . . . . : Hybrid
   DNS Suffix Search List. . . . . . : corp.fabrikam.com

Ethernet adapter Ethernet:

   Connection-specific DNS Suffix  . : branch.fabrikam.com
   Physical Address. . . . . . . . . : 00-15-5D-0A-0B-0C
   Link-local IPv6 Address . . . . . : fe80::fd77:1%7(Preferred)
   IPv4 Address. . . . . . . . . . . : 10.77.1.42(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   DNS Servers . . . . . . . . . . . : 10.77.0.10
                                       fd77::10
";

const W32TM: &str = "C:\\>w32tm /query /status
Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Source: zqdc3.corp.fabrikam.com
Last Successful Sync Time: 11/20/2026 3:15:00 AM

C:\\>w32tm /stripchart /computer:zqdc3.corp.fabrikam.com /samples:1 /dataonly
Tracking zqdc3.corp.fabrikam.com [10.77.0.10:123].
The current time is 11/20/2026 3:15:00 AM.
03:15:00, +00.0012345s
";

fn csv() -> String {
    format!(
        "\"PSComputerName\",\"Name\",\"LicenseStatus\",\"User\",\"ClientMachineID\",\"Key\"
\"ZQPC42\",\"Windows(R), Enterprise edition\",\"5\",\"zqmia\",\"{CMID}\",\"{}\"
",
        key("\",\"")
    )
}

fn json_object() -> String {
    let digital: Vec<u8> = digital();
    json!([{
        "PSComputerName": "ZQPC42",
        "KeyManagementServiceMachine": "zqkms7.corp.fabrikam.com",
        "ClientMachineID": CMID,
        "OA3xOriginalProductKey": key("-"),
        "RegisteredUser": "FABRIKAM\\zqmia",
        "Path": "C:\\Users\\zqmia\\Desktop",
        "Mail": "zqmia@fabrikam.com",
        "DigitalProductId": digital,
    }])
    .to_string()
}

/// A ticket in Japanese, in code page 932, with the folder of a user and a share.
fn ticket() -> Vec<u8> {
    let text = format!(
        "コンピューター名: 財務課PC42\r\nユーザー名: FABRIKAM\\山田zqtaro\r\n財務課PC42 で slmgr /ato が失敗します。エラー: 0xC004F074\r\n\
         送り先は \\\\zqfile9\\share$ です。連絡先 zqmia@fabrikam.com\r\nキーは{}です。\r\n",
        key("－")
    );
    // What is needed of the code page is in the crate that reads it; the tests write it by hand.
    let table: [(char, [u8; 2]); 39] = [
        ('コ', [0x83, 0x52]),
        ('ン', [0x83, 0x93]),
        ('ピ', [0x83, 0x73]),
        ('ュ', [0x83, 0x85]),
        ('ー', [0x81, 0x5b]),
        ('タ', [0x83, 0x5e]),
        ('名', [0x96, 0xbc]),
        ('財', [0x8d, 0xe0]),
        ('務', [0x96, 0xb1]),
        ('課', [0x89, 0xdb]),
        ('ユ', [0x83, 0x86]),
        ('ザ', [0x83, 0x55]),
        ('山', [0x8e, 0x52]),
        ('田', [0x93, 0x63]),
        ('で', [0x82, 0xc5]),
        ('が', [0x82, 0xaa]),
        ('失', [0x8e, 0xb8]),
        ('敗', [0x94, 0x73]),
        ('し', [0x82, 0xb5]),
        ('ま', [0x82, 0xdc]),
        ('す', [0x82, 0xb7]),
        ('。', [0x81, 0x42]),
        ('エ', [0x83, 0x47]),
        ('ラ', [0x83, 0x89]),
        ('送', [0x91, 0x97]),
        ('り', [0x82, 0xe8]),
        ('先', [0x90, 0xe6]),
        ('は', [0x82, 0xcd]),
        ('連', [0x98, 0x41]),
        ('絡', [0x97, 0x8d]),
        ('キ', [0x83, 0x4c]),
        ('－', [0x81, 0x7c]),
        ('の', [0x82, 0xcc]),
        ('を', [0x82, 0xf0]),
        ('に', [0x82, 0xc9]),
        ('と', [0x82, 0xc6]),
        ('も', [0x82, 0xe0]),
        ('い', [0x82, 0xa2]),
        ('ク', [0x83, 0x4e]),
    ];
    let mut bytes = Vec::new();
    for character in text.chars() {
        match u8::try_from(character).ok().filter(u8::is_ascii) {
            Some(byte) => bytes.push(byte),
            None => {
                bytes.extend(table.iter().find(|(known, _)| *known == character).map_or([b'?'; 2], |(_, raw)| *raw))
            }
        }
    }
    bytes
}

fn software_hive() -> Vec<u8> {
    let spp = r"Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
    hive::Key::new("ROOT")
        .text(spp, "BackupProductKeyDefault", &key("-"))
        .text(spp, "KeyManagementServiceName", "zqkms7.corp.fabrikam.com")
        .binary(r"Microsoft\Windows NT\CurrentVersion", "DigitalProductId", &digital())
        .text(r"Microsoft\Windows NT\CurrentVersion", "RegisteredOwner", "zqtaro")
        .text(r"Microsoft\Windows NT\CurrentVersion", "EditionID", "Enterprise")
        .hive()
}

fn log() -> Vec<u8> {
    let request = request("0xC004F06C");
    let data = format!("{request} {}", key("-"));
    evtx::log(&[&[evtx::Event {
        source: "Microsoft-Windows-Security-SPP",
        id: 12288,
        number: 7,
        time: "2026-11-20T03:15:05Z",
        computer: "zqpc42.corp.fabrikam.com",
        data: &[("", &data)],
    }]])
}

/// A live run's question and what answered the bind, with names in the bytes.
fn transcripts() -> Vec<(String, Vec<u8>)> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let question = b"\x07zqkms7x\0".to_vec();
    let endpoint = json!({
        "format": "kmsdoctor.transcript/1", "started_at": "2026-11-20T03:15:00Z", "kind": "endpoint",
        "endpoint": {"host": "zqkms7.corp.fabrikam.com", "port": 1688}, "reasons": [{"is": "advertised", "domain": "corp.fabrikam.com"}],
        "attempts": [{"address": "10.77.0.5:1688", "connect": {"is": "connected"}, "connect_us": 10,
            "bind": {"transport": "tcp", "sent": "05", "elapsed_us": 10,
                "outcome": {"is": "received", "data": hex(b"HTTP/1.1 400 Bad Request\r\nServer: zqkms7.corp.fabrikam.com\r\n\r\n")}}}],
        "signs_of_life": [],
    });
    let dns = json!({
        "format": "kmsdoctor.transcript/1", "started_at": "2026-11-20T03:15:00Z", "kind": "dns",
        "server": "10.77.0.10:53", "name": "_vlmcs._tcp.corp.fabrikam.com", "record_type": "SRV",
        "exchanges": [{"transport": "udp", "sent": hex(&question), "elapsed_us": 10, "outcome": {"is": "timed-out"}}],
    });
    let file = |name: &str, value: &Value| (name.to_owned(), value.to_string().into_bytes());
    vec![
        file("endpoint-zqkms7.corp.fabrikam.com-1688.json", &endpoint),
        file("srv-corp.fabrikam.com-at-10.77.0.10.json", &dns),
    ]
}

fn files() -> Vec<(String, Vec<u8>)> {
    let named = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes);
    let mut files = vec![
        named("slmgr-zqpc42.txt", slmgr().into_bytes()),
        named("ospp.txt", ospp().into_bytes()),
        named("events.txt", events().into_bytes()),
        named("events.xml", xml().into_bytes()),
        named("registry.txt", registry().into_bytes()),
        named("export.reg", export()),
        named("nslookup.txt", NSLOOKUP.as_bytes().to_vec()),
        named("ipconfig.txt", IPCONFIG.as_bytes().to_vec()),
        named("w32tm.txt", W32TM.as_bytes().to_vec()),
        named("fleet.csv", csv().into_bytes()),
        named("object.json", json_object().into_bytes()),
        named("ticket.txt", ticket()),
        named("SOFTWARE", software_hive()),
        named("Application.evtx", log()),
        named(&format!("note {}.txt", key("-")), format!("see {}", key("/")).into_bytes()),
        named("binary-10.77.0.5.bin", vec![0, 159, 146, 150, 0, 0, 1, 2]),
    ];
    files.extend(transcripts());
    files
}

/// A folder of this test's own, removed at its end. Its name is a customer's.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("leaks-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The evidence as files, and once more in a zip within a zip.
fn evidence(folder: &Folder) -> String {
    let inside = folder.0.join("evidence");
    fs::create_dir_all(&inside).expect("a folder");
    for (name, bytes) in files() {
        fs::write(inside.join(name), bytes).expect("a file");
    }
    let artifacts: Vec<Artifact> =
        files().into_iter().map(|(name, bytes)| Artifact::new(format!("zqpc42/{name}"), bytes, None)).collect();
    let inner = bundle::write(&artifacts).expect("a bundle");
    let outer = bundle::write(&[Artifact::new("fabrikam.zip", inner, None)]).expect("a bundle");
    fs::write(inside.join("mail.zip"), outer).expect("a file");
    inside.display().to_string()
}

fn kmsdoctor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kmsdoctor"))
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .output()
        .expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Everything in which text stands in these bytes: as it is, as UTF-16, as hexadecimal digits.
fn readings(bytes: &[u8]) -> String {
    let mut all = String::from_utf8_lossy(bytes).to_lowercase();
    let digits: Vec<u8> = all.bytes().filter(u8::is_ascii_hexdigit).collect();
    for start in 0..2 {
        let units: Vec<u16> = bytes[start.min(bytes.len())..]
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        all.push_str(&String::from_utf16_lossy(&units).to_lowercase());
        let pairs = digits[start.min(digits.len())..].chunks_exact(2);
        let raw: Vec<u8> =
            pairs.filter_map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).ok()).collect();
        all.push_str(&String::from_utf8_lossy(&raw).to_lowercase());
    }
    all
}

fn no_keys(what: &str, bytes: &[u8]) {
    let all = readings(bytes);
    for part in &KEY[..4] {
        assert!(!all.contains(&part.to_lowercase()), "{part} in {what}:\n{}", String::from_utf8_lossy(bytes));
    }
    assert!(!bytes.windows(4).any(|window| window == [0x5a; 4]), "DigitalProductId in {what}");
    assert!(
        !all.contains("5a5a5a5a") && !all.contains("5a,5a,5a") && !all.contains("90,90,90"),
        "DigitalProductId in {what}"
    );
}

fn no_names(what: &str, bytes: &[u8]) {
    let all = readings(bytes);
    for secret in SECRETS {
        assert!(!all.contains(secret), "{secret} in {what}:\n{}", String::from_utf8_lossy(bytes));
    }
    for piece in INSTALLATION_ID.as_bytes().windows(12) {
        let piece = String::from_utf8_lossy(piece);
        assert!(!all.contains(&*piece), "{piece} of the installation ID in {what}");
    }
}

fn saved(path: &str) -> Vec<Artifact> {
    let opened = bundle::open("saved.zip", fs::read(path).expect("the bundle is saved"));
    assert!(opened.notes.is_empty(), "{:?}", opened.notes);
    opened.artifacts
}

/// Causes with their status.
fn findings(report: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|finding| (text(&finding["cause"]), text(&finding["status"]))).collect()
}

fn json_report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Every file is one that something is read from, or the secrets in it would be looked for in vain.
#[test]
fn the_planted_evidence_is_read() {
    let folder = Folder::new("read");
    let report = json_report(&kmsdoctor(&["analyze", &evidence(&folder), "--format", "json"]));
    let unread: BTreeSet<String> = report["artifacts"]
        .as_array()
        .expect("artifacts")
        .iter()
        .filter(|artifact| !artifact["unread"].is_null())
        .map(|artifact| artifact["name"].as_str().expect("a name").rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    let expect = ["binary-10.77.0.5.bin".to_owned(), format!("note *****-*****-*****-*****-{}.txt", KEY[4])];
    assert_eq!(
        unread.into_iter().filter(|name| !["fleet.csv", "object.json"].contains(&name.as_str())).collect::<Vec<_>>(),
        expect
    );
}

#[test]
fn no_product_key_comes_out() {
    let folder = Folder::new("keys");
    let evidence = evidence(&folder);
    for (index, format) in ["human", "json"].into_iter().enumerate() {
        for language in ["ja", "en"] {
            let bundle = folder.file(&format!("{index}{language}.zip"));
            let output =
                kmsdoctor(&["analyze", &evidence, "-v", "--format", format, "--lang", language, "--save", &bundle]);
            no_keys("standard output", &output.stdout);
            no_keys("standard error", &output.stderr);
            for artifact in saved(&bundle) {
                no_keys(artifact.name(), artifact.bytes());
                no_keys("a name", artifact.name().as_bytes());
            }
        }
    }
}

#[test]
fn nothing_comes_out_of_a_redacted_run() {
    let folder = Folder::new("names");
    let evidence = evidence(&folder);
    let whole = folder.file("whole.zip");
    let plain = json_report(&kmsdoctor(&["analyze", &evidence, "--format", "json", "--save", &whole]));
    assert!(plain.to_string().contains("zqkms7"), "without --redact names stay");
    let all: String = saved(&whole).iter().map(|artifact| readings(artifact.bytes())).collect();
    for secret in SECRETS.into_iter().filter(|secret| !["財務課", "山田"].contains(secret)) {
        assert!(all.contains(secret), "{secret} is not planted");
    }
    for (index, format) in ["human", "json"].into_iter().enumerate() {
        for language in ["ja", "en"] {
            let bundle = folder.file(&format!("{index}{language}.zip"));
            let output = kmsdoctor(&[
                "analyze", &evidence, "-v", "--format", format, "--lang", language, "--save", &bundle, "--redact",
            ]);
            let said = text(&output);
            assert!(said.contains("HOST-1") && said.contains("DOMAIN-1"), "{said}");
            no_keys("standard output", &output.stdout);
            no_names("standard output", &output.stdout);
            for artifact in saved(&bundle) {
                no_keys(artifact.name(), artifact.bytes());
                no_names(artifact.name(), artifact.bytes());
                no_names("a name", artifact.name().as_bytes());
            }
            if format == "json" {
                let report = json_report(&output);
                assert_eq!(findings(&plain), findings(&report));
                assert_eq!(plain["verdict"], report["verdict"]);
                // And from the bundle, by somebody who never saw the evidence.
                let again = json_report(&kmsdoctor(&["analyze", &bundle, "--format", "json", "--lang", language]));
                assert_eq!(findings(&plain), findings(&again));
            }
        }
    }
}

#[test]
fn the_map_stays_with_its_owner_and_goes_on() {
    let folder = Folder::new("map");
    let evidence = evidence(&folder);
    let map = folder.file("map.json");
    let run = || kmsdoctor(&["analyze", &evidence, "--format", "json", "--redact-map", &map]);
    let first = run();
    let kept = fs::read_to_string(&map).expect("the map is kept");
    for secret in ["zqkms7", "corp.fabrikam.com", "10.77.0.5", "zqmia", CMID, INSTALLATION_ID] {
        assert!(kept.to_lowercase().contains(secret), "{secret} in\n{kept}");
    }
    no_keys("the map", kept.as_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        assert_eq!(fs::metadata(&map).expect("it is there").permissions().mode() & 0o777, 0o600);
    }
    let second = run();
    assert_eq!(fs::read_to_string(&map).expect("the map is kept"), kept, "nothing is new");
    let parts = |output: &Output| {
        let report = json_report(output);
        [report["findings"].clone(), report["subjects"].clone(), report["artifacts"].clone()]
    };
    assert_eq!(parts(&first), parts(&second), "the same tokens");

    // What is no map is not touched.
    let other = folder.file("other.txt");
    fs::write(&other, "mine").expect("a file");
    for (language, words) in [("en", "not overwritten"), ("ja", "上書きはしません")] {
        let refused = kmsdoctor(&["analyze", &evidence, "--redact-map", &other, "--lang", language]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(words));
    }
    assert_eq!(fs::read_to_string(&other).expect("it is there"), "mine");
    let taken = kmsdoctor(&["analyze", &evidence, "--save", &other]);
    assert_eq!((taken.status.code(), taken.stdout.is_empty()), (Some(2), true));
}

#[test]
fn a_redacted_check_gives_the_findings_of_the_run() {
    let folder = Folder::new("check");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let bundle = folder.file("saved.zip");
    let arguments = ["check", "--host", &host, "--timeout", "1", "--save", &bundle, "--format", "json", "--redact"];
    let live = json_report(&kmsdoctor(&arguments));
    let again = json_report(&kmsdoctor(&["analyze", &bundle, "--format", "json"]));
    assert_eq!(findings(&live), findings(&again));
    // Loopback is nobody's.
    assert!(live.to_string().contains("127.0.0.1"), "{live}");
}
