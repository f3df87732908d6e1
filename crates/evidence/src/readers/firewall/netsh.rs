//! `netsh advfirewall firewall show rule`: a name, a line of dashes, and fields. Labels are translated, and their order is
//! the same; so the first yes or no is whether the rule is enabled, the first in or out its direction, the two fields
//! below the protocol its ports, local before remote, and the last word of a decision its action.

use super::rule::{Filter, Rule, Verdicts, port, program};
use super::wmi;
use crate::document::Document;
use crate::readers::console;

/// Dashes below the name (netsh prints seventy).
const DASHES_MIN: usize = 40;

/// Lines of one rule, those of addresses included: netsh prints each network of a list on the same line.
const LINES_MAX: usize = 40;

const YES: [&str; 7] = ["Yes", "はい", "Ja", "是", "예", "Oui", "Sí"];
const NO: [&str; 7] = ["No", "いいえ", "Nein", "否", "아니요", "Non", "아니오"];
const IN: [&str; 9] = ["In", "入力", "受信", "Eingehend", "入", "入站", "入方向", "인바운드", "Entrant"];
const OUT: [&str; 9] = ["Out", "出力", "送信", "Ausgehend", "出", "出站", "出方向", "아웃바운드", "Sortant"];
const ALLOW: [&str; 6] = ["Allow", "許可", "Zulassen", "允许", "허용", "Autoriser"];
const BLOCK: [&str; 7] = ["Block", "ブロック", "Blocken", "Blockieren", "阻止", "차단", "Bloquer"];
const ANY: [&str; 9] = ["Any", "任意", "Beliebig", "任何", "모두", "임의", "Tout", "Tous", "すべて"];

/// Collects the rules of the text.
pub(super) fn read(document: &Document<'_>, verdicts: &mut Verdicts) {
    // The command that asked for all outbound rules, and the last rule below it.
    let mut listing: Option<(usize, Option<usize>)> = None;
    for (index, line) in document.lines.iter().enumerate() {
        if asks_for_all(&line.text) {
            listing = Some((index, None));
        } else if console::is_prompt(&line.text) {
            tell_listing(listing.take(), verdicts);
        }
        let Some(above) = index.checked_sub(1) else { continue };
        let dashes = line.text.trim();
        let is_line = dashes.len() >= DASHES_MIN && dashes.bytes().all(|byte| byte == b'-');
        let headed = document.lines.get(above).is_some_and(|line| console::labelled(&line.text).is_some());
        if is_line && headed {
            let mut rule = rule(document, index);
            // Its name stands above the dashes.
            let last = rule.lines.as_ref().map_or(index, |lines| *lines.end());
            rule.lines = Some(above..=last);
            verdicts.add(&rule);
            listing = listing.map(|(first, _)| (first, Some(last)));
        }
    }
    tell_listing(listing, verdicts);
}

fn tell_listing(listing: Option<(usize, Option<usize>)>, verdicts: &mut Verdicts) {
    if let Some((first, Some(last))) = listing {
        verdicts.all(first..=last);
    }
}

/// `netsh advfirewall firewall show rule name=all`, of both directions or the outbound one, without a selection.
fn asks_for_all(text: &str) -> bool {
    let Some(arguments) = console::arguments(text, "netsh") else { return false };
    let words: Vec<String> = arguments.split_whitespace().map(str::to_ascii_lowercase).collect();
    let options = words.iter().filter_map(|word| word.split_once('='));
    words.iter().any(|word| word == "name=all")
        && !arguments.contains('|')
        && options.clone().all(|(name, value)| name == "name" || (name == "dir" && value == "out"))
}

/// The rule whose fields stand below the dashes at `dashes`.
fn rule(document: &Document<'_>, dashes: usize) -> Rule {
    let mut rule = Rule::default();
    // Fields below the protocol that are still to come: local and remote port.
    let mut ports: Option<usize> = None;
    for (index, line) in document.lines.iter().enumerate().skip(dashes + 1).take(LINES_MAX) {
        let text = line.text.trim();
        if text.is_empty() || console::is_prompt(text) {
            break;
        }
        let Some((label, value)) = console::labelled(text) else { continue };
        let is = |words: &[&str]| words.contains(&value);
        match ports {
            Some(0) => {
                rule.local_port = port(value, is(&ANY));
                rule.at_wmi_port = value == wmi::PORT;
            }
            Some(1) => rule.remote_port = port(value, is(&ANY)),
            _ => {}
        }
        ports = ports.map(|count| count + 1);
        if rule.enabled.is_none() && (is(&YES) || is(&NO)) {
            rule.enabled = Some(is(&YES));
        } else if rule.inbound.is_none() && (is(&IN) || is(&OUT)) {
            rule.inbound = Some(is(&IN));
        } else if value == "TCP" || value == "UDP" || value == "6" || value == "17" {
            if rule.tcp == Filter::NotShown {
                rule.tcp = if matches!(value, "TCP" | "6") { Filter::Kms } else { Filter::Other };
                ports = Some(0);
            }
        } else if is(&ALLOW) || is(&BLOCK) {
            rule.blocks = Some(is(&BLOCK));
        } else if value.to_ascii_lowercase().ends_with(".exe") {
            rule.program = program(value, false);
        } else if value.ends_with(wmi::GROUP) {
            rule.of_wmi = true;
        } else if is_remote_address(label) {
            rule.remote_address = if is(&ANY) { Filter::Any } else { Filter::Other };
        }
        rule.reach(index);
    }
    rule
}

