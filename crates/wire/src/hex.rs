//! Bytes that are written as lower-case hexadecimal text in transcripts.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Bytes; in JSON and in `Debug` they are lower-case hex digits without separators. Upper case is read too.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Hex(pub Vec<u8>);

/// Why a text is not hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HexError {
    /// The last digit has no partner.
    #[error("{digits} hex digits are no whole number of bytes")]
    OddLength {
        /// Length of the text in bytes.
        digits: usize,
    },
    /// Something that is no hex digit.
    #[error("no hex digit at offset {offset}")]
    NotADigit {
        /// Offset into the text, in bytes.
        offset: usize,
    },
}

impl FromStr for Hex {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(2) {
            return Err(HexError::OddLength { digits: digits.len() });
        }
        let pairs = digits.as_chunks::<2>().0;
        let bytes = pairs.iter().enumerate().map(|(index, &[high, low])| {
            let offset = index * 2;
            Ok(value(high, offset)? << 4 | value(low, offset + 1)?)
        });
        bytes.collect::<Result<Vec<u8>, HexError>>().map(Self)
    }
}

fn value(digit: u8, offset: usize) -> Result<u8, HexError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(HexError::NotADigit { offset }),
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self
            .0
            .iter()
            .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]].map(char::from));
        formatter.write_str(&text.collect::<String>())
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hex({self})")
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(HexVisitor)
    }
}

struct HexVisitor;

impl Visitor<'_> for HexVisitor {
    type Value = Hex;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string of hex digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Hex, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_is_lower_case_and_reads_upper_case() {
        assert_eq!(serde_json::to_string(&Hex(vec![0x05, 0xAB])).unwrap(), "\"05ab\"");
        assert_eq!(serde_json::from_str::<Hex>("\"05AB\"").unwrap(), Hex(vec![0x05, 0xAB]));
        assert_eq!(serde_json::from_str::<Hex>("\"\"").unwrap(), Hex::default());
        assert_eq!(format!("{:?}", Hex(vec![1])), "Hex(01)");
    }

    #[test]
    fn errors_say_where() {
        assert_eq!("abc".parse::<Hex>(), Err(HexError::OddLength { digits: 3 }));
        assert_eq!("0x".parse::<Hex>(), Err(HexError::NotADigit { offset: 1 }));
        assert_eq!("0é0".parse::<Hex>(), Err(HexError::NotADigit { offset: 1 }));
        assert!(serde_json::from_str::<Hex>("[1]").is_err());
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(bytes: Vec<u8>) {
            let hex = Hex(bytes);
            prop_assert_eq!(hex.to_string().parse::<Hex>(), Ok(hex));
        }

        #[test]
        fn never_panics(text: String) {
            let _ = text.parse::<Hex>();
        }
    }
}
