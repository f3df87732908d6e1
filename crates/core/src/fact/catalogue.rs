//! The catalogue: every fact that the program can know, with its type and its name in both languages.
//!
//! A new fact is one row here. Readers produce it, causes ask for it by the name in quotes, reports print its label.

use crate::language::Language;

/// Kinds of things that facts are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectKind {
    /// The machine in question (a KMS client or a KMS host).
    Machine,
    /// A licence of a product on a machine (one block of slmgr output).
    License,
    /// One attempt to activate: an event or a command's result.
    Attempt,
    /// A DNS domain in which an SRV record is looked for.
    Domain,
    /// A host name that has to resolve.
    Name,
    /// A KMS host with its port.
    Endpoint,
    /// A DNS server.
    Resolver,
    /// A source of time that the machine's clock is held against.
    TimeSource,
    /// A code that stands in somebody's words: it raises causes, and proves nothing.
    Mention,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Machine,
        Self::License,
        Self::Attempt,
        Self::Domain,
        Self::Name,
        Self::Endpoint,
        Self::Resolver,
        Self::TimeSource,
        Self::Mention,
    ];

    /// Its name in knowledge files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::License => "license",
            Self::Attempt => "attempt",
            Self::Domain => "domain",
            Self::Name => "name",
            Self::Endpoint => "endpoint",
            Self::Resolver => "resolver",
            Self::TimeSource => "time-source",
            Self::Mention => "mention",
        }
    }

    /// The kind called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Type of a fact's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Free text.
    Text,
    /// A whole number.
    Integer,
    /// Seconds.
    Seconds,
    /// Yes or no.
    Flag,
    /// An error code.
    Code,
    /// A point in time.
    Time,
}

macro_rules! catalogue {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident, $type:expr, $ja:literal, $en:literal; )*) => {
        /// What a fact says of its subject.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Key { $( $(#[$doc])* $variant, )* }

        impl Key {
            /// Every key.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Its name in knowledge files and JSON reports.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// The kind of subject that it belongs to.
            pub fn subject_kind(self) -> SubjectKind {
                match self { $( Self::$variant => SubjectKind::$kind, )* }
            }

            /// The type of its value.
            pub fn value_type(self) -> ValueType {
                match self { $( Self::$variant => $type, )* }
            }

            /// What it is, for people.
            pub fn label(self, language: Language) -> &'static str {
                match (self, language) { $( (Self::$variant, Language::Japanese) => $ja, (Self::$variant, Language::English) => $en, )* }
            }
        }
    };
}

use ValueType::{Code, Flag, Integer, Seconds, Text, Time, Word};

/// Outcomes of a DNS question. `no-such-name` is NXDOMAIN, `no-data` a name without records of the type.
const DNS_OUTCOMES: &[&str] = &["found", "no-such-name", "no-data", "timeout", "server-failure", "refused"];
/// Licence channels: `gvlk` client setup key, `csvlk` KMS host key, `avma` virtual machine activation.
const CHANNELS: &[&str] = &["gvlk", "mak", "csvlk", "retail", "oem", "evaluation", "subscription", "avma"];
/// Licence states 0–6 of `SoftwareLicensingProduct.LicenseStatus`.
pub const LICENSE_STATES: &[&str] = &[
    "unlicensed",
    "licensed",
    "initial-grace",
    "out-of-tolerance-grace",
    "non-genuine-grace",
    "notification",
    "extended-grace",
];
/// Where an attempt is recorded: `request` event 12288, `response` 12289, `served` 12290 (on the host), `scheduled` 8198,
/// `reported` 8233, `command` the output of slmgr or ospp, `online` the genuine-ticket path (8200, 8208).
const RECORDS: &[&str] = &["request", "response", "served", "scheduled", "reported", "command", "online"];

