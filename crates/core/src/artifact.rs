//! Artifacts: raw bytes as they were got, with their origin.

use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::mask;
use crate::printable::printable;

/// Raw evidence. Product keys are masked when it is made, so no later stage can store, hash or show one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    name: String,
    bytes: Vec<u8>,
    sha256: String,
    collected_at: Option<Timestamp>,
}

impl Artifact {
    /// Takes `bytes` in, masking product keys in place. `name` is a path or a label for people; it never decides
    /// what the artifact is. `collected_at` is when it was got, where that is known.
    pub fn new(name: impl Into<String>, mut bytes: Vec<u8>, collected_at: Option<Timestamp>) -> Self {
        mask::product_keys(&mut bytes);
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            // Writing to a String cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Self { name: printable(&mask::product_keys_in_text(&name.into())), bytes, sha256, collected_at }
    }

    /// Path or label.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes, masked.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the masked bytes, lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// When it was got, where that is known.
    pub fn collected_at(&self) -> Option<Timestamp> {
        self.collected_at
    }
}
