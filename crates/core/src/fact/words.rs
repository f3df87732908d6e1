//! The words of the vocabularies, for people.

use crate::language::Language;

/// Word, Japanese, English.
const LABELS: &[(&str, &str, &str)] = &[
    // DNS
    ("found", "見つかった", "found"),
    ("no-such-name", "名前が存在しない (NXDOMAIN)", "no such name (NXDOMAIN)"),
    ("no-data", "名前はあるがレコードがない", "the name has no such record"),
    ("timeout", "応答なし (タイムアウト)", "no answer (timeout)"),
    ("server-failure", "サーバー エラー (SERVFAIL など)", "server failure"),
    ("refused", "拒否", "refused"),
    ("answers", "応答あり", "answers"),
    ("unreachable", "到達不能", "unreachable"),
    // Licences
    ("gvlk", "GVLK (KMS クライアント)", "GVLK (KMS client)"),
    ("mak", "MAK", "MAK"),
    ("csvlk", "CSVLK (KMS ホスト)", "CSVLK (KMS host)"),
    ("retail", "リテール", "retail"),
    ("oem", "OEM", "OEM"),
    ("evaluation", "評価版", "evaluation"),
    ("subscription", "サブスクリプション", "subscription"),
    ("avma", "AVMA (仮想マシンの自動ライセンス認証)", "AVMA"),
    ("unlicensed", "ライセンスなし", "unlicensed"),
    ("licensed", "ライセンス認証済み", "licensed"),
    ("initial-grace", "初期猶予期間", "initial grace period"),
    ("out-of-tolerance-grace", "許容範囲外の猶予期間", "out-of-tolerance grace period"),
    ("non-genuine-grace", "非正規の猶予期間", "non-genuine grace period"),
    ("notification", "通知", "notification"),
    ("extended-grace", "延長猶予期間", "extended grace period"),
    ("windows", "Windows", "Windows"),
    ("office", "Office", "Office"),
    ("any", "すべて", "all"),
    ("ad", "Active Directory", "Active Directory"),
    ("kms", "KMS", "KMS"),
    ("token", "トークン", "token"),
    // Attempts
    ("request", "要求 (イベント 12288)", "request (event 12288)"),
    ("response", "応答 (イベント 12289)", "response (event 12289)"),
    ("served", "ホストの処理 (イベント 12290)", "served by the host (event 12290)"),
    ("scheduled", "自動認証の失敗 (イベント 8198)", "failed auto-activation (event 8198)"),
    ("reported", "認証失敗の報告 (イベント 8233)", "reported failure (event 8233)"),
    ("command", "コマンドの結果", "result of a command"),
    ("online", "正規チケットの取得 (イベント 8200・8208)", "genuine ticket (events 8200, 8208)"),
    // Endpoints
    ("open", "接続できる", "opens"),
    ("blocked-locally", "このコンピューター上で遮断", "blocked on this machine"),
    ("failed", "失敗 (理由は不明)", "failed (the tool does not say how)"),
    ("acknowledged", "応答あり (KMS インターフェイスを受理)", "acknowledged"),
    ("rejected", "RPC は応答、KMS インターフェイスは拒否", "RPC answers, the KMS interface is rejected"),
    ("foreign", "KMS 以外の応答", "something other than KMS answers"),
    ("silent", "接続後に応答なし", "no answer after connecting"),
    ("closed", "応答せずに切断", "closed without an answer"),
    ("reset", "接続後にリセット", "reset after connecting"),
    // Clocks
    ("answered", "応答あり", "answered"),
    ("unresolved", "名前解決できない", "does not resolve"),
    ("unsynchronised", "時刻ソース自体が未同期", "the source itself is not synchronised"),
];

/// What a word of a vocabulary says, for people; an unknown word stands for itself.
pub fn word_label(word: &str, language: Language) -> &str {
    let label = LABELS.iter().find(|(known, _, _)| *known == word);
    match (label, language) {
        (Some((_, japanese, _)), Language::Japanese) => japanese,
        (Some((_, _, english)), Language::English) => english,
        (None, _) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Key, ValueType};

    #[test]
    fn every_word_of_every_vocabulary_has_a_label() {
        for key in Key::ALL {
            let ValueType::Word(words) = key.value_type() else { continue };
            for word in words {
                assert!(LABELS.iter().any(|(known, _, _)| known == word), "{}: `{word}`", key.name());
            }
        }
        for (word, _, _) in LABELS {
            assert!(Key::ALL.iter().any(|key| key.word(word).is_some()), "`{word}` is no word of any key");
        }
    }
}
