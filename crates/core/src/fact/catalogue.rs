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
    /// The way from one virtual machine's interface to one KMS address, as a cloud's exports describe it.
    CloudPath,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Machine,
        Self::License,
        Self::Attempt,
        Self::Domain,
        Self::Name,
        Self::Endpoint,
        Self::Resolver,
        Self::TimeSource,
        Self::Mention,
        Self::CloudPath,
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
            Self::CloudPath => "cloud-path",
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
/// Where a machine runs.
const PLATFORMS: &[&str] = &["physical", "azure", "aws", "google-cloud", "hyper-v", "other-virtual"];
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
    /// Client machine ID that the licensing service of the machine puts into its requests.
    MachineClientId = "machine.client-id", Machine, Text, "このコンピューターのクライアント マシン ID (CMID)", "client machine ID (CMID) of the machine";
    /// How often the licensing state may still be reset (`/rearm`).
    MachineRearmCount = "machine.rearm-count", Machine, Integer, "残りのリセット (rearm) 回数", "rearms left";
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
    /// Minutes between attempts while not activated: set on a host, taken over by its clients.
    KmsActivationInterval = "kms.activation-interval", Machine, Integer, "ライセンス認証の試行間隔 (分)", "activation interval (minutes)";
    /// Minutes between renewals while activated: set on a host, taken over by its clients.
    KmsRenewalInterval = "kms.renewal-interval", Machine, Integer, "更新間隔 (分)", "renewal interval (minutes)";

    /// Policy that keeps a KMS client from asking for a genuine ticket over the Internet (`NoGenTicket`).
    KmsNoGenuineTicket = "kms.no-genuine-ticket", Machine, Flag, "正規チケットを取得しないポリシー (NoGenTicket)", "policy against genuine tickets (NoGenTicket)";

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
    /// Further domains that the KMS host publishes in (`DnsDomainPublishList`).
    HostPublishList = "host.publish-list", Machine, Text, "SRV レコードの公開先の一覧 (DnsDomainPublishList)", "domains to publish in (DnsDomainPublishList)";
    /// The KMS host says that it meets the requirements of hardware-based security (Windows Server 2025 and later).
    HostHardwareSecured = "host.hardware-secured", Machine, Flag, "ハードウェアで保護された KMS ホストの要件", "eligible for hardware-based security of a KMS host";

    /// Edition id (`Professional`, `Core`, `ServerStandardEval`).
    MachineEdition = "machine.edition", Machine, Text, "エディション", "edition";
    /// What the edition allows: `volume` can be volume-activated, `home` and `evaluation` cannot, `azure-edition` attests to
    /// Azure, `multi-session` brings its own key.
    MachineEditionClass = "machine.edition-class", Machine, Word(&["volume", "home", "evaluation", "azure-edition", "multi-session"]), "エディションの区分", "class of the edition";
    /// Version and build of the operating system (`10.0.20348.2322`).
    MachineBuild = "machine.build", Machine, Text, "OS のビルド", "build of the operating system";
    /// Where the machine runs.
    MachinePlatform = "machine.platform", Machine, Word(PLATFORMS), "実行環境", "platform";
    /// Windows reports that only part of the memory is usable (2 GB), a symptom of a damaged licence store.
    MachineMemoryLimited = "machine.memory-limited", Machine, Flag, "使用可能メモリの制限", "usable memory is limited";
    /// Member of an Active Directory domain.
    MachineDomainJoined = "machine.domain-joined", Machine, Flag, "ドメイン参加", "joined to a domain";
    /// Secure channel to the domain (`nltest`, `dsregcmd`, NETLOGON 3210; 5719 tells of the domain controller).
    MachineSecureChannel = "machine.secure-channel", Machine, Word(&["sound", "broken"]), "ドメインとのセキュア チャネル", "secure channel to the domain";
    /// Whether a domain controller can be reached.
    MachineDomainController = "machine.domain-controller", Machine, Word(&["reachable", "unreachable"]), "ドメイン コントローラー", "domain controller";
    /// Derived: whether the DNS servers that the machine uses know its own domain, as the organisation's do.
    MachineInternalDns = "machine.internal-dns", Machine, Word(&["answers", "unreachable"]), "組織内の DNS サーバー", "the organisation's DNS servers";
    /// Category of the network that Windows sees.
    MachineNetworkCategory = "machine.network-category", Machine, Word(&["domain", "private", "public"]), "ネットワークの種類", "network category";
    /// VPN to the organisation.
    MachineVpn = "machine.vpn", Machine, Word(&["connected", "disconnected"]), "VPN", "VPN";
    /// `WinHTTP` proxy; absent where access is direct. KMS does not use it.
    MachineHttpProxy = "machine.http-proxy", Machine, Text, "WinHTTP プロキシ", "WinHTTP proxy";
    /// DNS servers that the machine is set to ask; absent where none is set (site-local default addresses do not count).
    MachineDnsServers = "machine.dns-servers", Machine, Text, "設定された DNS サーバー", "DNS servers that are set";
    /// Names to which the hosts file gives an address, where the whole file is in the evidence.
    MachineHostsEntries = "machine.hosts-entries", Machine, Integer, "hosts ファイルにある名前の数", "names in the hosts file";
    /// Whether the routing table has any route to AWS' link-local KMS addresses; where it runs on AWS, that becomes
    /// `cloud-path.route`.
    MachineAwsRoutes = "machine.aws-routes", Machine, Word(&["present", "missing"]), "AWS のリンクローカル KMS アドレスへの経路", "routes to AWS' link-local KMS addresses";
    /// Hardware changed since the previous start (event 1040).
    MachineHardwareChanged = "machine.hardware-changed", Machine, Flag, "ハードウェアの変更", "hardware changed";
    /// Time zone that is set, as Windows names it (`Tokyo Standard Time`). Licensing reckons in UTC: a wrong zone with right
    /// UTC is no fault of it.
    MachineTimeZone = "machine.time-zone", Machine, Text, "タイム ゾーン", "time zone";
    /// Local time minus UTC, in minutes, as the system is set.
    MachineUtcOffset = "machine.utc-offset-minutes", Machine, Integer, "UTC からの時差 (分)", "local time minus UTC (minutes)";
    /// OEM marker in the firmware (SLIC, OA3) that an upgrade-only volume edition asks for.
    MachineFirmwareMarker = "machine.firmware-marker", Machine, Word(&["present", "missing"]), "ファームウェアの OEM マーカー", "OEM marker in the firmware";
    /// System files are damaged (`sfc`, `DISM /CheckHealth`).
    MachineFilesDamaged = "machine.files-damaged", Machine, Flag, "システム ファイルの破損", "system files are damaged";
    /// A language pack is installed that the edition is not licensed for.
    MachineLanguagePackUnlicensed = "machine.language-pack-unlicensed", Machine, Flag, "ライセンスのない言語パック", "language pack without licence";
    /// Permissions of the licence store, its registry keys and NETWORK SERVICE.
    MachinePermissions = "machine.permissions", Machine, Word(&["sound", "damaged"]), "ライセンス ストアの権限", "permissions of the licence store";
    /// A file that another process keeps locked.
    MachineLockedFile = "machine.locked-file", Machine, Text, "ロックされたファイル", "locked file";
    /// Whether `VBScript` and the Windows Script Host can run `slmgr.vbs`.
    MachineScriptHost = "machine.script-host", Machine, Word(&["available", "missing", "disabled"]), "VBScript・Windows Script Host", "VBScript and Windows Script Host";

    /// State of the Software Protection service (`sppsvc`). Stopped is normal on an idle client.
    ServiceState = "service.state", Machine, Word(&["running", "stopped", "start-pending", "stop-pending"]), "sppsvc の状態", "state of sppsvc";
    /// Start type of `sppsvc`.
    ServiceStartType = "service.start-type", Machine, Word(&["automatic", "delayed", "manual", "disabled"]), "sppsvc のスタートアップの種類", "start type of sppsvc";
    /// Result of an attempt to start `sppsvc`; zero is success.
    ServiceStartCode = "service.start-code", Machine, Code, "sppsvc の開始結果", "result of starting sppsvc";
    /// Something listens on the KMS port of this machine (`netstat`).
    ServiceListening = "service.listening", Machine, Flag, "KMS ポートの待ち受け", "KMS port is listened on";
    /// State of the scheduled tasks of `SoftwareProtectionPlatform`.
    TaskState = "task.state", Machine, Word(&["enabled", "disabled", "missing"]), "SoftwareProtectionPlatform のタスク", "SoftwareProtectionPlatform tasks";
    /// Why the restart of the service could not be scheduled (event 16385); zero after event 16384.
    TaskScheduleCode = "task.schedule-code", Machine, Code, "再起動スケジュールの結果", "result of scheduling the restart";
    /// A failed row of the licence store's initialisation (event 1066); zero where all rows are sound.
    StoreCode = "store.code", Machine, Code, "ライセンス ストアの初期化結果", "result of the licence store's initialisation";

    /// Security feature or product that blocked an activation tool or service.
    SecurityBlock = "security.block", Machine, Word(&["controlled-folder-access", "attack-surface-reduction", "applocker", "software-restriction", "smartscreen", "app-control", "antivirus", "edr"]), "遮断したセキュリティ機能", "security feature that blocked";
    /// What it blocked (`cscript.exe`, `sppsvc.exe`).
    SecurityBlockedProgram = "security.blocked-program", Machine, Text, "遮断されたプログラム", "blocked program";
    /// A local firewall rule blocks outbound TCP to the KMS port or from `sppsvc`.
    FirewallBlocksOutbound = "firewall.blocks-outbound", Machine, Flag, "ローカル規則による送信遮断", "a local rule blocks outbound KMS traffic";
    /// The local firewall's log shows dropped outbound packets to the KMS port.
    FirewallDropLogged = "firewall.drop-logged", Machine, Flag, "送信破棄の記録", "dropped outbound packets are logged";
    /// What a profile of the local firewall in use does with outbound traffic that no rule allows: `block` where any does.
    FirewallDefaultOutbound = "firewall.default-outbound", Machine, Word(&["allow", "block"]), "ファイアウォールの送信の既定の動作", "default of the firewall for outbound traffic";
    /// The firewall's log of this machine shows dropped inbound packets to the KMS port.
    HostFirewallDropLogged = "host.firewall-drop-logged", Machine, Flag, "受信破棄の記録", "dropped inbound packets are logged";
    /// Inbound rule `SPPSVC-In-TCP` of a KMS host.
    HostFirewallRule = "host.firewall-rule", Machine, Word(&["enabled", "disabled", "missing"]), "受信規則 SPPSVC-In-TCP", "inbound rule SPPSVC-In-TCP";
    /// Result of the KMS initialisation on the host (events 12291, 12292).
    HostInitCode = "host.init-code", Machine, Code, "KMS の初期化結果", "result of the KMS initialisation";
    /// Result of the last publishing of the SRV record: the code of event 12293, zero after event 12294.
    HostPublishCode = "host.publish-code", Machine, Code, "SRV レコード登録の結果", "result of publishing the SRV record";
    /// Domain of that publishing.
    HostPublishDomain = "host.publish-domain", Machine, Text, "SRV レコード登録先のドメイン", "domain of the publishing";
    /// Generation of the installed host key (CSVLK), an id of the host table such as `server-2022`.
    HostKeyGeneration = "host.key-generation", Machine, Text, "KMS ホスト キーの世代", "generation of the host key";
    /// Whether the host table lists that this host key on this host and update level activates the client in question.
    HostCompatibility = "host.compatibility", Machine, Word(&["listed", "update-missing", "not-listed"]), "ホスト表での対応", "compatibility by the host table";
    /// Office volume licence pack with its host key on the KMS host.
    HostOfficePack = "host.office-pack", Machine, Word(&["installed", "missing"]), "Office ボリューム ライセンス パック", "Office volume licence pack";

    /// Activation object in Active Directory.
    AdActivationObject = "ad.activation-object", Machine, Word(&["found", "missing", "unreadable"]), "AD のライセンス認証オブジェクト", "activation object in AD";
    /// Tool that works on the machine from afar.
    RemoteTool = "remote.tool", Machine, Word(&["vamt", "wmi", "slmgr"]), "遠隔操作のツール", "remote tool";
    /// What the remote tool got; zero is success.
    RemoteCode = "remote.code", Machine, Code, "遠隔操作の結果", "result of the remote tool";
    /// Firewall group Windows Management Instrumentation on the remote machine.
    RemoteWmiFirewall = "remote.wmi-firewall", Machine, Word(&["enabled", "disabled"]), "WMI のファイアウォール グループ", "WMI firewall group";
    /// The account is an administrator on the remote machine.
    RemoteAdministrator = "remote.administrator", Machine, Flag, "遠隔先の管理者権限", "administrator on the remote machine";
    /// `LocalAccountTokenFilterPolicy` lets local administrators of a workgroup machine work from afar.
    RemoteTokenFilter = "remote.token-filter-policy", Machine, Flag, "LocalAccountTokenFilterPolicy", "LocalAccountTokenFilterPolicy";

    /// Form of a product key that somebody typed. Its characters are masked before this is read.
    KeyForm = "key.form", Machine, Word(&["well-formed", "malformed", "full-width"]), "入力されたキーの形式", "form of the typed key";
    /// Where the key was entered.
    KeyEntry = "key.entry", Machine, Word(&["settings-page", "command"]), "キーの入力方法", "where the key was entered";

    /// Instance metadata service of the cloud.
    CloudMetadata = "cloud.metadata", Machine, Word(&["answers", "unreachable"]), "インスタンス メタデータ (IMDS)", "instance metadata service (IMDS)";
    /// Attestation of an Azure Edition to its platform.
    CloudAttestation = "cloud.attestation", Machine, Word(&["succeeds", "fails"]), "プラットフォームの証明", "attestation to the platform";
    /// The desktop shows the activation watermark.
    DesktopWatermark = "desktop.watermark", Machine, Flag, "デスクトップの透かし", "watermark on the desktop";

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
    /// Count of the KMS host for this product: Windows and Office are counted apart.
    LicenseHostCount = "license.host-count", License, Integer, "この製品についての KMS ホストのカウント", "count of the KMS host for this product";
    /// Machine that the licence is on, in an export of several machines.
    LicenseMachine = "license.machine", License, Text, "ライセンスのあるコンピューター", "machine of the licence";
    /// Client machine ID of that machine.
    LicenseClientId = "license.client-id", License, Text, "そのコンピューターの CMID", "client machine ID (CMID) of that machine";

    /// Last five characters of the key belong to this product of the product table (derived).
    LicenseKeyProduct = "license.key-product", License, Text, "キーが対応する製品", "product that the key is for";
    /// Whether the installed key fits edition and version of the product (derived from the product table).
    LicenseKeyFits = "license.key-fits", License, Flag, "キーとエディションの一致", "key fits the edition";

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
    /// Number of the event in its log.
    AttemptRecordNumber = "attempt.record-number", Attempt, Integer, "イベントのレコード番号", "record number of the event";
    /// Status flags of events 12288 and 12289.
    AttemptFlags = "attempt.flags", Attempt, Integer, "状態フラグ", "status flags";
    /// Host count in the response.
    AttemptCount = "attempt.count", Attempt, Integer, "応答のカウント", "count in the response";
    /// Interval of attempts while the client is not activated, as the response tells it.
    AttemptActivationInterval = "attempt.activation-interval-minutes", Attempt, Integer, "ライセンス認証の間隔 (分)", "activation interval (minutes)";
    /// Interval of renewals once the client is activated, as the response tells it.
    AttemptRenewalInterval = "attempt.renewal-interval-minutes", Attempt, Integer, "更新の間隔 (分)", "renewal interval (minutes)";
    /// Count that the client needs (N-policy).
    AttemptRequiredCount = "attempt.required-count", Attempt, Integer, "必要なカウント", "count required";
    /// Whether the client is activated after the response.
    AttemptActivated = "attempt.activated", Attempt, Flag, "応答後のライセンス認証", "activated by the response";
    /// Product of the attempt.
    AttemptActivationId = "attempt.activation-id", Attempt, Text, "ライセンス認証 ID", "activation ID";
    /// Windows or Office, by the application or activation ID of the attempt.
    AttemptApplication = "attempt.application", Attempt, Word(&["windows", "office"]), "認証対象", "application of the attempt";
    /// Derived: the same client machine ID comes under several machine names.
    AttemptClientIdShared = "attempt.client-id-shared", Attempt, Flag, "CMID の重複", "client machine ID is shared";
    /// Derived: the log of the KMS host that the client tried has a record of this very request. `false` only where that
    /// log covers the time of the request: then it was lost on its way to the host, and not the answer on its way back.
    AttemptSeenByHost = "attempt.seen-by-host", Attempt, Flag, "KMS ホストでの記録", "recorded by the KMS host";
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
    /// Outcome of the question for the SRV records of the domain's controllers (`_ldap._tcp.dc._msdcs`), put to the DNS
    /// servers that the machine uses. A server that somebody named by hand tells of records only, not that there are none.
    DomainControllerSrv = "domain.controller-srv", Domain, Word(DNS_OUTCOMES), "ドメイン コントローラーの SRV レコード (_ldap._tcp.dc._msdcs)", "SRV record of domain controllers (_ldap._tcp.dc._msdcs)";
    /// Derived: the question for SRV records was put, and no server answered it.
    DomainSrvUnanswered = "domain.srv-unanswered", Domain, Flag, "SRV レコードの問い合わせに回答なし", "no server answered the question for SRV records";
    /// What a DNS server that fails on records of the domain says with its DNSSEC checks disabled; `answers` only where it
    /// fails again with them.
    DomainUnchecked = "domain.unchecked", Domain, Word(&["answers", "server-failure"]), "DNSSEC の検証を無効にしたときの回答", "answer with DNSSEC checks disabled";
    /// Number of hosts that the record advertises.
    DomainSrvCount = "domain.srv-count", Domain, Integer, "SRV レコードの数", "number of SRV records";
    /// Hosts and ports that the DNS server's answer advertises, in order of their names.
    DomainSrvTargets = "domain.srv-targets", Domain, Text, "SRV レコードの公開先", "hosts of the SRV record";
    /// Hosts and ports of the SRV record in the client's resolver cache; absent where the cache keeps that there is none.
    DomainCachedSrv = "domain.cached-srv", Domain, Text, "DNS キャッシュの SRV レコード", "SRV record in the resolver cache";

    /// Outcome of the address questions (A and AAAA together). One question alone settles `found` (either) and
    /// `no-such-name` (A); `no-data` follows only when neither has records, see [`Key::NameIpv4`].
    NameAddress = "name.address", Name, Word(DNS_OUTCOMES), "名前解決", "name resolution";
    /// Outcome of the A question alone.
    NameIpv4 = "name.ipv4", Name, Word(DNS_OUTCOMES), "IPv4 アドレス (A)", "IPv4 address (A)";
    /// Outcome of the AAAA question alone.
    NameIpv6 = "name.ipv6", Name, Word(DNS_OUTCOMES), "IPv6 アドレス (AAAA)", "IPv6 address (AAAA)";
    /// IPv4 addresses that a DNS server gave, in order: what neither cache nor hosts file has touched.
    NameDnsIpv4 = "name.dns-ipv4", Name, Text, "DNS サーバーが返した IPv4 アドレス", "IPv4 address that the DNS server gives";
    /// The same for IPv6: the two are asked for one by one, and each answer stands for itself.
    NameDnsIpv6 = "name.dns-ipv6", Name, Text, "DNS サーバーが返した IPv6 アドレス", "IPv6 address that the DNS server gives";
    /// Addresses in the client's resolver cache; absent where it keeps that the name does not exist.
    NameCachedAddress = "name.cached-address", Name, Text, "DNS キャッシュのアドレス", "address in the resolver cache";
    /// Address that the client itself took for the name (`ping`, `tracert`), be it from hosts file, cache or DNS.
    NameClientAddress = "name.client-address", Name, Text, "クライアントが使ったアドレス", "address that the client used";
    /// Derived: the address that the client itself took is not what DNS servers give.
    NameClientDiffers = "name.client-differs", Name, Flag, "クライアントが使ったアドレスと DNS サーバーの相違", "address that the client used differs from DNS";
    /// The host of this name or address answered a ping or a trace; false where the network said that it is not there.
    NameAlive = "name.alive", Name, Flag, "ping への応答", "answers a ping";

    /// Address that the hosts file gives to the name.
    NameHostsFile = "name.hosts-file", Name, Text, "hosts ファイルのアドレス", "address in the hosts file";
    /// The hosts file gives another address than DNS.
    NameHostsFileDiffers = "name.hosts-file-differs", Name, Flag, "hosts ファイルと DNS の相違", "hosts file differs from DNS";
    /// The client's resolver cache holds another answer than the DNS server gives.
    NameCacheDiffers = "name.cache-differs", Name, Flag, "DNS キャッシュと DNS サーバーの相違", "resolver cache differs from DNS";

    /// Whether the server answered at all; `server-failure` includes refusals.
    ResolverOutcome = "resolver.outcome", Resolver, Word(&["answers", "timeout", "server-failure", "unreachable"]), "DNS サーバーの応答", "answer of the DNS server";
    /// How long its answer to a question took, with what was sent again before it.
    ResolverAnswerTime = "resolver.answer-us", Resolver, Integer, "DNS の応答時間 (µs)", "time to the answer of the DNS server (µs)";
    /// Derived: names that do not exist by this DNS server's word, and that another one has at the same moment. Absent where
    /// servers were compared and it lacks nothing.
    ResolverLacks = "resolver.lacks", Resolver, Text, "ほかの DNS サーバーにはあり、このサーバーにはない名前", "names that another DNS server has and this one lacks";
    /// Derived: names of which this DNS server gives only a part of what the servers give together, or something else.
    ResolverDiffers = "resolver.differs", Resolver, Text, "ほかの DNS サーバーと回答が違う名前", "names with other records than another DNS server gives";
    /// The machine is set to ask this DNS server.
    ResolverConfigured = "resolver.configured", Resolver, Flag, "DNS サーバーとして設定", "set as DNS server";

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

    /// The last device on the way that answered a trace of it; absent where none did.
    EndpointLastHop = "endpoint.last-hop", Endpoint, Text, "経路上で最後に応答した機器", "last device on the way that answered";
    /// What a trace with TCP to this very port came to: `prohibited` a device says that it lets nothing through, `no-route` a
    /// router says that there is no way, `ends` nobody answers behind the last hop, `arrives` the host answers.
    EndpointPath = "endpoint.path", Endpoint, Word(&["arrives", "prohibited", "no-route", "ends"]), "このポートへの経路の追跡", "trace of the way to this port";
    /// A port on which nothing listens is accepted, too: something on the way accepts every connection.
    EndpointAcceptsEverything = "endpoint.accepts-everything", Endpoint, Flag, "待ち受けのないポートへの接続も受け付ける", "accepts connections to ports where nothing listens";
    /// The connection or the bind took more than a second: a packet was lost and sent again, or the line is slow.
    EndpointSlow = "endpoint.slow", Endpoint, Flag, "1 秒を超える遅延 (パケット損失または低速回線)", "delay of more than a second (lost packets, or a slow line)";

    /// How long the connection took to open, to the quickest of its addresses.
    EndpointConnectTime = "endpoint.connect-us", Endpoint, Integer, "TCP 接続の時間 (µs)", "time to open the TCP connection (µs)";
    /// How long the answer to the RPC bind took.
    EndpointBindTime = "endpoint.bind-us", Endpoint, Integer, "RPC バインドの応答時間 (µs)", "time to the answer to the RPC bind (µs)";

    /// Another vantage point gets an acknowledgement from the same host and port.
    EndpointAcknowledgedElsewhere = "endpoint.acknowledged-elsewhere", Endpoint, Flag, "別の場所からの応答", "acknowledged from another place";
    /// The client found it in DNS and keeps it, or its last attempts went there.
    EndpointUsed = "endpoint.used", Endpoint, Flag, "クライアントが使用中", "used by the client";
    /// It is on the organisation's list of approved hosts; unknown where no list was given.
    EndpointApproved = "endpoint.approved", Endpoint, Flag, "承認済みの KMS ホスト", "approved KMS host";
    /// What kind of address it is: `cloud` a cloud's KMS address, `public` another public address.
    EndpointAddressClass = "endpoint.address-class", Endpoint, Word(&["private", "loopback", "cloud", "public"]), "アドレスの種類", "class of the address";
    /// Whose KMS the name or address belongs to, by the table of cloud endpoints.
    EndpointPlatform = "endpoint.platform", Endpoint, Word(&["azure", "aws", "google-cloud", "on-premises"]), "KMS の提供元", "whose KMS it is";
    /// The name or address is retired by its cloud.
    EndpointRetired = "endpoint.retired", Endpoint, Flag, "廃止済みのエンドポイント", "retired endpoint";

    /// Outcome of the SNTP or w32tm question.
    ClockOutcome = "clock.outcome", TimeSource, Word(&["answered", "timeout", "unresolved", "unsynchronised", "refused", "unreachable"]), "時刻ソースの応答", "answer of the time source";
    /// Time source minus local clock, in seconds: positive when the local clock is behind (the sign of `w32tm /stripchart`).
    ClockOffset = "clock.offset-s", TimeSource, Seconds, "時刻ソースとの差 (秒)", "clock offset against the time source (s)";
    /// How far the true offset may be from the measured one: half of the round trip.
    ClockBound = "clock.bound-s", TimeSource, Seconds, "測定の誤差の上限 (秒)", "error bound of the measurement (s)";
    /// How long the answer took.
    ClockRoundTrip = "clock.round-trip-us", TimeSource, Integer, "時刻ソースの応答時間 (µs)", "time to the answer of the time source (µs)";
    /// Derived: the part of the offset that the error bound leaves certain.
    ClockOffsetAtLeast = "clock.offset-at-least-s", TimeSource, Seconds, "時刻ソースとの確実な差 (秒)", "certain part of the clock offset (s)";
    /// Derived: time sources tell times that are more than 300 seconds apart, beyond the error bounds.
    ClockSourcesDisagree = "clock.sources-disagree", Machine, Flag, "時刻ソースどうしの食い違い", "time sources disagree";
    /// Whether Windows' time service is synchronised.
    ClockSynchronised = "clock.synchronised", Machine, Flag, "時刻同期", "clock synchronised";
    /// Time source that Windows' time service names.
    ClockSource = "clock.source", Machine, Text, "時刻同期のソース", "source of the time service";
    /// Where Windows' time service is set to take the time from: `NoSync`, `NT5DS` (the domain), or names of servers.
    ClockConfiguredSource = "clock.configured-source", Machine, Text, "時刻同期の設定", "time source that is set";

    /// The cloud.
    CloudPathProvider = "cloud-path.provider", CloudPath, Word(&["azure", "aws", "google-cloud"]), "クラウド", "cloud";
    /// Next hop of the route that matches the KMS address.
    CloudPathNextHop = "cloud-path.next-hop", CloudPath, Word(&["internet", "firewall", "appliance", "gateway", "virtual-network", "none"]), "ネクスト ホップ", "next hop";
    /// AWS: the host route to the link-local KMS address.
    CloudPathRoute = "cloud-path.route", CloudPath, Word(&["present", "missing", "stale"]), "KMS アドレスへの経路", "route to the KMS address";
    /// What the security rules (NSG, firewall rules of the network) say of TCP 1688 to the address.
    CloudPathSecurityRule = "cloud-path.security-rule", CloudPath, Word(&["allows", "denies"]), "セキュリティ規則", "security rules";
    /// Azure: whether the platform's own allowance of KMS traffic still holds against a denying rule.
    CloudPathImplicitAllow = "cloud-path.implicit-allow", CloudPath, Word(&["holds", "lost"]), "暗黙の KMS 許可", "implicit allowance of KMS";
    /// What the firewall or appliance on the way says: `application-only` rules do not carry KMS.
    CloudPathFirewallRule = "cloud-path.firewall-rule", CloudPath, Word(&["allows", "denies", "application-only"]), "経路上のファイアウォールの規則", "rules of the firewall on the way";
    /// By what the traffic leaves to a public address.
    CloudPathOutbound = "cloud-path.outbound", CloudPath, Word(&["public-address", "nat-gateway", "load-balancer-rule", "default-access", "firewall", "private-google-access", "none"]), "送信接続", "outbound connection";
    /// The address is one that the cloud serves KMS from today.
    CloudPathAddressCurrent = "cloud-path.address-current", CloudPath, Flag, "現行の KMS アドレス", "current KMS address";
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
            Self::ResolverOutcome | Self::DomainUnchecked => Some("answers"),
            // One of several addresses of the source may have no way there.
            Self::ClockOutcome => Some("answered"),
            // Where VBScript is installed the policy that turns the script host off is not seen.
            Self::MachineScriptHost => Some("disabled"),
            _ => None,
        }
    }

    /// Whether one source may tell a value with more parts than another, without contradicting it: `pc1` and
    /// `pc1.contoso.com`, `10.0.20348` and `10.0.20348.2322`.
    pub fn is_told_in_parts(self) -> bool {
        matches!(self, Self::MachineName | Self::MachineBuild)
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
