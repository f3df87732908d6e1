//! Windows' own inbound rules of the group Windows Management Instrumentation (WMI), by whatever tool.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject};

use crate::document::Document;
use crate::readers::{command_line, objects};
use crate::sink::Sink;

/// How names of the rules begin, in lower case; those of the domain profile go on with `-noscope`.
const RULES: [&str; 3] = ["wmi-rpcss-in-tcp", "wmi-winmgmt-in-tcp", "wmi-async-in-tcp"];

/// The rule without which no connection begins: TCP 135.
const CONNECTION: &str = RULES[0];

/// How the name of the group ends in every language.
pub(super) const GROUP: &str = "(WMI)";

/// The port of that rule.
pub(super) const PORT: &str = "135";

/// What the rules say together.
#[derive(Default)]
pub(super) struct Rules {
    enabled: Option<RangeInclusive<usize>>,
    disabled: Option<RangeInclusive<usize>>,
    /// Another rule of the group is on.
    others: bool,
}

impl Rules {
    /// The rules as `Get-NetFirewallRule` prints them; in JSON they are on with 1 and off with 2 (`GpoBoolean`).
    pub(super) fn read(&mut self, document: &Document<'_>) {
        if !objects::mentions(document, &RULES) {
            return;
        }
        for record in objects::records(document) {
            let Some((name, _)) = record.value(&["name", "instanceid", "id"]) else { continue };
            let name = name.to_ascii_lowercase();
            let enabled = match record.value(&["enabled"]) {
                Some(("True" | "1", _)) => true,
                Some(("False" | "2", _)) => false,
                _ => continue,
            };
            let is_elsewhere = command_line::is_of_another_machine(document, *record.lines.start());
            if !is_elsewhere && RULES.iter().any(|rule| name.starts_with(rule)) {
                self.add(name.starts_with(CONNECTION), enabled, record.lines.clone());
            }
        }
    }

    /// Adds a rule: that of connections, or another of the group.
    pub(super) fn add(&mut self, is_connection: bool, enabled: bool, lines: RangeInclusive<usize>) {
        match (is_connection, enabled) {
            (true, true) => _ = self.enabled.get_or_insert(lines),
            (true, false) => _ = self.disabled.get_or_insert(lines),
            (false, enabled) => self.others |= enabled,
        }
    }

    /// One that is on lets connections in; off are they only where all are.
    pub(super) fn tell(self, sink: &mut Sink<'_>) {
        let (word, lines) = match (self.enabled, self.disabled) {
            (Some(lines), _) => ("enabled", lines),
            (None, Some(lines)) if !self.others => ("disabled", lines),
            _ => return,
        };
        sink.word(&Subject::machine(), Key::RemoteWmiFirewall, word, lines);
    }
}

#[cfg(test)]
mod tests {
    use crate::readers::firewall::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const TABLE: &str = "
PS C:\\> Get-NetFirewallRule -Name WMI-*-In-TCP* | Format-Table Name,Profile,Enabled

Name                              Profile Enabled
----                              ------- -------
WMI-RPCSS-In-TCP          Private, Public   False
WMI-WINMGMT-In-TCP        Private, Public   False
WMI-RPCSS-In-TCP-NoScope           Domain   False
WMI-WINMGMT-In-TCP-NoScope         Domain   False
";

    #[test]
    fn tables_lists_and_json() {
        check(TABLE, "machine remote.wmi-firewall = disabled @5");
        check(
            &TABLE.replace("Domain   False\nWMI-W", "Domain    True\nWMI-W"),
            "machine remote.wmi-firewall = enabled @7",
        );
        check(&TABLE.replace("Public   False\nWMI-RPCSS-In-TCP-N", "Public    True\nWMI-RPCSS-In-TCP-N"), "");
        check(
            "Name    : WMI-RPCSS-In-TCP\nEnabled : False\nProfile : Any\n",
            "machine remote.wmi-firewall = disabled @1",
        );
        check("{\"Name\": \"WMI-RPCSS-In-TCP\", \"Enabled\": 1}", "machine remote.wmi-firewall = enabled @1");
        check("Name    : WMI-WINMGMT-In-TCP\nEnabled : True\n", "");
        check(&TABLE.replace("-Name", "-CimSession PC02 -Name"), "");
    }

    const NETSH: &str = "
規則名:                               Windows Management Instrumentation (DCOM 受信)
----------------------------------------------------------------------
有効:                                 いいえ
方向:                                 入力
プロファイル:                         ドメイン
グループ:                             Windows Management Instrumentation (WMI)
ローカル IP:                          任意
リモート IP:                          任意
プロトコル:                           TCP
ローカル ポート:                      135
リモート ポート:                      任意
エッジ トラバーサル:                  いいえ
操作:                                 許可
OK
";

    #[test]
    fn netsh() {
        check(NETSH, "machine remote.wmi-firewall = disabled @1");
        let enabled = NETSH.replacen("いいえ", "はい", 1);
        check(&enabled, "machine remote.wmi-firewall = enabled @1");
        check(&format!("{NETSH}{enabled}"), "machine remote.wmi-firewall = enabled @16");
        check(&NETSH.replace("(WMI)", "(COM)"), "");
        check(&NETSH.replace("135", "任意"), "");
    }
}
