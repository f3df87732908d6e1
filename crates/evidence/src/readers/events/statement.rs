//! Events of the licensing services that state something by themselves: states of licences (1003, 8230), hardware
//! (1040), the licence store (1066), permissions (8229), the scheduled restart (16384, 16385), and of a KMS host its
//! start (12291, 12292) and its publishing (12293, 12294).

mod license;

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Value};

use super::payload::Statement;
use super::record::Field;
use super::source::Source;
use crate::readers::console::{is_host_name, is_prompt};
use crate::readers::pattern::{codes_in, guid_in};
use crate::readers::slmgr::words::application_of_id;

/// Access denied.
const ACCESS_DENIED: ErrorCode = ErrorCode(0x8007_0005);
/// Codes in a row of event 1066: two results of one module.
const CODES_PER_ROW: usize = 2;

/// What the event says.
pub(super) fn read(source: Source, event: u32, fields: &[Field], lines: &[&str]) -> Vec<Statement> {
    // Many sources use small numbers; where the text does not name its source, the structure must do so.
    let is_certain = source == Source::Licensing;
    match event {
        1003 => license::states(lines),
        8230 => license::rules(lines),
        1040 => {
            let application = lines.iter().find_map(|line| guid_in(line)).and_then(application_of_id);
            let changed = Statement::machine(Key::MachineHardwareChanged, Value::Flag(true));
            if is_certain || application.is_some() { vec![changed] } else { Vec::new() }
        }
        1066 => store(lines).into_iter().collect(),
        8229 => {
            let of_slui = lines.iter().any(|line| line.to_lowercase().contains("slui"));
            let damaged = code_of(lines) == Some(ACCESS_DENIED) && of_slui;
            Statement::word(Key::MachinePermissions, "damaged").filter(|_| damaged).into_iter().collect()
        }
        12291 | 12292 if is_certain => code(Key::HostInitCode, code_of(lines)),
        12293 => {
            let domain = domain_of(fields, lines);
            let failed = code_of(lines).filter(|_| is_certain || domain.is_some());
            code(Key::HostPublishCode, failed).into_iter().chain(failed.and(domain)).collect()
        }
        12294 => domain_of(fields, lines)
            .into_iter()
            .flat_map(|domain| code(Key::HostPublishCode, Some(ErrorCode::SUCCESS)).into_iter().chain([domain]))
            .collect(),
        16384 if is_certain || lines.iter().any(|line| has_utc_stamp(line)) => {
            code(Key::TaskScheduleCode, Some(ErrorCode::SUCCESS))
        }
        16385 => code(Key::TaskScheduleCode, code_of(lines)),
        _ => Vec::new(),
    }
}

fn code(key: Key, code: Option<ErrorCode>) -> Vec<Statement> {
    code.map(|code| Statement::machine(key, Value::Code(code))).into_iter().collect()
}

fn code_of(lines: &[&str]) -> Option<ErrorCode> {
    lines.iter().find_map(|line| codes_in(line).first().map(|(_, code)| *code))
}

/// The rows of event 1066: module, service, two results. A failed row tells; that all are sound is known only where no
/// row was cut or wrapped.
fn store(lines: &[&str]) -> Option<Statement> {
    let rows: usize = lines.iter().map(|line| line.matches("msft:").count()).sum();
    let codes: Vec<ErrorCode> = lines.iter().flat_map(|line| codes_in(line)).map(|(_, code)| code).collect();
    let failed = codes.iter().find(|code| !code.is_success()).copied();
    let sound = (codes.len() == rows * CODES_PER_ROW).then_some(ErrorCode::SUCCESS);
    let result = failed.or(sound).filter(|_| rows > 0)?;
    Some(Statement::machine(Key::StoreCode, Value::Code(result)))
}

/// The domain that a KMS host publishes in: a value of its own, or between quotation marks in every language.
fn domain_of(fields: &[Field], lines: &[&str]) -> Option<Statement> {
    let is_domain = |text: &&str| is_host_name(text) && !text.starts_with("0x");
    let value = fields.iter().map(|field| field.value.trim()).find(is_domain);
    let domain = value.map(str::to_owned).or_else(|| {
        let text = lines.concat();
        let marks = ['\'', '"', '\\', '「', '」', '„', '“', '”', '‘', '’', '«', '»'];
        // Between the first two marks.
        text.split(marks).map(str::trim).skip(1).find(|text| !text.is_empty()).filter(is_domain).map(str::to_owned)
    })?;
    Some(Statement::machine(Key::HostPublishDomain, Value::Text(domain.to_lowercase())))
}

/// `2123-08-17T23:43:57Z`.
fn has_utc_stamp(line: &str) -> bool {
    line.match_indices('T').any(|(at, _)| {
        let stamp = at.checked_sub(10).and_then(|start| line.get(start..at + 10));
        stamp.is_some_and(|stamp| stamp.parse::<jiff::Timestamp>().is_ok())
    })
}

/// The event whose message begins with this sentence, of those that people copy without a header.
pub(super) fn event_of_sentence(text: &str) -> Option<u32> {
    const SENTENCES: [(u32, &[&str]); 5] = [
        (
            12294,
            &[
                "domain is successful",
                "キー管理サービス (KMS) を DNS に正常に発行しました",
                "Die Veröffentlichung des Schlüsselverwaltungsdienstes",
            ],
        ),
        (
            12293,
            &[
                "Publishing the Key Management Service (KMS) to DNS",
                "キー管理サービス (KMS) を DNS に発行できませんでした",
                "Fehler beim Veröffentlichen des Schlüsselverwaltungsdienstes",
            ],
        ),
        (
            12291,
            &[
                "Key Management Service (KMS) failed to start",
                "キー管理サービス (KMS) を開始できませんでした",
                "Fehler beim Starten des Schlüsselverwaltungsdienstes",
            ],
        ),
        (
            16385,
            &[
                "Failed to schedule Software Protection service for re-start",
                "の再起動をスケジュールできませんでした",
                "Fehler beim Planen des Softwareschutzdiensts",
            ],
        ),
        (
            8229,
            &[
                "The rules engine failed to perform one or more scheduled actions",
                "スケジュール済みアクションの実行に失敗しました",
                "Fehler des Regelmoduls beim Ausführen einer oder mehrerer geplanter Aktionen",
            ],
        ),
    ];
    // One of these is in all of them, and most lines have none.
    if !["KMS", "Softw", "rules", "Regel", "スケジュール", "dienstes"].iter().any(|word| text.contains(word)) {
        return None;
    }
    let event = SENTENCES.iter().find(|(_, parts)| parts.iter().any(|part| text.contains(part)))?.0;
    // The short English part of it stands in other sentences.
    (event != 12294 || text.contains("KMS")).then_some(event)
}

/// Lines of the message at the beginning of `lines`: its paragraph, and what follows a blank line where the code stands
/// alone, as people lay such texts out.
pub(super) fn extent(lines: &[&str]) -> usize {
    let first = super::failure::paragraph(lines);
    let blank = lines.get(first..).unwrap_or_default().iter().take_while(|line| line.trim().is_empty()).count();
    let next = lines.get(first + blank).map_or("", |line| line.trim());
    let goes_on = ["0x", "hr=", "Info:", "情報:", "情報："].iter().any(|mark| next.starts_with(mark));
    if first == 0 || !goes_on || is_prompt(next) {
        return first;
    }
    first + blank + super::failure::paragraph(lines.get(first + blank..).unwrap_or_default())
}
