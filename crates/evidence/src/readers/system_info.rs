//! `systeminfo`, and `Win32_ComputerSystem` as PowerShell lists it.
//!
//! `systeminfo` translates its labels and keeps the order of its lines. The version names the build twice
//! (`10.0.20348 N/A Build 20348`); above it stand name and product, below it manufacturer and role. The system type
//! begins with the processor's architecture; above it stand the machine's manufacturer and model. The logon server
//! begins with `\\`; above it stands the domain.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::{command_line, console};
use crate::document::Document;
use crate::sink::Sink;

/// Lines below the version down to the logon server; each processor takes one.
const BLOCK_LINES_MAX: usize = 120;

/// Words for the role of a machine that belongs to a domain, and for one that does not.
const MEMBER: [&str; 11] = [
    "Member",
    "Domain Controller",
    "メンバー",
    "ドメイン コントローラー",
    "Mitglied",
    "Domänencontroller",
    "成员",
    "成員",
    "域控制器",
    "구성원",
    "membre",
];
const STANDALONE: [&str; 7] = ["Standalone", "スタンドアロン", "Eigenständig", "独立", "獨立", "독립", "autonome"];

/// Label of the domain, where no logon server shows the place.
const DOMAIN: [&str; 7] = ["Domain", "ドメイン", "Domäne", "域", "網域", "도메인", "Domaine"];

/// Chassis asset tag of Azure's machines.
const AZURE_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

/// Makers and models of virtual machines, in lower case.
const VIRTUAL: [(&str, &str); 13] = [
    ("amazon", "aws"),
    ("google", "google-cloud"),
    ("vmware", "other-virtual"),
    ("qemu", "other-virtual"),
    ("virtualbox", "other-virtual"),
    ("innotek", "other-virtual"),
    ("parallels", "other-virtual"),
    ("nutanix", "other-virtual"),
    ("openstack", "other-virtual"),
    ("ovirt", "other-virtual"),
    ("kvm", "other-virtual"),
    ("alibaba", "other-virtual"),
    ("hvm domu", "other-virtual"),
];

/// Makers of physical machines, in lower case.
const MAKERS: [&str; 24] = [
    "dell",
    "hp",
    "hpe",
    "hewlett-packard",
    "lenovo",
    "fujitsu",
    "nec",
    "toshiba",
    "dynabook",
    "panasonic",
    "vaio",
    "sony",
    "asustek",
    "asus",
    "acer",
    "supermicro",
    "cisco",
    "gigabyte",
    "micro-star",
    "intel",
    "epson",
    "mouse",
    "thirdwave",
    "hitachi",
];

/// A value and its line.
type Field<'d> = Option<(&'d str, usize)>;

/// Puts what the listings say into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut end = 0;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if text.contains(AZURE_ASSET_TAG) {
            sink.word(&Subject::machine(), Key::MachinePlatform, "azure", index..=index);
        }
        if index < end {
            continue;
        }
        let Some((label, value)) = console::labelled(text) else { continue };
        if let Some(build) = twice(value) {
            if let Some(info) = Info::read(document, index)
                && !command_line::is_of_another_machine(document, index.saturating_sub(2))
            {
                sink.present(&Subject::machine(), Key::MachineBuild, Value::Text(build.to_owned()), index..=index);
                info.tell(sink);
                end = index + 1;
            }
        } else if matches!(label, "Manufacturer" | "PartOfDomain")
            && !command_line::is_of_another_machine(document, index)
        {
            property(document, index, label, value, sink);
        }
    }
}

/// The version of `10.0.20348 N/A Build 20348`.
fn twice(value: &str) -> Option<&str> {
    let version = value.split_whitespace().next()?;
    let last = value.split_whitespace().next_back()?;
    let parts: Vec<&str> = version.split('.').take(4).collect();
    let [major, minor, build] = parts.as_slice() else { return None };
    let is_number = |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(major) && is_number(minor) && is_number(build) && last == *build && version.len() < value.len())
        .then_some(version)
}

/// What a listing of `systeminfo` tells.
#[derive(Default)]
struct Info<'d> {
    name: Field<'d>,
    role: Field<'d>,
    maker: Field<'d>,
    model: Field<'d>,
    domain: Field<'d>,
    is_amazon: bool,
}

