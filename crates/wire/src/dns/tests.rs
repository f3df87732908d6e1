use proptest::prelude::*;

use super::*;
use crate::hex::Hex;

fn bytes(hex: &str) -> Vec<u8> {
    hex.replace([' ', '\n'], "").parse::<Hex>().unwrap().0
}

/// `_vlmcs._tcp.contoso.com` IN SRV.
const QUESTION: &str = "065f766c6d6373 045f746370 07636f6e746f736f 03636f6d 00 0021 0001";

fn srv_query() -> Query {
    Query::new(0x1234, "_vlmcs._tcp.contoso.com", RecordType::Srv).unwrap()
}

#[test]
fn query_bytes() {
    let opt = "00 0029 04d0 00000000 0000";
    let expected = bytes(&format!("1234 0100 0001 0000 0000 0001 {QUESTION} {opt}"));
    assert_eq!(srv_query().encode().unwrap(), expected);
    assert_eq!(Query::decode(&expected), Ok(srv_query()));
    let unchecked = Query { checking_disabled: true, ..srv_query() };
    let expected = bytes(&format!("1234 0110 0001 0000 0000 0001 {QUESTION} {opt}"));
    assert_eq!(unchecked.encode().unwrap(), expected);
    assert_eq!(Query::decode(&expected), Ok(unchecked));
}

#[test]
fn names() {
    let ok = |text| Query::new(1, text, RecordType::A).map(|query| query.name).unwrap();
    assert_eq!(ok("KMS1.Contoso.COM."), "kms1.contoso.com");
    assert_eq!(ok("my_host.contoso.com"), "my_host.contoso.com");
    assert_eq!(ok("会社.example"), "xn--6oq404h.example");
    for text in ["", ".", "a..b", &"a".repeat(64), &["abcdefg."; 40].concat(), "a b\u{0}é."] {
        assert_eq!(Query::new(1, text, RecordType::A), Err(DnsError::Name { name: text.to_owned() }));
    }
}

#[test]
fn srv_answer_with_compressed_owner_and_upper_case_target() {
    // Two records, KMS1.contoso.com:1688 and ".": "no service".
    let message = bytes(&format!(
        "1234 8580 0001 0002 0000 0000 {QUESTION}
         c00c 0021 0001 00000e10 0018 0000 0064 0698 044b4d5331 07636f6e746f736f 03636f6d 00
         c00c 0021 0001 00000e10 0007 0001 0000 0000 00"
    ));
    let response = Response::decode(&message).unwrap();
    assert_eq!((response.id, response.code, response.truncated), (0x1234, ResponseCode::NoError, false));
    assert_eq!(
        response.services,
        [
            SrvRecord { priority: 0, weight: 100, port: 1688, target: "kms1.contoso.com".to_owned() },
            SrvRecord { priority: 1, weight: 0, port: 0, target: String::new() },
        ]
    );
    assert!(response.is_answer_to(&srv_query()));
    assert!(!response.is_answer_to(&Query { id: 1, ..srv_query() }));
    assert!(!response.is_answer_to(&Query { record_type: RecordType::A, ..srv_query() }));
    assert!(!response.is_answer_to(&Query::new(0x1234, "contoso.com", RecordType::Srv).unwrap()));
}

#[test]
fn addresses_follow_aliases_and_ignore_other_names() {
    // a.x CNAME b.x; b.x A 10.0.0.1 twice; c.x A 10.0.0.9 is not asked for.
    let message = bytes(
        "0001 8180 0001 0004 0000 0000 0161 0178 00 0001 0001
         c00c 0005 0001 00000001 0005 0162 0178 00
         0162 0178 00 0001 0001 00000001 0004 0a000001
         0142 0158 00 0001 0001 00000001 0004 0a000001
         0163 0178 00 0001 0001 00000001 0004 0a000009",
    );
    let response = Response::decode(&message).unwrap();
    assert_eq!(response.aliases, ["b.x"]);
    assert_eq!(response.addresses, [IpAddr::from([10, 0, 0, 1])]);
}

#[test]
fn an_alias_loop_ends() {
    let message = bytes(
        "0001 8180 0001 0002 0000 0000 0161 00 0001 0001
         0161 00 0005 0001 00000001 0003 0162 00
         0162 00 0005 0001 00000001 0003 0161 00",
    );
    let response = Response::decode(&message).unwrap();
    assert_eq!(response.aliases, ["b", "a"]);
    assert!(response.addresses.is_empty());
}

#[test]
fn response_codes() {
    for (low, code) in [
        (0, ResponseCode::NoError),
        (1, ResponseCode::Other(1)),
        (2, ResponseCode::ServerFailure),
        (3, ResponseCode::NameError),
        (5, ResponseCode::Refused),
    ] {
        let message = bytes(&format!("1234 818{low} 0001 0000 0000 0000 {QUESTION}"));
        assert_eq!(Response::decode(&message).unwrap().code, code);
    }
    // An error may come without its question; a success may not.
    let refused = Response::decode(&bytes("1234 8185 0000 0000 0000 0000")).unwrap();
    assert!(refused.is_answer_to(&srv_query()));
    let success = Response::decode(&bytes("1234 8180 0000 0000 0000 0000")).unwrap();
    assert!(!success.is_answer_to(&srv_query()));
}

#[test]
fn a_truncated_answer_keeps_its_header() {
    let message = bytes(&format!("1234 8380 0001 0001 0000 0000 {QUESTION} c00c 0021 0001 0000"));
    let response = Response::decode(&message).unwrap();
    assert!(response.truncated && response.services.is_empty());
    let same_without_flag = bytes(&format!("1234 8180 0001 0001 0000 0000 {QUESTION} c00c 0021 0001 0000"));
    assert!(matches!(Response::decode(&same_without_flag), Err(DnsError::Malformed { .. })));
}

#[test]
fn what_follows_the_answer_cannot_spoil_it() {
    let message = bytes(&format!("1234 8183 0001 0000 0001 0001 {QUESTION} ffff"));
    assert_eq!(Response::decode(&message).unwrap().code, ResponseCode::NameError);
}

#[test]
fn refuses_what_is_no_response() {
    assert_eq!(Response::decode(b"HTTP/1.1"), Err(DnsError::Short { bytes: 8 }));
    let query = srv_query().encode().unwrap();
    assert!(matches!(Response::decode(&query), Err(DnsError::WrongKind { .. })));
    let two_questions = bytes(&format!("1234 8180 0002 0000 0000 0000 {QUESTION} {QUESTION}"));
    assert_eq!(Response::decode(&two_questions), Err(DnsError::Malformed { offset: 12 }));
}

proptest! {
    #[test]
    fn never_panics(message: Vec<u8>) {
        let _ = Response::decode(&message);
        let _ = Query::decode(&message);
    }

    #[test]
    fn never_panics_after_a_plausible_start(answers in 0..4_u8, tail: Vec<u8>) {
        let mut message = bytes(&format!("1234 8180 0001 000{answers} 0000 0000 {QUESTION}"));
        message.extend(tail);
        let _ = Response::decode(&message);
    }

    #[test]
    fn never_panics_on_names(name: String) {
        if let Ok(query) = Query::new(7, &name, RecordType::Aaaa) {
            let encoded = query.encode().unwrap();
            prop_assert_eq!(Query::decode(&encoded), Ok(query));
        }
    }
}
