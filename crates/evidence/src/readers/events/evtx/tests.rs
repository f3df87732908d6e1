use kmsdoctor_core::fact::Fact;
use proptest::prelude::*;

use super::writer::{Event, log};
use super::*;
use crate::readers::testing;

const CMID: &str = "11111111-2222-3333-4444-555555555555";
const PRODUCT: &str = "de32eafd-aaee-4662-9444-c1befb41bde2";
const SPP: &str = "Microsoft-Windows-Security-SPP";
const REQUEST: &str = "0x00000000, 0x00000000, kms1.contoso.com:1688, 11111111-2222-3333-4444-555555555555, 2026/01/05 00:13, 1, 5, 0, de32eafd-aaee-4662-9444-c1befb41bde2, 25";
const RESPONSE: &str = "0x00000000, 0x00000000, 1, 0, 50, 120, 10080, 2026/01/05 00:13";

const fn event<'a>(source: &'a str, id: u32, number: u64, data: &'a [(&'a str, &'a str)]) -> Event<'a> {
    Event { source, id, number, time: "2026-01-05T00:13:11Z", computer: "pc1.contoso.com", data }
}

const FIRST: [Event<'static>; 3] = [
    event(SPP, 12288, 7, &[("", REQUEST)]),
    event("VSS", 12289, 8, &[("", RESPONSE)]),
    event(SPP, 12289, 9, &[("", RESPONSE)]),
];
const SECOND: [Event<'static>; 2] =
    [event("NETLOGON", 3210, 10, &[("", "CONTOSO"), ("", "\\\\DC1")]), event(SPP, 900, 11, &[("", "<none>")])];

fn reading(bytes: Vec<u8>) -> Reading {
    read(&Artifact::new("test", bytes, None)).unwrap()
}

fn whole() -> Vec<u8> {
    log(&[&FIRST, &SECOND])
}

/// Where a chunk begins.
fn chunk(number: usize) -> usize {
    HEADER_BYTES + number * CHUNK_BYTES
}

fn keys(facts: &[Fact]) -> Vec<String> {
    testing::render(facts).lines().map(str::to_owned).collect()
}

#[test]
fn records_say_what_their_xml_says() {
    let reading = reading(whole());
    assert_eq!((reading.kind.as_str(), reading.unread, reading.partly), ("evtx", None, None));
    let request = format!(
        "12288:{CMID}:2026-01-05T00:13:00Z:kms1.contoso.com:1688:0x00000000:2026-01-05T00:13:11Z:pc1.contoso.com:#7"
    );
    let response = "12289:2026-01-05T00:13:00Z:0x00000000:2026-01-05T00:13:11Z:pc1.contoso.com:#9";
    let found = keys(&reading.facts);
    for expect in [
        "machine machine.name = pc1.contoso.com".to_owned(),
        "machine machine.secure-channel = broken".to_owned(),
        format!("{request} attempt.target = kms1.contoso.com:1688"),
        format!("{request} attempt.record-number = 7"),
        format!("{response} attempt.activated = true"),
        format!("{response} attempt.activation-id = {PRODUCT}"),
        format!("{PRODUCT} license.status = licensed"),
    ] {
        assert!(found.contains(&expect), "{expect}\n{}", found.join("\n"));
    }
    // The same events as text give the same attempts.
    let xml = FIRST.map(|event| {
        format!(
            "<Event><System><Provider Name=\"{}\"/><EventID>{}</EventID><TimeCreated SystemTime=\"{}\"/><EventRecordID>{}</EventRecordID><Computer>{}</Computer></System><EventData><Data>{}</Data></EventData></Event>\n",
            event.source, event.id, event.time, event.number, event.computer, event.data[0].1
        )
    });
    let xml = xml.concat();
    let as_text = crate::read(&Artifact::new("test", xml.into_bytes(), None)).facts;
    let attempts = |facts: &[Fact]| {
        let attempts = facts.iter().filter(|fact| fact.key.name().starts_with("attempt."));
        attempts.map(|fact| (fact.subject.clone(), fact.key, fact.state.clone(), fact.time)).collect::<Vec<_>>()
    };
    assert_eq!(attempts(&reading.facts), attempts(&as_text));
}

#[test]
fn a_quote_renders_the_record() {
    let bytes = whole();
    let reading = reading(bytes.clone());
    let code = reading.facts.iter().find(|fact| fact.key.name() == "attempt.code").unwrap();
    let origin = &code.origins[0];
    assert_eq!(origin.line, None);
    assert_eq!(
        origin.quote,
        format!("{SPP} 12288 2026-01-05T00:13:11Z #7 pc1.contoso.com: {REQUEST}").chars().take(240).collect::<String>()
    );
    assert_eq!(origin.span.start, chunk(0) + 512);
    assert_eq!(&bytes[origin.span.start..origin.span.start + 2], b"**");
}

#[test]
fn what_is_damaged_leaves_the_rest() {
    let check = |change: &dyn Fn(&mut Vec<u8>), expect: Partly, says: &str| {
        let mut bytes = whole();
        change(&mut bytes);
        let reading = reading(bytes);
        assert_eq!((reading.unread, reading.partly), (None, Some(expect)));
        assert!(keys(&reading.facts).iter().any(|line| line.contains(says)), "{says}");
    };
    let nothing = Partly::default();
    check(&|bytes| bytes[chunk(0)] = b'x', Partly { damaged_chunks: 1, ..nothing }, "secure-channel");
    check(&|bytes| bytes[chunk(0) + 512] = b'x', Partly { damaged_records: 1, ..nothing }, "activated = true");
    check(&|bytes| bytes[120] |= 1, Partly { was_in_use: true, ..nothing }, "activated = true");
    // Within the second chunk, behind its first record; at its beginning.
    check(&|bytes| bytes.truncate(chunk(1) + 1000), Partly { is_cut_off: true, ..nothing }, "activated = true");
    check(&|bytes| bytes.truncate(chunk(1)), Partly { is_cut_off: true, ..nothing }, "activated = true");
    // A gap of zeros between chunks is not damage.
    let mut gap = whole();
    gap.splice(chunk(1)..chunk(1), vec![0; CHUNK_BYTES]);
    let reading = reading(gap);
    assert_eq!(reading.partly, None);
    assert!(keys(&reading.facts).iter().any(|line| line.contains("secure-channel")));
}

#[test]
fn nothing_is_read_silently() {
    let unread = |bytes: Vec<u8>| reading(bytes).unread;
    assert_eq!(unread(log(&[&SECOND[1..]])), Some(Unread::NoActivationEvents));
    assert_eq!(unread(log(&[])), Some(Unread::NoActivationEvents));
    assert_eq!(unread(whole()[..100].to_vec()), Some(Unread::Damaged));
    assert_eq!(unread(MARK.to_vec()), Some(Unread::Damaged));
    let mut noise = whole();
    noise[HEADER_BYTES..].iter_mut().enumerate().for_each(|(at, byte)| *byte = u8::try_from(at % 251).unwrap());
    assert_eq!(unread(noise), Some(Unread::Damaged));
    assert!(read(&Artifact::new("test", b"ElfFile".to_vec(), None)).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn never_panics(
        cut in 0_usize..140_000,
        places in proptest::collection::vec((prop_oneof![0_usize..140_000, chunk(0)..chunk(0) + 3000], any::<u8>()), 0..12),
    ) {
        let mut bytes = whole();
        let length = bytes.len();
        for (place, value) in places {
            bytes[place % length] = value;
        }
        bytes.truncate(length - cut % length);
        let length = bytes.len();
        if let Some(reading) = read(&Artifact::new("test", bytes, None)) {
            prop_assert_eq!(reading.facts.is_empty(), reading.unread.is_some());
            for fact in reading.facts {
                prop_assert!(fact.origins[0].span.end <= length && !fact.origins[0].quote.is_empty());
            }
        }
    }
}
