//! The embedded knowledge is whole: types, references, texts in both languages, sources.

use kmsdoctor_core::fact::Key;
use kmsdoctor_core::knowledge::{FILES, Knowledge};

#[test]
fn embedded_knowledge_loads() {
    match Knowledge::load(FILES.iter().copied()) {
        Ok(knowledge) => {
            assert!(!knowledge.causes.is_empty());
            assert_eq!(knowledge.causes.len(), Knowledge::embedded().causes.len());
        }
        Err(errors) => {
            let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{} mistakes in the knowledge:\n{}", list.len(), list.join("\n"));
        }
    }
}

#[test]
fn every_remedy_and_check_is_used() {
    let knowledge = Knowledge::embedded();
    for id in knowledge.remedies.keys() {
        assert!(knowledge.causes.values().any(|cause| cause.remedies.contains(id)), "no cause uses remedy `{id}`");
    }
    for id in knowledge.checks.keys() {
        assert!(knowledge.causes.values().any(|cause| cause.checks.contains(id)), "no cause uses check `{id}`");
    }
}

#[test]
fn every_cause_says_what_to_do() {
    for cause in Knowledge::embedded().causes.values() {
        assert!(!cause.checks.is_empty(), "{}: no check settles it", cause.id);
        assert!(!cause.remedies.is_empty(), "{}: no remedy", cause.id);
        for rival in &cause.rivals {
            assert_ne!(rival.cause, cause.id);
        }
    }
}

#[test]
fn every_code_of_a_cause_is_explained() {
    let knowledge = Knowledge::embedded();
    for cause in knowledge.causes.values() {
        for code in &cause.codes {
            let entry =
                knowledge.codes.get(code).unwrap_or_else(|| panic!("{}: {code} is not in knowledge/codes", cause.id));
            assert!(entry.causes.contains(&cause.id), "{code} does not name {}, which names it", cause.id);
        }
    }
}

#[test]
fn both_languages_carry_the_same_commands_and_codes() {
    let marks = |text: &str| {
        let mut marks: Vec<String> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        marks.sort();
        marks.dedup();
        marks
    };
    for cause in Knowledge::embedded().causes.values() {
        for section in kmsdoctor_core::knowledge::Section::ALL {
            let [japanese, english] =
                kmsdoctor_core::language::Language::ALL.map(|language| marks(cause.text.section(section, language)));
            assert_eq!(japanese, english, "{}: code spans of section {section:?} differ (ja left, en right)", cause.id);
        }
    }
}

#[test]
fn mistakes_are_named_with_their_file() {
    let broken = [
        ("causes/dns/x-y/cause.toml", "id = 'z'"),
        ("causes/readme.txt", ""),
        ("codes/a.toml", "[[code]]\ncode = 'hello'"),
    ];
    let errors = Knowledge::load(broken).expect_err("three mistakes");
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors.iter().all(|error| error.to_string().starts_with("knowledge/c")), "{errors:?}");
    assert!(Key::from_name("no.such").is_none());
}
