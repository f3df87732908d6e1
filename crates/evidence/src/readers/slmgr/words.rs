//! Values of slmgr and ospp as words of the catalogue.

use kmsdoctor_core::code::narrow;
use kmsdoctor_core::fact::LICENSE_STATES;

use super::shape::minutes_and_days;

/// Applications, by their IDs: Windows, Office 2013 and later, Office 2010.
const APPLICATIONS: [(&str, &str); 3] = [
    ("55c92734-d682-4d71-983e-d6ec3f16059f", "windows"),
    ("0ff1ce15-a989-479d-af46-f275c6370663", "office"),
    ("59a52881-a989-479d-af46-f275c6370663", "office"),
];

/// The state of a licence by its number.
pub(crate) fn status_of_number(text: &str) -> Option<&'static str> {
    LICENSE_STATES.get(text.trim().parse::<usize>().ok()?).copied()
}

/// True for a licence that adds to another one, such as Extended Security Updates: its state is not the product's.
pub(crate) fn is_addon(name: &str) -> bool {
    name.to_ascii_lowercase().contains("add-on for")
}

/// The state of a licence. The words of one state contain those of another, so their order matters.
pub(crate) fn status(text: &str) -> Option<&'static str> {
    const WORDS: [(&str, &[&str]); 7] = [
        (
            "unlicensed",
            &[
                "unlicensed",
                "not licensed",
                "ライセンスなし",
                "ライセンス無し",
                "ライセンスがありません",
                "ライセンスされていません",
                "ライセンスが付与されていません",
                "未ライセンス",
                "nicht lizenziert",
                "未授权",
                "未授權",
                "sans licence",
            ],
        ),
        ("extended-grace", &["extended", "延長", "erweitert", "延长", "확장", "étendue"]),
        (
            "non-genuine-grace",
            &["non-genuine", "non_genuine", "nongenuine", "非正規", "正規でない", "nicht original", "非正版", "비정품"],
        ),
        (
            "out-of-tolerance-grace",
            &[
                "additional",
                "oot_grace",
                "oot grace",
                "tolerance",
                "追加",
                "許容",
                "zusätzlich",
                "附加",
                "추가",
                "supplémentaire",
            ],
        ),
        ("initial-grace", &["initial", "oob_grace", "oob grace", "初期", "anfänglich", "初始", "초기"]),
        ("notification", &["notification", "通知", "benachrichtigung", "알림"]),
        (
            "licensed",
            &[
                "licensed",
                "ライセンスされ",
                "ライセンス済",
                "ライセンスあり",
                "ライセンスが付与",
                "認証済",
                "認証されて",
                "lizenziert",
                "已授权",
                "已授權",
                "사용 허가됨",
                "avec licence",
            ],
        ),
    ];
    let text = folded(text);
    WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(state, _)| *state)
}

/// The channel of a value such as `Volume:GVLK`.
pub(crate) fn channel_of_key(text: &str) -> Option<&'static str> {
    let text = folded(text);
    Some(match text.trim() {
        text if text.contains("gvlk") => "gvlk",
        text if text.contains("csvlk") => "csvlk",
        text if text.contains(":eval") => "evaluation",
        text if text.contains(":sub") => "subscription",
        text if text.contains("mak") => "mak",
        text if text.starts_with("retail") => "retail",
        text if text.starts_with("oem") => "oem",
        text if text.starts_with("vt:") => "avma",
        _ => return None,
    })
}

/// The channel in a description such as `Windows(R) Operating System, VOLUME_KMSCLIENT channel`. Only a complete name
/// counts: `VOLUME_KMSCLIENT` cut after nine letters would be a KMS host's.
pub(crate) fn channel_of_description(text: &str) -> Option<&'static str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut names = text.split(|character: char| !is_part(character));
    names.find_map(|name| {
        Some(match name {
            "VOLUME_KMSCLIENT" => "gvlk",
            "VOLUME_MAK" => "mak",
            // `VOLUME_KMS_2012-R2_WIN10`, and plainly on the first versions.
            _ if name.starts_with("VOLUME_KMS_") || (name == "VOLUME_KMS" && !text.ends_with(name)) => "csvlk",
            "TIMEBASED_EVAL" => "evaluation",
            "TIMEBASED_SUB" => "subscription",
            "VIRTUAL_MACHINE_ACTIVATION" => "avma",
            "RETAIL" => "retail",
            _ if name.starts_with("OEM_") => "oem",
            _ => return None,
        })
    })
}

