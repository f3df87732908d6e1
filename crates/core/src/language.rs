//! The two languages of every text.

use serde::{Deserialize, Serialize};

/// A language that the program speaks. Both are equals: every text exists in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// 日本語
    #[serde(rename = "ja")]
    Japanese,
    /// English
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Japanese, Self::English];

    /// `ja` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// The Japanese text.
    pub ja: String,
    /// The English text.
    pub en: String,
}

impl Bilingual {
    /// The text in `language`.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.ja,
            Language::English => &self.en,
        }
    }
}
