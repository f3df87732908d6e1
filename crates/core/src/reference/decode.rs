//! What an error code says by its form alone, and which known codes stand near it. Nothing here guesses a meaning.

use crate::code::ErrorCode;
use crate::knowledge::{CodeEntry, Knowledge};
use crate::language::Language;

/// Names of facilities. Source: [MS-ERREF] section 2.1 (learn.microsoft.com), from memory of the published table; a
/// facility that is not listed is shown by its number.
const FACILITIES: [(u32, &str); 13] = [
    (0, "FACILITY_NULL"),
    (1, "FACILITY_RPC"),
    (2, "FACILITY_DISPATCH"),
    (3, "FACILITY_STORAGE"),
    (4, "FACILITY_ITF"),
    (7, "FACILITY_WIN32"),
    (8, "FACILITY_WINDOWS"),
    (9, "FACILITY_SECURITY"),
    (10, "FACILITY_CONTROL"),
    (11, "FACILITY_CERT"),
    (12, "FACILITY_INTERNET"),
    (15, "FACILITY_SETUPAPI"),
    (36, "FACILITY_WINDOWSUPDATE"),
];

/// Number of near codes that are named.
const NEAR_MAX: usize = 5;

/// The parts of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// The code.
    pub code: ErrorCode,
    /// The two highest bits: 0 success, 1 information, 2 warning or failure, 3 error.
    pub severity: u32,
    /// Bits 16 to 26.
    pub facility: u32,
    /// Name of the facility, where it is a common one.
    pub facility_name: Option<&'static str>,
    /// The low 16 bits.
    pub number: u32,
    /// The Win32 error inside it, for facility 7.
    pub win32: Option<u32>,
}

/// Takes a code apart.
pub fn decode(code: ErrorCode) -> Decoded {
    let facility = code.0 >> 16 & 0x7ff;
    let number = code.0 & 0xffff;
    let facility_name = FACILITIES.iter().find(|(known, _)| *known == facility).map(|(_, name)| *name);
    // An NTSTATUS has its own facilities; only failures of HRESULT form (0x8007…) carry a Win32 error.
    let win32 = (code.0 >> 16 == 0x8007).then_some(number);
    Decoded { code, severity: code.0 >> 30, facility, facility_name, number, win32 }
}

impl Decoded {
    /// The parts as names and values.
    pub fn fields(&self, language: Language) -> Vec<(String, String)> {
        let pick = |japanese: &str, english: &str| match language {
            Language::Japanese => japanese.to_owned(),
            Language::English => english.to_owned(),
        };
        let severity = match self.severity {
            0 => pick("成功", "success"),
            1 => pick("情報", "information"),
            2 => pick("失敗 (HRESULT)", "failure (HRESULT)"),
            _ => pick("エラー", "error"),
        };
        let facility = match self.facility_name {
            Some(name) => format!("0x{:X} ({name})", self.facility),
            None => format!("0x{:X}", self.facility),
        };
        let mut fields = vec![
            (pick("表記", "Notations"), format!("{}, {}, {}", self.code, self.code.0.cast_signed(), self.code.0)),
            (pick("重大度", "Severity"), severity),
            (pick("ファシリティ", "Facility"), facility),
            (pick("番号", "Number"), format!("0x{:04X} ({})", self.number, self.number)),
        ];
        if let Some(win32) = self.win32 {
            let hint = pick("Windows で確認するコマンド", "to read it on Windows");
            fields.push((pick("Win32 エラー", "Win32 error"), format!("{win32} ({hint}: net helpmsg {win32})")));
        }
        fields
    }
}

/// Known codes near `code`: the same number with another severity first, then those of the same facility whose
/// numbers are nearest.
pub fn nearest(code: ErrorCode, knowledge: &Knowledge) -> Vec<&CodeEntry> {
    let family = |code: ErrorCode| code.0 & 0x3fff_0000;
    let mut near: Vec<&CodeEntry> =
        knowledge.codes.values().filter(|entry| entry.code != code && family(entry.code) == family(code)).collect();
    near.sort_by_key(|entry| ((entry.code.0 & 0xffff).abs_diff(code.0 & 0xffff), entry.code));
    near.truncate(NEAR_MAX);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let decoded = decode(ErrorCode(0x8007_232b));
        assert_eq!((decoded.facility, decoded.number, decoded.win32), (7, 0x232b, Some(9003)));
        let decoded = decode(ErrorCode(0xc004_f074));
        assert_eq!((decoded.severity, decoded.facility_name, decoded.win32), (3, Some("FACILITY_ITF"), None));
        for language in Language::ALL {
            assert!(decoded.fields(language).iter().any(|(_, value)| value.contains("-1073418124")));
        }
        assert_eq!(decode(ErrorCode(0xc000_0022)).win32, None, "an NTSTATUS");
    }
}
