//! Every operation in every form: whole, quoted, and taken back.

use std::collections::BTreeSet;

use kmsdoctor_core::language::Language;
use proptest::prelude::*;

use super::*;
use crate::azure::ResourceId;
use crate::change::{AzureOperation, Element, GoogleOperation, NetworkRule, Operation, PathName, Risk};
use crate::google::Link;

fn id(group: &str, path: &str) -> ResourceId {
    let subscription = "00000000-0000-0000-0000-000000000001";
    ResourceId::new(&format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/{path}"))
}

fn change(provider: Provider, operations: Vec<Operation>) -> Change {
    let path = PathName {
        machine: Some("vm1".to_owned()),
        interface: "nic1".to_owned(),
        address: "20.118.99.224".parse().unwrap(),
    };
    Change { provider, operations, helps: vec![path], touches: Vec::new(), risks: vec![Risk::Costs] }
}

/// A change with every operation of Azure, with `name` wherever an export gives a name.
fn azure(group: &str, name: &str) -> Change {
    let table = id(group, &format!("routeTables/{name}"));
    let subnet = id(group, &format!("virtualNetworks/{name}/subnets/{name}"));
    let location = Some("japaneast".to_owned());
    let balancer = id(group, &format!("loadBalancers/{name}"));
    let part = |kind: &str| id(group, &format!("loadBalancers/{name}/{kind}/{name}"));
    let element = |id: &ResourceId| Element::Known { id: id.clone(), name: name.to_owned() };
    let addresses: BTreeSet<IpAddr> = ["20.118.99.224", "40.83.235.53"].map(|text| text.parse().unwrap()).into();
    let rule = NetworkRule { sources: ["10.1.0.0/24".parse().unwrap()].into(), addresses: addresses.clone() };
    let address = "20.118.99.224".parse().unwrap();
    let own = "allow-azure-kms".to_owned();
    let operations = vec![
        AzureOperation::CreateRouteTable { table: table.clone(), subnet: subnet.clone(), location: location.clone() },
        AzureOperation::AddRoute { table: element(&table), name: "azkms".to_owned(), address, replaces: None },
        AzureOperation::AddRoute {
            table: element(&table),
            name: name.to_owned(),
            address,
            replaces: Some((NextHop::VirtualAppliance, Some("10.0.0.4".parse().unwrap()))),
        },
        AzureOperation::AddRoute {
            table: Element::Of { interface: name.to_owned() },
            name: "azkms".to_owned(),
            address,
            replaces: None,
        },
        AzureOperation::AddSecurityRule {
            group: element(&id(group, &format!("networkSecurityGroups/{name}"))),
            name: own.clone(),
            priority: 199,
            addresses,
        },
        AzureOperation::AddRuleGroup {
            policy: id(group, &format!("firewallPolicies/{name}")),
            name: own.clone(),
            priority: 199,
            rule: rule.clone(),
        },
        AzureOperation::AddRuleCollection {
            firewall: id(group, &format!("azureFirewalls/{name}")),
            name: own,
            priority: 299,
            rule,
        },
        AzureOperation::CreateNatGateway {
            gateway: id(group, "natGateways/nat-1"),
            subnet,
            location: location.clone(),
        },
        AzureOperation::AddNatAddress { gateway: id(group, &format!("natGateways/{name}")), location },
        AzureOperation::AddOutboundRule {
            balancer: balancer.clone(),
            name: "outbound".to_owned(),
            frontend: part("frontendIPConfigurations"),
            pool: part("backendAddressPools"),
        },
        AzureOperation::AddProbe {
            balancer,
            name: "kms-1688".to_owned(),
            rule: name.to_owned(),
            port: 1688,
            replaces: Some(part("probes")),
        },
    ];
    change(Provider::Azure, operations.into_iter().map(Operation::Azure).collect())
}

fn google(project: &str, name: &str) -> Change {
    let address = "35.190.247.13".parse().unwrap();
    let network = Link::new(&format!("projects/{project}/global/networks/{name}"));
    let subnet = Link::new(&format!("projects/{project}/regions/asia-northeast1/subnetworks/{name}"));
    let operations = vec![
        GoogleOperation::AllowEgress {
            network: network.clone(),
            name: "allow-windows-kms".to_owned(),
            priority: 999,
            address,
        },
        GoogleOperation::AddRoute { network, name: "windows-kms".to_owned(), priority: 1000, address },
        GoogleOperation::EnablePrivateAccess { subnet },
    ];
    change(Provider::GoogleCloud, operations.into_iter().map(Operation::Google).collect())
}

fn printed(change: &Change, form: Form) -> Printed {
    print(change, form, Language::English).expect("a form of the cloud")
}

/// Words of a line of shell without expansions; `None` if it is none.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let word = words.last_mut()?;
        match (character, is_quoted) {
            ('\'', _) => is_quoted = !is_quoted,
            ('\\', false) => word.push(characters.next()?),
            (' ', false) => words.push(String::new()),
            (character, true) => word.push(character),
            (character, false) if character.is_ascii_alphanumeric() || "-_./:,=+".contains(character) => {
                word.push(character);
            }
            _ => return None,
        }
    }
    (!is_quoted).then_some(words)
}

