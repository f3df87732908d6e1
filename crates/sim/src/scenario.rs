//! What may be broken: every scenario with its world and what there is to learn from it.
//!
//! The faults are those of the network lab, as far as they can be had on loopback without rights: a host that gives no sign of
//! life is not among them, since every address of loopback belongs to this machine.

use kmsdoctor_core::language::Language;

use crate::dice::Dice;
use crate::responder::Behaviour;

/// One world, and what there is to learn from it.
#[derive(Debug)]
pub struct Scenario {
    /// Permanent id, kebab-case.
    pub id: &'static str,
    /// Causes that a diagnosis has to name, the one that it puts first in front; none where nothing is broken.
    pub causes: &'static [&'static str],
    /// What the machine that is not activated says, as in the knowledge.
    pub code: &'static str,
    /// What is broken.
    pub title: Told,
    /// What in a report gives it away.
    pub clue: Told,
    pub(crate) setup: Setup,
}

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The Japanese text.
    pub ja: &'static str,
    /// The English text.
    pub en: &'static str,
}

impl Told {
    /// The text in `language`.
    pub fn get(self, language: Language) -> &'static str {
        match language {
            Language::Japanese => self.ja,
            Language::English => self.en,
        }
    }
}

/// What a world is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) dns: Dns,
    /// KMS hosts, or what passes for them.
    pub(crate) hosts: &'static [Host],
    /// By how much the time source is ahead of this machine.
    pub(crate) clock_offset_s: i64,
    pub(crate) view: View,
}

/// How the DNS server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dns {
    Answers,
    /// SERVFAIL for every question.
    Fails,
    /// SERVFAIL, but where DNSSEC checks are disabled: as a server does that validates a zone with expired signatures.
    FailsValidation,
    /// Questions are taken and never answered.
    Silent,
    /// Nothing listens.
    Stopped,
}

/// A host of the world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Host {
    /// Whether its name has an address.
    pub(crate) has_address: bool,
    pub(crate) advertised: Advertised,
    pub(crate) door: Door,
}

/// What the SRV records say of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advertised {
    Nothing,
    ItsPort,
    /// A closed port, while the host listens where KMS hosts usually do.
    AnotherPort,
}

/// How the port of a host treats a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    Serves(Behaviour),
    Refuses,
    #[cfg(target_os = "linux")]
    Drops,
}

/// Where the check looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Domain,
    FirstHost,
}

const KMS_HOST: Host =
    Host { has_address: true, advertised: Advertised::ItsPort, door: Door::Serves(Behaviour::Acknowledge) };

const WELL: Setup = Setup { dns: Dns::Answers, hosts: &[KMS_HOST], clock_offset_s: 0, view: View::Domain };

/// An hour more than KMS tolerates.
const FIVE_HOURS_S: i64 = 5 * 3_600;

const NO_KMS: &str = "0xC004F074";
const NO_SUCH_NAME: &str = "0x8007232B";
const DNS_FAILURE: &str = "0x8007232A";

/// A world that has these hosts and is well otherwise.
const fn with(hosts: &'static [Host]) -> Setup {
    Setup { hosts, ..WELL }
}

