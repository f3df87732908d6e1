//! Results of activation commands, and error codes that somebody wrote down.

use kmsdoctor_core::code::ErrorCode;

use super::words::{application_of_name, folded};
use crate::readers::pattern::{codes_in, guid_in};

/// Facility of the licensing services, the upper half of their codes.
const LICENSING_FACILITY: u32 = 0xC004;
/// A code that stands farther from the beginning of a line is no answer of a program.
const LABEL_CHARS_MAX: usize = 60;

/// How the answer of a command begins that failed, without blanks.
const ERRORS: [&str; 12] = [
    "error",
    "エラー",
    "fehler",
    "errorcode",
    "エラーコード",
    "fehlercode",
    "错误",
    "错误代码",
    "錯誤",
    "오류",
    "erreur",
    "errore",
];

/// What a line says about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// `Activating Windows(R), ServerStandard edition (…) ...` with the application, and the ID if it can be read.
    Begins(&'static str, Option<String>),
    /// The product was activated.
    Succeeded,
    /// A command answered with this code.
    Failed(ErrorCode),
    /// A code stands in somebody's text.
    Mentioned(ErrorCode),
    /// There is no product key (slmgr speaks of Windows).
    NoKey,
    /// ospp found no key of Office.
    NoOfficeKey,
}

/// Everything that the line says, in its order.
pub(super) fn said(text: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let folded = folded(text);
    if begins(text, &folded) {
        let application = if text.contains("Office") { "office" } else { "windows" };
        said.push(Said::Begins(application, guid_in(text).map(str::to_lowercase)));
    }
    if succeeded(&folded) {
        said.push(Said::Succeeded);
        return said;
    }
    if folded.contains("no installed product keys") {
        said.push(Said::NoOfficeKey);
    } else if no_key(&folded) {
        said.push(Said::NoKey);
    }
    let Some((place, code)) = codes_in(text).into_iter().find(|(_, code)| matches!(code.0 >> 28, 0x8 | 0xC)) else {
        return said;
    };
    if is_of_others(text, &folded) {
        return said;
    }
    let before = folded.get(..place).map_or("", str::trim);
    let before = before.rsplit_once('>').map_or(before, |(_, rest)| rest.trim());
    if before.ends_with(':') && is_error(before.trim_end_matches(':')) {
        said.push(Said::Failed(code));
    } else if is_alone(text, place)
        || is_about_activation(&folded)
        || (has_error_word(&folded) && (is_licensing(code) || before.chars().count() < LABEL_CHARS_MAX))
    {
        said.push(Said::Mentioned(code));
    }
    said
}

/// Whether a line with this label tells a failure.
pub(super) fn is_error(label: &str) -> bool {
    let label: String = folded(label).split_whitespace().collect();
    ERRORS.contains(&label.as_str())
}

/// Product name with ID in parentheses and something that says that it goes on: dots, in every language.
fn begins(text: &str, folded: &str) -> bool {
    if !text.contains('(') || folded.contains("error") {
        return false;
    }
    let names_product = text.contains("Windows") || text.contains("Office");
    let goes_on = guid_in(text).is_some() && [" ...", " …", "..."].iter().any(|dots| text.trim_end().ends_with(dots));
    let says_so = folded.trim_start().starts_with("activating ")
        || folded.contains("ライセンス認証を行って")
        || folded.contains("ライセンス認証しています")
        || folded.contains("wird aktiviert");
    names_product && (says_so || goes_on)
}

fn succeeded(folded: &str) -> bool {
    [
        "product activated successfully",
        "product activation successful",
        "正常にライセンス認証されました",
        "ライセンス認証に成功しました",
        "produkt wurde erfolgreich aktiviert",
        "成功地激活了产品",
    ]
    .iter()
    .any(|sentence| folded.contains(sentence))
}

fn no_key(folded: &str) -> bool {
    [
        "product key not found",
        "product key is not installed",
        "product key was not found",
        "no product key is installed",
        "プロダクト キーが見つかりません",
        "プロダクト キーはインストールされていません",
        "プロダクト キーがインストールされていません",
    ]
    .iter()
    .any(|sentence| folded.contains(sentence))
}

/// Codes of other tools: the time service, the registry, and hints on how to look a code up.
fn is_of_others(text: &str, folded: &str) -> bool {
    let starts_with_time = text
        .trim_start()
        .as_bytes()
        .get(..3)
        .is_some_and(|front| front[0].is_ascii_digit() && front[1].is_ascii_digit() && front[2] == b':');
    starts_with_time
        || folded.contains("slui.exe 0x2a")
            && !["error:", "エラー:", "fehler:"].iter().any(|label| folded.trim_start().starts_with(label))
        || [
            "reg_",
            "following error occurred",
            "次のエラーが発生しました",
            "folgender fehler",
            "w32tm",
            "w32time",
            "ntp",
            "referenceid",
            "参照 id",
        ]
        .iter()
        .any(|word| folded.contains(word))
}

fn is_about_activation(folded: &str) -> bool {
    has_error_word(folded)
        && [
            "activat",
            "licens",
            "kms",
            "product key",
            "key management",
            "ライセンス",
            "認証",
            "プロダクト キー",
            "キー管理",
            "lizenz",
            "aktivier",
            "slmgr",
            "ospp",
        ]
        .iter()
        .any(|word| folded.contains(word))
}

fn has_error_word(folded: &str) -> bool {
    [
        "error",
        "fail",
        "code",
        "hresult",
        "hr=",
        "エラー",
        "失敗",
        "コード",
        "できない",
        "できません",
        "できなかった",
        "fehler",
        "错误",
        "錯誤",
        "失败",
        "失敗",
        "오류",
        "erreur",
        "not activate",
        "cannot",
        "can't",
    ]
    .iter()
    .any(|word| folded.contains(word))
}

fn is_licensing(code: ErrorCode) -> bool {
    code.0 >> 16 == LICENSING_FACILITY
}

/// The code is all that the line says.
fn is_alone(text: &str, place: usize) -> bool {
    let rest = text.get(place + 10..).unwrap_or("");
    let is_sign = |character: char| !character.is_alphanumeric();
    text[..place].chars().all(is_sign) && rest.chars().all(is_sign)
}

/// `Windows(R), Professional edition:`, which `/xpr` puts before its answer.
pub(super) fn product_of_xpr(text: &str) -> Option<&str> {
    let name = text.trim().strip_suffix(':').or_else(|| text.trim().strip_suffix('：'))?.trim();
    let folded = folded(name);
    let is_edition = folded.contains("edition") || folded.contains("エディション");
    (application_of_name(name).is_some() && is_edition && name.len() < 200).then_some(name)
}

/// True if `/xpr` says that the machine is activated for good.
pub(super) fn is_permanent(text: &str) -> bool {
    let folded = folded(text);
    let is_denied = ["ません", " not ", "n't"].iter().any(|word| folded.contains(word));
    let is_said = folded.contains("permanently activated")
        || (folded.contains("永続的") && folded.contains("ライセンス認証"))
        || folded.contains("dauerhaft aktiviert")
        || folded.contains("永久激活")
        || folded.contains("永久啟用")
        || folded.contains("영구적으로")
        || folded.contains("activé de façon permanente");
    is_said && !is_denied
}

/// True if `/xpr` gives the end of the activation.
pub(super) fn expires(text: &str) -> bool {
    let folded = folded(text);
    folded.contains("activation will expire")
        || (folded.contains("ライセンス認証") && (folded.contains("期限が切れ") || folded.contains("期限は")))
}
