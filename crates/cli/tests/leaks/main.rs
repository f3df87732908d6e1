//! Secrets planted in every kind of evidence: no product key comes out anywhere, and with `--redact` no name, address,
//! user or id.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_evidence::bundle;
use serde_json::Value;

#[allow(dead_code)]
#[path = "../../../evidence/src/readers/events/evtx/writer.rs"]
mod evtx;
#[allow(dead_code)]
#[path = "../../../evidence/src/readers/hive/tests/writer.rs"]
mod hive;
mod planted;

use planted::{CMID, INSTALLATION_ID, KEY, SECRETS, files};

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
    let expect = [
        "binary-10.77.0.5.bin".to_owned(),
        format!("note *****-*****-*****-*****-{}.txt", KEY[4]),
        format!("note *****-**?**-*****-*****-{}.txt", &KEY[4][1..]),
    ];
    assert_eq!(
        unread.into_iter().filter(|name| !["fleet.csv", "object.json"].contains(&name.as_str())).collect::<Vec<_>>(),
        expect
    );
}

#[test]
fn no_product_key_comes_out() {
    let folder = Folder::new("keys");
    let evidence = evidence(&folder);
    for (index, format) in ["human", "json", "html"].into_iter().enumerate() {
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
    for format in ["human", "html"] {
        let said = kmsdoctor(&["cloud", &evidence, "-v", "--format", format, "--redact", "--assume", &evidence]).stdout;
        assert!(String::from_utf8_lossy(&said).contains("RESOURCE-1"), "{format}: there are paths");
        no_names("standard output of cloud", &said);
        no_keys("standard output of cloud", &said);
    }
    for (index, format) in ["human", "json", "html"].into_iter().enumerate() {
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
