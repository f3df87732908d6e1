//! References between entries: nothing points at what is not there.

use super::Loader;
use crate::knowledge::{Cause, Knowledge, is_cause_id};

/// Checks every reference. A cause may be named before it is written, but never by a word that cannot be an id.
pub(super) fn check(knowledge: &Knowledge, loader: &mut Loader) {
    for cause in knowledge.causes.values() {
        check_cause(cause, knowledge, loader);
    }
    for code in knowledge.codes.values() {
        let file = "codes";
        for check in code.checks.iter().filter(|id| !knowledge.checks.contains_key(*id)) {
            loader.fail(file, format!("{}: there is no check `{check}`", code.code));
        }
        for cause in code.causes.iter().filter(|id| !is_cause_id(id)) {
            loader.fail(file, format!("{}: `{cause}` is no cause id", code.code));
        }
    }
    for topic in knowledge.topics.values() {
        let missing = |ids: &[String], there: &dyn Fn(&str) -> bool| -> Vec<String> {
            ids.iter().filter(|id| !there(id)).cloned().collect()
        };
        let unknown = [
            ("check", missing(&topic.checks, &|id| knowledge.checks.contains_key(id))),
            ("remedy", missing(&topic.remedies, &|id| knowledge.remedies.contains_key(id))),
            ("topic", missing(&topic.related, &|id| knowledge.topics.contains_key(id))),
            ("cause id", missing(&topic.causes, &is_cause_id)),
        ];
        for (kind, id) in unknown.iter().flat_map(|(kind, ids)| ids.iter().map(move |id| (kind, id))) {
            loader.fail("topics", format!("{}: there is no {kind} `{id}`", topic.id));
        }
    }
    for checklist in knowledge.checklists.values() {
        for item in checklist.parts.iter().flat_map(|part| &part.items) {
            if let Some(check) = item.check.as_ref().filter(|id| !knowledge.checks.contains_key(*id)) {
                loader.fail("checklists", format!("{}: there is no check `{check}`", checklist.id));
            }
            if let Some(remedy) = item.remedy.as_ref().filter(|id| !knowledge.remedies.contains_key(*id)) {
                loader.fail("checklists", format!("{}: there is no remedy `{remedy}`", checklist.id));
            }
            if item.check.is_none() && item.remedy.is_none() && item.text.is_none() {
                loader.fail("checklists", format!("{}: a line without a check, a remedy or a text", checklist.id));
            }
        }
    }
    check_hosts(knowledge, loader);
}

fn check_cause(cause: &Cause, knowledge: &Knowledge, loader: &mut Loader) {
    let file = format!("causes/{}/{}/cause.toml", cause.area, cause.id);
    let escalation = &cause.recurrence.escalate.checks;
    let audits = cause.recurrence.audit.iter().filter_map(|audit| audit.check.as_ref());
    let variants = cause.variants.iter().flat_map(|variant| &variant.checks);
    for check in cause.checks.iter().chain(escalation).chain(audits).chain(variants) {
        if !knowledge.checks.contains_key(check) {
            loader.fail(&file, format!("there is no check `{check}`"));
        }
    }
    for remedy in cause.remedies.iter().chain(cause.variants.iter().flat_map(|variant| &variant.remedies)) {
        if !knowledge.remedies.contains_key(remedy) {
            loader.fail(&file, format!("there is no remedy `{remedy}`"));
        }
    }
    for id in cause.leads_to.iter().chain(cause.rivals.iter().map(|rival| &rival.cause)) {
        if !is_cause_id(id) {
            loader.fail(&file, format!("`{id}` is no cause id"));
        }
    }
}

fn check_hosts(knowledge: &Knowledge, loader: &mut Loader) {
    let hosts = &knowledge.hosts;
    let of_keys = hosts.keys.iter().flat_map(|key| key.runs_on.iter().chain(&key.activates));
    let of_updates = hosts.updates.iter().flat_map(|update| update.activates.iter().chain([&update.host]));
    let of_products = knowledge.products.iter().flat_map(|product| &product.generations);
    for id in of_keys.chain(of_updates).chain(of_products) {
        if hosts.generation(id).is_none() {
            loader.fail("hosts", format!("there is no generation `{id}`"));
        }
    }
}
