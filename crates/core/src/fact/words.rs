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
    // Machines and services
    ("volume", "ボリューム認証に対応", "can be volume-activated"),
    ("home", "Home (ボリューム認証に非対応)", "Home (no volume activation)"),
    ("azure-edition", "Azure Edition", "Azure Edition"),
    ("multi-session", "マルチセッション", "multi-session"),
    ("physical", "物理マシン", "physical machine"),
    ("azure", "Azure", "Azure"),
    ("aws", "AWS", "AWS"),
    ("google-cloud", "Google Cloud", "Google Cloud"),
    ("hyper-v", "Hyper-V", "Hyper-V"),
    ("other-virtual", "その他の仮想環境", "another virtual platform"),
    ("on-premises", "オンプレミス", "on premises"),
    ("sound", "正常", "sound"),
    ("broken", "破損", "broken"),
    ("damaged", "破損", "damaged"),
    ("reachable", "到達可能", "reachable"),
    ("domain", "ドメイン", "domain"),
    ("private", "プライベート", "private"),
    ("public", "パブリック", "public"),
    ("connected", "接続", "connected"),
    ("disconnected", "切断", "disconnected"),
    ("present", "あり", "present"),
    ("missing", "なし", "missing"),
    ("available", "使用可能", "available"),
    ("disabled", "無効", "disabled"),
    ("enabled", "有効", "enabled"),
    ("running", "実行中", "running"),
    ("stopped", "停止", "stopped"),
    ("start-pending", "開始処理中", "starting"),
    ("stop-pending", "停止処理中", "stopping"),
    ("automatic", "自動", "automatic"),
    ("delayed", "自動 (遅延開始)", "automatic (delayed)"),
    ("manual", "手動", "manual"),
    ("controlled-folder-access", "コントロールされたフォルダー アクセス", "controlled folder access"),
    ("attack-surface-reduction", "攻撃面の減少 (ASR) 規則", "attack surface reduction rule"),
    ("applocker", "AppLocker", "AppLocker"),
    ("software-restriction", "ソフトウェアの制限のポリシー", "software restriction policy"),
    ("smartscreen", "SmartScreen", "SmartScreen"),
    ("app-control", "アプリ コントロール (WDAC)", "App Control (WDAC)"),
    ("antivirus", "ウイルス対策", "antivirus"),
    ("edr", "EDR", "EDR"),
    ("listed", "表に記載あり", "listed"),
    ("update-missing", "更新プログラムが不足", "an update is missing"),
    ("not-listed", "表に記載なし", "not listed"),
    ("installed", "インストール済み", "installed"),
    ("unreadable", "読み取れない", "unreadable"),
    ("vamt", "VAMT", "VAMT"),
    ("wmi", "WMI", "WMI"),
    ("slmgr", "slmgr", "slmgr"),
    ("well-formed", "正しい形式", "well-formed"),
    ("malformed", "形式の誤り", "malformed"),
    ("full-width", "全角文字を含む", "contains full-width characters"),
    ("settings-page", "設定アプリ", "Settings page"),
    ("succeeds", "成功", "succeeds"),
    ("fails", "失敗", "fails"),
    ("loopback", "ループバック", "loopback"),
    ("cloud", "クラウドの KMS", "a cloud's KMS"),
    // Cloud paths
    ("internet", "インターネット", "Internet"),
    ("firewall", "ファイアウォール", "firewall"),
    ("appliance", "仮想アプライアンス", "virtual appliance"),
    ("gateway", "ゲートウェイ", "gateway"),
    ("virtual-network", "仮想ネットワーク", "virtual network"),
    ("none", "なし", "none"),
    ("stale", "古い経路", "stale"),
    ("allow", "許可", "allow"),
    ("block", "ブロック", "block"),
    ("allows", "許可", "allows"),
    ("denies", "拒否", "denies"),
    ("holds", "有効", "holds"),
    ("lost", "失われている", "lost"),
    ("application-only", "アプリケーション規則のみ", "application rules only"),
    ("public-address", "パブリック IP", "public address"),
    ("nat-gateway", "NAT ゲートウェイ", "NAT gateway"),
    ("load-balancer-rule", "ロード バランサーの送信規則", "load balancer outbound rule"),
    ("default-access", "既定の送信アクセス", "default outbound access"),
    ("private-google-access", "限定公開の Google アクセス", "Private Google Access"),
    // Paths
    ("arrives", "ホストに届く", "arrives at the host"),
    ("prohibited", "経路上の機器が禁止", "prohibited by a device on the way"),
    ("no-route", "経路なしとルーターが応答", "a router has no route"),
    ("ends", "最後の中継点から先は応答なし", "no answer behind the last hop"),
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
