//! Error codes (HRESULT and NTSTATUS values) in every notation that people paste.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A 32-bit error code such as `0xC004F074`. Zero means success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Success.
    pub const SUCCESS: Self = Self(0);

    /// Parses one token: `0xC004F074`, `C004F074`, `-1073418124`, `3221549172`, any case, full-width digits.
    ///
    /// Eight hex digits are hex, also when all of them are decimal digits; other bare numbers are decimal.
    pub fn parse(token: &str) -> Option<Self> {
        let token: String = token.trim().chars().map(narrow).collect();
        let lower = token.to_ascii_lowercase();
        if let Some(hex) = lower.strip_prefix("0x") {
            if hex.is_empty() || hex.len() > 8 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            return u32::from_str_radix(hex, 16).ok().map(Self);
        }
        if lower.len() == 8 && lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return u32::from_str_radix(&lower, 16).ok().map(Self);
        }
        if let Some(digits) = lower.strip_prefix('-') {
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            return lower.parse::<i32>().ok().map(|value| Self(value.cast_unsigned()));
        }
        if lower.len() >= 9 && lower.bytes().all(|byte| byte.is_ascii_digit()) {
            return lower.parse::<u32>().ok().map(Self);
        }
        None
    }

    /// True for zero.
    pub fn is_success(self) -> bool {
        self.0 == 0
    }
}

/// Folds full-width letters, digits and signs (U+FF01–U+FF5E) to ASCII, and the minus signs to `-`.
pub fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        '\u{2212}' | '\u{2010}'..='\u{2015}' => '-',
        '\u{3000}' => ' ',
        other => other,
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:08X}", self.0)
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no error code such as 0xC004F074")))
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_notation() {
        for text in [
            "0xC004F074",
            "0xc004f074",
            "C004F074",
            "c004f074",
            "-1073418124",
            "3221549172",
            "０ｘＣ００４Ｆ０７４",
            " 0XC004F074 ",
        ] {
            assert_eq!(ErrorCode::parse(text), Some(ErrorCode(0xC004_F074)), "{text}");
        }
        assert_eq!(ErrorCode::parse("80070005"), Some(ErrorCode(0x8007_0005)));
        assert_eq!(ErrorCode::parse("0x0"), Some(ErrorCode(0)));
        for text in ["", "0x", "0x123456789", "12288", "hello", "-", "--1", "99999999999", "0xC004F07G"] {
            assert_eq!(ErrorCode::parse(text), None, "{text}");
        }
        assert_eq!(ErrorCode(0x5).to_string(), "0x00000005");
    }
}
