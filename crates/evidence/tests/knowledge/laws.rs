//! Laws over all entries: nothing is an orphan, both languages say the same, nothing unsafe is advised.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Given, Status, Verdict, diagnose};
use kmsdoctor_core::fact::Key;
use kmsdoctor_core::knowledge::{Cause, Evidence, Knowledge, Remedy, Risk, Section, Severity, Step};
use kmsdoctor_core::language::{Bilingual, Language};
use libtest_mimic::{Failed, Trial};

/// Ids of causes are permanent: one that was published stays listed.
const CAUSES: &str = include_str!("causes.txt");

/// Error codes that the table holds at least. It only grows.
const CODES_MIN: usize = 460;
/// Codes with the official message in both languages, at least.
const MESSAGES_MIN: usize = 408;

/// Facts that checks provide and that nobody gives yet, with the reason.
const NOT_GIVEN: [(Key, &str); 2] = [
    (Key::MachineLanguagePackUnlicensed, "which languages an edition is licensed for stands in no output"),
    (Key::MachineLockedFile, "Resource Monitor writes no text"),
];

/// Where facts come from, below `crates/`: readers, and what is derived. A key that only a condition or a report names
/// stands elsewhere.
const GIVERS: [&str; 5] =
    ["cloud/src", "evidence/src/readers", "core/src/derive", "core/src/derive.rs", "core/src/diagnosis/machines.rs"];

type Law = fn(&Knowledge) -> Result<(), Failed>;

pub(super) fn trials(knowledge: &'static Knowledge) -> Vec<Trial> {
    let laws: [(&str, Law); 15] = [
        ("every_published_cause_is_there", every_published_cause_is_there),
        ("every_rival_and_consequence_is_a_cause", every_rival_and_consequence_is_a_cause),
        ("every_code_is_there", every_code_is_there),
        ("codes_and_causes_name_each_other", codes_and_causes_name_each_other),
        ("codes_in_prose_carry_no_cause", codes_in_prose_carry_no_cause),
        ("every_remedy_is_used", every_remedy_is_used),
        ("every_check_is_used", every_check_is_used),
        ("opening_checks_say_what_follows", opening_checks_say_what_follows),
        ("facts_that_checks_provide_are_given", facts_that_checks_provide_are_given),
        ("events_are_unique_and_name_causes", events_are_unique_and_name_causes),
        ("products_are_unique", products_are_unique),
        ("whatever_changes_something_says_how_to_go_back", whatever_changes_something_says_how_to_go_back),
        ("disputes_and_advice_are_about_something", disputes_and_advice_are_about_something),
        ("advice_that_is_unsafe_is_not_given", advice_that_is_unsafe_is_not_given),
        ("tables_say_the_same_in_both_languages", tables_say_the_same_in_both_languages),
    ];
    let mut trials: Vec<Trial> =
        laws.into_iter().map(|(name, law)| Trial::test(format!("law::{name}"), move || law(knowledge))).collect();
    for cause in knowledge.causes.values() {
        trials.push(Trial::test(format!("{}::both_languages_agree", cause.id), || cause_agrees(cause)));
        trials.push(Trial::test(format!("{}::is_whole", cause.id), || cause_is_whole(cause)));
    }
    for remedy in knowledge.remedies.values() {
        trials.push(Trial::test(format!("remedy::{}::both_languages_agree", remedy.id), || remedy_agrees(remedy)));
    }
    trials
}

fn all(problems: impl IntoIterator<Item = String>) -> Result<(), Failed> {
    let problems: Vec<String> = problems.into_iter().collect();
    if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n"))) }
}

/// Runs of digits: what must not differ between the languages.
fn numbers(text: &str) -> BTreeSet<&str> {
    text.split(|character: char| !character.is_ascii_digit()).filter(|run| !run.is_empty()).collect()
}