/// All scenarios, nothing broken last.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        id: "srv-missing",
        causes: &["dns-srv-missing"],
        code: NO_SUCH_NAME,
        title: Told {
            ja: "KMS ホストは動いているが、DNS に SRV レコードがない",
            en: "The KMS host works, but DNS has no SRV record of it",
        },
        clue: Told {
            ja: "DNS サーバーは応答し、_vlmcs._tcp の問い合わせに「存在しない」と答えました。応答がないのではなく、レコードがないという回答です。",
            en: "The DNS server answers, and its answer for _vlmcs._tcp is that there is no such record. That is an answer, not silence.",
        },
        setup: with(&[Host { advertised: Advertised::Nothing, ..KMS_HOST }]),
    },
    Scenario {
        id: "srv-stale-name-gone",
        causes: &["dns-srv-stale"],
        code: NO_KMS,
        title: Told {
            ja: "2 件の SRV レコードの片方が、もう存在しない名前を指している",
            en: "One of two SRV records leads to a name that is gone",
        },
        clue: Told {
            ja: "公開されたホストのうち 1 台は KMS として応答し、もう 1 台は名前が解決できません。ネットワークではなく、レコードの残骸です。",
            en: "One advertised host acknowledges the bind; the name of the other has no address. The network is well, the record is a leftover.",
        },
        setup: with(&[KMS_HOST, Host { has_address: false, ..KMS_HOST }]),
    },
    Scenario {
        id: "srv-stale-host-dead",
        causes: &["dns-srv-stale"],
        code: NO_KMS,
        title: Told {
            ja: "2 件の SRV レコードの片方が、KMS をやめたホストを指している",
            en: "One of two SRV records leads to a host that is no KMS host any more",
        },
        clue: Told {
            ja: "公開されたホストのうち 1 台は応答し、もう 1 台は接続を拒否します。動くホストがほかにあるので、直すのは拒否した側のレコードです。",
            en: "One advertised host acknowledges the bind, the other refuses the connection. Since another one works, the record of the refusing one is what to mend.",
        },
        setup: with(&[KMS_HOST, Host { door: Door::Refuses, ..KMS_HOST }]),
    },
    Scenario {
        id: "srv-wrong-port",
        causes: &["dns-srv-wrong-port"],
        code: NO_KMS,
        title: Told {
            ja: "SRV レコードのポートが、ホストの待ち受けポートと違う",
            en: "The SRV record names another port than the one on which the host listens",
        },
        clue: Told {
            ja: "公開されたポートは拒否されますが、同じホストの 1688 は KMS として応答します。ホストではなくレコードの誤りです。",
            en: "The advertised port is refused, and 1688 of the same host acknowledges the bind. The host is well, the record is wrong.",
        },
        setup: with(&[Host { advertised: Advertised::AnotherPort, ..KMS_HOST }]),
    },
    Scenario {
        id: "name-unresolvable",
        causes: &["dns-name-unresolvable"],
        code: NO_KMS,
        title: Told {
            ja: "固定設定された KMS ホスト名が DNS にない",
            en: "The configured name of the KMS host is not in DNS",
        },
        clue: Told {
            ja: "指定した名前に DNS サーバーが「存在しない」と答え、接続は一度も試されていません。",
            en: "The DNS server says that the given name does not exist, so no connection was tried at all.",
        },
        setup: Setup { hosts: &[Host { has_address: false, ..KMS_HOST }], view: View::FirstHost, ..WELL },
    },
    Scenario {
        id: "dns-silent",
        causes: &["dns-server-unreachable"],
        code: DNS_FAILURE,
        title: Told { ja: "DNS サーバーが応答しない", en: "The DNS server does not answer" },
        clue: Told {
            ja: "DNS への問い合わせが期限切れになりました。レコードがあるかどうかは、まだ分かりません。",
            en: "The DNS question timed out. Whether there is a record is not known yet.",
        },
        setup: Setup { dns: Dns::Silent, ..WELL },
    },
    Scenario {
        id: "dns-stopped",
        causes: &["dns-server-unreachable"],
        code: DNS_FAILURE,
        title: Told { ja: "DNS サーバーのサービスが停止している", en: "The DNS service is stopped" },
        clue: Told {
            ja: "DNS のポートがすぐに拒否されました。コンピューターは動いていますが、待ち受けるサービスがありません。",
            en: "The DNS port was refused at once: the machine is there, and nothing listens.",
        },
        setup: Setup { dns: Dns::Stopped, ..WELL },
    },
    Scenario {
        id: "dns-failing",
        causes: &["dns-server-unreachable"],
        code: DNS_FAILURE,
        title: Told { ja: "DNS サーバーが SERVFAIL を返す", en: "The DNS server answers SERVFAIL" },
        clue: Told {
            ja: "応答は SERVFAIL です。「存在しない」とは違い、レコードの有無については何も言っていません。",
            en: "The answer is SERVFAIL. Unlike “no such name”, it says nothing about the record.",
        },
        setup: Setup { dns: Dns::Fails, ..WELL },
    },
    Scenario {
        id: "dnssec-expired",
        causes: &["dns-validation-fails"],
        code: DNS_FAILURE,
        title: Told {
            ja: "ゾーンの DNSSEC 署名が期限切れで、検証する DNS サーバーが SERVFAIL を返す",
            en: "The DNSSEC signatures of the zone have expired, and the DNS server that validates answers SERVFAIL",
        },
        clue: Told {
            ja: "応答は SERVFAIL ですが、検証を無効にした同じ質問にはレコードが返りました。サーバーではなく、ゾーンの署名かトラスト アンカーの問題です。",
            en: "The answer is SERVFAIL, and the same question with checks disabled gets the records. Not the server is to blame but the zone's signatures or a trust anchor.",
        },
        setup: Setup { dns: Dns::FailsValidation, ..WELL },
    },
    #[cfg(target_os = "linux")]
    Scenario {
        id: "port-dropped",
        causes: &["net-port-filtered"],
        code: NO_KMS,
        title: Told {
            ja: "ファイアウォールが KMS のポートへの接続を破棄している",
            en: "A firewall drops connections to the KMS port",
        },
        clue: Told {
            ja: "ポートへの接続は期限まで何も返りませんが、同じアドレスはほかのポートで応答しています。ホストは生きていて、このポートだけが遮断されています。",
            en: "The connection gets no answer until the deadline, while the same address answers on other ports. The host lives; this port alone is cut off.",
        },
        setup: with(&[Host { door: Door::Drops, ..KMS_HOST }]),
    },
    Scenario {
        id: "port-refused",
        causes: &["net-port-refused"],
        code: NO_KMS,
        title: Told { ja: "KMS ホストのポートが閉じている", en: "The port of the KMS host is closed" },
        clue: Told {
            ja: "接続がすぐに拒否されました。期限切れ (破棄) とは違い、ホストには届いていて、待ち受けるサービスがありません。",
            en: "The connection was refused at once. Unlike a timeout (dropped packets) that shows a host that is reached and on which nothing listens.",
        },
        setup: with(&[Host { door: Door::Refuses, ..KMS_HOST }]),
    },
    Scenario {
        id: "http-on-kms-port",
        causes: &["net-not-kms"],
        code: NO_KMS,
        title: Told {
            ja: "KMS のポートで Web サーバーが応答する", en: "A web server answers on the KMS port"
        },
        clue: Told {
            ja: "ポートは開きますが、RPC バインドに HTTP が返りました。ポートが開くことは、KMS が動いている証拠になりません。",
            en: "The port opens, and HTTP comes back to the RPC bind. An open port does not prove a KMS host.",
        },
        setup: with(&[Host { door: Door::Serves(Behaviour::AnswerHttp), ..KMS_HOST }]),
    },
    Scenario {
        id: "silence-on-kms-port",
        causes: &["net-not-kms"],
        code: NO_KMS,
        title: Told {
            ja: "KMS のポートに接続できるが、何も返ってこない",
            en: "The KMS port accepts connections and says nothing",
        },
        clue: Told {
            ja: "ポートは開きますが、RPC バインドに期限まで何も返りません。",
            en: "The port opens, and nothing comes back to the RPC bind until the deadline.",
        },
        setup: with(&[Host { door: Door::Serves(Behaviour::StaySilent), ..KMS_HOST }]),
    },
    Scenario {
        id: "other-rpc-service",
        causes: &["net-not-kms"],
        code: NO_KMS,
        title: Told {
            ja: "KMS のポートで別の RPC サービスが応答する",
            en: "Another RPC service answers on the KMS port",
        },
        clue: Told {
            ja: "RPC としては応答しますが、KMS のインターフェイスを受け付けません。",
            en: "What answers speaks RPC, but does not accept the interface of KMS.",
        },
        setup: with(&[Host { door: Door::Serves(Behaviour::RejectInterface), ..KMS_HOST }]),
    },
    Scenario {
        id: "reset-after-accept",
        causes: &["net-intercepted"],
        code: NO_KMS,
        title: Told {
            ja: "接続は確立するが、データを送るとリセットされる",
            en: "The connection opens and is reset when data flows",
        },
        clue: Told {
            ja: "接続は確立し、RPC バインドを送った直後にリセットされました。閉じたポートなら、接続そのものが拒否されます。",
            en: "The connection opened and was reset right after the RPC bind. A closed port would have refused the connection itself.",
        },
        setup: with(&[Host { door: Door::Serves(Behaviour::Reset), ..KMS_HOST }]),
    },
    Scenario {
        id: "close-after-accept",
        causes: &["net-intercepted"],
        code: NO_KMS,
        title: Told {
            ja: "接続は確立するが、データを送ると切断される",
            en: "The connection opens and is closed when data flows",
        },
        clue: Told {
            ja: "接続は確立し、RPC バインドに 1 バイトも返さずに切断されました。",
            en: "The connection opened and was closed without one byte in answer to the RPC bind.",
        },
        setup: with(&[Host { door: Door::Serves(Behaviour::Close), ..KMS_HOST }]),
    },
    Scenario {
        id: "clock-five-hours-off",
        causes: &["client-clock-skew"],
        code: NO_KMS,
        title: Told {
            ja: "時計が時刻ソースから 5 時間ずれている", en: "The clock is five hours off the time source"
        },
        clue: Told {
            ja: "DNS・ポート・RPC バインドは正常で、時刻ソースとの差だけが 4 時間を超えています (演習では、このコンピューターではなく時刻ソースをずらしています)。",
            en: "DNS, port and RPC bind are well; the offset from the time source alone is beyond 4 hours. (The drill puts the time source wrong, not this machine.)",
        },
        setup: Setup { clock_offset_s: FIVE_HOURS_S, ..WELL },
    },
    Scenario {
        id: "two-faults",
        causes: &["dns-srv-stale", "client-clock-skew"],
        code: NO_KMS,
        title: Told {
            ja: "障害が二つ: 古い SRV レコードと、5 時間ずれた時計",
            en: "Two faults at once: a stale SRV record, and a clock five hours off",
        },
        clue: Told {
            ja: "公開されたホストの片方は名前が解決できず、加えて時刻ソースとの差が 4 時間を超えています。片方だけ直しても認証は通りません。",
            en: "The name of one advertised host has no address, and the offset from the time source is beyond 4 hours. To mend one of them is not enough.",
        },
        setup: Setup {
            hosts: &[KMS_HOST, Host { has_address: false, ..KMS_HOST }],
            clock_offset_s: FIVE_HOURS_S,
            ..WELL
        },
    },
    Scenario {
        id: "healthy",
        causes: &[],
        code: NO_KMS,
        title: Told { ja: "何も壊れていない", en: "Nothing is broken" },
        clue: Told {
            ja: "SRV レコード、アドレス、ポート、RPC バインド、時刻のすべてが正常です。一時的な障害だったか、原因は経路以外にあります。",
            en: "SRV record, address, port, RPC bind and clock are all well. What failed was transient, or lies elsewhere than on the path.",
        },
        setup: WELL,
    },
];

