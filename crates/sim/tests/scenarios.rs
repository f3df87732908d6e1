//! Every scenario, through the real check and diagnosis: the fault gives its cause as first finding, the same world without
//! the fault is healthy, and what was saved gives the same findings. Three times each, without a second try.

use std::time::Duration;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Diagnosis, Given, Verdict, diagnose};
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_evidence::bundle;
use kmsdoctor_live::{CheckRequest, check};
use kmsdoctor_sim::{SCENARIOS, Scenario, World};
use libtest_mimic::{Arguments, Failed, Trial};

/// A bind that had less than a second is unknown, not silent; the rest is for a slow machine.
const DEADLINE: Duration = Duration::from_secs(2);
const SEEDS: [u64; 3] = [1, 2, 3];

fn main() {
    let arguments = Arguments::from_args();
    let trials = SCENARIOS
        .iter()
        .map(|scenario| Trial::test(scenario.id, || SEEDS.into_iter().try_for_each(|seed| run(scenario, seed))));
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn run(scenario: &Scenario, seed: u64) -> Result<(), Failed> {
    let artifacts = looked_at(scenario, seed)?;
    let diagnosis = diagnosis(&artifacts);
    let found = carried(&diagnosis);
    let verdict = if scenario.causes.is_empty() { Verdict::Healthy } else { Verdict::Problem };
    if found != scenario.causes || diagnosis.verdict != verdict {
        return Err(format!("seed {seed}: {:?}, {found:?} instead of {:?}", diagnosis.verdict, scenario.causes).into());
    }
    let saved = bundle::open("saved.zip", bundle::write(&artifacts)?);
    let (live, saved) = (told(&diagnosis), told(&self::diagnosis(&saved.artifacts)));
    if live != saved {
        return Err(format!("seed {seed}: live {live:?}, from the bundle {saved:?}").into());
    }
    if !scenario.causes.is_empty() {
        run(Scenario::find("healthy").ok_or("no healthy scenario")?, seed)?;
    }
    Ok(())
}

fn looked_at(scenario: &Scenario, seed: u64) -> Result<Vec<Artifact>, Failed> {
    let world = World::start(scenario, seed)?;
    let directions = world.directions();
    let request = CheckRequest {
        domains: directions.domain.iter().cloned().collect(),
        hosts: directions.host.iter().map(|host| (host.clone(), None)).collect(),
        resolvers: vec![directions.resolver],
        time_sources: vec![directions.time_source.to_string()],
        deadline: DEADLINE,
    };
    Ok(check(&request, &mut |_| {}))
}

fn diagnosis(artifacts: &[Artifact]) -> Diagnosis<'static> {
    let facts = artifacts.iter().flat_map(|artifact| kmsdoctor_evidence::read(artifact).facts);
    diagnose(facts, Knowledge::embedded(), &Given::default())
}

/// Causes that the diagnosis names, in its order, each once.
fn carried<'d>(diagnosis: &'d Diagnosis<'_>) -> Vec<&'d str> {
    let carried = diagnosis.findings.iter().filter(|finding| finding.status.carries());
    let mut causes: Vec<&str> = carried.map(|finding| finding.cause.id.as_str()).collect();
    causes.dedup();
    causes
}

/// Every finding in words.
fn told(diagnosis: &Diagnosis<'_>) -> Vec<String> {
    let told = |finding: &kmsdoctor_core::diagnosis::Finding<'_>| {
        format!("{:?} {} {:?}", finding.status, finding.cause.id, finding.subject)
    };
    diagnosis.findings.iter().map(told).collect()
}
