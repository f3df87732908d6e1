//! The user's language.

use kmsdoctor_core::language::Language;

/// The language of the user's locale: Japanese if it says so, else English.
pub(crate) fn language() -> Language {
    // POSIX variables first: they also hold where the system's own setting differs (a terminal over SSH).
    let posix = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let tag = posix.or_else(sys_locale::get_locale).unwrap_or_default();
    if tag.to_ascii_lowercase().starts_with("ja") { Language::Japanese } else { Language::English }
}