impl Scenario {
    /// The scenario with this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.id == id)
    }

    /// The scenario whose id is most like what was typed, if one is.
    pub fn nearest(typed: &str) -> Option<&'static Self> {
        let distance = |scenario: &&Self| strsim::damerau_levenshtein(scenario.id, typed);
        SCENARIOS.iter().min_by_key(distance).filter(|nearest| 2 * distance(nearest) <= nearest.id.len())
    }

    /// All scenarios in the order of a seed.
    pub fn shuffled(seed: u64) -> Vec<&'static Self> {
        let mut scenarios: Vec<&Self> = SCENARIOS.iter().collect();
        Dice::new(seed, 0).shuffle(&mut scenarios);
        scenarios
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kmsdoctor_core::code::ErrorCode;
    use kmsdoctor_core::knowledge::Knowledge;

    use super::*;

    #[test]
    fn ids_are_unique_and_the_nearest_is_found() {
        let ids: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
        assert_eq!(ids.len(), SCENARIOS.len());
        assert!(Scenario::find("srv-stale").is_none());
        assert_eq!(Scenario::nearest("srv-mising").map(|scenario| scenario.id), Some("srv-missing"));
        assert!(Scenario::nearest("nosuch").is_none());
    }

    #[test]
    fn causes_and_codes_are_those_of_the_knowledge() {
        let knowledge = Knowledge::embedded();
        for scenario in SCENARIOS {
            let code = ErrorCode::parse(scenario.code).expect("a code");
            let causes = &knowledge.codes.get(&code).expect("a known code").causes;
            for cause in scenario.causes {
                assert!(knowledge.causes.contains_key(*cause), "{}: {cause}", scenario.id);
                assert!(causes.iter().any(|known| known == cause), "{}: {cause} shows another code", scenario.id);
            }
        }
    }

    #[test]
    fn a_seed_has_one_order() {
        let ids = |seed| Scenario::shuffled(seed).iter().map(|scenario| scenario.id).collect::<Vec<_>>();
        assert_eq!(ids(5), ids(5));
        assert_ne!(ids(5), ids(6));
    }
}
