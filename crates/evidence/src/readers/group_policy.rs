//! `gpresult /r`, `/v` and `/z` as text: name and domain of the machine.
//!
//! The heading names user and machine around the word RSOP, which is not translated; the machine's own distinguished
//! name stands below. When policy was last applied is no sign that a domain controller is in reach now.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{command_line, console, system_info};
use crate::document::Document;
use crate::sink::Sink;

/// Lines below the heading down to the machine's name.
const BLOCK_LINES_MAX: usize = 60;

/// Puts name and domain of the machine into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
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
            let subject = Subject::machine();
            sink.present(&subject, Key::MachineName, Value::Text(name.to_owned()), at..=at);
            sink.present(&subject, Key::MachineDomainJoined, Value::Flag(true), at..=at);
            system_info::tell_domain(&domain, at..=at, sink);
        }
    }
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

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(RSOP data for x on PC01|CN=PC01,|DC=)?\\PC{0,12}(,DC=com)?", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
