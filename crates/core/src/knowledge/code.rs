//! Error codes.

use serde::{Deserialize, Serialize};

use super::{Evidence, Source};
use crate::code::ErrorCode;
use crate::language::{Bilingual, Language};

/// What is known of an error code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeEntry {
    /// The code.
    pub code: ErrorCode,
    /// Its symbol in the SDK headers, if any.
    pub symbol: Option<String>,
    /// The official message; `None` where no official text is known in that language.
    pub message_ja: Option<String>,
    /// The official message in English.
    pub message_en: Option<String>,
    /// What it means in practice.
    pub meaning: Bilingual,
    /// On which side or for which way of activation it is seen.
    pub sides: Vec<Side>,
    /// How well its meaning for activation is documented.
    pub evidence: Evidence,
    /// Causes with which it is seen; none where no cause is known.
    pub causes: Vec<String>,
    /// Checks that tell what the code does not: they come first where nothing else is known.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Where this comes from.
    pub sources: Vec<Source>,
}

impl CodeEntry {
    /// The official message in `language`.
    pub fn message(&self, language: Language) -> Option<&str> {
        match language {
            Language::Japanese => self.message_ja.as_deref(),
            Language::English => self.message_en.as_deref(),
        }
    }
}

/// Where a code is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// KMS client.
    Client,
    /// KMS host.
    Host,
    /// Activation with a MAK.
    Mak,
    /// Activation over the Internet: MAK, retail, digital licence, activation of a KMS host.
    Online,
    /// Office.
    Office,
    /// Activation through Active Directory.
    Adba,
    /// Virtual machine activation on Hyper-V.
    Avma,
    /// Token-based activation.
    Token,
    /// OEM activation.
    Oem,
    /// Validation as genuine.
    Genuine,
    /// The licence service itself, whatever the way of activation.
    Service,
    /// A remote management tool.
    Remote,
}