#[test]
fn forms_belong_to_clouds() {
    for form in Form::of(Provider::Azure) {
        let change = azure("rg", "x1");
        let Printed { apply, undo, verify } = printed(&change, *form);
        assert!(!apply.is_empty() && !undo.is_empty() && !verify.is_empty(), "{form:?}");
    }
    for form in Form::of(Provider::GoogleCloud) {
        assert!(!printed(&google("p1", "default"), *form).undo.is_empty());
    }
    assert_eq!(print(&azure("rg", "x1"), Form::Gcloud, Language::English), None);
}

#[test]
fn what_is_made_is_taken_back_in_turn() {
    let Printed { apply, undo, .. } = printed(&azure("rg", "x1"), Form::Az);
    let verbs = |text: &str| -> Vec<String> {
        let verb = |line: &str| line.split(" --").next().unwrap_or_default().to_owned();
        text.lines().map(verb).collect()
    };
    let made: Vec<String> =
        verbs(&apply).iter().filter_map(|verb| verb.strip_suffix(" create").map(str::to_owned)).collect();
    let deleted: Vec<String> =
        verbs(&undo).iter().filter_map(|verb| verb.strip_suffix(" delete").map(str::to_owned)).collect();
    for kind in ["az network route-table", "az network nat gateway", "az network lb probe", "az network nsg rule"] {
        assert!(made.iter().any(|made| made == kind) && deleted.iter().any(|deleted| deleted == kind), "{kind}");
    }
    assert_eq!(apply.lines().count(), undo.lines().count() + 1, "a rule goes with its group");
}

#[test]
fn a_rule_as_each_form_writes_it() {
    let whole = azure("rg-net", "nsg-1");
    let rule = change(Provider::Azure, vec![whole.operations[4].clone()]);
    assert_eq!(
        printed(&rule, Form::Az).apply,
        "az network nsg rule create --subscription 00000000-0000-0000-0000-000000000001 --resource-group rg-net \
         --nsg-name nsg-1 --name allow-azure-kms --priority 199 --direction Outbound --access Allow --protocol Tcp \
         --source-address-prefixes '*' --source-port-ranges '*' --destination-address-prefixes 20.118.99.224 \
         40.83.235.53 --destination-port-ranges 1688\n"
    );
    assert_eq!(
        printed(&rule, Form::Bicep).apply,
        "// az deployment group create --template-file kms.bicep --resource-group rg-net\n\n\
         resource group1 'Microsoft.Network/networkSecurityGroups@2024-05-01' existing = {\n  name: 'nsg-1'\n}\n\n\
         resource rule1 'Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01' = {\n  parent: group1\n  \
         name: 'allow-azure-kms'\n  properties: {\n    priority: 199\n    direction: 'Outbound'\n    access: 'Allow'\n    \
         protocol: 'Tcp'\n    sourceAddressPrefix: '*'\n    sourcePortRange: '*'\n    destinationAddressPrefixes: [\n      \
         '20.118.99.224'\n      '40.83.235.53'\n    ]\n    destinationPortRange: '1688'\n  }\n}\n"
    );
    assert_eq!(
        printed(&rule, Form::Terraform).apply,
        "resource \"azurerm_network_security_rule\" \"kms_1\" {\n  name                         = \"allow-azure-kms\"\n  \
         resource_group_name          = \"rg-net\"\n  network_security_group_name  = \"nsg-1\"\n  \
         priority                     = 199\n  direction                    = \"Outbound\"\n  \
         access                       = \"Allow\"\n  protocol                     = \"Tcp\"\n  \
         source_address_prefix        = \"*\"\n  source_port_range            = \"*\"\n  \
         destination_address_prefixes = [\"20.118.99.224\", \"40.83.235.53\"]\n  \
         destination_port_range       = \"1688\"\n}\n"
    );
    let portal = print(&rule, Form::Portal, Language::Japanese).unwrap();
    assert_eq!(
        portal.apply,
        "1. ネットワーク セキュリティ グループ > 「nsg-1」 > 設定 > 送信セキュリティ規則 > 追加。ソース: Any、ソース ポート範囲: *、\
         宛先: IP Addresses、宛先 IP アドレス/CIDR 範囲: 20.118.99.224, 40.83.235.53、サービス: Custom、宛先ポート範囲: 1688、\
         プロトコル: TCP、アクション: 許可、優先度: 199、名前: 「allow-azure-kms」\n"
    );
}

