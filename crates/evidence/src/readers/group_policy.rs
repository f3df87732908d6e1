//! `gpresult`: name and domain of the machine, and what policies set of activation. The text of `/r`, `/v` and `/z` here, the
//! report of `/h` in `report.rs`.
//!
//! The heading names user and machine around the word RSOP, which is not translated; the machine's own distinguished
//! name stands below, and below that its policies. When policy was last applied is no sign that a domain controller is in
//! reach now. What a policy has set in the registry is told like what `reg query` shows of it.

mod policies;
mod report;
mod values;

use kmsdoctor_core::fact::{Key, Subject, Value};

use self::values::Values;
use super::{command_line, console, registry, system_info};
use crate::document::Document;
use crate::sink::Sink;

/// Lines below the heading down to the machine's name.
const BLOCK_LINES_MAX: usize = 60;

/// States of policies.
const ENABLED: [&str; 8] = ["Enabled", "有効", "Aktiviert", "Activé", "已启用", "已啟用", "사용", "Habilitado"];
const DISABLED: [&str; 8] =
    ["Disabled", "無効", "Deaktiviert", "Désactivé", "已禁用", "已停用", "사용 안 함", "Deshabilitado"];

/// Puts name and domain of the machine and its policies into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut values = Values::default();
    for (index, line) in document.lines.iter().enumerate() {
        if !line.text.contains("RSOP") || command_line::is_of_another_machine(document, index) {
            continue;
        }
        let words: Vec<&str> =
            line.text.split(|character: char| character.is_whitespace() || character == ':').collect();
        let below = document.lines.iter().enumerate().skip(index + 1).take(BLOCK_LINES_MAX);
        let found = below.map_while(|(at, line)| (!line.text.contains("RSOP")).then_some((at, line.text.trim())));
        let machine = found.filter_map(|(at, text)| Some((at, distinguished(text)?)));
        let mut machine = machine.filter(|(_, (name, _))| words.iter().any(|word| word.eq_ignore_ascii_case(name)));
        if let Some((at, (name, domain))) = machine.next() {
            tell_name(name, at, sink);
            tell_membership(&domain, at, sink);
            policies::read(document, at + 1, &mut values);
        }
    }
    report::read(document, &mut values, sink);
    registry::tell(values.items(), sink);
}

fn tell_name(name: &str, at: usize, sink: &mut Sink<'_>) {
    sink.present(&Subject::machine(), Key::MachineName, Value::Text(name.to_owned()), at..=at);
}

fn tell_membership(domain: &str, at: usize, sink: &mut Sink<'_>) {
    sink.present(&Subject::machine(), Key::MachineDomainJoined, Value::Flag(true), at..=at);
    system_info::tell_domain(domain, at..=at, sink);
}

/// Whether a policy that is shown with this word is enabled or disabled; none of a word that is neither.
fn state(word: &str) -> Option<bool> {
    let is_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is_of(&ENABLED) { Some(true) } else { is_of(&DISABLED).then_some(false) }
}

/// Name and domain of `CN=PC01,OU=Clients,DC=contoso,DC=com`.
fn distinguished(text: &str) -> Option<(&str, String)> {
    let (name, rest) = text.strip_prefix("CN=")?.split_once(',')?;
    let parts: Vec<&str> = rest.split(',').filter_map(|part| part.trim().strip_prefix("DC=")).collect();
    (console::is_host_name(name) && !parts.is_empty()).then(|| (name, parts.join(".")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn name_and_domain() {
        let expect = "machine machine.name = PC01 @6
             machine machine.domain-joined = true @6
             machine machine.domain = contoso.com @6
             contoso.com domain.lookup = true @6";
        check(
            "
RSOP data for CONTOSO\\mia on PC01 : Logging Mode
-------------------------------------------------

COMPUTER SETTINGS
------------------
    CN=PC01,OU=Clients,DC=contoso,DC=com
    Last time Group Policy was applied: 11/24/2026 at 9:00:00 AM
    Group Policy was applied from:      DC01.contoso.com

USER SETTINGS
--------------
    CN=mia,OU=Staff,DC=contoso,DC=com
",
            expect,
        );
        check(
            "
PC01 上の CONTOSO\\mia の RSOP データ : ログ モード
-------------------------------------------------

コンピューターの設定
--------------------
    CN=PC01,OU=Clients,DC=contoso,DC=com
",
            expect,
        );
    }

    #[test]
    fn the_user_alone_says_nothing() {
        check("RSOP data for CONTOSO\\mia on PC01 : Logging Mode\n\nUSER SETTINGS\n    CN=mia,DC=contoso,DC=com", "");
        check("CN=PC01,DC=contoso,DC=com", "");
        check("C:\\>gpresult /s pc02 /r\n\nRSOP data for CONTOSO\\mia on PC02\n    CN=PC02,DC=contoso,DC=com", "");
    }

    const POLICIES: &str = r"
RSOP data for CONTOSO\mia on PC01 : Logging Mode
    CN=PC01,OU=Clients,DC=contoso,DC=com

    Resultant Set Of Policies for Computer
        Administrative Templates
            GPO: KMS
                KeyName:     SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform\KeyManagementServiceName
                Value:       107, 0, 109, 0, 115, 0, 49, 0, 0, 0
                State:       Enabled

            GPO: Baseline
                Folder Id: Software\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform\NoGenTicket
                Value:       1, 0, 0, 0
                State:       有効

            GPO: Old
                KeyName:     SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform\KeyManagementServicePort
                Value:       49, 0, 54, 0, 56, 0,
 57, 0, 0, 0
                State:       Disabled
";

    #[test]
    fn policies_of_the_machine() {
        let machine = "machine machine.name = PC01 @2
             machine machine.domain-joined = true @2
             machine machine.domain = contoso.com @2
             contoso.com domain.lookup = true @2";
        check(
            POLICIES,
            &format!(
                "{machine}
                 machine kms.no-genuine-ticket = true @12
                 machine kms.pinned-host = kms1 @7
                 kms1:1688 endpoint.pinned = true @7"
            ),
        );
        // Enabled, the port counts, though a console has wrapped it.
        check(
            &POLICIES.replace("Disabled", "Enabled"),
            &format!(
                "{machine}
                 machine kms.no-genuine-ticket = true @12
                 machine kms.pinned-host = kms1 @7
                 kms1:1689 endpoint.pinned = true @7
                 machine kms.pinned-port = 1689 @17"
            ),
        );
        // Of two policies with different values nothing shows which prevails; the user's are none of the machine.
        let other = POLICIES.replace("49, 0, 0, 0", "50, 0, 0, 0");
        let policies = other.split_once("Administrative Templates").map_or("", |(_, policies)| policies);
        check(&format!("{POLICIES}{policies}"), &format!("{machine}\nmachine kms.no-genuine-ticket = true @12"));
        check(
            &format!("{}\n    CN=mia,DC=contoso,DC=com\n{policies}", POLICIES.replace("Enabled", "Disabled")),
            &format!("{machine}\nmachine kms.no-genuine-ticket = true @12"),
        );
    }

    proptest! {
        #[test]
        fn policies_never_panic(at: usize, byte: u8, end: usize) {
            testing::mutate(read, POLICIES, (at, byte, end));
        }

        #[test]
        fn never_panics(lines in proptest::collection::vec("(RSOP data for x on PC01|CN=PC01,|DC=)?\\PC{0,12}(,DC=com)?", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