/// Code spans of a Markdown text.
fn spans(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What differs between two texts that should say the same.
fn difference(place: &str, japanese: &str, english: &str) -> Option<String> {
    if japanese.trim().is_empty() || english.trim().is_empty() {
        return Some(format!("{place}: one language is empty"));
    }
    let has_japanese = |text: &str| {
        text.chars().any(|character| matches!(character, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
    };
    if has_japanese(english) {
        return Some(format!("{place}: the English text contains Japanese: {english}"));
    }
    for (what, of_japanese, of_english) in
        [("numbers", numbers(japanese), numbers(english)), ("code spans", spans(japanese), spans(english))]
    {
        if of_japanese != of_english {
            let only = |left: &BTreeSet<&str>, right: &BTreeSet<&str>| {
                left.difference(right).map(|item| (*item).to_owned()).collect::<Vec<_>>().join(", ")
            };
            return Some(format!(
                "{place}: {what} differ: only Japanese [{}], only English [{}]",
                only(&of_japanese, &of_english),
                only(&of_english, &of_japanese)
            ));
        }
    }
    None
}

fn bilingual(place: &str, text: &Bilingual) -> Option<String> {
    difference(place, &text.ja, &text.en)
}

fn cause_agrees(cause: &Cause) -> Result<(), Failed> {
    let section = |section: Section| {
        let [japanese, english] = Language::ALL.map(|language| cause.text.section(section, language));
        let steps =
            |text: &str| text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).count();
        if steps(japanese) != steps(english) {
            return Some(format!("{section:?}: the numbered steps differ in number"));
        }
        difference(&format!("{section:?}"), japanese, english)
    };
    let mut problems: Vec<String> = Section::ALL.into_iter().filter_map(section).collect();
    let recurrence = &cause.recurrence;
    problems.extend(bilingual("title", &cause.title));
    problems.extend(cause.rivals.iter().filter_map(|rival| bilingual(&rival.cause, &rival.difference)));
    problems.extend(cause.variants.iter().flat_map(|variant| {
        [bilingual(&variant.id, &variant.title), bilingual(&variant.id, &variant.difference)].into_iter().flatten()
    }));
    problems.extend(recurrence.monitor.iter().filter_map(|text| bilingual("monitor", text)));
    problems.extend(recurrence.audit.iter().filter_map(|audit| bilingual("audit", &audit.what)));
    problems.extend(bilingual("escalate", &recurrence.escalate.with));
    problems.extend(
        [&cause.no_remedy, &cause.unverified].into_iter().flatten().filter_map(|text| bilingual("remark", text)),
    );
    all(problems)
}

/// A cause has what somebody needs who meets it.
fn cause_is_whole(cause: &Cause) -> Result<(), Failed> {
    let mut problems = Vec::new();
    let mut demand = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let recurrence = &cause.recurrence;
    demand(!cause.checks.is_empty(), "no check settles it");
    demand(!cause.rivals.is_empty(), "no rival: nothing that it is confused with");
    demand(cause.rivals.iter().all(|rival| rival.cause != cause.id), "it is its own rival");
    demand(!recurrence.monitor.is_empty(), "nothing to monitor");
    demand(!recurrence.audit.is_empty(), "nothing to audit");
    demand(!recurrence.escalate.checks.is_empty(), "no data to escalate with");
    let ends_in_itself = ["client-grace-expired", "kms-host-unapproved"].contains(&cause.id.as_str());
    demand(
        cause.severity != Severity::Fault || ends_in_itself || !cause.leads_to.is_empty(),
        "a fault leads to something, at least to `client-grace-expired`",
    );
    all(problems)
}

fn remedy_agrees(remedy: &Remedy) -> Result<(), Failed> {
    let texts = |number: usize, step: &Step| {
        let named = [
            ("action", Some(&step.action)),
            ("undo_note", step.undo_note.as_ref()),
            ("capture_note", step.capture_note.as_ref()),
            ("side_effects", step.side_effects.as_ref()),
            ("edit", step.edit.as_ref().map(|edit| &edit.after)),
        ];
        named
            .into_iter()
            .filter_map(move |(name, text)| bilingual(&format!("step {number}, {name}"), text?))
            .collect::<Vec<_>>()
    };
    let mut problems: Vec<String> = (1..).zip(&remedy.steps).flat_map(|(number, step)| texts(number, step)).collect();
    problems.extend(bilingual("title", &remedy.title));
    let remarks = [&remedy.precondition_text, &remedy.no_verification, &remedy.unverified];
    problems.extend(remarks.into_iter().flatten().filter_map(|text| bilingual("remark", text)));
    if remedy.risk == Risk::ReadOnly && remedy.id != "no-action" && !remedy.id.starts_with("ask-") {
        problems.push("it changes nothing: only `no-action` and `ask-…` do".to_owned());
    }
    all(problems)
}

fn every_published_cause_is_there(knowledge: &Knowledge) -> Result<(), Failed> {
    let listed: BTreeSet<&str> = CAUSES.split_whitespace().collect();
    let there: BTreeSet<&str> = knowledge.causes.keys().map(String::as_str).collect();
    let missing = listed.difference(&there).map(|id| format!("{id} is missing"));
    let unlisted = there.difference(&listed).map(|id| format!("{id} is not in causes.txt"));
    all(missing.chain(unlisted))
}

fn every_rival_and_consequence_is_a_cause(knowledge: &Knowledge) -> Result<(), Failed> {
    let named = |cause: &Cause| {
        let rivals = cause.rivals.iter().map(|rival| rival.cause.clone());
        rivals.chain(cause.leads_to.iter().cloned()).map(|id| (cause.id.clone(), id)).collect::<Vec<_>>()
    };
    let unknown = knowledge.causes.values().flat_map(named).filter(|(_, id)| !knowledge.causes.contains_key(id));
    all(unknown.map(|(cause, id)| format!("{cause} names {id}, which is not there")))
}

fn every_code_is_there(knowledge: &Knowledge) -> Result<(), Failed> {
    let codes = knowledge.codes.values();
    let with_messages = codes.clone().filter(|code| code.message_ja.is_some() && code.message_en.is_some()).count();
    let mut problems = Vec::new();
    if codes.len() < CODES_MIN {
        problems.push(format!("{} codes, not {CODES_MIN}", codes.len()));
    }
    if with_messages < MESSAGES_MIN {
        problems.push(format!("{with_messages} codes with official messages in both languages, not {MESSAGES_MIN}"));
    }
    for code in codes {
        if code.sides.is_empty() {
            problems.push(format!("{}: no side", code.code));
        }
        for cause in code.causes.iter().filter(|id| !knowledge.causes.contains_key(*id)) {
            problems.push(format!("{}: there is no cause {cause}", code.code));
        }
        problems.extend(bilingual(&format!("{} meaning", code.code), &code.meaning));
    }
    all(problems)
}

/// A cause's codes are in the table and lead back to it. The table may name causes for which the code is no sign.
fn codes_and_causes_name_each_other(knowledge: &Knowledge) -> Result<(), Failed> {
    let problem = |cause: &Cause| {
        let problem = |code: &kmsdoctor_core::code::ErrorCode| match knowledge.codes.get(code) {
            None => Some(format!("{}: {code} is not in knowledge/codes", cause.id)),
            Some(entry) if !entry.causes.contains(&cause.id) => Some(format!("{code} does not name {}", cause.id)),
            Some(_) => None,
        };
        cause.codes.iter().filter_map(problem).collect::<Vec<_>>()
    };
    all(knowledge.causes.values().flat_map(problem))
}

/// What somebody asks about is not what their machine says.
fn codes_in_prose_carry_no_cause(knowledge: &Knowledge) -> Result<(), Failed> {
    all(knowledge.codes.keys().filter_map(|code| {
        let text = format!("My colleague asked: what does activation error {code} mean?");
        let reading = kmsdoctor_evidence::read(&Artifact::new("mail.txt", text.into_bytes(), None));
        let diagnosis = diagnose(reading.facts, knowledge, &Given::default());
        let carried = diagnosis.findings.iter().find(|one| matches!(one.status, Status::Confirmed | Status::Likely));
        match carried {
            Some(finding) => Some(format!("{code} carries {}", finding.cause.id)),
            None => {
                (diagnosis.verdict != Verdict::Undetermined).then(|| format!("{code}: {}", diagnosis.verdict.name()))
            }
        }
    }))
}

fn every_remedy_is_used(knowledge: &Knowledge) -> Result<(), Failed> {
    let of_causes = knowledge
        .causes
        .values()
        .flat_map(|cause| cause.remedies.iter().chain(cause.variants.iter().flat_map(|variant| &variant.remedies)));
    let of_topics = knowledge.topics.values().flat_map(|topic| &topic.remedies);
    let of_checklists = knowledge
        .checklists
        .values()
        .flat_map(|checklist| checklist.parts.iter().flat_map(|part| &part.items))
        .filter_map(|item| item.remedy.as_ref());
    let used: BTreeSet<&String> = of_causes.chain(of_topics).chain(of_checklists).collect();
    let orphans = knowledge.remedies.keys().filter(|id| !used.contains(id));
    all(orphans.map(|id| format!("nothing uses remedy {id}")))
}

fn every_check_is_used(knowledge: &Knowledge) -> Result<(), Failed> {
    let mut used: BTreeSet<&String> = BTreeSet::new();
    for cause in knowledge.causes.values() {
        used.extend(cause.checks.iter().chain(cause.variants.iter().flat_map(|variant| &variant.checks)));
        used.extend(cause.recurrence.escalate.checks.iter());
    }
    let orphans = knowledge.checks.keys().filter(|id| !used.contains(id));
    all(orphans.map(|id| format!("no cause uses check {id}")))
}

fn opening_checks_say_what_follows(knowledge: &Knowledge) -> Result<(), Failed> {
    let mut problems = Vec::new();
    for check in knowledge.checks.values() {
        if check.opening.is_some() && check.outcomes.len() < 2 {
            problems.push(format!("{}: an opening check says what may be seen, at least two outcomes", check.id));
        }
        if check.seconds == 0 {
            problems.push(format!("{}: it takes no time", check.id));
        }
        for outcome in &check.outcomes {
            problems.extend(bilingual(&check.id, &outcome.sees).into_iter().chain(bilingual(&check.id, &outcome.then)));
            let unknown = outcome.causes.iter().filter(|id| !knowledge.causes.contains_key(*id));
            problems.extend(unknown.map(|id| format!("{}: there is no cause {id}", check.id)));
        }
        problems.extend(bilingual(&check.id, &check.title).into_iter().chain(bilingual(&check.id, &check.why)));
    }
    all(problems)
}

/// What a check promises is read from its answer, or follows from it.
fn facts_that_checks_provide_are_given(knowledge: &Knowledge) -> Result<(), Failed> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources: String = GIVERS.iter().map(|place| source_of(&crates.join(place))).collect();
    let words: BTreeSet<&str> =
        sources.split(|character: char| !character.is_alphanumeric() && character != ':').collect();
    let is_given = |key: &Key| words.contains(format!("Key::{key:?}").as_str());
    let reason = |key: &Key| NOT_GIVEN.iter().find(|(known, _)| known == key);
    let mut problems = Vec::new();
    for check in knowledge.checks.values() {
        let nobodys = check.keys().filter(|key| !is_given(key) && reason(key).is_none());
        problems.extend(nobodys.map(|key| format!("{}: nobody gives {}", check.id, key.name())));
    }
    let given = NOT_GIVEN.iter().filter(|(key, _)| is_given(key));
    problems
        .extend(given.map(|(key, reason)| format!("{} is given by now, and stands here with: {reason}", key.name())));
    all(problems)
}

/// The Rust code at `path`, but for its tests.
fn source_of(path: &Path) -> String {
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
        return entries
            .filter(|path| !path.ends_with("tests") && !path.ends_with("tests.rs"))
            .map(|path| source_of(&path))
            .collect();
    }
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

fn events_are_unique_and_name_causes(knowledge: &Knowledge) -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for event in &knowledge.events {
        if !seen.insert((event.id, &event.provider)) {
            problems.push(format!("event {} of {} stands twice", event.id, event.provider));
        }
        let unknown = event.causes.iter().filter(|id| !knowledge.causes.contains_key(*id));
        problems.extend(unknown.map(|id| format!("event {}: there is no cause {id}", event.id)));
    }
    for id in [12288, 12289, 12290, 12291, 12292, 12293, 12294, 8198, 8200, 8208, 8233, 1003, 16384, 16385] {
        if !knowledge.events.iter().any(|event| event.id == id) {
            problems.push(format!("event {id} is missing"));
        }
    }
    all(problems)
}

