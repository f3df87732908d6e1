use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::readers::testing::render;

pub(crate) mod writer;

use writer::{Key, sign};

const BELOW: &str = r"Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
const PRODUCT: &str = "e0c42288-980c-4788-a014-c080d2e1926e";

fn reading(hive: &[u8]) -> Reading {
    crate::read(&Artifact::new("test", hive.to_vec(), None))
}

fn check(hive: &[u8], expect: &str) {
    let reading = reading(hive);
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(render(&reading.facts).lines().collect::<Vec<_>>(), expect, "{:?}", reading.unread);
    for fact in &reading.facts {
        let origin = &fact.origins[0];
        assert!(origin.span.start < origin.span.end && origin.span.end <= hive.len(), "{origin:?}");
        assert!(!origin.quote.is_empty() && origin.line.is_none(), "{origin:?}");
    }
}

fn software() -> Key {
    Key::new("CMI-CreateHive{11111111-2222-3333-4444-555555555555}")
        .text(r"Microsoft\Windows NT\CurrentVersion", "EditionID", "CoreSingleLanguage")
        .text(r"Microsoft\Windows NT\CurrentVersion", "CurrentBuild", "26100")
        .text(r"Microsoft\Windows NT\CurrentVersion", "CurrentVersion", "6.3")
        .number(r"Microsoft\Windows NT\CurrentVersion", "CurrentMajorVersionNumber", 10)
        .number(r"Microsoft\Windows NT\CurrentVersion", "CurrentMinorVersionNumber", 0)
        .number(r"Microsoft\Windows NT\CurrentVersion", "UBR", 2314)
        .number(r"Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform", "NoGenTicket", 1)
        .text(BELOW, "KeyManagementServiceName", "old.contoso.com")
        .text(BELOW, "KeyManagementServicePort", "1700")
        .number(BELOW, "VLActivationType", 2)
        .text(BELOW, "KeyManagementServiceListeningPort", "1689")
        .number(BELOW, "DisableDnsPublishing", 1)
        .texts(BELOW, "DnsDomainPublishList", &["contoso.com", "fabrikam.com, 10, 20"])
        .number(BELOW, "VLActivationInterval", 120)
        .text(&format!("{BELOW}\\{}", APPLICATIONS[0]), "DiscoveredKeyManagementServiceName", "kms2.contoso.com")
        .text(&format!("{BELOW}\\{}\\{PRODUCT}", APPLICATIONS[0]), "KeyManagementServiceName", "kms1.contoso.com")
        .text(
            &format!("{BELOW}\\0ff1ce15-a989-479d-af46-f275c6370663"),
            "KeyManagementServiceName",
            "office.contoso.com",
        )
}

const SOFTWARE_FACTS: &str = "machine kms.no-genuine-ticket = true
    machine kms.lookup-domain absent
    machine kms.pinned-host = kms1.contoso.com
    kms1.contoso.com:1700 endpoint.pinned = true
    machine kms.pinned-port = 1700
    machine host.port = 1689
    machine kms.activation-interval = 120
    machine kms.cached-host = kms2.contoso.com
    machine kms.activation-type = kms
    machine host.publishing = false
    machine host.publish-list = contoso.com; fabrikam.com, 10, 20
    office.contoso.com:1700 endpoint.pinned = true
    machine machine.edition = CoreSingleLanguage
    machine machine.edition-class = home
    machine machine.build = 10.0.26100.2314";

fn system() -> Key {
    Key::new("ROOT")
        .number("Select", "Current", 2)
        .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "OLD")
        .number(r"ControlSet001\Services\sppsvc", "Start", 4)
        .text(r"ControlSet002\Control\ComputerName\ComputerName", "ComputerName", "PC1")
        .text(r"ControlSet002\Services\Tcpip\Parameters", "Domain", "corp.contoso.com")
        .number(r"ControlSet002\Services\sppsvc", "Start", 2)
        .number(r"ControlSet002\Services\sppsvc", "DelayedAutostart", 1)
        .text(r"ControlSet002\Services\W32Time\Parameters", "Type", "NT5DS")
}

