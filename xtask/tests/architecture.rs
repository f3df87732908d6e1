//! Holds the workspace against the invariants of `ARCHITECTURE.md`: who may use whom, who owns which heavy
//! dependency, what the pure crates must not touch, and where the program ends.

use std::collections::BTreeSet;
use std::path::PathBuf;

use kmsdoctor_wire::rpc;
use serde_json::Value;
use xtask::{command, sources};

/// Members of the workspace: package, whom it may use in the program, whom in its tests besides.
const EDGES: &[(&str, &[&str], &[&str])] = &[
    ("kmsdoctor-core", &[], &[]),
    ("kmsdoctor-wire", &[], &[]),
    ("kmsdoctor-cloud", &["kmsdoctor-core"], &[]),
    ("kmsdoctor-evidence", &["kmsdoctor-cloud", "kmsdoctor-core", "kmsdoctor-wire"], &[]),
    ("kmsdoctor-live", &["kmsdoctor-core", "kmsdoctor-wire"], &[]),
    ("kmsdoctor-sim", &["kmsdoctor-core", "kmsdoctor-wire"], &["kmsdoctor-evidence", "kmsdoctor-live"]),
    (
        "kmsdoctor",
        &[
            "kmsdoctor-cloud",
            "kmsdoctor-core",
            "kmsdoctor-wire",
            "kmsdoctor-evidence",
            "kmsdoctor-live",
            "kmsdoctor-sim",
        ],
        &[],
    ),
    // The lab knows nothing of the product's crates: both must not be wrong in the same way.
    ("kmsdoctor-lab", &[], &[]),
    // What it measures the product against must not be the product.
    ("kmsdoctor-bench", &["kmsdoctor-sim", "kmsdoctor-wire"], &[]),
    ("xtask", &["kmsdoctor-core"], &["kmsdoctor-wire", "kmsdoctor-evidence", "kmsdoctor-lab"]),
];

/// Dependencies that are heavy, or that open a door which most crates must not go through: who may use them, and who
/// in tests only. A member that uses one for a new reason is a decision about the layout.
const OWNED: &[(&str, &[&str], &[&str])] = &[
    ("tokio", &["kmsdoctor-live", "kmsdoctor-sim", "kmsdoctor-bench"], &["kmsdoctor-lab", "xtask"]),
    ("socket2", &["kmsdoctor-live", "kmsdoctor-bench"], &["kmsdoctor-lab", "xtask"]),
    ("rustix", &["kmsdoctor-lab"], &[]),
    ("tappers", &["kmsdoctor-lab"], &[]),
    ("hostname", &["kmsdoctor-live"], &[]),
    ("resolv-conf", &["kmsdoctor-live"], &[]),
    ("nix", &["kmsdoctor-live"], &[]),
    ("winping", &["kmsdoctor-live"], &[]),
    ("rlimit", &["kmsdoctor-live", "kmsdoctor-bench"], &[]),
    ("ipnet", &["kmsdoctor-core", "kmsdoctor-cloud", "kmsdoctor-evidence", "kmsdoctor"], &[]),
    ("ipconfig", &["kmsdoctor-live"], &[]),
    ("windows-registry", &["kmsdoctor-live"], &[]),
    ("hickory-proto", &["kmsdoctor-wire", "kmsdoctor-lab"], &[]),
    ("hickory-server", &["kmsdoctor-sim"], &[]),
    ("encoding_rs", &["kmsdoctor-evidence"], &[]),
    ("evtx", &["kmsdoctor-evidence"], &[]),
    ("quick-xml", &["kmsdoctor-evidence"], &[]),
    ("html5gum", &["kmsdoctor-evidence"], &[]),
    ("zip", &["kmsdoctor-evidence"], &[]),
    ("regf", &["kmsdoctor-evidence"], &[]),
    ("toml", &["kmsdoctor-core"], &["kmsdoctor-evidence", "xtask"]),
    ("sha2", &["kmsdoctor-core"], &[]),
    ("schemars", &["kmsdoctor-core", "xtask"], &[]),
    ("clap", &["kmsdoctor", "xtask"], &[]),
    ("sys-locale", &["kmsdoctor"], &[]),
    ("ureq", &["kmsdoctor-bench"], &["xtask"]),
    ("hickory-resolver", &["kmsdoctor-bench"], &[]),
    ("anyhow", &["kmsdoctor", "kmsdoctor-bench", "xtask"], &[]),
];

