//! What a server says beside its answer.

use kmsdoctor_wire::dns::{Query, RecordType};
use kmsdoctor_wire::transcript::{DnsQuestion, Record, Transport};

use super::fixtures::{self, address, dns, response, srv};
use super::{SERVICE, check, quotes};

#[test]
fn a_zone_that_fails_validation() {
    let asked = |name: &str, record_type, records: &[fixtures::Answer], failures: usize, code: u8| {
        let Record::Dns(question) = dns(name, record_type, |sent| response(sent, 2, &[])) else { unreachable!() };
        let bare = Query { checking_disabled: true, ..Query::new(8, name, record_type).unwrap() }.encode().unwrap();
        let answer = response(&bare, code, records);
        let exchanges = vec![question.exchanges[0].clone(); failures];
        let unchecked = vec![fixtures::exchange(Transport::Udp, bare, answer)];
        Record::Dns(DnsQuestion { exchanges, unchecked, ..question })
    };
    let records = [srv(0, 1688, "kms1.contoso.com")];
    let fails = || asked(SERVICE, RecordType::Srv, &records, 2, 0);
    check(
        fails(),
        "10.0.0.1 resolver.outcome = answers
         contoso.com domain.unchecked = answers
         contoso.com domain.srv unknown NoAnswer",
    );
    let quote =
        "SRV _vlmcs._tcp.contoso.com @10.0.0.1:53: SERVFAIL, with its checks disabled kms1.contoso.com:1688 (0.9 ms)";
    assert_eq!(quotes(fails()), [quote]);
    // That it failed just for a moment shows nothing.
    check(
        asked(SERVICE, RecordType::Srv, &records, 1, 0),
        "10.0.0.1 resolver.outcome = server-failure
         contoso.com domain.srv unknown NoAnswer",
    );
    check(
        asked(SERVICE, RecordType::Srv, &[], 1, 2),
        "10.0.0.1 resolver.outcome = server-failure
         contoso.com domain.unchecked = server-failure
         contoso.com domain.srv unknown NoAnswer",
    );
    // Of a host it is the domain that fails.
    check(
        asked("kms1.contoso.com", RecordType::A, &[address("10.0.0.5")], 2, 0),
        "10.0.0.1 resolver.outcome = answers
         contoso.com domain.unchecked = answers
         kms1.contoso.com name.ipv4 unknown NoAnswer
         kms1.contoso.com name.address unknown NoAnswer",
    );
}
