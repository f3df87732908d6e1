//! Edition ids (`EditionID`, `DISM /Get-CurrentEdition`), which are the same in every language.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, Value};

use crate::sink::Sink;

/// Characters of an edition id.
const ID_CHARS_MAX: usize = 40;

/// Editions with a client setup key, by the ids that `DISM /Get-TargetEditions` and the registry use; those with `N`
/// behind them too. Others get no class.
const VOLUME: [&str; 19] = [
    "Professional",
    "ProfessionalWorkstation",
    "ProfessionalEducation",
    "Enterprise",
    "EnterpriseG",
    "EnterpriseS",
    "Education",
    "Business",
    "ServerStandard",
    "ServerStandardCor",
    "ServerStandardACor",
    "ServerDatacenter",
    "ServerDatacenterCor",
    "ServerDatacenterACor",
    "ServerEnterprise",
    "ServerEnterpriseCor",
    "ServerWeb",
    "ServerHPC",
    "ServerSolution",
];

const HOME: [&str; 7] =
    ["Core", "CoreN", "CoreSingleLanguage", "CoreCountrySpecific", "HomeBasic", "HomePremium", "Starter"];

/// Puts the edition with this id and what it allows into the sink; what is no id is left out.
pub(crate) fn tell(id: &str, lines: RangeInclusive<usize>, sink: &mut Sink<'_>) {
    let id = id.trim();
    let is_id = (4..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_id || id.eq_ignore_ascii_case("unknown") {
        return;
    }
    sink.present(&Subject::machine(), Key::MachineEdition, Value::Text(id.to_owned()), lines.clone());
    if let Some(class) = class(id) {
        sink.word(&Subject::machine(), Key::MachineEditionClass, class, lines);
    }
}

/// What the edition allows.
fn class(id: &str) -> Option<&'static str> {
    let is = |known: &&str| known.eq_ignore_ascii_case(id);
    let without_n = id.strip_suffix('N').unwrap_or(id);
    let lower = id.to_ascii_lowercase();
    if lower.ends_with("eval") || lower.ends_with("evalcor") {
        Some("evaluation")
    } else if lower.starts_with("serverturbine") {
        Some("azure-edition")
    } else if lower == "serverrdsh" {
        Some("multi-session")
    } else if HOME.iter().any(is) {
        Some("home")
    } else if VOLUME.iter().any(|known| is(known) || known.eq_ignore_ascii_case(without_n)) {
        Some("volume")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn classes() {
        for (id, expect) in [
            ("Professional", Some("volume")),
            ("ProfessionalN", Some("volume")),
            ("EnterpriseSN", Some("volume")),
            ("ServerDatacenter", Some("volume")),
            ("CoreSingleLanguage", Some("home")),
            ("ServerStandardEval", Some("evaluation")),
            ("EnterpriseNEval", Some("evaluation")),
            ("ServerTurbine", Some("azure-edition")),
            ("ServerRdsh", Some("multi-session")),
            ("IoTEnterprise", None),
            ("Something", None),
        ] {
            assert_eq!(class(id), expect, "{id}");
        }
    }
}
