use std::net::{IpAddr, Ipv4Addr};

use kmsdoctor_cloud::change::Advice;
use kmsdoctor_cloud::picture::columns;
use kmsdoctor_cloud::{
    AllowanceLoss, Destination, Detail, Fault, Hop, Missing, NextHop, Outcome, Path, Provider, Remark, RemarkKind,
    Stage, WayOut,
};
use kmsdoctor_core::diagnosis::Verdict;
use kmsdoctor_core::fact::Origin;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report::{HOP_OUTCOMES, PATH_VERDICTS};

use crate::analysis::{Analysis, tests::of_paths};
use crate::render::{html, human};

const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(20, 118, 99, 224), Ipv4Addr::new(40, 83, 235, 53)];

fn hop(stage: Stage, name: &str, rule: &str, outcome: Outcome, detail: Option<Detail>) -> Hop {
    let origin = Origin {
        artifact: format!("{name}.json"),
        sha256: name.to_owned(),
        span: 0..1,
        line: Some(7),
        quote: format!("\"name\": \"{rule}\""),
    };
    Hop { stage, name: name.to_owned(), rule: Some(rule.to_owned()), outcome, detail, origin: Some(origin) }
}

fn path(machine: &str, address: Ipv4Addr, hops: Vec<Hop>) -> Path {
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
    for (language, texts) in [
        (
            Language::Japanese,
            [
                "経路 4 件: 遮断 2、判定不能 2",
                "仮定した場合: 経路 4 件: 到達 4",
                "web1 / web1-nic → 20.118.99.224:1688, 40.83.235.53:1688  [遮断] → 仮定では [到達]",
                "╳ ここで止まります",
                "╳ ここでも止まります",
                "無害: nsg-web/DenyAll:",
                "対象: web2-nic",
            ],
        ),
        (
            Language::English,
            [
                "4 path(s): blocked 2, cannot tell 2",
                "With what is assumed: 4 path(s): reaches KMS 4",
                "web1 / web1-nic → 20.118.99.224:1688, 40.83.235.53:1688  [blocked] → assumed: [reaches KMS]",
                "╳ the packets end here",
                "╳ they would end here, too",
                "Harmless: nsg-web/DenyAll denies",
                "for: web2-nic",
            ],
        ),
    ] {
        let analysis = of(two_machines(), Some(assumed.clone()), language);
        let text = plain(&human::cloud(&analysis, language, false));
        for expected in texts {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
        // Of one interface, two addresses with all else the same are told once.
        assert_eq!(text.matches("● web1 / web1-nic").count(), 2, "{text}");
        let pictures = text.lines().filter(|line| line.starts_with("  ") && line.contains(['│', '┊', '╳']));
        for line in pictures {
            assert!(columns(line) <= 80, "{line}");
        }
    }
}

#[test]
fn many_paths_are_a_table_by_verdict() {
    let hops = |number: usize| match number % 3 {
        0 => vec![rules(), tunnel()],
        1 => open(),
        _ => vec![hop(Stage::Route, "", "", Outcome::Unknown(Missing::RouteTable(format!("rt-{number}"))), None)],
    };
    let paths: Vec<Path> = (0..300)
        .flat_map(|number| ADDRESSES.map(|address| path(&format!("web{number}"), address, hops(number))))
        .collect();
    let analysis = of(paths, None, Language::English);
    let text = plain(&human::cloud(&analysis, Language::English, false));
    let row = "  web0     web0-nic    20.118.99.224, 40.83.235.53  blocked  Route rt-web\n";
    for expected in [
        "600 path(s): blocked 200, cannot tell 200, reaches KMS 200",
        "blocked by: Route rt-web (200)",
        row,
        "and 60 more (with -v)",
        "and 95 more (with -v)",
        "for: rt-101, rt-104, rt-107, rt-11, rt-110 and 95 more",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    assert!(!text.contains('●'), "{text}");
    assert!(text.find("\nblocked") < text.find("\ncannot tell") && text.find("\ncannot tell") < text.find("\nreaches"));
    let whole = plain(&human::cloud(&analysis, Language::English, true));
    assert!(whole.contains("web298") && !whole.contains("more (with -v)"), "{whole}");
    // The same as a part of another report.
    let part = plain(&human::report(&analysis, Language::English, false));
    assert!(part.contains("web0 / web0-nic → 20.118.99.224:1688, 40.83.235.53:1688: blocked (Route rt-web)"), "{part}");
}

#[test]
fn a_retired_address_does_not_count() {
    let retired = Path {
        destination: Destination { is_current: Some(false), ..path("web1", ADDRESSES[0], Vec::new()).destination },
        ..path("web1", ADDRESSES[0], vec![hop(Stage::Kms, "", "", Outcome::Blocks(Fault::AddressRetired), None)])
    };
    let analysis = of(vec![path("web1", ADDRESSES[1], open()), retired.clone()], None, Language::English);
    assert_eq!(crate::paths::verdict(&analysis.report.paths), Verdict::Healthy);
    let text = plain(&human::cloud(&analysis, Language::English, false));
    assert!(text.contains("1 path(s): reaches KMS 1 (1 more lead to addresses that KMS has left)"), "{text}");
    let analysis = of(vec![retired], None, Language::English);
    assert_eq!(crate::paths::verdict(&analysis.report.paths), Verdict::Undetermined);
}

#[test]
fn hostile_names_stay_text_in_every_form() {
    let name = "<script>alert('x')</script>&\"\u{1b}[2J\u{202e}";
    let paths: Vec<Path> = two_machines()
        .into_iter()
        .map(|path| {
            let mut path = Path { machine: Some(name.to_owned()), interface: name.to_owned(), ..path };
            path.rewrite(|text| if text.contains("web") { format!("{text}{name}") } else { text.to_owned() });
            path
        })
        .collect();
    for language in Language::ALL {
        let analysis = of(paths.clone(), Some(paths.clone()), language);
        let page = html::report(&analysis, language);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
        let terminal = plain(&human::cloud(&analysis, language, true));
        for text in [page, terminal] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
    }
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    for (language, lang, heading) in [
        (Language::Japanese, "<html lang=\"ja\">", "クラウドの KMS への経路"),
        (Language::English, "<html lang=\"en\">", "Paths to the cloud"),
    ] {
        let page = html::report(&of(two_machines(), None, language), language);
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains(lang) && page.contains(heading), "{page}");
        assert!(page.contains("default-src 'none'"), "{page}");
        assert_eq!(page.matches("<svg ").count(), 2);
        for loading in ["<script", "<link", "<img", "<iframe", "@import", "url(", " src=", " href=", " onload="] {
            assert!(!page.contains(loading), "{loading}");
        }
        for element in ["table", "ul", "ol", "li", "dl", "dd", "figure", "article", "svg", "pre", "blockquote"] {
            let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
    }
}

#[test]
fn what_is_wanting_has_a_check() {
    let name = || "x".to_owned();
    let all = [
        Missing::Interface,
        Missing::Subnet(name()),
        Missing::SecurityGroup(name()),
        Missing::RouteTable(name()),
        Missing::EffectiveRoutes,
        Missing::Group(name()),
        Missing::Appliance(name()),
        Missing::FirewallPolicy(name()),
        Missing::IpGroup(name()),
        Missing::LoadBalancer(name()),
        Missing::VirtualHub(name()),
        Missing::MachineRoutes,
        Missing::NetworkRules(name()),
        Missing::NetworkRoutes(name()),
        Missing::PublicAddress(name()),
    ];
    for missing in all {
        for provider in [Provider::Azure, Provider::Aws, Provider::GoogleCloud] {
            let check = missing.check(provider).expect("a check");
            assert!(Knowledge::embedded().checks.contains_key(check), "{check}");
        }
    }
}

#[test]
fn words_are_those_of_the_schema() {
    for path in two_machines().iter().map(|path| crate::paths::entry(path, Language::English)) {
        assert!(PATH_VERDICTS.contains(&path.verdict));
        assert!(path.hops.iter().all(|hop| HOP_OUTCOMES.contains(&hop.outcome)));
    }
}
