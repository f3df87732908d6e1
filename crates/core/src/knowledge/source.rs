//! Where statements come from and how sure they are.

use serde::{Deserialize, Serialize};

/// Where a statement comes from. Files write it in full, or as the id of an entry of `sources.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Cited", into = "Whole")]
pub struct Source {
    /// Id in `sources.toml`, for sources that many entries share.
    pub(super) id: Option<String>,
    /// Document and place in it.
    pub name: String,
    /// Date on which it was read, `YYYY-MM-DD`.
    pub read: String,
}

/// A source as files write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Cited {
    Id(String),
    Whole(Whole),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    name: String,
    read: String,
}

impl From<Cited> for Source {
    fn from(cited: Cited) -> Self {
        match cited {
            Cited::Id(id) => Self { id: Some(id), name: String::new(), read: String::new() },
            Cited::Whole(Whole { name, read }) => Self { id: None, name, read },
        }
    }
}

impl From<Source> for Whole {
    fn from(Source { name, read, .. }: Source) -> Self {
        Self { name, read }
    }
}

/// How sure a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A document of the vendor says it.
    Documented,
    /// Seen in output of real systems.
    Observed,
    /// The vendor's headers define the name or text; what it means for activation is inferred.
    Inferred,
    /// The vendor's headers define the name or text; advice is what holds for its group in general.
    Generic,
    /// Third parties report it; no document of the vendor was found.
    Reported,
    /// Not verified.
    Unverified,
}
