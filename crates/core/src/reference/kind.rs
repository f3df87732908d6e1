//! Kinds of entries.

use super::Entry;
use crate::knowledge::{Knowledge, TopicKind};
use crate::language::Language;

macro_rules! kinds {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, $ja:literal, $en:literal; )*) => {
        /// What an entry is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $( $(#[$doc])* $variant, )* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Its name on the command line and in JSON.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// Its name for people, in the plural.
            pub fn label(self, language: Language) -> &'static str {
                match (self, language) {
                    $( (Self::$variant, Language::Japanese) => $ja, (Self::$variant, Language::English) => $en, )*
                }
            }
        }
    };
}

kinds! {
    /// A cause of a failed activation.
    Cause = "cause", "原因", "Causes";
    /// An error code.
    Code = "code", "エラー コード", "Error codes";
    /// A Windows event.
    Event = "event", "イベント", "Events";
    /// What a user sees.
    Symptom = "symptom", "症状", "Symptoms";
    /// A licence state.
    State = "state", "ライセンスの状態", "Licence states";
    /// A remedy.
    Remedy = "remedy", "対処", "Remedies";
    /// A check.
    Check = "check", "確認方法", "Checks";
    /// A product and its key.
    Product = "product", "製品とキー", "Products and keys";
    /// A host key.
    Host = "host", "KMS ホスト キー", "KMS host keys";
    /// A generation of Windows or Office.
    Generation = "generation", "製品の世代", "Generations";
    /// A registry value, property, option.
    Setting = "setting", "設定とオプション", "Settings and options";
    /// A cloud's KMS endpoint.
    Endpoint = "endpoint", "クラウドの KMS エンドポイント", "KMS endpoints of clouds";
    /// A rule of a cloud.
    CloudRule = "cloud-rule", "クラウドの規則", "Rules of clouds";
    /// A way to activate.
    Method = "method", "認証方式", "Methods of activation";
    /// A period, threshold or other number.
    Limit = "limit", "期間と上限", "Limits and periods";
    /// A word of the field.
    Term = "term", "用語集", "Glossary";
    /// A question on which sources disagree.
    Dispute = "dispute", "資料の食い違い", "Where sources disagree";
    /// Advice that is not repeated.
    Advice = "advice", "従ってはいけない助言", "Advice not to follow";
    /// A checklist.
    Checklist = "checklist", "チェックリスト", "Checklists";
}

impl Kind {
    /// The kind called `name`, in the singular or the plural.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        let singular = match name.as_str() {
            "remedies" => "remedy",
            "advice" | "advices" => "advice",
            other => other.strip_suffix('s').unwrap_or(other),
        };
        Self::ALL.iter().copied().find(|kind| kind.name() == singular)
    }

    /// Every entry of the kind, in the order in which they are listed.
    pub fn entries(self, knowledge: &Knowledge) -> Vec<Entry<'_>> {
        let topics = |kind: TopicKind| -> Vec<Entry<'_>> {
            knowledge.topics.values().filter(|topic| topic.kind == kind).map(Entry::Topic).collect()
        };
        match self {
            Self::Cause => knowledge.causes.values().map(Entry::Cause).collect(),
            Self::Code => knowledge.codes.values().map(Entry::Code).collect(),
            Self::Event => {
                let mut events: Vec<_> = knowledge.events.iter().collect();
                events.sort_by_key(|event| (event.id, &event.provider));
                events.into_iter().map(Entry::Event).collect()
            }
            Self::Symptom => topics(TopicKind::Symptom),
            Self::State => topics(TopicKind::State),
            Self::Remedy => knowledge.remedies.values().map(Entry::Remedy).collect(),
            Self::Check => knowledge.checks.values().map(Entry::Check).collect(),
            Self::Product => knowledge.products.iter().map(Entry::Product).collect(),
            Self::Host => knowledge.hosts.keys.iter().map(Entry::HostKey).collect(),
            Self::Generation => knowledge.hosts.generations.iter().map(Entry::Generation).collect(),
            Self::Setting => knowledge.settings.iter().map(Entry::Setting).collect(),
            Self::Endpoint => knowledge.endpoints.iter().map(Entry::Endpoint).collect(),
            Self::CloudRule => topics(TopicKind::CloudRule),
            Self::Method => topics(TopicKind::Method),
            Self::Limit => topics(TopicKind::Limit),
            Self::Term => topics(TopicKind::Term),
            Self::Dispute => knowledge.disputes.values().map(Entry::Dispute).collect(),
            Self::Advice => knowledge.advice.values().map(Entry::Advice).collect(),
            Self::Checklist => knowledge.checklists.values().map(Entry::Checklist).collect(),
        }
    }
}