impl<'d> Info<'d> {
    /// The listing around the version at `version`; `None` if the line above does not name Windows.
    fn read(document: &'d Document<'_>, version: usize) -> Option<Self> {
        let field = |index: usize| {
            let (_, value) = console::labelled(&document.lines.get(index)?.text)?;
            Some((value, index))
        };
        let (product, _) = field(version.checked_sub(1)?)?;
        if !product.contains("Windows") {
            return None;
        }
        let mut info = Self { role: field(version + 2), ..Self::default() };
        info.name = version.checked_sub(2).and_then(field);
        let mut above: [Field<'d>; 2] = [None, None];
        for index in (version + 1..document.lines.len()).take(BLOCK_LINES_MAX) {
            let line = &document.lines[index].text;
            if console::is_prompt(line) {
                break;
            }
            info.is_amazon |= line.contains(".amazon");
            let Some((label, value)) = console::labelled(line).filter(|_| !line.starts_with(' ')) else { continue };
            if info.model.is_none() && is_architecture(value) {
                [info.maker, info.model] = above;
            } else if value.starts_with(r"\\") && !value.contains("Device") {
                info.domain = above[1];
                break;
            } else if DOMAIN.contains(&label) {
                info.domain = Some((value, index));
            }
            above = [above[1], Some((value, index))];
        }
        Some(info)
    }

    fn tell(&self, sink: &mut Sink<'_>) {
        let machine = Subject::machine();
        if let Some((name, at)) = self.name.filter(|(name, _)| console::is_host_name(name)) {
            sink.present(&machine, Key::MachineName, Value::Text(name.to_owned()), at..=at);
        }
        let is_member = self.role.and_then(|(role, at)| {
            let has = |words: &[&str]| words.iter().any(|word| role.contains(word));
            if has(&MEMBER) { Some((true, at)) } else { has(&STANDALONE).then_some((false, at)) }
        });
        if let Some((is_member, at)) = is_member {
            sink.present(&machine, Key::MachineDomainJoined, Value::Flag(is_member), at..=at);
        }
        if let Some((maker, first)) = self.maker {
            let (model, last) = self.model.unwrap_or(("", first));
            platform(maker, model, self.is_amazon, first..=last, sink);
        }
        if let (Some((domain, at)), Some((true, _))) = (self.domain, is_member) {
            tell_domain(domain, at..=at, sink);
        }
    }
}

/// `x64-based PC`, `x64-basierter PC`, `ARM64-based PC`.
fn is_architecture(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["x64-", "x86-", "arm64-", "x64 ", "x86 ", "arm64 "].iter().any(|start| value.starts_with(start))
}

/// The domain of a member; clients look for KMS in it.
pub(super) fn tell_domain(name: &str, lines: RangeInclusive<usize>, sink: &mut Sink<'_>) {
    let name = name.trim().to_ascii_lowercase();
    if name.contains('.') && console::is_host_name(&name) {
        sink.present(&Subject::machine(), Key::MachineDomain, Value::Text(name.clone()), lines.clone());
        sink.present(&Subject::new(SubjectKind::Domain, &name), Key::DomainLookup, Value::Flag(true), lines);
    }
}

/// Where a machine of this maker and model runs.
fn platform(maker: &str, model: &str, is_amazon: bool, lines: RangeInclusive<usize>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let (maker, model) = (maker.to_lowercase(), model.to_lowercase());
    let first = maker.split([' ', ',', '.']).next().unwrap_or("");
    if is_amazon {
        sink.word(&machine, Key::MachinePlatform, "aws", lines);
    } else if maker.starts_with("microsoft") && model.starts_with("virtual") {
        // Azure's machines and those of any Hyper-V host look the same here.
        sink.unknown(&machine, Key::MachinePlatform, Why::NotInEvidence, lines);
    } else if let Some((_, platform)) = VIRTUAL.iter().find(|(name, _)| maker.contains(name) || model.contains(name)) {
        sink.word(&machine, Key::MachinePlatform, platform, lines);
    } else if MAKERS.contains(&first) || (maker.starts_with("microsoft") && model.starts_with("surface")) {
        sink.word(&machine, Key::MachinePlatform, "physical", lines);
    }
}

/// `Manufacturer` with `Model` below it, and `PartOfDomain`, of `Win32_ComputerSystem`.
fn property(document: &Document<'_>, index: usize, label: &str, value: &str, sink: &mut Sink<'_>) {
    if label == "Manufacturer" {
        let below = document.lines.get(index + 1).and_then(|line| console::labelled(&line.text));
        if let Some(("Model", model)) = below {
            platform(value, model, false, index..=index + 1, sink);
        }
        return;
    }
    let is_member = match value {
        "True" => true,
        "False" => false,
        _ => return,
    };
    sink.present(&Subject::machine(), Key::MachineDomainJoined, Value::Flag(is_member), index..=index);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const ENGLISH: &str = r"
C:\>systeminfo

Host Name:                 PC01
OS Name:                   Microsoft Windows 10 Enterprise
OS Version:                10.0.19045 N/A Build 19045
OS Manufacturer:           Microsoft Corporation
OS Configuration:          Member Workstation
OS Build Type:             Multiprocessor Free
Registered Owner:          IT
Registered Organization:   Contoso
Product ID:                00329-00000-00003-AA000
Original Install Date:     1/14/2025, 9:00:00 AM
System Boot Time:          11/20/2026, 8:00:00 AM
System Manufacturer:       VMware, Inc.
System Model:              VMware7,1
System Type:               x64-based PC
Processor(s):              1 Processor(s) Installed.
                           [01]: Intel64 Family 6 Model 85 Stepping 7 GenuineIntel ~2394 Mhz
BIOS Version:              VMware, Inc. VMW71.00V, 11/12/2020
Boot Device:               \Device\HarddiskVolume1
Domain:                    contoso.com
Logon Server:              \\DC01
";

    #[test]
    fn english() {
        check(
            ENGLISH,
            "machine machine.build = 10.0.19045 @5
             machine machine.name = PC01 @3
             machine machine.domain-joined = true @7
             machine machine.platform = other-virtual @14
             machine machine.domain = contoso.com @21
             contoso.com domain.lookup = true @21",
        );
        check(&ENGLISH.replace(r"C:\>systeminfo", r"C:\>systeminfo /s pc01"), "");
    }

    #[test]
    fn japanese_and_german() {
        check(
            r"
ホスト名:               PC02
OS 名:                  Microsoft Windows 11 Pro
OS バージョン:          10.0.22631 N/A ビルド 22631
OS 製造元:              Microsoft Corporation
OS 構成:                スタンドアロン ワークステーション
OS ビルドの種類:        Multiprocessor Free
システム製造元:         Dell Inc.
システム モデル:        OptiPlex 7010
システムの種類:         x64-based PC
ドメイン:               WORKGROUP
ログオン サーバー:      \\PC02
",
            "machine machine.build = 10.0.22631 @3
             machine machine.name = PC02 @1
             machine machine.domain-joined = false @5
             machine machine.platform = physical @7",
        );
        check(
            r"
Hostname:                                      SRV03
Betriebssystemname:                            Microsoft Windows Server 2022 Standard
Betriebssystemversion:                         10.0.20348 Nicht zutreffend Build 20348
Betriebssystemhersteller:                      Microsoft Corporation
Betriebssystemkonfiguration:                   Mitgliedsserver
Systemhersteller:                              Microsoft Corporation
Systemmodell:                                  Virtual Machine
Systemtyp:                                     x64-basierter PC
Domäne:                                        fabrikam.com
Anmeldeserver:                                 Nicht zutreffend
",
            "machine machine.build = 10.0.20348 @3
             machine machine.name = SRV03 @1
             machine machine.domain-joined = true @5
             machine machine.platform unknown NotInEvidence @6
             machine machine.domain = fabrikam.com @9
             fabrikam.com domain.lookup = true @9",
        );
    }

    #[test]
    fn clouds() {
        check("Manufacturer : Amazon EC2\nModel        : m5.large", "machine machine.platform = aws @1");
        check(
            "Manufacturer : Google\nModel        : Google Compute Engine",
            "machine machine.platform = google-cloud @1",
        );
        check(
            "Manufacturer : Microsoft Corporation\nModel : Virtual Machine\nSMBIOSAssetTag : 7783-7084-3265-9085-8269-3286-77",
            "machine machine.platform unknown NotInEvidence @1
             machine machine.platform = azure @3",
        );
        check("Manufacturer : American Megatrends Inc.\nVersion : VRTUAL - 12001807", "");
        check("PartOfDomain : False", "machine machine.domain-joined = false @1");
    }

    #[test]
    fn other_listings_say_nothing() {
        check("Version: 10.0.19045 Build 19045", "");
        check("Name: x\nProgram: Contoso Tool\nVersion: 10.0.19045 Build 19045", "");
        check("OS Name: Microsoft Windows 10\nOS Version: 10.0.19045 Build 19044", "");
    }

    proptest! {
        #[test]
        fn never_panics((at, byte, end) in (0..2000_usize, any::<u8>(), 0..2000_usize)) {
            testing::mutate(read, ENGLISH, (at, byte, end));
        }
    }
}