#[test]
fn ids_of_terraform_have_the_case_of_azure() {
    let text = printed(&azure("rg", "x1"), Form::Terraform).apply;
    assert!(text.contains("/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/x1/subnets/x1\""), "{text}");
    assert!(text.contains("/providers/Microsoft.Network/loadBalancers/x1/backendAddressPools/x1\""));
}

/// Only a reference makes Terraform wait for what is new, and only a parent makes a deployment wait.
#[test]
fn what_is_made_together_refers_to_each_other() {
    let mut whole = azure("rg", "x1");
    whole.operations.truncate(2);
    let terraform = printed(&whole, Form::Terraform).apply;
    assert!(terraform.contains("route_table_name    = azurerm_route_table.kms_1.name\n"), "{terraform}");
    let bicep = printed(&whole, Form::Bicep).apply;
    assert!(bicep.contains("resource table1 ") && bicep.contains("parent: table1\n"), "{bicep}");
    assert!(!bicep.contains("existing"), "{bicep}");
    let gateway = change(Provider::Azure, vec![azure("rg", "x1").operations[7].clone()]);
    let terraform = printed(&gateway, Form::Terraform).apply;
    for field in ["nat_gateway_id", "public_ip_address_id"] {
        let mut values = terraform.lines().filter(|line| line.trim_start().starts_with(field));
        assert!(values.all(|line| line.contains("= azurerm_")), "{terraform}");
    }
    assert!(printed(&gateway, Form::Bicep).apply.contains("id: address1.id\n"));
}

#[test]
fn a_rule_gets_its_probe_by_hand_in_terraform() {
    let mut whole = azure("rg", "x1");
    let probe = change(Provider::Azure, whole.operations.drain(10..).collect());
    let Printed { apply, undo, .. } = printed(&probe, Form::Terraform);
    assert!(apply.starts_with("# The resources below alone change nothing.\n# BY HAND: "), "{apply}");
    assert!(apply.contains("#   probe_id = azurerm_lb_probe.kms_1.id\n"), "{apply}");
    let [by_hand, before, _, command, destroy] = undo.lines().collect::<Vec<_>>()[..] else { panic!("{undo}") };
    assert!(by_hand.starts_with("# BY HAND: "));
    assert!(
        before.starts_with("#   probe_id = \"/subscriptions/") && before.ends_with("/loadBalancers/x1/probes/x1\"")
    );
    assert!(command.ends_with(" --name x1 --probe-name x1"), "{command}");
    assert_eq!(destroy, "terraform destroy -target=azurerm_lb_probe.kms_1");
}

/// Runs `program` on `text`; `None` where the machine does not have it.
fn run(program: &str, arguments: &[&str], text: &str) -> Option<(bool, String)> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

const HOSTILE: &str = "a'b\"c$(touch x)`id`${y}%{z}; rm\n&& echo \\ |<>*";

/// A shell gives the commands just the words that they were made of.
#[test]
fn a_real_shell_runs_nothing_but_the_commands() {
    for change in [azure(HOSTILE, HOSTILE), google(HOSTILE, HOSTILE)] {
        let form = Form::of(change.provider)[0];
        let Printed { apply, undo, .. } = printed(&change, form);
        let commands = apply + &undo;
        let stub = "az() { printf '%s\\036' az \"$@\"; echo; }; gcloud() { printf '%s\\036' gcloud \"$@\"; echo; }\n";
        let Some((is_well, output)) = run("bash", &["-s"], &format!("{stub}{commands}")) else { continue };
        let seen: Vec<Vec<&str>> =
            output.lines().map(|line| line.trim_end_matches('\u{1e}').split('\u{1e}').collect()).collect();
        let expected: Vec<Vec<String>> = commands.lines().map(|line| words(line).expect("plain words")).collect();
        assert!(is_well);
        assert_eq!(seen, expected);
    }
}

#[test]
fn terraform_reads_its_form() {
    for change in [azure("rg", "x1"), azure(HOSTILE, HOSTILE), google("p1", "default"), google(HOSTILE, HOSTILE)] {
        let text = printed(&change, Form::Terraform).apply;
        let Some((is_well, formatted)) = run("terraform", &["fmt", "-"], &text) else { continue };
        assert!(is_well, "{text}");
        assert_eq!(formatted, text, "it is laid out as Terraform lays it out");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever names are, a form has as many lines as with plain names: no name starts one of its own.
    #[test]
    fn names_change_no_structure(name in "\\PC{0,12}|[\\x00-\\x7f]{1,12}") {
        let name = name.replace('/', "").to_ascii_lowercase();
        prop_assume!(!name.trim().is_empty());
        for form in Form::of(Provider::Azure) {
            let lines = |change: &Change| {
                let Printed { apply, undo, verify } = printed(change, *form);
                (apply.lines().count(), undo.lines().count(), verify.lines().count())
            };
            let hostile = azure("rg", &format!("x{name}x"));
            prop_assert_eq!(lines(&hostile), lines(&azure("rg", "x1")), "{:?}", form);
        }
    }
}