fn products_are_unique(knowledge: &Knowledge) -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for product in &knowledge.products {
        if let Some(last_five) = &product.last_five {
            if last_five.len() != 5 || !last_five.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            {
                problems.push(format!("`{last_five}` is not five characters of a key"));
            }
            if !seen.insert(last_five) {
                problems.push(format!("{last_five} stands twice"));
            }
        }
        if product.last_five.is_none() && product.activation_id.is_none() {
            problems.push(format!("{} {}: neither key nor activation id", product.version, product.edition));
        }
        if !["windows-server", "windows-client", "office"].contains(&product.family.as_str()) {
            problems.push(format!("`{}` is no family", product.family));
        }
    }
    if seen.len() < 142 {
        problems.push(format!("{} keys known by their last five characters, not 142", seen.len()));
    }
    all(problems)
}

fn whatever_changes_something_says_how_to_go_back(knowledge: &Knowledge) -> Result<(), Failed> {
    let kinds = ["registry", "policy", "wmi", "slmgr", "ospp", "powershell", "service", "file", "firewall"];
    let mut problems = Vec::new();
    for setting in &knowledge.settings {
        if !kinds.contains(&setting.kind.as_str()) {
            problems.push(format!("{}: `{}` is no kind of setting", setting.name, setting.kind));
        }
        if setting.risk != Risk::ReadOnly && setting.undo.is_none() {
            problems.push(format!("{}: no way back", setting.name));
        }
    }
    all(problems)
}

