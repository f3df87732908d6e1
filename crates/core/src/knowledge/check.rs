//! Checks: commands that settle what is open. None of them changes anything.

use serde::{Deserialize, Serialize};

use super::Source;
use crate::fact::Key;
use crate::language::Bilingual;

/// A check that people or the program can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Id, kebab-case.
    pub id: String,
    /// What it is.
    pub title: Bilingual,
    /// The command, ready to paste; for its placeholders see [`crate::report::fill`].
    pub command: String,
    /// Where it runs: `client`, `host`, `any`.
    pub place: Place,
    /// What it tells.
    pub why: Bilingual,
    /// Facts that it provides, by name.
    pub provides: Vec<String>,
    /// Effort, 1 (seconds, no rights) to 5 (somebody else has to act).
    pub effort: u8,
    /// Seconds that it takes a person who knows it.
    pub seconds: u16,
    /// What may be seen, and what each outcome points to. At least one for a check with an opening rank.
    #[serde(default, rename = "outcome")]
    pub outcomes: Vec<Outcome>,
    /// Rank among the checks that are worth running when nothing is known yet; none for all others.
    pub opening: Option<u8>,
    /// Where the command and the reading of its output come from.
    pub sources: Vec<Source>,
}

impl Check {
    /// The facts that it provides.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.provides.iter().filter_map(|name| Key::from_name(name))
    }
}

/// Where a check or step is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On the KMS client.
    Client,
    /// On the KMS host.
    Host,
    /// On a DNS server or with its tools.
    DnsServer,
    /// On the network between them.
    Network,
    /// On a domain controller or with the tools of Active Directory.
    Domain,
    /// In the console or the command line of a cloud.
    Cloud,
    /// Anywhere.
    Any,
}

/// What a check may show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What is seen.
    pub sees: Bilingual,
    /// Causes that it points to; none where it clears something.
    #[serde(default)]
    pub causes: Vec<String>,
    /// What to do now: the next step in words.
    pub then: Bilingual,
}
