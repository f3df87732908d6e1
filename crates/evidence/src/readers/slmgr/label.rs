//! Labels of slmgr and ospp in English, Japanese and German, and some of Chinese, Korean and French; what is not known
//! is read by its shape.

use kmsdoctor_core::code::narrow;

/// Longest label, in bytes: anything longer is prose with a colon in it.
const LABEL_BYTES_MAX: usize = 160;

/// What a labelled line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Version,
    Name,
    Description,
    ActivationId,
    ApplicationId,
    Channel,
    PartialKey,
    Status,
    Reason,
    MinutesLeft,
    ActivationType,
    CachedHost,
    PinnedHost,
    LookupDomain,
    Count,
    ListeningPort,
    Requests,
    FailedRequests,
    ClientId,
    ActivationInterval,
    RenewalInterval,
    RearmCount,
    /// Number of the product, which begins a block of ospp.
    ProductId,
    /// `ERROR CODE` of ospp.
    ErrorCode,
    /// Known, without a fact of its own.
    Other,
}

/// The label of a line, and its value.
pub(super) fn labelled(text: &str) -> Option<(Label, &str)> {
    let at = text.find([':', '：'])?;
    let value = text[at..].trim_start_matches([':', '：']).trim();
    if at > LABEL_BYTES_MAX {
        return None;
    }
    let folded: String = text[..at].chars().map(narrow).filter(|character| !character.is_whitespace()).collect();
    label_of(&folded.to_lowercase()).map(|label| (label, value))
}

fn label_of(label: &str) -> Option<Label> {
    Some(match label {
        "softwarelicensingserviceversion"
        | "ソフトウェアライセンスサービスのバージョン"
        | "versiondessoftwarelizenzierungsdiensts"
        | "versiondessoftwarelizenzierungsdienstes"
        | "softwarelizenzierungsdienst-version"
        | "软件授权服务版本" => Label::Version,
        "name" | "名前" | "名称" | "名稱" | "이름" | "nom" | "licensename" => Label::Name,
        "description" | "説明" | "描述" | "설명" | "beschreibung" | "licensedescription" => Label::Description,
        "activationid"
        | "ライセンス認証id"
        | "アクティブ化id"
        | "アクティベーションid"
        | "aktivierungs-id"
        | "激活id"
        | "skuid" => Label::ActivationId,
        "applicationid" | "アプリケーションid" | "anwendungs-id" => Label::ApplicationId,
        "productid" => Label::ProductId,
        "productkeychannel"
        | "プロダクトキーチャネル"
        | "プロダクトキーのチャネル"
        | "productkey-kanal"
        | "produktschlüsselkanal" => Label::Channel,
        "partialproductkey"
        | "プロダクトキーの一部"
        | "部分プロダクトキー"
        | "部分的なプロダクトキー"
        | "teil-productkey"
        | "teilproductkey"
        | "teilproduktschlüssel"
        | "last5charactersofinstalledproductkey" => Label::PartialKey,
        "licensestatus"
        | "ライセンスの状態"
        | "ライセンス状態"
        | "ライセンスステータス"
        | "lizenzstatus"
        | "许可证状态" => Label::Status,
        "notificationreason" | "通知の理由" | "通知理由" | "benachrichtigungsgrund" => Label::Reason,
        "volumeactivationexpiration"
        | "timebasedactivationexpiration"
        | "virtualmachineactivationexpiration"
        | "automaticvmactivationexpiration"
        | "timeremaining"
        | "remaininggrace"
        | "残り時間"
        | "ablaufdervolumenaktivierung"
        | "verbleibendezeit" => Label::MinutesLeft,
        "configuredactivationtype"
        | "構成されたライセンス認証の種類"
        | "構成済みのライセンス認証の種類"
        | "konfigurierteraktivierungstyp"
        | "activationtypeconfiguration" => Label::ActivationType,
        "currentcount" | "現在のカウント" | "現在の数" | "現在のカウント数" | "aktuelleanzahl" => {
            Label::Count
        }
        "errorcode" => Label::ErrorCode,
        "dnsauto-discovery" | "dns自動検出" | "dnsの自動検出" => Label::CachedHost,
        _ => return label_by_words(label),
    })
}

/// Labels whose exact wording differs between versions, by the words that they must have.
fn label_by_words(label: &str) -> Option<Label> {
    let has = |words: &[&str]| words.iter().all(|word| label.contains(word));
    let any = |words: &[&str]| words.iter().any(|word| label.contains(word));
    if any(&["cmid", "clientmachineid"]) {
        return Some(Label::ClientId);
    }
    if any(&["pid", "ipaddress", "ipアドレス", "ip-adresse"]) {
        return Some(Label::Other);
    }
    if any(&["lookupdomain", "検索ドメイン", "参照ドメイン", "ルックアップドメイン"]) {
        return Some(Label::LookupDomain);
    }
    if has(&["kms"]) && any(&["registered", "registryoverride", "登録", "registriert"]) {
        return Some(Label::PinnedHost);
    }
    if has(&["kms", "dns"]) && any(&["name", "名", "コンピュータ", "discovery"]) {
        return Some(Label::CachedHost);
    }
    if any(&["listeningonport", "abhörenanport", "überwachungsport"])
        || has(&["リッスン", "ポート"])
        || has(&["待機", "ポート"])
    {
        return Some(Label::ListeningPort);
    }
    // The requests by state of the licence have such labels too.
    if any(&["licensestatus", "ライセンスの状態", "ライセンス状態", "lizenzstatus"]) {
        return Some(Label::Other);
    }
    if has(&["totalrequestsreceived"])
        || (has(&["要求"]) && any(&["合計", "総数"]))
        || has(&["anforderungen", "gesamt"])
    {
        return Some(Label::Requests);
    }
    if has(&["failedrequests"]) || has(&["失敗", "要求"]) || has(&["fehlerhafte", "anforderungen"]) {
        return Some(Label::FailedRequests);
    }
    if has(&["ライセンス認証", "有効期限"]) {
        return Some(Label::MinutesLeft);
    }
    if any(&["activationinterval", "ライセンス認証間隔", "ライセンス認証の間隔", "aktivierungsintervall"])
    {
        return Some(Label::ActivationInterval);
    }
    if any(&["renewalinterval", "更新間隔", "更新の間隔", "erneuerungsintervall", "续订间隔"]) {
        return Some(Label::RenewalInterval);
    }
    if has(&["windows"]) && any(&["rearm", "リセット"]) {
        return Some(Label::RearmCount);
    }
    if any(&["激活类型", "啟用類型", "인증유형", "typed'activation", "typed’activation"]) {
        return Some(Label::ActivationType);
    }
    let known = [
        "installationid",
        "インストールid",
        "installations-id",
        "licenseurl",
        "validationurl",
        "ライセンスの取得url",
        "検証url",
        "rearmcount",
        "リセット",
        "rearm",
        "trustedtime",
        "信頼された時刻",
        "信頼できる時刻",
        "kmspriority",
        "betaexpiration",
        "errordescription",
        "mostrecentactivation",
        "プロダクトid",
    ];
    any(&known).then_some(Label::Other)
}
