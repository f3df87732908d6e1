//! Real output of nslookup, Test-NetConnection, ipconfig, tracert, w32tm and whoami, where the collection of samples is at hand.

use std::fs;
use std::path::{Path, PathBuf};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::{Fact, State};
use kmsdoctor_evidence::{Reading, read};

/// The collection, beside the checkout.
fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        Some(folder)
    } else {
        println!("NOT RUN: no samples at {}", folder.display());
        None
    }
}

fn reading(path: &Path) -> Reading {
    read(&Artifact::new(path.display().to_string(), fs::read(path).unwrap(), None))
}

fn line(fact: &Fact) -> String {
    let state = match &fact.state {
        State::Present(value) => format!("= {value}"),
        State::Absent => "absent".to_owned(),
        State::Unknown(why) => format!("unknown {why:?}"),
    };
    format!("{} {} {state}", fact.subject.id, fact.key.name())
}

/// What a sample must say, among other things; an empty list where it must say nothing.
const ESSENTIALS: &[(&str, &str, &[&str])] = &[
    (
        "net/ipconfig-all-ja.txt",
        "ipconfig",
        &[" machine.name = DESKTOP-C3DRR4I", " machine.domain absent", " machine.dns-servers absent"],
    ),
    (
        "net/tracert-ja.txt",
        "tracert",
        &[
            "apache-svr name.client-address = 10.0.3.6",
            "apache-svr name.alive = true",
            "172.16.40.1 name.alive = true",
            "2606:4700:4700::1111 name.alive unknown NoAnswer",
        ],
    ),
    (
        "net/nslookup-default-timeout-ipv6-dns-en.txt",
        "nslookup+dns-client",
        &[
            "::1 resolver.outcome unknown NoAnswer",
            "192.168.10.209 resolver.outcome = answers",
            " machine.dns-servers = 192.168.10.209, 192.168.10.210, 127.0.0.1, ::1",
            "192.168.10.210 resolver.configured = true",
        ],
    ),
    (
        "net/nslookup-ja.txt",
        "nslookup",
        &[
            "192.168.11.1 resolver.outcome = answers",
            "192.168.1.1 resolver.outcome = answers",
            "xml-sv.boatrace.jp name.address = found",
            "e121498.a.akamaiedge.net name.address = found",
            "xml-sv.boatrace.jp name.dns-ipv4 = 23.193.119.197, 23.193.119.198",
        ],
    ),
    (
        "net/nslookup-vlmcs-doc-zh.txt",
        "nslookup",
        &[
            "contoso.com domain.srv = found",
            "contoso.com domain.srv-count = 1",
            "kms-server.contoso.com:1688 endpoint.advertised = true",
        ],
    ),
    (
        "net/nslookup-vlmcs-srv-found-zh.txt",
        "nslookup",
        &[
            "192.168.100.1 resolver.outcome = answers",
            "vircloud.net domain.srv = found",
            "kms.vircloud.net:1688 endpoint.advertised = true",
            "vircloud.net domain.srv-targets = kms.vircloud.net:1688",
            "kms.vircloud.net name.dns-ipv4 = 192.168.100.1",
            "kms.vircloud.net name.address = found",
        ],
    ),
    (
        "net/nslookup-vlmcs-srv-kb-en.txt",
        "nslookup",
        &["contoso.com domain.srv = found", "kms-server.contoso.com:1688 endpoint.advertised = true"],
    ),
    ("net/tnc-1688-true-aws-evs-en.txt", "unknown", &[]),
    (
        "net/tnc-fail-zh.txt",
        "test-net-connection",
        &[
            "192.168.110.36:6001 endpoint.tcp = failed",
            "192.168.110.36:6001 endpoint.alive = true",
            "download.cncb.ac.cn:33001 endpoint.tcp = failed",
            "download.cncb.ac.cn:33001 endpoint.alive unknown NoAnswer",
        ],
    ),
    (
        "w32tm/query-source-access-denied-en.txt",
        "w32tm",
        &[" clock.synchronised unknown NotPermitted", " clock.synchronised = false"],
    ),
    (
        "w32tm/status-azure-vm-vmtp-not-synced-en.txt",
        "w32tm",
        &[" clock.synchronised unknown Contradictory", " clock.source = VM IC Time Synchronization Provider"],
    ),
    ("w32tm/status-never-synced-en.txt", "w32tm", &[" clock.synchronised = false", " clock.source = Local CMOS Clock"]),
    ("w32tm/status-synced-de.txt", "w32tm", &[" clock.synchronised = true", " clock.source = time.windows.com"]),
    ("w32tm/status-synced-ja.txt", "w32tm", &[" clock.synchronised = true", " clock.source = 10.30.0.3"]),
    (
        "w32tm/status-verbose-stale-checkmk-en.txt",
        "w32tm",
        &[" clock.synchronised = true", " clock.source = time.windows.com"],
    ),
    ("w32tm/status-vmic-ja-DOC-EXAMPLE.txt", "w32tm", &[" clock.synchronised = true"]),
    ("w32tm/stripchart-dataonly-de-dates.txt", "w32tm", &["time.windows.com clock.offset-s = +137.086"]),
    (
        "w32tm/stripchart-mixed-errors-en.txt",
        "w32tm",
        &[
            "time.windows.com clock.offset-s = -0.689",
            "time.google.com clock.offset-s = +0.047",
            "time.google.com clock.outcome = answered",
        ],
    ),
    ("sys/whoami-groups-high-en.txt", "whoami", &[" machine.elevated = true"]),
];

#[test]
fn samples_say_what_they_must() {
    let Some(folder) = samples() else { return };
    for (name, kind, essentials) in ESSENTIALS {
        let reading = reading(&folder.join(name));
        let lines: Vec<String> = reading.facts.iter().map(line).collect();
        assert_eq!(&reading.kind, kind, "{name}: {lines:#?}");
        assert_eq!(lines.is_empty(), essentials.is_empty(), "{name}: {lines:#?}");
        for essential in *essentials {
            assert!(lines.iter().any(|line| line == essential), "{name}: `{essential}` is not among {lines:#?}");
        }
    }
}

#[test]
fn every_network_sample_is_read_or_the_reason_is_told() {
    let Some(folder) = samples() else { return };
    for part in ["net", "w32tm", "sys"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let reading = reading(&path);
            assert_eq!(reading.facts.is_empty(), reading.unread.is_some(), "{}", path.display());
        }
    }
}
