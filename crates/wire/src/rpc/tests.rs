use proptest::prelude::*;

use super::*;
use crate::hex::Hex;

fn bytes(hex: &str) -> Vec<u8> {
    hex.replace([' ', '\n'], "").parse::<Hex>().unwrap().0
}

/// A `bind_ack` as Windows sends it: secondary address "1688", one result.
fn bind_ack(result: &str) -> Vec<u8> {
    bytes(&format!(
        "05 00 0c 03 10000000 3c00 0000 01000000
         d016 d016 9a780000 0500 31363838 00 00
         01 00 0000 {result} 045d888aeb1cc9119fe808002b104860 02000000"
    ))
}

fn foreign_of(bytes: &[u8]) -> Foreign {
    match decode_reply(bytes) {
        Reply::Foreign { what } => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_only_message_that_can_be_encoded_is_a_bind() {
    let expected = bytes(
        "05 00 0b 03 10000000 4800 0000 07000000
         d016 d016 00000000 01 00 0000
         0000 01 00 7521c8514e845047b0d8ec255555bc06 01000000
         045d888aeb1cc9119fe808002b104860 02000000",
    );
    assert_eq!(encode_bind(7), expected);
    for call_id in [0, 1, u32::MAX] {
        assert_eq!(encode_bind(call_id)[2], 11);
        assert_eq!(encode_bind(call_id).len(), usize::from(BIND_BYTES));
    }
    // Whoever adds an encoder to this module meets this line: the boundary of the project is the bind.
    let encoders = include_str!("../rpc.rs").matches("fn encode_").count();
    assert_eq!(encoders, 1);
}

#[test]
fn acknowledgement() {
    let message = bind_ack("0000 0000");
    assert_eq!(expected_length(&message), Some(60));
    assert_eq!(decode_reply(&message), Reply::Acknowledged { secondary_address: "1688".to_owned() });
    // What follows the message does not matter.
    assert_eq!(decode_reply(&[message.as_slice(), b"more"].concat()), decode_reply(&message));
}

#[test]
fn acknowledgement_in_big_endian() {
    let message = bytes(
        "05 00 0c 03 00000000 0038 0000 00000001
         16d0 16d0 00000001 0001 00 00
         01 00 0000 0000 0000 8a885d041ceb11c99fe808002b104860 00000002",
    );
    assert_eq!(decode_reply(&message[..52]), Reply::Incomplete);
    let padded = [message, vec![0; 4]].concat();
    assert_eq!(decode_reply(&padded), Reply::Acknowledged { secondary_address: String::new() });
}

#[test]
fn rejections() {
    // An endpoint mapper, say: provider rejection, abstract syntax not supported.
    assert_eq!(decode_reply(&bind_ack("0200 0100")), Reply::ContextRejected { result: 2, reason: 1 });
    let nak = bytes("05 00 0d 03 10000000 1600 0000 01000000 0400 01 0500 00");
    assert_eq!(decode_reply(&nak), Reply::BindNak { reason: 4 });
    let fault = bytes("05 00 03 23 10000000 2000 0000 01000000 20000000 0000 00 00 05000000 00000000");
    assert_eq!(decode_reply(&fault), Reply::Fault { status: 5 });
}

#[test]
fn an_unfinished_reply_is_incomplete() {
    let message = bind_ack("0000 0000");
    for length in 0..message.len() {
        assert_eq!(decode_reply(&message[..length]), Reply::Incomplete, "{length}");
        let expected = if length < 10 { None } else { Some(60) };
        assert_eq!(expected_length(&message[..length]), expected, "{length}");
    }
}

#[test]
fn broken_rpc_is_foreign() {
    let mut no_results = bind_ack("0000 0000");
    no_results[32] = 0;
    assert_eq!(foreign_of(&no_results), Foreign::OtherRpc);
    let mut address_too_long = bind_ack("0000 0000");
    address_too_long[24..26].copy_from_slice(&[0xFF, 0xFF]);
    assert_eq!(foreign_of(&address_too_long), Foreign::OtherRpc);
    let mut other_type = bind_ack("0000 0000");
    other_type[2] = 19;
    assert_eq!(foreign_of(&other_type), Foreign::OtherRpc);
    let mut too_short = bind_ack("0000 0000");
    too_short[8..10].copy_from_slice(&[4, 0]);
    assert_eq!(foreign_of(&too_short), Foreign::OtherRpc);
    let mut too_long = bind_ack("0000 0000");
    too_long[8..10].copy_from_slice(&[0xFF, 0xFF]);
    assert_eq!(expected_length(&too_long), Some(REPLY_BYTES_MAX));
    assert_eq!(decode_reply(&too_long), Reply::Incomplete);
    too_long.resize(REPLY_BYTES_MAX, 0);
    assert_eq!(foreign_of(&too_long), Foreign::OtherRpc);
}

#[test]
fn other_protocols_are_named() {
    let cases: [(&[u8], Foreign); 12] = [
        (b"HTTP/1.1 400 Bad Request\r\n", Foreign::Http),
        (b"<html><head>", Foreign::Http),
        (b"\x15\x03\x01\x00\x02\x02\x46", Foreign::Tls),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Foreign::Ssh),
        (b"\x00\x00\x00\x49\xfeSMB@\x00", Foreign::Smb),
        (b"220 mail.contoso.com ESMTP\r\n", Foreign::FtpOrSmtp),
        (b"554 No\r\n", Foreign::FtpOrSmtp),
        (b"* OK IMAP4 ready\r\n", Foreign::Mailbox),
        (b"\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00", Foreign::Rdp),
        (b"\x05\xff", Foreign::Unknown),
        (b"\x04\x00\x0c\x03", Foreign::Unknown),
        (b"22", Foreign::Unknown),
    ];
    for (message, what) in cases {
        assert_eq!(foreign_of(message), what, "{message:?}");
    }
    assert_eq!(expected_length(b"HTTP/1.1 400"), Some(12));
    assert_eq!(expected_length(b"HTTP"), None);
}

proptest! {
    #[test]
    fn never_panics(message: Vec<u8>) {
        decode_reply(&message);
        prop_assert!(expected_length(&message).is_none_or(|length| length <= REPLY_BYTES_MAX));
    }

    #[test]
    fn never_panics_on_damaged_acknowledgements(offset in 0..60_usize, byte: u8, length in 0..=60_usize) {
        let mut message = bind_ack("0000 0000");
        message[offset] = byte;
        message.truncate(length);
        decode_reply(&message);
    }
}
