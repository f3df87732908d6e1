//! The embedded knowledge loads, and mistakes are named. What holds over its entries stands in
//! `crates/evidence/tests/knowledge/laws.rs`.

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
