//! The law of live and saved evidence: a run saved as a bundle and analysed elsewhere gives the same findings, in
//! whatever order its parts come.

use std::net::SocketAddr;

use jiff::Timestamp;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Given, diagnose};
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_evidence::bundle;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, DomainSource, EndpointProbe, HostPort, LifeMethod, Outcome, ProbeReason, Record, Scope,
    ScopeDomain, SignOfLife, Transcript,
};
use proptest::prelude::*;

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Connected),
        Just(Outcome::TimedOut),
        Just(Outcome::Refused),
        Just(Outcome::Reset),
        Just(Outcome::Unreachable { os_error: Some(113) }),
        Just(Outcome::Failed { os_error: None, text: "not permitted".to_owned() }),
    ]
}

fn endpoint(number: u8) -> impl Strategy<Value = Record> {
    (outcome(), outcome(), any::<bool>(), prop_oneof![Just(1688u16), Just(1689u16)]).prop_map(
        move |(connect, life, advertised, port)| {
            let address: SocketAddr = format!("10.0.0.{number}:{port}").parse().expect("an address");
            let reason = if advertised {
                ProbeReason::Advertised { domain: "contoso.com".to_owned() }
            } else {
                ProbeReason::Asked
            };
            Record::Endpoint(EndpointProbe {
                endpoint: HostPort { host: format!("kms{number}.contoso.com"), port },
                reasons: vec![reason],
                client_addresses: Vec::new(),
                attempts: vec![ConnectionAttempt::new(address, connect, 1200)],
                signs_of_life: vec![SignOfLife {
                    address: address.ip(),
                    method: LifeMethod::Tcp { port: 135 },
                    outcome: life,
                    elapsed_us: 900,
                }],
            })
        },
    )
}

fn run() -> impl Strategy<Value = Vec<Artifact>> {
    (1..5u8).prop_flat_map(|count| (1..=count).map(endpoint).collect::<Vec<_>>()).prop_map(|endpoints| {
        let started_at: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a time");
        let domain = ScopeDomain { name: "contoso.com".to_owned(), source: DomainSource::Given };
        let scope = Record::Scope(Scope { domains: vec![domain], ..Scope::default() });
        std::iter::once(scope)
            .chain(endpoints)
            .enumerate()
            .map(|(index, record)| {
                let json = serde_json::to_vec_pretty(&Transcript::new(started_at, record)).expect("JSON");
                Artifact::new(format!("live/{index}.json"), json, None)
            })
            .collect()
    })
}

/// Everything that a report says of the findings.
fn findings(artifacts: &[Artifact]) -> Vec<String> {
    let facts: Vec<_> = artifacts.iter().flat_map(|artifact| kmsdoctor_evidence::read(artifact).facts).collect();
    let diagnosis = diagnose(facts, Knowledge::embedded(), &Given::default());
    let findings = diagnosis.findings.iter().map(|finding| {
        let mut quotes: Vec<&str> = finding
            .holding
            .iter()
            .chain(&finding.against)
            .flat_map(|fact| &fact.origins)
            .map(|origin| origin.quote.as_str())
            .collect();
        quotes.sort_unstable();
        format!("{} {} {:?} {quotes:?}", finding.cause.id, finding.status.name(), finding.subject)
    });
    std::iter::once(diagnosis.verdict.name().to_owned()).chain(findings).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn saved_and_live_findings_are_equal(artifacts in run()) {
        let saved = bundle::write(&artifacts).expect("a bundle");
        let opened = bundle::open("bundle.zip", saved);
        prop_assert!(opened.notes.is_empty());
        prop_assert_eq!(findings(&artifacts), findings(&opened.artifacts));
    }

    #[test]
    fn the_order_of_artifacts_does_not_matter((artifacts, shuffled) in run().prop_flat_map(|artifacts| (Just(artifacts.clone()), Just(artifacts).prop_shuffle()))) {
        prop_assert_eq!(findings(&artifacts), findings(&shuffled));
    }
}
