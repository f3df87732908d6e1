use std::net::{IpAddr, Ipv4Addr};

use kmsdoctor_cloud::change::Advice;
use kmsdoctor_cloud::picture::columns;
use kmsdoctor_cloud::{
    AllowanceLoss, Destination, Detail, Fault, Hop, Missing, NextHop, Outcome, Path, Provider, Remark, RemarkKind,
    Stage, WayOut,
};
use kmsdoctor_core::fact::Origin;
use kmsdoctor_core::language::Language;

use crate::analysis::{Analysis, tests::of_paths};
use crate::render::{html, human};

const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(20, 118, 99, 224), Ipv4Addr::new(40, 83, 235, 53)];

pub(in crate::render) fn hop(stage: Stage, name: &str, rule: &str, outcome: Outcome, detail: Option<Detail>) -> Hop {
    let origin = Origin {
        artifact: format!("{name}.json"),
        sha256: name.to_owned(),
        span: 0..1,
        line: Some(7),
        quote: format!("\"name\": \"{rule}\""),
    };
    Hop { stage, name: name.to_owned(), rule: Some(rule.to_owned()), outcome, detail, origin: Some(origin) }
}

pub(in crate::render) fn path(machine: &str, address: Ipv4Addr, hops: Vec<Hop>) -> Path {
    Path {
        provider: Provider::Azure,
        machine: Some(machine.to_owned()),
        interface: format!("{machine}-nic"),
        destination: Destination {
            address: IpAddr::V4(address),
            port: 1688,
            name: Some("azkms.core.windows.net".to_owned()),
            is_current: Some(true),
        },
        hops,
        remarks: Vec::new(),
    }
}

fn rules() -> Hop {
    hop(Stage::SubnetRules, "nsg-web", "DenyAll (4000)", Outcome::Passes, Some(Detail::ImplicitAllowance))
}

fn tunnel() -> Hop {
    let outcome = Outcome::Blocks(Fault::RouteToGateway);
    let detail = Some(Detail::LeadsTo(NextHop::Gateway));
    hop(Stage::Route, "rt-web", "0.0.0.0/0 → VirtualNetworkGateway", outcome, detail)
}

fn open() -> Vec<Hop> {
    vec![
        rules(),
        hop(
            Stage::Route,
            "rt-web",
            "20.118.99.224/32 → Internet",
            Outcome::Passes,
            Some(Detail::LeadsTo(NextHop::Internet)),
        ),
        hop(Stage::Outbound, "nat-web", "", Outcome::Passes, Some(Detail::By(WayOut::NatGateway))),
    ]
}

/// A machine behind a forced tunnel, and one whose routes are not in the exports.
fn two_machines() -> Vec<Path> {
    let unknown = hop(Stage::Route, "", "", Outcome::Unknown(Missing::EffectiveRoutes), None);
    let denied = hop(
        Stage::InterfaceRules,
        "nsg-nic",
        "DenyAll (100)",
        Outcome::Blocks(Fault::RuleDenies(Some(AllowanceLoss::DefaultRoute))),
        None,
    );
    let mut paths: Vec<Path> =
        ADDRESSES.map(|address| path("web1", address, vec![denied.clone(), rules(), tunnel()])).into();
    paths.extend(ADDRESSES.map(|address| path("web2", address, vec![rules(), unknown.clone()])));
    for path in &mut paths {
        path.remarks.push(Remark {
            kind: RemarkKind::DenyWithoutEffect,
            element: "nsg-web/DenyAll".to_owned(),
            origin: None,
        });
    }
    paths
}

fn of(paths: Vec<Path>, assumed: Option<Vec<Path>>, language: Language) -> Analysis {
    of_paths(paths, assumed, Advice::default(), language)
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn few_paths_are_pictures() {
    let assumed: Vec<Path> = ["web1", "web2"]
        .into_iter()
        .flat_map(|machine| ADDRESSES.map(|address| path(machine, address, open())))
        .collect();
    for language in Language::ALL {
        let analysis = of(two_machines(), Some(assumed.clone()), language);
        let text = plain(&human::cloud(&analysis, language, false));
        println!("{text}");
        println!("{}", plain(&human::report(&analysis, language, false)));
        std::fs::write(format!("/tmp/report-{language:?}.html"), html::report(&analysis, language)).unwrap();
    }
}
#[test]
fn many() {
    let mut paths = Vec::new();
    for number in 0..300 {
        for address in ADDRESSES {
            let hops = match number % 3 {
                0 => vec![rules(), tunnel()],
                1 => open(),
                _ => {
                    vec![hop(Stage::Route, "", "", Outcome::Unknown(Missing::RouteTable(format!("rt-{number}"))), None)]
                }
            };
            paths.push(path(&format!("web{number}"), address, hops));
        }
    }
    for language in Language::ALL {
        let analysis = of(paths.clone(), None, language);
        println!("{}", plain(&human::cloud(&analysis, language, false)));
    }
}
