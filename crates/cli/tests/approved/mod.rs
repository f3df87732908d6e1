//! Lists of approved hosts.

use std::net::TcpListener;

use super::{Folder, json, kmsdoctor, text, verdict_and_causes};

/// A client that is pinned to a host below contoso.com.
const PINNED: &str = "C:\\>cscript //nologo slmgr.vbs /dlv
Name: Windows(R), Enterprise edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Partial Product Key: 2YT43
License Status: Licensed
Volume activation expiration: 244800 minute(s) (170 day(s))
Registered KMS machine name: kms1.contoso.com:1688
";

#[test]
fn hosts_are_held_against_the_approved_ones() {
    let folder = Folder::new("approved");
    let utf16 =
        |text: &str| [&b"\xff\xfe"[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat();
    let lists = [
        (b"# ours\r\nkms1.contoso.com\r\n".to_vec(), false),
        (utf16("KMS1.contoso.com.\r\n"), false),
        (b".contoso.com\n".to_vec(), false),
        (b"kms2.contoso.com\n.osaka.contoso.com".to_vec(), true),
    ];
    for (index, (list, is_unapproved)) in lists.into_iter().enumerate() {
        let list = folder.file(&format!("{index}.txt"), &list);
        let (_, causes) = verdict_and_causes(PINNED, &["--approved-hosts", &list]);
        assert_eq!(causes.contains(&"kms-host-unapproved".to_owned()), is_unapproved, "{list}: {causes:?}");
    }
    let list = folder.file("other.txt", b"kms2.contoso.com");
    for (language, words) in [("en", "A KMS host outside the approved list"), ("ja", "承認されていない KMS ホスト")]
    {
        let output = kmsdoctor(&["analyze", "-", "--approved-hosts", &list, "--lang", language], PINNED.as_bytes());
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(words), "{}", text(&output));
    }
}

#[test]
fn a_host_that_was_asked_for_is_held_against_the_list_and_a_bundle_does_not_hold_it() {
    let folder = Folder::new("asked");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let bundle = folder.0.join("saved.zip").display().to_string();
    let list = folder.file("list.txt", b"kms1.contoso.com\n192.0.2.0/24");
    let unapproved = |arguments: &[&str]| {
        let report = json(&kmsdoctor(&[arguments, &["--format", "json"]].concat(), b""));
        let findings = report["findings"].as_array().expect("findings").clone();
        findings.iter().any(|finding| finding["cause"] == "kms-host-unapproved" && finding["status"] == "confirmed")
    };
    let check = ["check", "--host", &host, "--timeout", "1", "--save", &bundle];
    assert!(unapproved(&[&check[..], &["--approved-hosts", &list]].concat()));
    assert!(!unapproved(&["analyze", &bundle]));
    assert!(unapproved(&["analyze", &bundle, "--approved-hosts", &list]));
}

#[test]
fn a_list_that_cannot_be_used_is_status_2_and_says_where() {
    let folder = Folder::new("lists");
    let port = folder.file("port.txt", b"# ours\nkms1.contoso.com\nkms2.contoso.com:1688 # here\n");
    let empty = folder.file("empty.txt", b"# nothing yet\n");
    let nothing = folder.file("nothing.txt", b"");
    let binary = folder.file("binary.bin", b"\0\x01\x02\xff\xfe\x80garbage\0\0\0");
    let missing = folder.0.join("missing.txt").display().to_string();
    for (list, english, japanese) in [
        (&port, "line 3", "3 行目"),
        (&port, "kms2.contoso.com:1688", "kms2.contoso.com:1688"),
        (&empty, "no entry", "項目がない"),
        (&nothing, "no entry", "項目がない"),
        (&binary, "no text", "テキストではない"),
        (&missing, "cannot be read", "読めません"),
    ] {
        for (language, word) in [("en", english), ("ja", japanese)] {
            for command in [&["analyze", "-"][..], &["check", "--host", "127.0.0.1"]] {
                let arguments = [command, &["--approved-hosts", list, "--lang", language]].concat();
                let output = kmsdoctor(&arguments, PINNED.as_bytes());
                let said = String::from_utf8_lossy(&output.stderr);
                assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{said}");
                assert!(said.contains(word) && said.contains(list.as_str()), "{said}");
            }
        }
    }
}