/// `RemoteIP`, `リモート IP`, `Remote-IP`.
fn is_remote_address(label: &str) -> bool {
    label.ends_with("IP") && ["Remote", "リモート", "远程", "원격", "distant"].iter().any(|word| label.contains(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::readers::firewall::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const ENGLISH: &str = "
C:\\>netsh advfirewall firewall show rule name=\"Key Management Service (TCP-In)\"

Rule Name:                            Key Management Service (TCP-In)
----------------------------------------------------------------------
Enabled:                              No
Direction:                            In
Profiles:                             Domain,Private,Public
Grouping:                             Key Management Service
LocalIP:                              Any
RemoteIP:                             Any
Protocol:                             TCP
LocalPort:                            1688
RemotePort:                           Any
Edge traversal:                       No
Action:                               Allow
Ok.
";

    const JAPANESE: &str = "
規則名:                               キー管理サービス (TCP 受信)
----------------------------------------------------------------------
有効:                                 いいえ
方向:                                 入力
プロファイル:                         ドメイン,プライベート,パブリック
グループ:                             キー管理サービス
ローカル IP:                          任意
リモート IP:                          任意
プロトコル:                           TCP
ローカル ポート:                      1688
リモート ポート:                      任意
エッジ トラバーサル:                  いいえ
操作:                                 許可
OK
";

    const GERMAN: &str = "
Regelname:                            Schlüsselverwaltungsdienst (TCP eingehend)
----------------------------------------------------------------------
Aktiviert:                            Nein
Richtung:                             Eingehend
Profile:                              Domäne,Privat,Öffentlich
Gruppierung:                          Schlüsselverwaltungsdienst
Lokales IP:                           Beliebig
Remote-IP:                            Beliebig
Protokoll:                            TCP
Lokaler Port:                         1688
Remoteport:                           Beliebig
Edgeausnahme:                         Nein
Aktion:                               Zulassen
OK.
";

    #[test]
    fn the_rule_of_a_host() {
        check(ENGLISH, "machine host.firewall-rule = disabled @3");
        check(&ENGLISH.replacen("No\n", "Yes\n", 1), "machine host.firewall-rule = enabled @3");
        check(JAPANESE, "machine host.firewall-rule = disabled @1");
        check(&JAPANESE.replacen("いいえ\n", "はい\n", 1), "machine host.firewall-rule = enabled @1");
        check(GERMAN, "machine host.firewall-rule = disabled @1");
        // Another rule lets requests in.
        check(
            &format!("{JAPANESE}{}", ENGLISH.replacen("No\n", "Yes\n", 1)),
            "machine host.firewall-rule = enabled @18",
        );
    }

    fn outbound(block: &str, ports: &str) -> String {
        format!(
            "Rule Name:                            {block}\n----------------------------------------------------------------------\nEnabled:                              Yes\nDirection:                            Out\nProfiles:                             Domain\nGrouping:\nLocalIP:                              Any\nRemoteIP:                             Any\nProtocol:                             TCP\nLocalPort:                            Any\nRemotePort:                           {ports}\nEdge traversal:                       No\nAction:                               {block}\n"
        )
    }

    #[test]
    fn all_outbound_rules() {
        let all = "C:\\>netsh advfirewall firewall show rule name=all dir=out";
        check(&format!("{all}\n{}", outbound("Block", "80")), "machine firewall.blocks-outbound = false @1");
        check(&format!("{all}\n{}", outbound("Allow", "Any")), "machine firewall.blocks-outbound = false @1");
        check(&format!("{all}\n{}", outbound("Block", "1688")), "machine firewall.blocks-outbound = true @2");
        // Without `verbose` the program of a rule is not shown.
        check(&format!("{all}\n{}", outbound("Block", "Any")), "");
        check(&format!("{all} | more\n{}", outbound("Block", "80")), "");
        check(&format!("{all}\n\nC:\\>dir\n{}", outbound("Block", "80")), "");
    }

    #[test]
    fn rules_that_block_requests() {
        check(&outbound("Block", "1688"), "machine firewall.blocks-outbound = true @1");
        check(&outbound("Block", "80,1600-1700"), "machine firewall.blocks-outbound = true @1");
        check(&outbound("Block", "80"), "");
        check(&outbound("Allow", "1688"), "");
        check(&outbound("Block", "1688").replace("Yes", "No"), "");
        check(
            &outbound("Block", "1688").replace("RemoteIP:                             Any", "RemoteIP:  192.0.2.0/24"),
            "",
        );
        check(&outbound("Block", "Any"), "");
        let of_program = |program: &str| {
            outbound("Block", "Any").replace(
                "Grouping:",
                &format!("Program:                              C:\\Windows\\System32\\{program}"),
            )
        };
        check(&of_program("sppsvc.exe"), "machine firewall.blocks-outbound = true @1");
        check(&of_program("notepad.exe"), "");
        check(
            "
規則名:                               KMS 遮断
----------------------------------------------------------------------
有効:                                 はい
方向:                                 出力
プロトコル:                           TCP
ローカル ポート:                      任意
リモート ポート:                      1688
操作:                                 ブロック
",
            "machine firewall.blocks-outbound = true @1",
        );
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, JAPANESE, damage);
        }
    }
}