catalogue! {
    /// Name of the machine.
    MachineName = "machine.name", Machine, Text, "コンピューター名", "machine name";
    /// Whether the session had administrator rights.
    MachineElevated = "machine.elevated", Machine, Flag, "管理者権限での実行", "run with administrator rights";
    /// Primary DNS suffix or AD domain.
    MachineDomain = "machine.domain", Machine, Text, "プライマリ DNS サフィックス", "primary DNS suffix";
    /// Software licensing service version (`10.0.17763.2028`).
    MachineVersion = "machine.version", Machine, Text, "ソフトウェア ライセンス サービスのバージョン", "software licensing service version";
    /// A live run was asked to judge the path to KMS (no licence data was in reach).
    ScopePath = "scope.path", Machine, Flag, "経路の調査", "the path was checked";
    /// A live run was asked to judge discovery through DNS.
    ScopeDiscovery = "scope.discovery", Machine, Flag, "DNS による検出の調査", "discovery through DNS was checked";
    /// A live run asked a time source.
    ScopeTime = "scope.time", Machine, Flag, "時刻の調査", "the clock was checked";

    /// KMS host name pinned on the client (`KeyManagementServiceName`, `/skms`).
    KmsPinnedHost = "kms.pinned-host", Machine, Text, "固定設定された KMS ホスト", "pinned KMS host";
    /// Port pinned on the client.
    KmsPinnedPort = "kms.pinned-port", Machine, Integer, "固定設定されたポート", "pinned KMS port";
    /// Lookup domain forced on the client (`/skms-domain`).
    KmsLookupDomain = "kms.lookup-domain", Machine, Text, "固定設定された検索ドメイン", "forced lookup domain";
    /// Host that the client found in DNS and keeps.
    KmsCachedHost = "kms.cached-host", Machine, Text, "DNS で検出済みの KMS ホスト", "KMS host found in DNS";
    /// Configured activation type.
    KmsActivationType = "kms.activation-type", Machine, Word(&["any", "ad", "kms", "token"]), "構成されたライセンス認証の種類", "configured activation type";

    /// This machine serves as a KMS host.
    HostEnabled = "host.enabled", Machine, Flag, "KMS ホストとして有効", "KMS enabled on this machine";
    /// Current count of a KMS host (−1: none yet).
    HostCount = "host.count", Machine, Integer, "KMS ホストの現在のカウント", "current count of the KMS host";
    /// Port that the KMS host listens on.
    HostPort = "host.port", Machine, Integer, "KMS ホストの待ち受けポート", "listening port of the KMS host";
    /// Whether the KMS host publishes its SRV record.
    HostPublishing = "host.publishing", Machine, Flag, "KMS ホストの DNS 公開", "DNS publishing of the KMS host";
    /// Requests that the KMS host has received so far.
    HostRequests = "host.requests", Machine, Integer, "KMS ホストが受けた要求の合計", "requests received by the KMS host";
    /// Requests that the KMS host could not serve.
    HostFailedRequests = "host.failed-requests", Machine, Integer, "KMS ホストが失敗した要求", "failed requests of the KMS host";

    /// Product name (`Windows(R), ServerStandard edition`).
    LicenseProduct = "license.product", License, Text, "製品", "product";
    /// Windows or Office.
    LicenseApplication = "license.application", License, Word(&["windows", "office"]), "アプリケーション", "application";
    /// Channel of the installed key.
    LicenseChannel = "license.channel", License, Word(CHANNELS), "プロダクト キー チャネル", "product key channel";
    /// State of the licence.
    LicenseStatus = "license.status", License, Word(LICENSE_STATES), "ライセンスの状態", "licence status";
    /// Reason of the notification or grace state.
    LicenseReason = "license.reason", License, Code, "通知の理由", "reason of the licence status";
    /// Minutes left in the present state.
    LicenseMinutesLeft = "license.minutes-left", License, Integer, "残り時間 (分)", "minutes left";
    /// Activated for good.
    LicensePermanent = "license.permanent", License, Flag, "永続的なライセンス認証", "permanently activated";
    /// When the activation ends.
    LicenseExpires = "license.expires", License, Time, "ライセンス認証の有効期限", "activation expires at";
    /// Last five characters of the key.
    LicensePartialKey = "license.partial-key", License, Text, "プロダクト キーの一部", "partial product key";
    /// Whether a product key is installed.
    LicenseKeyInstalled = "license.key-installed", License, Flag, "プロダクト キーの有無", "a product key is installed";
    /// The licence that makes this machine a KMS host.
    LicenseServes = "license.serves", License, Flag, "KMS ホストとして動作するライセンス", "licence that serves as KMS host";

    /// A code in somebody's words.
    MentionCode = "mention.code", Mention, Code, "文章中のコード", "code in somebody's words";

    /// Where the attempt is recorded.
    AttemptRecord = "attempt.record", Attempt, Word(RECORDS), "記録の種類", "kind of record";
    /// Its result; zero is success.
    AttemptCode = "attempt.code", Attempt, Code, "結果コード", "result code";
    /// KMS host and port that were tried.
    AttemptTarget = "attempt.target", Attempt, Text, "試行先の KMS ホスト", "KMS host tried";
    /// Machine whose log or session records it.
    AttemptComputer = "attempt.computer", Attempt, Text, "記録したコンピューター", "machine that records it";
    /// Client machine name as the host saw it.
    AttemptClient = "attempt.client", Attempt, Text, "クライアント名", "client name";
    /// Client machine ID (CMID).
    AttemptClientId = "attempt.client-id", Attempt, Text, "クライアント マシン ID (CMID)", "client machine ID (CMID)";
    /// Time stamp that the client put into the request (UTC).
    AttemptClientTime = "attempt.client-time", Attempt, Time, "要求の時刻 (UTC)", "time stamp of the request (UTC)";
    /// When the event was logged, by the clock of the machine that logged it (UTC); only where the zone is certain.
    AttemptRecordedAt = "attempt.recorded-at", Attempt, Time, "イベントの記録時刻 (UTC)", "time of the record (UTC)";
    /// Status flags of events 12288 and 12289.
    AttemptFlags = "attempt.flags", Attempt, Integer, "状態フラグ", "status flags";
    /// Host count in the response.
    AttemptCount = "attempt.count", Attempt, Integer, "応答のカウント", "count in the response";
    /// Count that the client needs (N-policy).
    AttemptRequiredCount = "attempt.required-count", Attempt, Integer, "必要なカウント", "count required";
    /// Whether the client is activated after the response.
    AttemptActivated = "attempt.activated", Attempt, Flag, "応答後のライセンス認証", "activated by the response";
    /// Product of the attempt.
    AttemptActivationId = "attempt.activation-id", Attempt, Text, "ライセンス認証 ID", "activation ID";
    /// Derived: a later success of the same product is in the evidence.
    AttemptOvercome = "attempt.overcome", Attempt, Flag, "後の成功で解消済み", "overcome by a later success";
    /// Derived: client's time stamp minus the time at which the host recorded the same request.
    AttemptClockDifference = "attempt.clock-difference-s", Attempt, Seconds, "クライアントとホストの時刻差 (秒)", "clock difference between client and host (s)";
    /// Derived: failures in the 30 days before the newest success.
    ActivationFailures = "activation.failures-before-success", Machine, Integer, "成功前 30 日間の失敗数", "failures in the 30 days before the newest success";
    /// Derived: time of the newest success.
    ActivationLastSuccess = "activation.last-success", Machine, Time, "最後に成功した時刻", "newest success";

    /// The KMS client looks in this domain (primary suffix, DHCP domain, lookup domain, or given by the user).
    DomainLookup = "domain.lookup", Domain, Flag, "クライアントが検索するドメイン", "domain in which the client looks";
    /// Outcome of the question for `_vlmcs._tcp` SRV records.
    DomainSrv = "domain.srv", Domain, Word(DNS_OUTCOMES), "_vlmcs._tcp SRV レコード", "_vlmcs._tcp SRV record";
    /// Derived: the question for SRV records was put, and no server answered it.
    DomainSrvUnanswered = "domain.srv-unanswered", Domain, Flag, "SRV レコードの問い合わせに回答なし", "no server answered the question for SRV records";
    /// Number of hosts that the record advertises.
    DomainSrvCount = "domain.srv-count", Domain, Integer, "SRV レコードの数", "number of SRV records";

    /// Outcome of the address questions (A and AAAA together). One question alone settles `found` (either) and
    /// `no-such-name` (A); `no-data` follows only when neither has records, see [`Key::NameIpv4`].
    NameAddress = "name.address", Name, Word(DNS_OUTCOMES), "名前解決", "name resolution";
    /// Outcome of the A question alone.
    NameIpv4 = "name.ipv4", Name, Word(DNS_OUTCOMES), "IPv4 アドレス (A)", "IPv4 address (A)";
    /// Outcome of the AAAA question alone.
    NameIpv6 = "name.ipv6", Name, Word(DNS_OUTCOMES), "IPv6 アドレス (AAAA)", "IPv6 address (AAAA)";

    /// Whether the server answered at all; `server-failure` includes refusals.
    ResolverOutcome = "resolver.outcome", Resolver, Word(&["answers", "timeout", "server-failure", "unreachable"]), "DNS サーバーの応答", "answer of the DNS server";

    /// An SRV record advertises this host and port.
    EndpointAdvertised = "endpoint.advertised", Endpoint, Flag, "SRV レコードで公開", "advertised by an SRV record";
    /// The client has this host and port pinned.
    EndpointPinned = "endpoint.pinned", Endpoint, Flag, "クライアントに固定設定", "pinned on the client";
    /// The user asked for this host and port.
    EndpointAsked = "endpoint.asked", Endpoint, Flag, "利用者が指定", "asked for by the user";
    /// TCP port (derived from the subject).
    EndpointPort = "endpoint.port", Endpoint, Integer, "TCP ポート", "TCP port";
    /// Outcome of the name resolution of its host (derived from the name's facts).
    EndpointAddress = "endpoint.address", Endpoint, Word(DNS_OUTCOMES), "ホスト名の名前解決", "resolution of the host name";
    /// Best outcome of TCP connections over all addresses. `failed`: it did not open, and the tool does not say how.
    EndpointTcp = "endpoint.tcp", Endpoint, Word(&["open", "refused", "timeout", "unreachable", "blocked-locally", "failed"]), "TCP 接続", "TCP connection";
    /// Best outcome of the RPC bind over all addresses. `foreign` other bytes than RPC, `rejected` RPC without the KMS interface.
    EndpointRpc = "endpoint.rpc", Endpoint, Word(&["acknowledged", "rejected", "foreign", "silent", "closed", "reset"]), "RPC バインド", "RPC bind";
    /// The host shows signs of life beside the port (ICMP, or TCP 135, 445, 53).
    EndpointAlive = "endpoint.alive", Endpoint, Flag, "ホストの生存", "sign of life of the host";

    /// Outcome of the SNTP or w32tm question.
    ClockOutcome = "clock.outcome", TimeSource, Word(&["answered", "timeout", "unresolved", "unsynchronised", "refused", "unreachable"]), "時刻ソースの応答", "answer of the time source";
    /// Time source minus local clock, in seconds: positive when the local clock is behind (the sign of `w32tm /stripchart`).
    ClockOffset = "clock.offset-s", TimeSource, Seconds, "時刻ソースとの差 (秒)", "clock offset against the time source (s)";
    /// Whether Windows' time service is synchronised.
    ClockSynchronised = "clock.synchronised", Machine, Flag, "時刻同期", "clock synchronised";
    /// Time source that Windows' time service names.
    ClockSource = "clock.source", Machine, Text, "時刻同期のソース", "source of the time service";
}