/// Dependencies that are light, or for tests: anyone may use them. A dependency stands in one list or the other.
const FREE: &[&str] = &[
    "anstream",
    "anstyle",
    "insta",
    "jiff",
    "libtest-mimic",
    "maud",
    "proptest",
    "serde",
    "serde_json",
    "strsim",
    "tempfile",
    "thiserror",
    "unicode-width",
];

/// What the pure crates must not touch. Time, files, environment and sockets come in through parameters.
const IMPURE: [&str; 19] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::fs",
    "fs::",
    "File::",
    "std::process",
    "process::",
    "std::env",
    "env::var",
    "env::args",
    "SystemTime::",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "std::thread",
    "thread::spawn",
    "io::stdin",
];

/// The public functions of the RPC codec. A new one shows here, and in review: the codec encodes the bind, decodes what
/// may answer a bind, and nothing else.
const RPC_FUNCTIONS: [&str; 4] = ["as_str", "decode_reply", "encode_bind", "expected_length"];

/// Parts of names that code for the far side of the boundary would have, compared without case and underscores. The
/// list is a tripwire, not a proof: what the program sends is shown by [`the_one_rpc_message_is_a_bind`] here and by
/// the lab, which fails a run that sends anything but a bind.
const BEYOND_THE_BOUNDARY: [(&str, &str); 15] = [
    ("ptyperequest", "an RPC request"),
    ("typerequest", "an RPC request"),
    ("pdurequest", "an RPC request"),
    ("encoderesponse", "an RPC response"),
    ("ptyperesponse", "an RPC response"),
    ("opnum", "the number of an RPC operation"),
    ("stubdata", "the body of an RPC request"),
    ("activationrequest", "the activation exchange"),
    ("activationresponse", "the activation exchange"),
    ("kmsrequest", "the activation exchange"),
    ("kmsresponse", "the activation exchange"),
    ("keygen", "product keys made"),
    ("generatekey", "product keys made"),
    ("decodekey", "product keys decoded"),
    ("base24", "product keys decoded"),
];

/// Words that look like the above and are Windows' own names in evidence.
const NAMES_IN_EVIDENCE: [(&str, &str); 2] = [
    ("kmsrequests", "the log in which a KMS host records event 12290"),
    ("hostkeygeneration", "a fact: of which release the host key is, as slmgr prints it"),
];

struct Metadata(Value);

impl Metadata {
    fn read() -> Self {
        let output = command::output(&mut command::cargo(["metadata", "--format-version=1", "--no-deps"]));
        let output = output.expect("cargo can be started");
        Self(serde_json::from_slice(&output.stdout).expect("`cargo metadata` prints JSON"))
    }

    fn packages(&self) -> impl Iterator<Item = (&str, &Value)> {
        let packages = self.0["packages"].as_array().into_iter().flatten();
        packages.map(|package| (package["name"].as_str().unwrap_or_default(), package))
    }

    /// Every dependency: user, used, and whether it is for tests only.
    fn edges(&self) -> Vec<(&str, &str, bool)> {
        let edges = self.packages().flat_map(|(user, package)| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            dependencies.map(move |used| (user, used["name"].as_str().unwrap_or_default(), used["kind"] == "dev"))
        });
        edges.collect()
    }
}

/// What the program is made of, of one crate: file and code.
fn program_sources(folder: &str) -> Vec<(PathBuf, String)> {
    let files = sources::rust_files(folder).expect("the sources can be read");
    let program = files.into_iter().filter(|file| !sources::is_test_file(file));
    let read = |file: PathBuf| {
        let text = sources::text(&file).expect("the source can be read").expect("Rust is UTF-8");
        (file, sources::code(&text))
    };
    program.map(read).collect()
}

#[test]
fn members_use_only_whom_they_may() {
    let metadata = Metadata::read();
    let members: BTreeSet<&str> = metadata.packages().map(|(name, _)| name).collect();
    assert_eq!(members, EDGES.iter().map(|(name, ..)| *name).collect(), "a member is missing from this test or gone");
    for (user, used, in_tests) in metadata.edges().into_iter().filter(|(_, used, _)| members.contains(used)) {
        let (_, program, tests) = EDGES.iter().find(|(name, ..)| *name == user).expect("compared above");
        let allowed = program.contains(&used) || (in_tests && tests.contains(&used));
        assert!(allowed, "{user} must not use {used}{}", if in_tests { ", not in tests either" } else { "" });
    }
}