fn disputes_and_advice_are_about_something(knowledge: &Knowledge) -> Result<(), Failed> {
    let known = |id: &str| {
        let is_code =
            kmsdoctor_core::code::ErrorCode::parse(id).is_some_and(|code| knowledge.codes.contains_key(&code));
        is_code
            || knowledge.causes.contains_key(id)
            || knowledge.topics.contains_key(id)
            || knowledge.remedies.contains_key(id)
            || knowledge.checks.contains_key(id)
            || knowledge.hosts.key(id).is_some()
            || knowledge.hosts.generation(id).is_some()
            || knowledge.events.iter().any(|event| event.id.to_string() == id)
            || knowledge.settings.iter().any(|setting| setting.name == id)
    };
    let of_disputes = knowledge.disputes.values().map(|dispute| (&dispute.id, &dispute.about));
    let of_advice = knowledge.advice.values().map(|advice| (&advice.id, &advice.about));
    let mut problems = Vec::new();
    for (id, about) in of_disputes.chain(of_advice) {
        if about.is_empty() {
            problems.push(format!("{id} is about nothing"));
        }
        problems.extend(about.iter().filter(|entry| !known(entry)).map(|entry| format!("{id}: there is no {entry}")));
    }
    all(problems)
}

/// Commands of remedies and checks hold none of the words that give bad advice away.
fn advice_that_is_unsafe_is_not_given(knowledge: &Knowledge) -> Result<(), Failed> {
    let steps = knowledge.remedies.values().flat_map(|remedy| {
        remedy.steps.iter().flat_map(move |step| {
            [&step.command, &step.undo, &step.verify, &step.capture]
                .into_iter()
                .flatten()
                .map(move |command| (remedy.id.as_str(), command.to_lowercase()))
        })
    });
    let checks = knowledge.checks.values().map(|check| (check.id.as_str(), check.command.to_lowercase()));
    let texts = knowledge.causes.values().flat_map(|cause| {
        [Section::Remedy, Section::Undo].into_iter().flat_map(move |section| {
            spans(cause.text.section(section, Language::English))
                .into_iter()
                .map(move |command| (cause.id.as_str(), command.to_lowercase()))
        })
    });
    let mut problems = Vec::new();
    if knowledge.advice.values().all(|advice| advice.patterns.is_empty()) {
        problems.push("no advice is known by its words".to_owned());
    }
    for (id, command) in steps.chain(checks).chain(texts) {
        for advice in knowledge.advice.values() {
            if let Some(pattern) = advice.patterns.iter().find(|pattern| command.contains(*pattern)) {
                problems.push(format!("{id}: `{command}` holds `{pattern}`, which {} warns of", advice.id));
            }
        }
    }
    all(problems)
}

