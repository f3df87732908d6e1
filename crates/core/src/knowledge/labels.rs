//! What the closed vocabularies of the knowledge say, for people.

use super::{AdviceFault, Evidence, Interval, Place, Rights, Risk, Role, Side, TopicKind};
use crate::language::Language;

macro_rules! labels {
    ($type:ident { $( $variant:ident => $ja:literal, $en:literal; )* }) => {
        impl $type {
            /// What it says, for people.
            pub fn label(self, language: Language) -> &'static str {
                match (self, language) {
                    $( (Self::$variant, Language::Japanese) => $ja, (Self::$variant, Language::English) => $en, )*
                }
            }
        }
    };
}

labels!(Risk {
    ReadOnly => "読み取りのみ", "read-only";
    Reversible => "元に戻せる", "reversible";
    Disruptive => "利用者やサービスに影響あり", "disruptive";
    Irreversible => "元に戻せない", "irreversible";
});

labels!(Rights {
    User => "一般ユーザー", "any user";
    Administrator => "ローカル管理者", "local administrator";
    Infrastructure => "DNS・ドメイン・ネットワーク・クラウドのいずれか (対象のもの) の管理者", "administrator of what is concerned (DNS, domain, network or cloud)";
});

labels!(Place {
    Client => "クライアントで", "on the client";
    Host => "KMS ホストで", "on the KMS host";
    DnsServer => "DNS サーバーで", "on the DNS server";
    Network => "経路上の機器で", "on the network";
    Domain => "ドメイン コントローラーで", "in the domain";
    Cloud => "クラウドのコンソールで", "in the cloud";
    Any => "どこでも", "anywhere";
});

labels!(Role {
    HelpDesk => "ヘルプ デスク", "help desk";
    ClientAdministrator => "クライアント管理者", "client administrator";
    KmsAdministrator => "KMS ホスト管理者", "KMS administrator";
    DnsAdministrator => "DNS 管理者", "DNS administrator";
    NetworkAdministrator => "ネットワーク管理者", "network administrator";
    DomainAdministrator => "ドメイン管理者", "domain administrator";
    SecurityAdministrator => "セキュリティ管理者", "security administrator";
    CloudAdministrator => "クラウド管理者", "cloud administrator";
    LicenceManager => "ライセンス管理者", "licence manager";
    MicrosoftSupport => "Microsoft サポート", "Microsoft support";
    ProviderSupport => "クラウド・機器の提供元のサポート", "the provider's support";
});

labels!(Interval {
    Day => "毎日", "each day";
    Week => "毎週", "each week";
    Month => "毎月", "each month";
    Quarter => "四半期ごと", "each quarter";
    Year => "毎年", "each year";
    Change => "変更のたび", "at each change";
});

labels!(Side {
    Client => "KMS クライアント", "KMS client";
    Host => "KMS ホスト", "KMS host";
    Mak => "MAK", "MAK";
    Online => "オンライン認証", "online activation";
    Office => "Office", "Office";
    Adba => "Active Directory によるライセンス認証", "Active Directory-based activation";
    Avma => "仮想マシンの自動ライセンス認証 (AVMA)", "automatic virtual machine activation (AVMA)";
    Token => "トークンによるライセンス認証", "token-based activation";
    Oem => "OEM", "OEM";
    Genuine => "正規品の検証", "genuine validation";
    Service => "ライセンス サービス", "the licensing service";
    Remote => "遠隔操作のツール", "remote management";
});

labels!(Evidence {
    Documented => "製品の提供元の文書に記載", "documented by the vendor";
    Observed => "実際の出力で確認", "seen in real output";
    Inferred => "定義は提供元のヘッダー、意味は推定", "defined in the vendor's headers, its meaning here is inferred";
    Generic => "定義は提供元のヘッダー、対処は同種のコードに共通のもの", "defined in the vendor's headers, the advice is that of its group";
    Reported => "第三者の報告のみ", "third-party reports only";
    Unverified => "未確認", "not verified";
});

labels!(TopicKind {
    Term => "用語", "term";
    State => "ライセンスの状態", "licence state";
    Symptom => "症状", "symptom";
    Limit => "期間・上限", "limit";
    Method => "認証方式", "method";
    CloudRule => "クラウドの規則", "cloud rule";
});

labels!(AdviceFault {
    Unsafe => "危険", "unsafe";
    Wrong => "誤り", "wrong";
    Useless => "効果なし", "useless";
});

impl Evidence {
    /// Whether a reader has to be told that the statement is not certain.
    pub fn is_uncertain(self) -> bool {
        !matches!(self, Self::Documented | Self::Observed)
    }
}
