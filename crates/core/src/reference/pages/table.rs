//! Pages of the tables: events, products, hosts, settings, endpoints, topics, disputes, advice.

use super::Writer;
use crate::knowledge::{
    Advice, Checklist, CloudEndpoint, Compatibility, Dispute, Event, Generation, HostKey, HostUpdate, Product, Risk,
    Setting, Source, Topic, TopicKind,
};
use crate::language::Language;
use crate::reference::{Block, Entry, Item, Link};

impl Writer<'_> {
    pub(super) fn event(&mut self, event: &Event) -> Vec<Source> {
        let language = self.language;
        if event.noise {
            let text = self.pick(
                "対応不要の記録 (ノイズ) です。これだけでは、ライセンス認証の失敗を示しません。",
                "Noise: by itself it says nothing about a failed activation.",
            );
            self.blocks.push(Block::Warning(text.to_owned()));
        }
        self.fields([
            (self.pick("ログ", "Log"), Some(event.log.clone())),
            (self.pick("プロバイダー", "Provider"), Some(event.provider.clone())),
            (self.pick("レベル", "Level"), (!event.levels.is_empty()).then(|| event.levels.join(", "))),
            (self.pick("記録する側", "Written by"), Some(side(&event.written_by, language).to_owned())),
        ]);
        self.section("分かること", "What it proves", event.proves.get(language));
        self.section("分からないこと", "What it does not prove", event.does_not_prove.get(language));
        if !event.fields.is_empty() {
            self.heading("項目", "Fields");
            let head = vec![self.pick("項目", "Field").to_owned(), self.pick("意味", "Meaning").to_owned()];
            let rows = event
                .fields
                .iter()
                .map(|field| vec![field.name.clone(), field.meaning.get(language).to_owned()])
                .collect();
            self.blocks.push(Block::Table(head, rows));
        }
        self.cause_links("関係する原因", "Causes that it helps to find", &event.causes);
        self.evidence(event.evidence);
        event.sources.clone()
    }

    pub(super) fn product(&mut self, product: &Product) -> Vec<Source> {
        let language = self.language;
        let generations: Vec<&str> = product
            .generations
            .iter()
            .filter_map(|id| self.knowledge.hosts.generation(id))
            .map(|generation| generation.title.as_str())
            .collect();
        let threshold = product.threshold.map(|threshold| match language {
            Language::Japanese => format!("KMS ホストのカウント {threshold} 以上で認証されます"),
            Language::English => format!("activated from a count of {threshold} on the KMS host"),
        });
        let channel = match product.channel.as_str() {
            "gvlk" => self.pick("KMS クライアント セットアップ キー (GVLK)", "KMS client setup key (GVLK)"),
            "avma" => self.pick(
                "仮想マシンの自動ライセンス認証 (AVMA) のキー",
                "key for automatic virtual machine activation (AVMA)",
            ),
            "csvlk" => self.pick("KMS ホスト キー (CSVLK)", "KMS host key (CSVLK)"),
            other => other,
        };
        self.fields([
            (self.pick("キーの末尾 5 文字", "Last five characters"), product.last_five.clone()),
            (self.pick("キーの種類", "Kind of key"), Some(channel.to_owned())),
            (self.pick("しきい値", "Threshold"), threshold),
            (self.pick("世代", "Generations"), (!generations.is_empty()).then(|| generations.join(", "))),
            (
                self.pick("エディション ID", "Edition ids"),
                (!product.edition_ids.is_empty()).then(|| product.edition_ids.join(", ")),
            ),
            (self.pick("ライセンス認証 ID", "Activation ID"), product.activation_id.clone()),
        ]);
        if let Some(note) = &product.note {
            self.text(note.get(language));
        }
        if product.channel == "gvlk" {
            self.text(self.pick(
                "キーの全体は Microsoft の「KMS クライアント ライセンス認証キー」のページにあります。このプログラムは末尾 5 文字だけを扱います。",
                "The whole key stands on Microsoft’s page “KMS client activation keys”. This program knows the last five characters only.",
            ));
        }
        let hosts: Vec<Link> = self
            .knowledge
            .hosts
            .keys
            .iter()
            .filter(|key| key.activates.iter().any(|listed| product.generations.contains(listed)))
            .map(|key| Entry::HostKey(key).link(language))
            .collect();
        if product.channel == "gvlk" {
            self.links("認証できる KMS ホスト キー (表の記載)", "Host keys that activate it, as listed", hosts);
        }
        self.evidence(product.evidence);
        product.sources.clone()
    }

    pub(super) fn host_key(&mut self, key: &HostKey) -> Vec<Source> {
        let language = self.language;
        let hosts = &self.knowledge.hosts;
        let title =
            |id: &String| hosts.generation(id).map_or_else(|| id.clone(), |generation| generation.title.clone());
        let activates: Vec<String> = key.activates.iter().map(title).collect();
        self.section("認証できる製品 (表の記載)", "What it activates, as listed", &activates.join(", "));
        self.text(self.pick(
            "ここにない製品は「記載なし」です。認証できないと決まったわけではないので、実際のホストで確認します。",
            "What is not here is “not listed”, which is not “refused”: check it on the host.",
        ));
        let head = vec![
            self.pick("ホストの OS", "Host").to_owned(),
            self.pick("必要な更新プログラム", "Update that it needs").to_owned(),
            self.pick("ビルド", "From build").to_owned(),
            self.pick("対象", "To activate").to_owned(),
        ];
        let mut rows = Vec::new();
        let mut needed: Vec<&HostUpdate> = Vec::new();
        for host in &key.runs_on {
            let mut updates: Vec<&HostUpdate> = Vec::new();
            for update in key.activates.iter().filter_map(|client| hosts.update_for(&key.id, host, client)) {
                if !updates.contains(&update) {
                    updates.push(update);
                }
            }
            needed.extend(updates.iter().copied());
            if updates.is_empty() {
                let none = self.pick("不要 (表の記載なし)", "none listed").to_owned();
                rows.push(vec![title(host), none, String::new(), String::new()]);
            }
            for update in updates {
                let targets: Vec<String> = update.activates.iter().map(title).collect();
                let build = match (&update.build, update.evidence.is_uncertain()) {
                    (Some(build), true) => format!("{build} ({})", self.pick("未確認", "not verified")),
                    (Some(build), false) => build.clone(),
                    (None, _) => self.pick("不明", "not known").to_owned(),
                };
                rows.push(vec![title(host), update.update.clone(), build, targets.join(", ")]);
            }
        }
        self.heading("ホストにできる OS", "Where it can be installed");
        self.blocks.push(Block::Table(head, rows));
        let notes: Vec<Item> = needed
            .into_iter()
            .filter_map(|update| Some((update, update.note.as_ref()?)))
            .map(|(update, note)| Item {
                text: format!("{}: {}", update.update, note.get(language)),
                ..Item::default()
            })
            .collect();
        if !notes.is_empty() {
            self.blocks.push(Block::Items(notes));
        }
        if let Some(note) = &key.note {
            self.text(note.get(language));
        }
        self.evidence(key.evidence);
        key.sources.clone()
    }

    pub(super) fn generation(&mut self, generation: &Generation) -> Vec<Source> {
        let language = self.language;
        let hosts = &self.knowledge.hosts;
        let builds = generation.builds.join(", ");
        self.fields([(self.pick("ビルド", "Builds"), (!builds.is_empty()).then_some(builds))]);
        self.as_host(generation);
        let head = vec![
            self.pick("KMS ホスト キー", "Host key").to_owned(),
            self.pick("ホストの OS", "Host").to_owned(),
            self.pick("認証できるか", "Activates it").to_owned(),
        ];
        let mut rows = Vec::new();
        let mut not_listed: Vec<&str> = Vec::new();
        // Keys of Windows activate Windows, those of Office activate Office.
        let is_office = |id: &str| hosts.generation(id).is_some_and(|named| named.kind == "office");
        for key in hosts.keys.iter().filter(|key| is_office(&key.id) == (generation.kind == "office")) {
            let title = key.title.get(language);
            for host in &key.runs_on {
                let answer = match hosts.judge(&key.id, host, None, &generation.id) {
                    Compatibility::Listed => self.pick("記載あり", "listed").to_owned(),
                    Compatibility::ListedWithUpdate(update) | Compatibility::UpdateMissing(update) => match language {
                        Language::Japanese => format!("記載あり ({} 以降)", update.update),
                        Language::English => format!("listed (from {} on)", update.update),
                    },
                    Compatibility::NotListed | Compatibility::Unknown => {
                        if !not_listed.contains(&title) {
                            not_listed.push(title);
                        }
                        continue;
                    }
                };
                let host = hosts.generation(host).map_or(host.as_str(), |generation| generation.title.as_str());
                rows.push(vec![title.to_owned(), host.to_owned(), answer]);
            }
        }
        self.heading("どの KMS ホストが認証できるか", "Which KMS host activates it");
        self.blocks.push(Block::Table(head, rows));
        if !not_listed.is_empty() {
            let label =
                self.pick("記載なし (認証できないと決まったわけではありません)", "Not listed (which is not “refused”)");
            self.fields([(label, Some(not_listed.join(", ")))]);
        }
        let products: Vec<Link> = self
            .knowledge
            .products
            .iter()
            .filter(|product| product.generations.contains(&generation.id))
            .map(|product| Entry::Product(product).link(language))
            .collect();
        self.links("キー", "Keys", products);
        generation.sources.clone()
    }

    /// What this generation activates when it is the KMS host, by key, client, update and build.
    fn as_host(&mut self, generation: &Generation) {
        let language = self.language;
        let hosts = &self.knowledge.hosts;
        let mut rows = Vec::new();
        for key in hosts.keys.iter().filter(|key| key.runs_on.contains(&generation.id)) {
            // Clients that need the same update share a row.
            let mut groups: Vec<(Option<&HostUpdate>, Vec<String>)> = Vec::new();
            for client in key.activates.iter().filter_map(|id| hosts.generation(id)) {
                let update = hosts.update_for(&key.id, &generation.id, &client.id);
                match groups
                    .iter_mut()
                    .find(|(known, _)| known.map(|known| &known.update) == update.map(|update| &update.update))
                {
                    Some((_, clients)) => clients.push(client.title.clone()),
                    None => groups.push((update, vec![client.title.clone()])),
                }
            }
            for (update, clients) in groups {
                let needs = match update {
                    None => self.pick("不要 (表の記載なし)", "none listed").to_owned(),
                    Some(update) => match &update.build {
                        Some(build) => format!("{} ({build})", update.update),
                        None => update.update.clone(),
                    },
                };
                rows.push(vec![key.title.get(language).to_owned(), needs, clients.join(", ")]);
            }
        }
        if rows.is_empty() {
            return;
        }
        self.heading("KMS ホストとして", "As a KMS host");
        let head = vec![
            self.pick("KMS ホスト キー", "Host key").to_owned(),
            self.pick("必要な更新プログラム (このビルド以降)", "Update that it needs (from this build on)").to_owned(),
            self.pick("認証できる製品 (表の記載)", "Activates, as listed").to_owned(),
        ];
        self.blocks.push(Block::Table(head, rows));
        self.text(self.pick(
            "更新プログラムは累積されるため、番号の有無ではなくビルドで判断します。ここにない製品は「記載なし」です。",
            "Updates supersede each other: judge by the build, not by the number. What is not here is “not listed”.",
        ));
    }

    pub(super) fn setting(&mut self, setting: &Setting) -> Vec<Source> {
        let language = self.language;
        self.text(setting.meaning.get(language));
        let place = match setting.kind.as_str() {
            "slmgr" | "ospp" | "powershell" => self.pick("書式", "Syntax"),
            _ => self.pick("場所", "Place"),
        };
        self.fields([
            (self.pick("種類", "Kind"), Some(setting.kind.clone())),
            (place, Some(setting.place.clone())),
            (self.pick("対象", "Side"), Some(side(&setting.side, language).to_owned())),
            (self.pick("値", "Value"), setting.value.clone()),
            (self.pick("リスク", "Risk"), Some(setting.risk.label(language).to_owned())),
            (self.pick("必要な権限", "Rights"), Some(setting.rights.label(language).to_owned())),
        ]);
        if setting.risk == Risk::Irreversible || setting.consumes_mak {
            let text = if setting.consumes_mak {
                self.pick("MAK では認証回数を使います。", "With a MAK it uses up an activation.")
            } else {
                self.pick("元に戻せません。", "It cannot be taken back.")
            };
            self.blocks.push(Block::Warning(text.to_owned()));
        }
        if let Some(undo) = &setting.undo {
            self.section("元に戻すには", "How to go back", undo.get(language));
        }
        self.evidence(setting.evidence);
        setting.sources.clone()
    }

    pub(super) fn endpoint(&mut self, endpoint: &CloudEndpoint) -> Vec<Source> {
        let language = self.language;
        self.fields([
            (self.pick("クラウド", "Cloud"), Some(format!("{} ({})", endpoint.cloud, endpoint.region))),
            (self.pick("名前", "Name"), endpoint.name.clone()),
            (self.pick("アドレス", "Addresses"), Some(endpoint.addresses.join(", "))),
            (self.pick("ポート", "Port"), Some(format!("TCP {}", endpoint.port))),
            (self.pick("開始日", "From"), endpoint.from.clone()),
            (self.pick("終了日", "Until"), endpoint.until.clone()),
        ]);
        self.text(endpoint.note.get(language));
        self.evidence(endpoint.evidence);
        endpoint.sources.clone()
    }

    pub(super) fn topic(&mut self, topic: &Topic) -> Vec<Source> {
        let language = self.language;
        self.text(topic.text.get(language));
        if !topic.rows.is_empty() {
            let fields = topic
                .rows
                .iter()
                .map(|row| (row.name.get(language).to_owned(), row.value.get(language).to_owned()))
                .collect();
            self.blocks.push(Block::Fields(fields));
        }
        let (japanese, english) = match topic.kind {
            TopicKind::Symptom | TopicKind::State => ("考えられる原因", "Causes that it may come from"),
            _ => ("関係する原因", "Related causes"),
        };
        self.cause_links(japanese, english, &topic.causes);
        self.check_items("確認方法", "Checks", &topic.checks);
        self.remedy_links("対処・切り替え", "Remedies and conversions", &topic.remedies);
        self.code_links("コード", "Codes", &topic.codes);
        let events: Vec<Link> = topic
            .events
            .iter()
            .filter_map(|id| self.knowledge.events.iter().find(|event| event.id == *id))
            .map(|event| Entry::Event(event).link(language))
            .collect();
        self.links("イベント", "Events", events);
        let related: Vec<Link> = topic
            .related
            .iter()
            .filter_map(|id| self.knowledge.topics.get(id))
            .map(|topic| Entry::Topic(topic).link(language))
            .collect();
        self.links("関連", "Related", related);
        let names = other_names(topic, language).join(self.pick("、", ", "));
        self.fields([(self.pick("別の呼び方", "Also called"), (!names.is_empty()).then_some(names))]);
        self.evidence(topic.evidence);
        topic.sources.clone()
    }

    pub(super) fn dispute(&mut self, dispute: &Dispute) -> Vec<Source> {
        let language = self.language;
        self.heading("それぞれの主張", "What each side says");
        let items = dispute
            .claims
            .iter()
            .map(|claim| {
                let sources: Vec<&str> = claim.sources.iter().map(|source| source.name.as_str()).collect();
                Item {
                    text: claim.says.get(language).to_owned(),
                    remarks: vec![(self.pick("出典", "source").to_owned(), sources.join("; "))],
                    ..Item::default()
                }
            })
            .collect();
        self.blocks.push(Block::Items(items));
        self.section("どちらに従うか", "Which one is followed", dispute.followed.get(language));
        self.section("その理由", "Why", dispute.why.get(language));
        self.evidence(dispute.evidence);
        let about = self.named(&dispute.about);
        self.links("関係する項目", "What it concerns", about);
        let mut sources: Vec<Source> = Vec::new();
        for source in dispute.claims.iter().flat_map(|claim| &claim.sources) {
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
        sources
    }

    pub(super) fn advice(&mut self, advice: &Advice) -> Vec<Source> {
        let language = self.language;
        self.blocks.push(Block::Warning(advice.fault.label(language).to_owned()));
        self.section("なぜいけないか", "Why not", advice.why.get(language));
        self.section("代わりに", "What to do instead", advice.instead.get(language));
        self.evidence(advice.evidence);
        let about = self.named(&advice.about);
        self.links("関係する項目", "What it concerns", about);
        advice.sources.clone()
    }

    pub(super) fn checklist(&mut self, checklist: &Checklist) -> Vec<Source> {
        self.checklist_parts(checklist);
        checklist.sources.clone()
    }
}

/// The other language's name and a few aliases: those that differ by more than blanks and case.
fn other_names(topic: &Topic, language: Language) -> Vec<String> {
    /// Aliases are there to be found by; a reader needs a few.
    const NAMES_MAX: usize = 6;
    let other = match language {
        Language::Japanese => &topic.title.en,
        Language::English => &topic.title.ja,
    };
    let plain = |name: &str| name.to_lowercase().replace([' ', '-'], "");
    let mut seen = vec![plain(topic.title.get(language))];
    let mut names = Vec::new();
    for name in std::iter::once(other).chain(&topic.aliases) {
        if names.len() < NAMES_MAX && !seen.iter().any(|known| known.contains(&plain(name))) {
            seen.push(plain(name));
            names.push(name.clone());
        }
    }
    names
}

/// `client`, `host` or `any` for people.
fn side(side: &str, language: Language) -> &str {
    match (side, language) {
        ("client", Language::Japanese) => "KMS クライアント",
        ("client", Language::English) => "KMS client",
        ("host", Language::Japanese) => "KMS ホスト",
        ("host", Language::English) => "KMS host",
        ("any", Language::Japanese) => "どちらも",
        ("any", Language::English) => "either",
        (other, _) => other,
    }
}