#[test]
fn software_and_system() {
    check(&software().hive(), SOFTWARE_FACTS);
    check(
        &system().hive(),
        "machine machine.name = PC1
         machine machine.domain = corp.contoso.com
         corp.contoso.com domain.lookup = true
         machine service.start-type = delayed
         machine clock.configured-source = NT5DS",
    );
    let reading = reading(&software().hive());
    assert_eq!((reading.kind.as_str(), reading.partly.is_some()), ("hive", false));
    let quote = &reading.facts.iter().find(|fact| fact.key.name() == "host.publishing").unwrap().origins[0].quote;
    assert_eq!(quote, &format!(r"HKLM\SOFTWARE\{BELOW}: DisableDnsPublishing = 0x1"));
}

/// What the tests write is a hive to somebody who looks at all of it.
#[test]
fn the_writer_writes_hives() {
    for hive in [software().hive(), system().hive()] {
        assert!(hive.len() < 32 * 1024);
        regf::RegistryHive::from_bytes(hive).unwrap();
    }
}

#[test]
fn a_key_without_the_settings_shows_that_there_are_none() {
    check(
        &Key::new("ROOT").number(BELOW, "InactivityShutdownDelay", 30).hive(),
        "machine kms.pinned-host absent
         machine kms.pinned-port absent
         machine kms.lookup-domain absent",
    );
    let other = Key::new("ROOT").text(r"SAM\Domains", "x", "y").hive();
    assert_eq!(reading(&other).unread, Some(Unread::NotRecognised));
}

#[test]
fn rights_of_remote_administrators() {
    let policies = r"Microsoft\Windows\CurrentVersion\Policies\System";
    let other = Key::new("ROOT").number(policies, "EnableLUA", 1);
    check(&other.hive(), "machine remote.token-filter-policy absent");
    let set = Key::new("ROOT").number(policies, "LocalAccountTokenFilterPolicy", 1);
    check(&set.hive(), "machine remote.token-filter-policy = true");
}

#[test]
fn saved_keys() {
    let saved = Key::new("SoftwareProtectionPlatform")
        .text("", "KeyManagementServiceName", "kms1.contoso.com")
        .text("", "KeyManagementServicePort", "1688")
        .text("", "KeyManagementServiceLookupDomain", "contoso.com");
    check(
        &saved.hive(),
        "machine kms.pinned-host = kms1.contoso.com
         kms1.contoso.com:1688 endpoint.pinned = true
         machine kms.pinned-port = 1688
         machine kms.lookup-domain = contoso.com
         contoso.com domain.lookup = true",
    );
    check(&Key::new("sppsvc").number("", "Start", 4).hive(), "machine service.start-type = disabled");
    // `Parameters` could be those of any service.
    assert!(reading(&Key::new("Parameters").text("", "Type", "NTP").hive()).facts.is_empty());
}

#[test]
fn damaged_hives_are_read_as_far_as_they_go() {
    let whole = software().hive();
    for text in [&b"regf"[..], &whole[..100], &whole[..4096]] {
        assert_eq!(reading(text).unread, Some(Unread::Damaged));
    }
    assert_ne!(reading(b"regfile").kind, "hive");

    // The newest changes are in the log only.
    let mut dirty = whole.clone();
    dirty[4] = 2;
    sign(&mut dirty);
    assert_eq!(
        (render(&reading(&dirty).facts), reading(&dirty).partly.is_some()),
        (render(&reading(&whole).facts), true)
    );

    // A key that is none any more costs what is below it, and nothing else.
    let mut damaged = whole.clone();
    let policies = damaged.windows(8).position(|window| window == b"Policies").unwrap();
    damaged[policies - 76] = b'?';
    let left = reading(&damaged);
    let expect: Vec<&str> =
        SOFTWARE_FACTS.lines().map(str::trim).filter(|line| !line.contains("no-genuine-ticket")).collect();
    assert_eq!((render(&left.facts).lines().collect::<Vec<_>>(), left.partly.is_some()), (expect, true));

    // What is deleted is history.
    let mut deleted = whole.clone();
    let size: [u8; 4] = deleted[policies - 80..policies - 76].try_into().unwrap();
    deleted[policies - 80..policies - 76].copy_from_slice(&(-i32::from_le_bytes(size)).to_le_bytes());
    assert!(!render(&reading(&deleted).facts).contains("no-genuine-ticket"));

    let mut ends = 0;
    for end in (4096..whole.len()).step_by(256) {
        let reading = reading(&whole[..end]);
        assert!(reading.partly.is_some() || reading.unread == Some(Unread::Damaged), "{end}");
        ends += usize::from(reading.partly.is_some());
    }
    assert!(ends > 0, "something stands before a cut");
}

