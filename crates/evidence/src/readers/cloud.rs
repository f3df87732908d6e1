//! Exports of clouds: JSON of their tools and interfaces, tables of their command lines, CSV of their portals. They become
//! resources; what follows from all of them together is told by `kmsdoctor_cloud::paths`.

mod aws;
mod azure;
mod google;
mod json;
mod place;
mod walk;

use std::ops::Range;

use kmsdoctor_cloud::{Body, Resource};
use kmsdoctor_core::fact::Origin;

use crate::document::Document;

/// What the readers of one cloud found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What is described.
    pub(crate) resources: Vec<Resource>,
    /// Something is cut off or damaged, so that more may have stood there.
    pub(crate) is_cut_off: bool,
    /// Lines that are export and nothing else, by their numbers from 0: no other reader has anything to say of them.
    pub(crate) lines: Vec<Range<usize>>,
}

/// Resources of one artifact of AWS or Google Cloud, so that memory stays bounded: a large project has some 100,000.
const RESOURCES_MAX: usize = 200_000;

impl Found {
    /// Adds a resource, if there is room for it.
    fn put(&mut self, body: Body, origin: Origin) {
        if self.resources.len() < RESOURCES_MAX {
            self.resources.push(Resource { body, origin });
        } else {
            self.is_cut_off = true;
        }
    }
}

type Read = fn(&Document<'_>) -> Found;

/// Every cloud, by the kind that is reported when something is found.
const READERS: [(&str, Read); 4] =
    [("azure", azure::read), ("aws", aws::read), ("route", aws::routes), ("google-cloud", google::read)];

/// What the document describes, with the kinds of exports.
pub(crate) fn read(document: &Document<'_>) -> (Vec<&'static str>, Found) {
    let mut kinds = Vec::new();
    let mut all = Found::default();
    for (kind, read) in READERS {
        let found = read(document);
        if !found.resources.is_empty() {
            kinds.push(kind);
            all.is_cut_off |= found.is_cut_off;
            all.lines.extend(found.lines);
            all.resources.extend(found.resources);
        }
    }
    all.lines.sort_unstable_by_key(|lines| lines.start);
    (kinds, all)
}

#[cfg(test)]
pub(crate) mod testing {
    //! What the tests of the readers share: exports in, judged paths out.

    use kmsdoctor_cloud::{Hop, Outcome, Path, paths};
    use kmsdoctor_core::artifact::Artifact;

    /// One line for each path of the exports together, then one for each hop (`rule @line` is where it was read) and remark.
    pub(crate) fn judged(exports: &[&str]) -> String {
        let artifacts = exports.iter().enumerate().map(|(index, text)| {
            let text = text.strip_prefix('\n').unwrap_or(text);
            Artifact::new(format!("{}.txt", index + 1), text.as_bytes().to_vec(), None)
        });
        let resources: Vec<_> = artifacts.flat_map(|artifact| crate::read(&artifact).resources).collect();
        paths(&resources).iter().map(shown).collect()
    }

    /// Asserts that the exports are judged like this. Indentation does not count.
    pub(crate) fn check(exports: &[&str], expect: &str) {
        let judged = judged(exports);
        let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(judged.lines().collect::<Vec<_>>(), expect, "\n{judged}");
    }

    fn shown(path: &Path) -> String {
        let machine = path.machine.as_deref().unwrap_or("-");
        let mut lines = vec![format!("{machine} {} {:?}", path.subject().id, path.verdict())];
        lines.extend(path.hops.iter().map(hop));
        lines.extend(path.remarks.iter().map(|remark| format!("{:?} {}", remark.kind, remark.element)));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn hop(hop: &Hop) -> String {
        let outcome = match &hop.outcome {
            Outcome::Passes => "passes".to_owned(),
            Outcome::Blocks(fault) => format!("{fault:?}"),
            Outcome::Unknown(missing) => format!("? {missing:?}"),
        };
        let rule = hop.rule.as_ref().map(|rule| format!(" [{rule}]")).unwrap_or_default();
        let origin = hop.origin.as_ref().map(|origin| {
            assert!(!origin.quote.is_empty() && origin.span.start < origin.span.end, "{origin:?}");
            format!(" @{}:{}", origin.artifact.trim_end_matches(".txt"), origin.line.unwrap_or_default())
        });
        format!("{:?} {}{rule}: {outcome}{}", hop.stage, hop.name, origin.unwrap_or_default())
    }
}