/// Generation of the host key in a description such as `Windows(R) Operating System, VOLUME_KMS_WS22 channel`, as the
/// host table calls it. Keys of one generation that came out for another (`2012-R2_WIN10`) have no entry of their own.
pub(crate) fn generation_of_description(text: &str) -> Option<&'static str> {
    const GENERATIONS: [(&str, &str); 5] = [
        ("VOLUME_KMS_WS16", "server-2016"),
        ("VOLUME_KMS_WS19", "server-2019"),
        ("VOLUME_KMS_WS22", "server-2022"),
        ("VOLUME_KMS_WS25", "server-2025"),
        ("VOLUME_KMS_W10", "windows-10"),
    ];
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut names = text.split(|character: char| !is_part(character));
    names.find_map(|name| GENERATIONS.iter().find(|(known, _)| *known == name).map(|(_, id)| *id))
}

/// What an edition allows that no volume key activates, by the product's name, which has the edition's id in it:
/// `Windows(R), CoreSingleLanguage edition`.
pub(crate) fn edition_class(name: &str) -> Option<&'static str> {
    let (_, edition) = name.strip_prefix("Windows")?.rsplit_once(", ")?;
    Some(match edition.strip_suffix(" edition")? {
        "Core" | "CoreN" | "CoreSingleLanguage" | "CoreCountrySpecific" => "home",
        "ServerRdsh" => "multi-session",
        "ServerTurbine" | "ServerTurbineCor" => "azure-edition",
        edition if edition.ends_with("Eval") => "evaluation",
        _ => return None,
    })
}

/// Windows or Office, by the product's name.
pub(crate) fn application_of_name(text: &str) -> Option<&'static str> {
    let text = text.trim();
    match text {
        _ if text.starts_with("Windows") => Some("windows"),
        _ if text.starts_with("Office") || text.starts_with("Microsoft Office") => Some("office"),
        _ => None,
    }
}

/// Windows or Office, by the application's ID.
pub(crate) fn application_of_id(id: &str) -> Option<&'static str> {
    APPLICATIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(id)).map(|(_, name)| *name)
}

/// The number in front of `minute(s)`, `分`, `Minute(n)`.
pub(crate) fn minutes(text: &str) -> Option<i64> {
    let text = folded(text);
    let label = ["minute", "分", "분"].iter().find_map(|word| text.find(word));
    // Where the word is not known, the days behind it tell what it is.
    label.map_or_else(|| minutes_and_days(&text), |at| last_number(&text[..at]))
}

/// The last whole number of a text, with its sign.
pub(crate) fn last_number(text: &str) -> Option<i64> {
    let text = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let start = text
        .rfind(|character: char| !character.is_ascii_digit())
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let sign = usize::from(text[..start].ends_with('-'));
    text[start - sign..].parse().ok()
}

/// The configured activation type.
pub(crate) fn activation_type(text: &str) -> Option<&'static str> {
    let text = folded(text);
    Some(match text.trim() {
        text if text.starts_with("all")
            || ["すべて", "全て", "全部", "모두", "tous", "toutes"].iter().any(|word| text.contains(word)) =>
        {
            "any"
        }
        text if text.contains("kms") || text.contains("キー管理") => "kms",
        text if ["token", "jeton", "トークン", "令牌"].iter().any(|word| text.contains(word)) => "token",
        text if text == "ad"
            || text.starts_with("ad ")
            || text.contains("active directory")
            || text.starts_with("ad(") =>
        {
            "ad"
        }
        _ => return None,
    })
}

/// The last five characters of a product key.
pub(crate) fn partial_key(text: &str) -> Option<String> {
    let text = text.trim();
    let is_key = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_key && !text.eq_ignore_ascii_case("xxxxx")).then(|| text.to_uppercase())
}

/// Narrow and lower case.
pub(crate) fn folded(text: &str) -> String {
    text.chars().map(narrow).collect::<String>().to_lowercase()
}
