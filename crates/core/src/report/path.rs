//! Paths through a cloud's network, as the report has them. What they are is judged by `kmsdoctor-cloud`; here are words and texts.

use serde::Serialize;

/// Words of [`PathEntry::verdict`].
pub const PATH_VERDICTS: [&str; 3] = ["reaches", "blocked", "cannot-tell"];
/// Words of [`HopEntry::outcome`].
pub const HOP_OUTCOMES: [&str; 3] = ["passes", "blocks", "unknown"];

/// The way of one interface's packets to one address of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PathEntry {
    /// `azure`, `aws` or `google-cloud`.
    pub provider: &'static str,
    /// Name of the virtual machine; `null` where the exports do not tie the interface to one.
    pub machine: Option<String>,
    /// Name of the interface, or of what stands for it.
    pub interface: String,
    /// Address of KMS.
    pub address: String,
    /// Its TCP port.
    pub port: u16,
    /// The name that leads to it.
    pub name: Option<String>,
    /// Whether the cloud serves KMS there today; `null` for a KMS host of the organisation.
    pub current: Option<bool>,
    /// `reaches`, `blocked` or `cannot-tell`.
    pub verdict: &'static str,
    /// The first element that blocks.
    pub blocked_by: Option<String>,
    /// From the machine outwards.
    pub hops: Vec<HopEntry>,
    /// What the exports would have to hold to decide.
    pub missing: Vec<PathMissingEntry>,
    /// What does not change the verdict and is worth knowing.
    pub remarks: Vec<RemarkEntry>,
}

/// A station of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HopEntry {
    /// Its kind: `subnet-rules`, `route`, `firewall` …
    pub stage: &'static str,
    /// Name of the resource.
    pub name: Option<String>,
    /// The rule or route in it that decides.
    pub rule: Option<String>,
    /// `passes`, `blocks` or `unknown`.
    pub outcome: &'static str,
    /// Why it blocks, or what is missing, as a word.
    pub reason: Option<&'static str>,
    /// How it does what it does, as a word.
    pub detail: Option<&'static str>,
    /// What it does and why, in the report's language.
    pub text: String,
    /// Where it was read.
    pub place: Option<PlaceEntry>,
}

/// Where something was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlaceEntry {
    /// Name of the artifact.
    pub artifact: String,
    /// First line, counted from 1.
    pub line: Option<u32>,
    /// The text there.
    pub quote: String,
}

/// What the exports would have to hold to decide a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PathMissingEntry {
    /// Its kind: `effective-routes`, `subnet` …
    pub what: &'static str,
    /// Name of the resource.
    pub name: Option<String>,
    /// Id of the check that gets it.
    pub check: Option<&'static str>,
    /// What it is, in the report's language.
    pub text: String,
}

/// What does not change a verdict and is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemarkEntry {
    /// Its kind: `deny-without-effect`, `address-pinned` …
    pub kind: &'static str,
    /// Whether it only looks like a fault.
    pub harmless: bool,
    /// Name of the rule, route or resource.
    pub element: String,
    /// What it is and why it does not matter, in the report's language.
    pub text: String,
    /// Where it was read.
    pub place: Option<PlaceEntry>,
}

impl PathEntry {
    /// `20.118.99.224:1688`, `[2001:db8::1]:1688`.
    pub fn endpoint(&self) -> String {
        if self.address.contains(':') {
            format!("[{}]:{}", self.address, self.port)
        } else {
            format!("{}:{}", self.address, self.port)
        }
    }
}

/// A change by which blocked paths reach KMS, and nothing else changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeEntry {
    /// `azure`, `aws` or `google-cloud`.
    pub provider: &'static str,
    /// In which form it is written: `az`, `bicep`, `terraform`, `portal`, `powershell`, `gcloud`.
    pub form: &'static str,
    /// What is changed, a line for each operation.
    pub summary: Vec<String>,
    /// The paths that reach KMS by it.
    pub helps: Vec<String>,
    /// Machines whose packets also meet what is changed.
    pub touches: Vec<String>,
    /// What to weigh before.
    pub risks: Vec<String>,
    /// What makes it.
    pub apply: String,
    /// What shows that it worked.
    pub verify: String,
    /// What takes it back.
    pub undo: String,
}

/// Why no change is offered for some paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusalEntry {
    /// For which ones.
    pub paths: Vec<String>,
    /// Why.
    pub reason: String,
}

impl ChangeEntry {
    /// Puts every text that comes from evidence through `rewrite`.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> String) {
        let lists = [&mut self.summary, &mut self.helps, &mut self.touches, &mut self.risks];
        let single = [&mut self.apply, &mut self.verify, &mut self.undo];
        for text in lists.into_iter().flatten().chain(single) {
            *text = rewrite(text);
        }
    }
}

impl RefusalEntry {
    /// Puts every text that comes from evidence through `rewrite`.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> String) {
        for text in self.paths.iter_mut().chain([&mut self.reason]) {
            *text = rewrite(text);
        }
    }
}
