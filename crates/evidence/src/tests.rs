use proptest::prelude::*;

use super::*;

fn reading(bytes: &[u8]) -> Reading {
    read(&Artifact::new("test", bytes.to_vec(), None))
}

#[test]
fn several_outputs_in_one_file() {
    let text = "C:\\>cscript //nologo slmgr.vbs /ato
Activating Windows(R), ServerStandard edition (9bd77860-9b31-4b7b-96ad-2564017315bf) ...
Error: 0xC004F074 The Software Licensing Service reported that the computer could not be activated.

Log Name:      Application
Source:        Microsoft-Windows-Security-SPP
Event ID:      12288
Computer:      pc1.contoso.com
Description:
The client has sent an activation request to the key management service machine.
Info:
0xC004F074, 0x00000000, kms1.contoso.com:1688, 11111111-2222-3333-4444-555555555555, 2026/01/05 00:13, 1, 5, 0, 9bd77860-9b31-4b7b-96ad-2564017315bf, 5

Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Partial Product Key: WXY23
License Status: Notification
Notification Reason: 0xC004F00F.
";
    let reading = reading(text.as_bytes());
    assert_eq!(reading.kind, "slmgr+events");
    let codes = reading.facts.iter().filter(|fact| fact.key.name() == "attempt.code").count();
    assert_eq!(codes, 2, "one by the command, one by the event");
    assert!(reading.facts.iter().any(|fact| fact.key.name() == "license.reason"));
}

#[test]
fn nothing_is_read_silently() {
    for (bytes, why) in [
        (&b""[..], Unread::Empty),
        (b" \n", Unread::Empty),
        (b"garbage", Unread::NotRecognised),
        (b"\x00\x01\x02\x03", Unread::Binary),
    ] {
        assert_eq!(reading(bytes).unread, Some(why), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let reading = reading(&bytes);
        prop_assert_eq!(reading.facts.is_empty(), reading.unread.is_some());
    }

    /// Pieces of what the readers look for, in any order.
    #[test]
    fn any_pieces(pieces in proptest::collection::vec(prop_oneof![
        Just("\n"), Just(": "), Just("0xC004F074"), Just("0x0, "), Just("<Event>"), Just("</Event>"), Just("<Data>"),
        Just("Event ID: 12288\n"), Just("Id : 8198\n"), Just("Message : "), Just("SkuId="), Just("License Status: "),
        Just("ライセンスの状態"), Just("分 ("), Just("Name: Windows"), Just("9bd77860-9b31-4b7b-96ad-2564017315bf"),
        Just("kms1.contoso.com:1688"), Just("2026/1/5 0:13"), Just("キー管理サービス"), Just(" 設定されました"), Just("set to "),
        Just("---"), Just("1, "), Just("Current count"), Just("VOLUME_KMS_"), Just("Volume:GVLK"), Just("("),
    ], 0..40)) {
        reading(pieces.concat().as_bytes());
    }
}

#[test]
fn what_stands_beside_an_export_is_read() {
    let list = "[{\"type\": \"Microsoft.Network/routeTables\", \"name\": \"rt1\", \"routes\": []}]";
    let text = format!("C:\\>az network route-table list\n{list}\nC:\\>cscript slmgr.vbs /ato\nError: 0xC004F074 x\n");
    let reading = reading(text.as_bytes());
    assert_eq!((reading.kind.as_str(), reading.resources.len()), ("slmgr+azure", 1));
    assert_eq!(reading.facts[0].origins[0].line, Some(4));
}
