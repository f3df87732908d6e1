//! Reads every real sample, where they are at hand: they are not part of the repository.

use std::path::{Path, PathBuf};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::State;
use kmsdoctor_evidence::{Reading, read};

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

fn print(path: &Path, reading: &Reading) {
    println!("== {} · {} · {:?}", path.display(), reading.kind, reading.unread);
    for fact in &reading.facts {
        let state = match &fact.state {
            State::Present(value) => format!("= {value}"),
            State::Absent => "absent".to_owned(),
            State::Unknown(why) => format!("unknown {why:?}"),
        };
        let origin = &fact.origins[0];
        let time = fact.time.map(|time| format!(" [{time}]")).unwrap_or_default();
        println!("   {} {} {state}{time} @{}", fact.subject, fact.key.name(), origin.line.unwrap_or(0));
    }
}

#[test]
fn every_sample_is_read_or_says_why_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    if paths.is_empty() {
        println!("not run: there are no samples at {}", folder.display());
        return;
    }
    paths.sort();
    for path in paths {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let artifact = Artifact::new(path.to_string_lossy(), bytes, None);
        let reading = read(&artifact);
        print(&path, &reading);
        assert_eq!(reading.facts.is_empty() && reading.resources.is_empty(), reading.unread.is_some());
        let of_resources = reading.resources.iter().map(|resource| &resource.origin);
        for origin in reading.facts.iter().flat_map(|fact| &fact.origins).chain(of_resources) {
            assert!(origin.span.end <= artifact.bytes().len() && !origin.quote.is_empty(), "{origin:?}");
        }
    }
}

/// The binary logs of the collection are sound, and say what their events of the licensing service say.
#[test]
fn binary_logs_are_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/evtx");
    for (name, key, value) in [
        ("application-no-crc32.evtx", "store.code", "0x00000000"),
        ("application-win7.evtx", "license.status", "licensed"),
        ("application-win7.evtx", "task.schedule-code", "0x00000000"),
    ] {
        let Ok(bytes) = std::fs::read(folder.join(name)) else {
            println!("not run: there is no {name} at {}", folder.display());
            continue;
        };
        let reading = read(&Artifact::new(name, bytes, None));
        assert_eq!((reading.kind.as_str(), reading.partly), ("evtx", None), "{name}");
        let says = |fact: &kmsdoctor_core::fact::Fact| {
            fact.key.name() == key && fact.value().is_some_and(|found| found.to_string() == value)
        };
        assert!(reading.facts.iter().any(says), "{name}: {key} = {value}");
        assert!(reading.facts.iter().all(|fact| fact.time.is_some() && fact.origins[0].line.is_none()));
    }
}

/// Exports of Azure, with how many resources of which kind each has.
#[test]
fn exports_of_azure_are_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/azure");
    for (name, kind, count) in [
        ("NetworkInterfaceTest.test_find_by_default_routes.0.list.json", "NetworkInterface", 2),
        ("NetworkInterfaceTest.test_find_by_default_routes.2.effectiveRouteTable.json", "EffectiveRoutes", 1),
        ("NetworkSecurityGroupTest.test_deny_implicit.0.json", "SecurityGroup", 3),
        ("RouteTableTest.test_detect_route_table_is_routing_to_correct_subnet.0.list.json", "RouteTable", 2),
        ("RouteTableTest.test_find_route_table_by_name.0.list.json", "RouteTable", 2),
        ("effective-nsg-rules-cli-elements.json", "EffectiveSecurityGroup", 1),
        ("effective-routes-element-cli-connectedgroup.json", "EffectiveRoutes", 1),
        ("effective-routes-element-cli-vng.json", "EffectiveRoutes", 1),
        ("effective-routes-restspec-2023-09-01.json", "EffectiveRoutes", 1),
        ("effective-routes-table-default-full.txt", "EffectiveRoutes", 1),
        ("effective-routes-table-private-subnet.txt", "EffectiveRoutes", 1),
        ("effective-routes-table-udr-nva-bgp.txt", "EffectiveRoutes", 1),
        ("effective-routes-table-udr-nva.txt", "EffectiveRoutes", 1),
        ("nat-gateway-restspec-2023-09-01.json", "NatGateway", 1),
    ] {
        let Ok(bytes) = std::fs::read(folder.join(name)) else {
            println!("not run: there is no {name} at {}", folder.display());
            continue;
        };
        let reading = read(&Artifact::new(name, bytes, None));
        let of_kind = reading.resources.iter().filter(|resource| format!("{:?}", resource.body).contains(kind)).count();
        assert_eq!((reading.kind.as_str(), of_kind, reading.resources.len()), ("azure", count, count), "{name}");
    }
}