#[test]
fn no_product_key_is_read_or_kept() {
    let groups = ["BCDF2", "GHJK3", "MPQR4", "TVWX6", "Y7N89"];
    let key = groups.join("-");
    let id = [&[0xa4, 0, 0, 0, 3, 0, 0, 0][..], b"55041-004-0000000-00000\0", &[0x5a; 132]].concat();
    let mut id4 = vec![0x5a; 1272];
    id4[..8].copy_from_slice(&[0xf8, 4, 0, 0, 4, 0, 0, 0]);
    let hive = software()
        .text(BELOW, "BackupProductKeyDefault", &key)
        .text(BELOW, "KeyManagementServiceLookupDomain", &key)
        .binary(r"Microsoft\Windows NT\CurrentVersion", "DigitalProductId", &id)
        .binary(r"Microsoft\Windows NT\CurrentVersion", "DigitalProductId4", &id4)
        .hive();
    let artifact = Artifact::new("test", hive, None);
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for group in &groups[..4] {
        for secret in [group.as_bytes().to_vec(), wide(group)] {
            assert!(!artifact.bytes().windows(secret.len()).any(|window| window == secret), "{group}");
        }
    }
    assert!(!artifact.bytes().windows(4).any(|window| window == [0x5a; 4]));
    let reading = crate::read(&artifact);
    assert!(reading.partly.is_none());
    let facts = render(&reading.facts);
    assert!(facts.contains("kms.lookup-domain = *****-*****-*****-*****-Y7N89"), "{facts}");
}

/// An index of 65,535 lists, all of which are the same list of 65,535 times the same key.
#[test]
fn hostile_hives_take_no_time() {
    const COUNT: u16 = u16::MAX;
    let mut hive = software().hive();
    let size = 8 + 4 * usize::from(COUNT).next_multiple_of(2);
    let place = |bytes: usize| u32::try_from(bytes - 4096).unwrap();
    let root = hive.windows(4).position(|window| window == b"nk\x2c\0").unwrap();
    let index = place(hive.len());
    hive[root + 28..root + 32].copy_from_slice(&index.to_le_bytes());
    for (signature, target) in [(b"ri", place(hive.len() + size)), (b"li", place(root - 4))] {
        let cell = [
            &(-i32::try_from(size).unwrap()).to_le_bytes()[..],
            signature,
            &COUNT.to_le_bytes(),
            &target.to_le_bytes().repeat(COUNT.into()),
        ]
        .concat();
        let end = hive.len() + size;
        hive.extend(cell);
        hive.resize(end, 0);
    }
    let artifact = Artifact::new("test", hive, None);
    let start = Instant::now();
    assert_eq!(crate::read(&artifact).unread, Some(Unread::Damaged));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn never_panics_on_damage(
        damage in proptest::collection::vec((0_usize..24 * 1024, prop_oneof![Just(0_u8), Just(0xff), any::<u8>()]), 0..24),
        places in proptest::collection::vec((0_usize..3 * 1024, 0_u32..12_000), 0..6),
        cut in proptest::option::weighted(0.2, 0_usize..24 * 1024),
        is_system in any::<bool>(),
    ) {
        let mut hive = if is_system { system().hive() } else { software().hive() };
        let length = hive.len();
        for (place, byte) in damage {
            hive[place % length] = byte;
        }
        // Whole words, so that cells lead to other cells.
        for (place, word) in places {
            let start = 4096 + place * 4 % (length - 4100);
            hive[start..start + 4].copy_from_slice(&(word & !7).to_le_bytes());
        }
        hive[..4].copy_from_slice(b"regf");
        hive.truncate(cut.map_or(length, |cut| cut.max(4) % length + 4));
        let reading = reading(&hive);
        prop_assert_eq!(reading.facts.is_empty(), reading.unread.is_some());
    }

    #[test]
    fn never_panics_on_noise(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        reading(&[b"regf\0\0\0\0", &noise[..]].concat());
    }
}
