//! What the product table says of the keys in the evidence.

use super::fact;
use crate::fact::{Fact, FactBase, Key, Subject, SubjectKind, Value};
use crate::knowledge::Product;
use crate::reference::Entry;

/// The product that each licence's key is for, and whether it fits the edition that the machine runs.
pub(super) fn facts(facts: &FactBase, products: &[Product]) -> Vec<Fact> {
    let edition = facts.known(&Subject::machine(), Key::MachineEdition);
    let mut derived = Vec::new();
    for license in facts.subjects(SubjectKind::License) {
        let Some(key) = facts.known(license, Key::LicensePartialKey) else { continue };
        let Some(Value::Text(last_five)) = key.value() else { continue };
        let Some(product) = of_key(products, last_five) else { continue };
        let name = Entry::Product(product).title(crate::language::Language::English);
        derived.push(fact(license, Key::LicenseKeyProduct, Value::Text(name), key.time, key.origins.clone()));
        // Only keys of Windows belong to an edition of Windows; what the table does not tell stays unknown.
        let edition = edition.and_then(|edition| match edition.value() {
            Some(Value::Text(id)) if !product.edition_ids.is_empty() => Some((id, edition)),
            _ => None,
        });
        if let Some((id, edition)) = edition {
            let is_of =
                |product: &Product| product.edition_ids.iter().any(|known| known.eq_ignore_ascii_case(id.trim()));
            let fits = is_of(product);
            // A mismatch is claimed between two editions of the table, not between one and something unheard of.
            if !fits && !products.iter().any(is_of) {
                continue;
            }
            let origins = key.origins.iter().chain(&edition.origins).cloned().collect();
            derived.push(fact(license, Key::LicenseKeyFits, Value::Flag(fits), key.time.max(edition.time), origins));
        }
    }
    derived
}

/// The product whose key ends so.
pub(super) fn of_key<'k>(products: &'k [Product], last_five: &str) -> Option<&'k Product> {
    let fits = |product: &&Product| {
        product.last_five.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(last_five.trim()))
    };
    products.iter().find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::State;
    use crate::knowledge::Evidence;

    fn product(last_five: &str, edition_ids: &[&str]) -> Product {
        Product {
            family: "windows-client".to_owned(),
            version: "11 / 10".to_owned(),
            edition: "Enterprise".to_owned(),
            generations: Vec::new(),
            last_five: Some(last_five.to_owned()),
            channel: "gvlk".to_owned(),
            threshold: Some(25),
            activation_id: None,
            edition_ids: edition_ids.iter().map(|id| (*id).to_owned()).collect(),
            note: None,
            evidence: Evidence::Documented,
            sources: Vec::new(),
        }
    }

    fn check(edition: Option<&str>, last_five: &str, expect: Option<bool>) {
        let present = |subject: Subject, key: Key, text: &str| Fact {
            subject,
            key,
            state: State::Present(Value::Text(text.to_owned())),
            time: None,
            origins: Vec::new(),
        };
        let license = Subject::new(SubjectKind::License, "x");
        let mut given = vec![present(license, Key::LicensePartialKey, last_five)];
        given.extend(edition.map(|edition| present(Subject::machine(), Key::MachineEdition, edition)));
        let table = [product("2YT43", &["Enterprise"]), product("6Q84J", &[]), product("T83GX", &["Professional"])];
        let derived = facts(&FactBase::new(given), &table);
        let fits = derived.iter().find(|fact| fact.key == Key::LicenseKeyFits).and_then(|fact| fact.value().cloned());
        assert_eq!(fits, expect.map(Value::Flag), "{edition:?} {last_five}");
    }

    #[test]
    fn a_key_fits_its_own_edition() {
        check(Some("Enterprise"), "2yt43", Some(true));
        check(Some("Professional"), "2YT43", Some(false));
        check(Some("SomethingNew"), "2YT43", None);
        check(None, "2YT43", None);
        check(Some("Professional"), "6Q84J", None);
        check(Some("Professional"), "AAAAA", None);
    }
}
