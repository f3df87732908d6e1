//! `Get-NetFirewallRule` as a list, and the filters that are printed below a rule. Names and values are English in every
//! language.

use super::rule::{Filter, KMS_RULE, Rule, Verdicts, port, program};
use crate::document::Document;
use crate::readers::console;

/// Lines of a rule with its filters; what stands further below is about something else.
const RULE_LINES_MAX: usize = 96;

/// Puts the rules of the text into the verdicts.
pub(super) fn read(document: &Document<'_>, verdicts: &mut Verdicts) {
    let mut rule: Option<Rule> = None;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if is_missing(text) {
            verdicts.missing(index);
        } else if let Some((name, value)) = console::labelled(text) {
            if name == "Name" {
                let begun = Rule { own: value == KMS_RULE, ..Rule::default() };
                if let Some(before) = rule.replace(begun) {
                    verdicts.add(&before);
                }
            }
            let far = |rule: &Rule| rule.lines.as_ref().is_some_and(|lines| index - lines.start() > RULE_LINES_MAX);
            if let Some(before) = rule.take_if(|rule| far(rule)) {
                verdicts.add(&before);
            } else if let Some(rule) = rule.as_mut()
                && take(rule, name, value)
            {
                rule.reach(index);
            }
        } else if let Some(row) = row(text, index) {
            verdicts.add(&row);
        } else if console::is_prompt(text)
            && let Some(before) = rule.take()
        {
            verdicts.add(&before);
        }
    }
    if let Some(rule) = rule {
        verdicts.add(&rule);
    }
}

/// Takes a property; false if it says nothing of the rule.
fn take(rule: &mut Rule, name: &str, value: &str) -> bool {
    let any = value == "Any";
    match (name, value) {
        ("Name", _) => {}
        ("Enabled", "True" | "False") => rule.enabled = Some(value == "True"),
        ("Direction", "Inbound" | "Outbound") => rule.inbound = Some(value == "Inbound"),
        ("Action", "Allow" | "Block") => rule.blocks = Some(value == "Block"),
        ("Protocol", _) => {
            rule.tcp = match value {
                "TCP" | "6" => Filter::Kms,
                "Any" => Filter::Any,
                _ => Filter::Other,
            };
        }
        ("LocalPort", _) => rule.local_port = port(value, any),
        ("RemotePort", _) => rule.remote_port = port(value, any),
        ("Program", _) => rule.program = program(value, any),
        ("RemoteAddress", _) => rule.remote_address = if any { Filter::Any } else { Filter::Other },
        _ => return false,
    }
    true
}

/// The row of a table that begins with Windows' own rule: `SPPSVC-In-TCP  True  Any  Inbound  Allow`.
fn row(text: &str, index: usize) -> Option<Rule> {
    let mut words = text.split_whitespace();
    words.next().filter(|name| *name == KMS_RULE)?;
    let mut rule = Rule { own: true, lines: Some(index..=index), ..Rule::default() };
    for word in words {
        match word {
            "True" | "False" if rule.enabled.is_none() => rule.enabled = Some(word == "True"),
            "Inbound" => rule.inbound = Some(true),
            "Block" => rule.blocks = Some(true),
            _ => {}
        }
    }
    Some(rule)
}

/// `No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to 'SPPSVC-In-TCP'.` in any language, or the
/// category below it.
fn is_missing(text: &str) -> bool {
    text.contains(KMS_RULE)
        && ((text.contains("MSFT_NetFirewallRule") && text.contains("'InstanceID'"))
            || text.contains("ObjectNotFound: (SPPSVC-In-TCP:"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::readers::firewall::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const RULE: &str = "
PS C:\\> Get-NetFirewallRule -Name SPPSVC-In-TCP | fl

Name                          : SPPSVC-In-TCP
DisplayName                   : キー管理サービス (TCP 受信)
Enabled                       : False
Profile                       : Any
Direction                     : Inbound
Action                        : Allow
EdgeTraversalPolicy           : Block
PrimaryStatus                 : OK


RemoteAddress : LocalSubnet
";

    #[test]
    fn the_rule_of_a_host() {
        check(RULE, "machine host.firewall-rule = disabled @3");
        check(&RULE.replace("False", "True"), "machine host.firewall-rule = enabled @3");
        check(
            "Name    : SPPSVC-In-TCP\nEnabled : True\nProfile : Any\nAction  : Allow\n",
            "machine host.firewall-rule = enabled @1",
        );
        check(
            "Name          Enabled Profile Direction Action\n----          ------- ------- --------- ------\nSPPSVC-In-TCP   False     Any   Inbound  Allow\n",
            "machine host.firewall-rule = disabled @3",
        );
        check("Name : Other-In-TCP\nEnabled : False\nDirection : Inbound\nAction : Allow", "");
    }

    #[test]
    fn no_such_rule() {
        for said in [
            "Get-NetFirewallRule : No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to 'SPPSVC-In-TCP'.  Verify the value of the property and retry.",
            "Get-NetFirewallRule : プロパティ 'InstanceID' が 'SPPSVC-In-TCP' と等しい MSFT_NetFirewallRule オブジェクトは見つかりませんでした。",
            "    + CategoryInfo          : ObjectNotFound: (SPPSVC-In-TCP:String) [Get-NetFirewallRule], CimJobException",
        ] {
            check(said, "machine host.firewall-rule = missing @1");
        }
    }

    fn outbound(port: &str, program: &str, address: &str) -> String {
        format!(
            "Name                          : {{5f9b}}\nDisplayName                   : Block it\nEnabled                       : True\nDirection                     : Outbound\nAction                        : Block\n\nProtocol      : TCP\nLocalPort     : Any\nRemotePort    : {port}\n\nProgram : {program}\nPackage :\n\nLocalAddress  : Any\nRemoteAddress : {address}\n"
        )
    }

    #[test]
    fn rules_that_block_requests() {
        check(&outbound("1688", "Any", "Any"), "machine firewall.blocks-outbound = true @1");
        check(&outbound("{80, 1688}", "Any", "Any"), "machine firewall.blocks-outbound = true @1");
        check(
            &outbound("Any", "%SystemRoot%\\System32\\sppsvc.exe", "Any"),
            "machine firewall.blocks-outbound = true @1",
        );
        check(&outbound("Any", "Any", "Any"), "machine firewall.blocks-outbound = true @1");
        check(&outbound("1688", "C:\\app.exe", "Any"), "");
        check(&outbound("443", "Any", "Any"), "");
        check(&outbound("1688", "Any", "192.0.2.1"), "");
        check(&outbound("1688", "Any", "Any").replace("True", "False"), "");
        // Filters that the text does not show may be about anything.
        check("Name : x\nEnabled : True\nDirection : Outbound\nAction : Block\n", "");
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, RULE, damage);
        }

        #[test]
        fn never_panics(lines in proptest::collection::vec("(Name|Enabled|Direction|Action|RemotePort)?( : )?(SPPSVC-In-TCP|True|Outbound|Block)?\\PC{0,9}", 0..20)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