fn tables_say_the_same_in_both_languages(knowledge: &Knowledge) -> Result<(), Failed> {
    let mut problems: Vec<String> = Vec::new();
    for event in &knowledge.events {
        let place = format!("event {}", event.id);
        let texts = [&event.title, &event.proves, &event.does_not_prove];
        problems.extend(texts.into_iter().filter_map(|text| bilingual(&place, text)));
        problems.extend(event.fields.iter().filter_map(|field| bilingual(&place, &field.meaning)));
    }
    problems
        .extend(knowledge.products.iter().filter_map(|product| bilingual(&product.edition, product.note.as_ref()?)));
    for key in &knowledge.hosts.keys {
        problems.extend(
            bilingual(&key.id, &key.title)
                .into_iter()
                .chain(key.note.as_ref().and_then(|note| bilingual(&key.id, note))),
        );
    }
    problems
        .extend(knowledge.hosts.updates.iter().filter_map(|update| bilingual(&update.update, update.note.as_ref()?)));
    for setting in &knowledge.settings {
        problems.extend(bilingual(&setting.name, &setting.meaning));
        problems.extend(setting.undo.as_ref().and_then(|undo| bilingual(&setting.name, undo)));
    }
    problems.extend(knowledge.endpoints.iter().filter_map(|endpoint| bilingual(&endpoint.cloud, &endpoint.note)));
    for topic in knowledge.topics.values() {
        problems.extend(bilingual(&topic.id, &topic.text));
        let rows = topic.rows.iter().flat_map(|row| [&row.name, &row.value]);
        problems.extend(rows.filter_map(|text| bilingual(&topic.id, text)));
    }
    for dispute in knowledge.disputes.values() {
        let texts = [&dispute.title, &dispute.followed, &dispute.why].into_iter();
        let claims = dispute.claims.iter().map(|claim| &claim.says);
        problems.extend(texts.chain(claims).filter_map(|text| bilingual(&dispute.id, text)));
    }
    for advice in knowledge.advice.values() {
        let texts = [&advice.says, &advice.why, &advice.instead];
        problems.extend(texts.into_iter().filter_map(|text| bilingual(&advice.id, text)));
    }
    for checklist in knowledge.checklists.values() {
        let titles = checklist.parts.iter().map(|part| &part.title);
        let items = checklist.parts.iter().flat_map(|part| &part.items).filter_map(|item| item.text.as_ref());
        let texts = titles.chain(items).chain([&checklist.title, &checklist.when]);
        problems.extend(texts.filter_map(|text| bilingual(&checklist.id, text)));
    }
    let unverified = knowledge.codes.values().filter(|code| code.evidence == Evidence::Unverified).count();
    if unverified > 5 {
        problems.push(format!("{unverified} codes are marked unverified: more than the sources leave open"));
    }
    all(problems)
}
