//! Transcripts and files of the system as named artifacts.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use jiff::Timestamp;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_wire::sntp;
use kmsdoctor_wire::transcript::{Record, Transcript};

use crate::run::SERVICE_PREFIX;
use crate::system::{self, DNS_PORT};

/// Characters of a name between slashes: Windows' whole paths end at 260, and bundles are unpacked in deep folders.
const PART_CHARACTERS_MAX: usize = 120;

/// One JSON artifact per transcript, with a name of its own.
pub(crate) fn pack(transcripts: &[Transcript]) -> Vec<Artifact> {
    let mut taken = BTreeSet::new();
    transcripts
        .iter()
        .map(|transcript| {
            let (folder, part) = place(&transcript.record);
            let part = safe(&part);
            let mut names = (1..).map(|number| match number {
                1 => format!("live/{folder}{part}.json"),
                number => format!("live/{folder}{part}-{number}.json"),
            });
            // The numbers do not end, so that some name is free.
            let name = names.find(|name| !taken.contains(name)).unwrap_or_default();
            taken.insert(name.clone());
            // A transcript is plain data with text keys, which cannot fail to be written.
            let bytes = serde_json::to_vec_pretty(transcript).unwrap_or_default();
            Artifact::new(name, bytes, Some(transcript.started_at))
        })
        .collect()
}

/// The system's hosts file, where it has one.
pub(crate) fn hosts_file() -> Option<Artifact> {
    let bytes = system::hosts_file()?;
    Some(Artifact::new("live/hosts.txt".to_owned(), bytes, Some(Timestamp::now())))
}

fn place(record: &Record) -> (&'static str, String) {
    match record {
        Record::Scope(_) => ("", "scope".to_owned()),
        Record::Dns(question) => {
            let name = question.name.strip_prefix(SERVICE_PREFIX).unwrap_or(&question.name);
            let server = address(question.server, DNS_PORT);
            ("dns/", format!("{}-{name}-at-{server}", question.record_type.to_lowercase()))
        }
        Record::Endpoint(probe) => ("endpoint/", format!("{}-{}", probe.endpoint.host, probe.endpoint.port)),
        Record::SystemLookup(lookup) => ("system/", lookup.name.clone()),
        Record::Time(question) => match question.address {
            Some(server) => ("time/", format!("{}-at-{}", question.source, address(server, sntp::PORT))),
            None => ("time/", format!("{}-without-address", question.source)),
        },
    }
}

fn address(address: SocketAddr, usual_port: u16) -> String {
    match address.port() {
        port if port == usual_port => address.ip().to_string(),
        port => format!("{}-{port}", address.ip()),
    }
}

/// Only characters that archives, Windows and shells take as they are.
fn safe(part: &str) -> String {
    let keep =
        |character: char| if character.is_ascii_alphanumeric() || "._-".contains(character) { character } else { '_' };
    part.to_ascii_lowercase().chars().map(keep).take(PART_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use kmsdoctor_wire::hex::Hex;
    use kmsdoctor_wire::transcript::{
        DnsQuestion, Exchange, LookupOutcome, Outcome, Scope, SystemLookup, TimeQuestion, Transport,
    };

    use super::*;

    fn dns(name: &str, record_type: &str, server: &str) -> Transcript {
        let exchange = Exchange {
            transport: Transport::Udp,
            sent: Hex((0..13).collect()),
            outcome: Outcome::Received { data: Hex((0..=255).collect()) },
            elapsed_us: 1,
        };
        let question = DnsQuestion {
            server: server.parse().unwrap(),
            name: name.to_owned(),
            record_type: record_type.to_owned(),
            exchanges: vec![exchange],
            unchecked: Vec::new(),
        };
        Transcript::new(Timestamp::UNIX_EPOCH, Record::Dns(question))
    }

    #[test]
    fn names_are_safe_and_unique() {
        let time = TimeQuestion {
            source: "[::1]:123".to_owned(),
            address: None,
            sent_at: Timestamp::UNIX_EPOCH,
            received_at: Timestamp::UNIX_EPOCH,
            exchange: None,
        };
        let lookup =
            SystemLookup { name: "kms1.contoso.com".to_owned(), outcome: LookupOutcome::TimedOut, elapsed_us: 1 };
        let transcripts = [
            Transcript::new(Timestamp::UNIX_EPOCH, Record::Scope(Scope::default())),
            dns("_vlmcs._tcp.contoso.com", "SRV", "10.0.0.1:53"),
            dns("_vlmcs._tcp.contoso.com", "SRV", "10.0.0.1:53"),
            dns("_ldap._tcp.dc._msdcs.contoso.com", "SRV", "10.0.0.1:53"),
            dns("kms1.contoso.com", "AAAA", "[fe80::1%3]:5353"),
            dns(&format!("..\\{}", "x".repeat(300)), "A", "10.0.0.1:53"),
            Transcript::new(Timestamp::UNIX_EPOCH, Record::SystemLookup(lookup)),
            Transcript::new(Timestamp::UNIX_EPOCH, Record::Time(time)),
        ];
        let artifacts = pack(&transcripts);
        let names: Vec<_> = artifacts.iter().map(Artifact::name).collect();
        let long = format!("live/dns/a-.._{}.json", "x".repeat(PART_CHARACTERS_MAX - 5));
        assert_eq!(
            names,
            [
                "live/scope.json",
                "live/dns/srv-contoso.com-at-10.0.0.1.json",
                "live/dns/srv-contoso.com-at-10.0.0.1-2.json",
                "live/dns/srv-_ldap._tcp.dc._msdcs.contoso.com-at-10.0.0.1.json",
                "live/dns/aaaa-kms1.contoso.com-at-fe80__1-5353.json",
                &long,
                "live/system/kms1.contoso.com.json",
                "live/time/___1__123-without-address.json",
            ]
        );
    }

    #[test]
    fn artifacts_hold_the_transcripts_unchanged() {
        let transcript = dns("kms1.contoso.com", "A", "10.0.0.1:53");
        let artifacts = pack(std::slice::from_ref(&transcript));
        assert_eq!(serde_json::from_slice::<Transcript>(artifacts[0].bytes()).unwrap(), transcript);
        assert_eq!(artifacts[0].collected_at(), Some(Timestamp::UNIX_EPOCH));
    }
}
