//! The map from tokens to what they stand for, as its owner keeps it (`kmsdoctor.redaction/1`).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Kind, Token};

/// The value of [`Map::schema`].
pub const SCHEMA: &str = "kmsdoctor.redaction/1";

/// A map. It holds everything that redaction takes out of reports, so it stays with its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Tokens in the order in which they were given.
    pub tokens: Vec<Entry>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The token, as reports have it: `HOST-1`.
    pub token: String,
    /// What it stands for.
    pub value: String,
    /// What stands in redacted evidence, where that is another text: an address has to stay an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_evidence: Option<String>,
}

/// Why a text is no map.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// It is no JSON of this form.
    #[error("it is no map of kmsdoctor")]
    Form(#[from] serde_json::Error),
    /// Another version.
    #[error("its form is {schema:?}, and not {SCHEMA}")]
    Schema {
        /// What it says that it is.
        schema: String,
    },
    /// A token that is none, or stands twice.
    #[error("{token:?} is no token, or stands twice")]
    Token {
        /// The token.
        token: String,
    },
}

impl Default for Map {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), tokens: Vec::new() }
    }
}

impl Map {
    /// Reads a map.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let map: Self = serde_json::from_str(text)?;
        if map.schema != SCHEMA {
            return Err(MapError::Schema { schema: map.schema });
        }
        let mut known = HashSet::new();
        for entry in &map.tokens {
            let token = entry.token.parse::<Token>();
            if !token.is_ok_and(|token| known.insert(token)) {
                return Err(MapError::Token { token: entry.token.clone() });
            }
        }
        Ok(map)
    }

    /// The map as a file has it.
    pub fn to_text(&self) -> String {
        // Plain text and lists cannot fail to be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl std::str::FromStr for Token {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        let (kind, number) = text.rsplit_once('-').ok_or(NoToken)?;
        let kind = Kind::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(kind)).ok_or(NoToken)?;
        let is_number = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number).ok_or(NoToken)?;
        Ok(Self { kind, number })
    }
}

/// The text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no token")]
pub struct NoToken;