#[test]
fn product_alone_is_built_by_default() {
    let metadata = Metadata::read();
    let default = metadata.0["workspace_default_members"].as_array().expect("cargo lists them");
    let id = metadata.packages().find(|(name, _)| *name == "kmsdoctor").map(|(_, package)| &package["id"]);
    assert_eq!(default.iter().collect::<Vec<_>>(), Vec::from_iter(id), "default-members is crates/cli alone");
}

#[test]
fn heavy_dependencies_have_their_owners() {
    let metadata = Metadata::read();
    let members: BTreeSet<&str> = metadata.packages().map(|(name, _)| name).collect();
    for (user, used, in_tests) in metadata.edges().into_iter().filter(|(_, used, _)| !members.contains(used)) {
        match OWNED.iter().find(|(name, ..)| *name == used) {
            Some((_, owners, tests)) => {
                let allowed = owners.contains(&user) || (in_tests && tests.contains(&user));
                assert!(allowed, "{user} uses {used}, which belongs to {}", owners.join(" and "));
            }
            None => assert!(FREE.contains(&used), "{user} uses {used}: name its owner in this test, or call it free"),
        }
    }
}

#[test]
fn pure_crates_touch_nothing() {
    let mut found = Vec::new();
    for folder in ["crates/core/src", "crates/wire/src", "crates/evidence/src"] {
        for (file, code) in program_sources(folder) {
            for forbidden in IMPURE {
                for line in sources::lines_with(&code, forbidden) {
                    found.push(format!("{}:{line}: `{forbidden}`", file.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "pure crates get the world through parameters:\n{}", found.join("\n"));
}

#[test]
fn the_one_rpc_message_is_a_bind() {
    for call_id in [0, 1, 0x0102_0304, u32::MAX] {
        let message = rpc::encode_bind(call_id);
        // C706 section 12.6.3.1: version, type, length, call id. Type 11 is `bind`, and one message is all there is.
        assert_eq!((message[0], message[2]), (5, 11));
        assert_eq!(usize::from(u16::from_le_bytes([message[8], message[9]])), message.len());
        assert_eq!(message.len(), usize::from(rpc::BIND_BYTES));
        assert_eq!(message[12..16], call_id.to_le_bytes());
    }
}

#[test]
fn rpc_codec_has_no_function_more() {
    let mut files = program_sources("crates/wire/src");
    files.retain(|(file, _)| file.starts_with("crates/wire/src/rpc") || file.ends_with("src/rpc.rs"));
    assert!(!files.is_empty(), "the RPC codec lies elsewhere now: this test has to follow");
    let names_of = |marker: &str| -> Vec<String> {
        let lines = files.iter().flat_map(|(_, code)| code.lines());
        let names = lines.filter_map(|line| line.trim_start().strip_prefix(marker)?.split(['(', '<']).next());
        names.map(str::to_owned).collect()
    };
    let mut public: Vec<String> =
        ["pub fn ", "pub const fn ", "pub(crate) fn ", "pub(super) fn "].into_iter().flat_map(names_of).collect();
    public.sort();
    assert_eq!(public, RPC_FUNCTIONS, "a new function of the RPC codec: is it within the program's boundary?");
    let private = names_of("fn ").into_iter().filter(|name| name.contains("encode"));
    assert_eq!(private.collect::<Vec<_>>(), Vec::<String>::new(), "the bind is the one message that is encoded");
}

#[test]
fn nothing_reaches_beyond_the_boundary() {
    let mut found = Vec::new();
    for (file, code) in program_sources("crates") {
        for (index, line) in code.lines().enumerate() {
            let line = line.to_lowercase().replace('_', "");
            let words = line.split(|character: char| !character.is_alphanumeric());
            for word in words.filter(|word| !NAMES_IN_EVIDENCE.iter().any(|(name, _)| name == word)) {
                for (_, what) in BEYOND_THE_BOUNDARY.iter().filter(|(part, _)| word.contains(part)) {
                    found.push(format!("{}:{}: `{word}` looks like {what}", file.display(), index + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "kmsdoctor is no KMS host, no KMS client and tests no keys:\n{}", found.join("\n"));
}