impl Key {
    /// The key called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// The word of this key that one proof suffices for, whatever else was seen at the same moment: a DNS server that
    /// answered one question is there, though another went unanswered.
    pub fn decisive_word(self) -> Option<&'static str> {
        match self {
            Self::ResolverOutcome => Some("answers"),
            _ => None,
        }
    }

    /// Whether a statement without a date is the newest: console output shows the state when the evidence was taken, and
    /// no log that was taken with it is newer.
    pub fn undated_is_newest(self) -> bool {
        matches!(
            self,
            Self::LicenseStatus
                | Self::LicenseReason
                | Self::LicenseMinutesLeft
                | Self::LicensePermanent
                | Self::LicenseExpires
        )
    }

    /// The vocabulary's own copy of `word`, if this key's values are words and `word` is one of them.
    pub fn word(self, word: &str) -> Option<&'static str> {
        match self.value_type() {
            ValueType::Word(words) => words.iter().copied().find(|known| *known == word),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_labels_stand_in_both_languages() {
        let mut names = HashSet::new();
        for key in Key::ALL.iter().copied() {
            assert!(names.insert(key.name()), "{} stands twice", key.name());
            assert_eq!(Key::from_name(key.name()), Some(key));
            for language in Language::ALL {
                assert!(!key.label(language).is_empty());
            }
        }
    }
}
