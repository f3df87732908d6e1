//! `dsregcmd /status`, which is English in every language: membership of a domain, and the machine's full name.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{console, system_info};
use crate::document::Document;
use crate::sink::Sink;

/// Lines below `DomainJoined` in which the names stand.
const NAME_LINES_MAX: usize = 6;

/// Puts the membership into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    for (index, line) in document.lines.iter().enumerate() {
        let Some(("DomainJoined", value)) = console::labelled(&line.text) else { continue };
        let is_member = match value {
            "YES" => true,
            "NO" => false,
            _ => continue,
        };
        sink.present(&machine, Key::MachineDomainJoined, Value::Flag(is_member), index..=index);
        for (at, line) in document.lines.iter().enumerate().skip(index + 1).take(NAME_LINES_MAX) {
            let name = match console::labelled(&line.text) {
                Some(("Device Name", name)) if console::is_host_name(name) => name,
                Some(("DomainJoined", _)) => break,
                _ => continue,
            };
            sink.present(&machine, Key::MachineName, Value::Text(name.to_owned()), at..=at);
            // Of a member it is the full name; `DomainName` is the short name of the domain.
            if let (true, Some((_, suffix))) = (is_member, name.split_once('.')) {
                system_info::tell_domain(suffix, at..=at, sink);
            }
            break;
        }
    }
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
    fn members_and_others() {
        check(
            "
+----------------------------------------------------------------------+
| Device State                                                         |
+----------------------------------------------------------------------+

             AzureAdJoined : NO
          EnterpriseJoined : NO
              DomainJoined : YES
                DomainName : CONTOSO
               Device Name : PC01.contoso.com
",
            "machine machine.domain-joined = true @7
             machine machine.name = PC01.contoso.com @9
             machine machine.domain = contoso.com @9
             contoso.com domain.lookup = true @9",
        );
        check(
            "             AzureAdJoined : YES\n              DomainJoined : NO\n               Device Name : PC02",
            "machine machine.domain-joined = false @2
             machine machine.name = PC02 @3",
        );
        check("DomainJoined: is it YES?", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(DomainJoined : YES|DomainName : |Device Name : )?\\PC{0,12}", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
