//! The program's own words in both languages. What is known about causes speaks for itself in `knowledge/`.

pub(crate) mod paths;

use kmsdoctor_core::diagnosis::{Status, Verdict};
use kmsdoctor_core::fact::Why;
use kmsdoctor_core::language::Language::{self, English, Japanese};
use kmsdoctor_evidence::bundle::BundleNote;
use kmsdoctor_evidence::reach::Reach;
use kmsdoctor_evidence::{Partly, Unread};
use kmsdoctor_wire::transcript::NotAsked;

pub(crate) fn error(language: Language) -> &'static str {
    pick(language, "エラー", "error")
}

/// The Japanese or the English text.
pub(crate) fn pick<'a>(language: Language, japanese: &'a str, english: &'a str) -> &'a str {
    match language {
        Japanese => japanese,
        English => english,
    }
}

pub(crate) fn verdict(verdict: Verdict, language: Language) -> &'static str {
    match (verdict, language) {
        (Verdict::Healthy, Japanese) => "正常",
        (Verdict::Healthy, English) => "healthy",
        (Verdict::Problem, Japanese) => "問題あり",
        (Verdict::Problem, English) => "problem found",
        (Verdict::Undetermined, Japanese) => "判定できません",
        (Verdict::Undetermined, English) => "could not tell",
    }
}

/// What the verdict means for the reader, in one sentence.
pub(crate) fn verdict_meaning(verdict: Verdict, path_only: bool, language: Language) -> &'static str {
    match (verdict, path_only, language) {
        (Verdict::Healthy, true, Japanese) => {
            "調べた経路は KMS に届いています (ライセンスの状態そのものは見ていません)。"
        }
        (Verdict::Healthy, true, English) => {
            "The path that was checked reaches KMS (the licence state itself was not looked at)."
        }
        (Verdict::Healthy, false, Japanese) => "証拠の範囲では、ライセンス認証は動作しています。",
        (Verdict::Healthy, false, English) => "As far as the evidence goes, activation works.",
        (Verdict::Problem, _, Japanese) => "ライセンス認証を止めている、またはこれから止める原因が見つかりました。",
        (Verdict::Problem, _, English) => "Something has stopped activation or will stop it.",
        (Verdict::Undetermined, _, Japanese) => "この証拠だけでは原因を特定できません。次の確認を行ってください。",
        (Verdict::Undetermined, _, English) => "This evidence does not carry a cause. Run the next check.",
    }
}

pub(crate) fn status(status: Status, language: Language) -> &'static str {
    match (status, language) {
        (Status::Confirmed, Japanese) => "確定",
        (Status::Confirmed, English) => "confirmed",
        (Status::Likely, Japanese) => "有力",
        (Status::Likely, English) => "likely",
        (Status::Possible, Japanese) => "可能性あり",
        (Status::Possible, English) => "possible",
        (Status::RuledOut, Japanese) => "除外",
        (Status::RuledOut, English) => "ruled out",
        (Status::NotCheckable, Japanese) => "確認不能",
        (Status::NotCheckable, English) => "not checkable",
    }
}

/// How far a probe got.
pub(crate) fn reach(reach: Reach, language: Language) -> &'static str {
    let (japanese, english) = match reach {
        Reach::Acknowledged => ("KMS のバインドに応答", "acknowledges the KMS bind"),
        Reach::Rejected => ("RPC サーバーだが KMS を拒否", "RPC server that does not accept KMS"),
        Reach::Foreign => ("KMS 以外のサービス", "something other than KMS"),
        Reach::Reset => ("接続後にリセット", "reset after connecting"),
        Reach::Closed => ("接続後に切断", "closed after connecting"),
        Reach::Silent => ("接続後に無応答", "silent after connecting"),
        Reach::Refused => ("ポートが閉じている", "port is closed"),
        Reach::Timeout => ("応答なし", "no answer"),
        Reach::Unreachable => ("到達不能", "unreachable"),
        Reach::BlockedLocally => ("このコンピューターで遮断", "blocked on this machine"),
        Reach::NoData => ("レコードなし", "no such record"),
        Reach::NoSuchName => ("名前が存在しない", "no such name"),
        Reach::Unknown => ("判定できない", "could not be told"),
    };
    pick(language, japanese, english)
}

/// A stage of the way to KMS, as [`LatencyEntry`](kmsdoctor_core::report::LatencyEntry) names it.
pub(crate) fn stage(stage: &str, language: Language) -> &str {
    match (stage, language) {
        ("dns", Japanese) => "DNS の応答",
        ("dns", English) => "DNS answer",
        ("connect", Japanese) => "TCP 接続",
        ("connect", English) => "TCP connection",
        ("bind", Japanese) => "RPC バインドの応答",
        ("bind", English) => "RPC bind",
        ("time", Japanese) => "時刻ソースの応答",
        ("time", English) => "Time source",
        (other, _) => other,
    }
}

pub(crate) fn why(why: Why, language: Language) -> &'static str {
    match (why, language) {
        (Why::NotInEvidence, Japanese) => "証拠にない",
        (Why::NotInEvidence, English) => "not in the evidence",
        (Why::NoAnswer, Japanese) => "応答がない",
        (Why::NoAnswer, English) => "no answer came",
        (Why::Unreadable, Japanese) => "読み取れない",
        (Why::Unreadable, English) => "cannot be read",
        (Why::Contradictory, Japanese) => "証拠どうしが食い違う",
        (Why::Contradictory, English) => "the evidence contradicts itself",
        (Why::NotPermitted, Japanese) => "権限がない",
        (Why::NotPermitted, English) => "the rights did not suffice",
    }
}

pub(crate) fn unread(unread: Unread, language: Language) -> &'static str {
    match (unread, language) {
        (Unread::Empty, Japanese) => "中身が空です。コマンドの出力を保存し直してください。",
        (Unread::Empty, English) => "It is empty. Save the command's output again.",
        (Unread::Binary, Japanese) => {
            "テキストではなく、既知の形式でもありません。コンソール出力、イベント ログ (evtx・XML・CSV・テキスト)、または zip を渡してください。"
        }
        (Unread::Binary, English) => {
            "It is neither text nor a known format. Give console output, event logs (evtx, XML, CSV, text), or a zip of these."
        }
        (Unread::NotRecognised, Japanese) => {
            "slmgr・イベント・nslookup・w32tm・レジストリなどの出力として認識できる部分がありません。コマンドの出力全体を渡してください。"
        }
        (Unread::NotRecognised, English) => {
            "Nothing in it is known output of slmgr, events, nslookup, w32tm, the registry and the like. Give the whole output of the command."
        }
        (Unread::OtherArchive, Japanese) => {
            "zip 以外のアーカイブ (7z、RAR、CAB、gzip など) です。展開するか、zip にして渡してください。"
        }
        (Unread::OtherArchive, English) => {
            "It is an archive other than zip (7z, RAR, CAB, gzip or the like). Unpack it, or give a zip."
        }
        (Unread::TooLarge, Japanese) => "大きすぎます (64 MiB まで)。必要な期間やイベントだけを書き出してください。",
        (Unread::TooLarge, English) => {
            "It is too large (64 MiB at most). Export only the period or events in question."
        }
        (Unread::Damaged, Japanese) => "既知の形式ですが、壊れているか途中で切れています。もう一度取得してください。",
        (Unread::NoActivationEvents, Japanese) => {
            "イベント ログですが、ライセンス認証に関するイベントがありません。Application・System・Key Management Service のログを渡してください。"
        }
        (Unread::NoActivationEvents, English) => {
            "It is an event log without events that bear on activation. Give the logs Application, System and Key Management Service."
        }
        (Unread::NothingExchanged, Japanese) => "記録は正常ですが、通信が行われていません。",
        (Unread::NothingExchanged, English) => "It is a whole record in which nothing was exchanged.",
        (Unread::Damaged, English) => "It is of a known form, but damaged or cut off. Get it again.",
    }
}

/// What was not read of an artifact, and what to do about it.
pub(crate) fn partly(partly: &Partly, language: Language) -> Vec<String> {
    let Partly { damaged_chunks, damaged_records, is_cut_off, left_out, was_in_use, is_damaged_hive } = *partly;
    let mut texts = Vec::new();
    let mut put = |applies: bool, japanese: String, english: String| {
        if applies {
            texts.push(match language {
                Japanese => japanese,
                English => english,
            });
        }
    };
    put(
        damaged_chunks > 0,
        format!(
            "壊れている部分 (64 KiB 単位で {damaged_chunks} か所) を読めませんでした。`wevtutil epl` で取得し直してください。"
        ),
        format!(
            "{damaged_chunks} parts of 64 KiB are damaged and were not read. Get the log again with `wevtutil epl`."
        ),
    );
    put(
        damaged_records > 0,
        format!("壊れているイベント {damaged_records} 件を読めませんでした。`wevtutil epl` で取得し直してください。"),
        format!("{damaged_records} events are damaged and were not read. Get the log again with `wevtutil epl`."),
    );
    put(
        is_cut_off,
        "途中で切れています。切れる前の部分だけを読みました。もう一度取得してください。".to_owned(),
        "It is cut off; what stands before the cut was read. Get it again.".to_owned(),
    );
    put(
        left_out > 0,
        format!(
            "イベントが多すぎるため、古いほうの {left_out} 件を読んでいません。必要な期間だけを書き出してください。"
        ),
        format!("There are too many events; the oldest {left_out} were not read. Export only the period in question."),
    );
    put(
        was_in_use,
        "Windows が書き込んでいる間にコピーされています。最新のイベントが欠けていることがあります。`wevtutil epl` で書き出してください。".to_owned(),
        "It was copied while Windows was writing to it, and its newest events may be missing. Export it with `wevtutil epl`."
            .to_owned(),
    );
    put(
        is_damaged_hive,
        "一部が壊れているか、途中で切れているか、使用中にコピーされています。読めた部分だけを使いました。`reg save` で取得し直してください。".to_owned(),
        "It is damaged, cut off, or was copied while in use; what could be read was read. Get it again with `reg save`."
            .to_owned(),
    );
    texts
}

/// Why health is not claimed though what was read shows it.
pub(crate) fn incomplete(language: Language) -> &'static str {
    pick(
        language,
        "読めた範囲では正常ですが、読めなかった証拠があるため「正常」とは判定していません。",
        "What was read looks healthy, but evidence was left out, so health is not claimed.",
    )
}

/// What a live run could not ask, and what to do about it.
pub(crate) fn not_asked(not_asked: NotAsked, language: Language) -> &'static str {
    match (not_asked, language) {
        (NotAsked::NoDomain, Japanese) => {
            "このコンピューターにはドメインが設定されていないため、SRV レコードを探せませんでした。--domain または --host を指定してください。"
        }
        (NotAsked::NoDomain, English) => {
            "This machine has no domain, so no SRV record could be looked for. Give --domain or --host."
        }
        (NotAsked::NoResolver, Japanese) => {
            "DNS サーバーが設定されていないため、問い合わせていません。--dns で指定してください。"
        }
        (NotAsked::NoResolver, English) => "No DNS server is configured, so none was asked. Give one with --dns.",
        (NotAsked::InvalidName, Japanese) => {
            "DNS の名前として使えない名前があり、問い合わせていません。指定や SRV レコードの綴りを確認してください。"
        }
        (NotAsked::InvalidName, English) => {
            "A name is no DNS name and was not asked for. Check the spelling given or advertised."
        }
        (NotAsked::TooManyTargets, Japanese) => {
            "対象が多すぎるため、一部を調べていません。--host で対象を絞ってください。"
        }
        (NotAsked::TooManyTargets, English) => {
            "There are too many targets; some were not asked. Narrow them down with --host."
        }
        (NotAsked::OutOfTime, Japanese) => "期限までに終わらなかった確認があります。--timeout を延ばしてください。",
        (NotAsked::OutOfTime, English) => "Time ran out before everything was asked. Give a longer --timeout.",
        (NotAsked::NoSockets, Japanese) => {
            "通信用のソケットを作れず、何も調べられませんでした。セキュリティ製品やコンテナーの制限を確認してください。"
        }
        (NotAsked::NoSockets, English) => {
            "The system gives this program no sockets, so nothing was asked. Check security software or container limits."
        }
        (NotAsked::NoTrace, Japanese) => {
            "この環境では、KMS ホストまでの経路をプログラムから追跡できません。tracert -d で確認してください。"
        }
        (NotAsked::NoTrace, English) => {
            "This system does not let the program trace the way to the KMS host. See it with tracert -d."
        }
        (NotAsked::Interrupted, Japanese) => "Ctrl-C で中断されました。ここまでに得られた応答だけで判定しています。",
        (NotAsked::Interrupted, English) => {
            "The run was ended with Ctrl-C. This is judged from what had answered by then."
        }
    }
}

pub(crate) fn bundle_note(note: &BundleNote, language: Language) -> String {
    let entry = note.entry();
    match language {
        Japanese => {
            let reason = match note {
                BundleNote::TooManyEntries { .. } => "ファイル数が多すぎるため、これ以降を読んでいません",
                BundleNote::TooLarge { .. } => "大きすぎるため読んでいません",
                BundleNote::RatioTooHigh { .. } => "展開すると異常に大きくなるため (zip 爆弾の疑い)、読んでいません",
                BundleNote::Shared { .. } => {
                    "アーカイブ内のデータをほかのファイルと共有しているため (zip 爆弾の疑い)、読んでいません"
                }
                BundleNote::OverBudget { .. } => "展開できる量の上限に達したため、これ以降を読んでいません",
                BundleNote::TooDeep { .. } => "アーカイブの入れ子が深すぎるため読んでいません",
                BundleNote::SameName { .. } => {
                    "同じ名前のファイルが複数あります。同名のうち 1 つだけを読みました。名前を変えて作り直してください"
                }
                BundleNote::UnsafeName { .. } => "アーカイブの外を指す名前のため読んでいません",
                BundleNote::Link { .. } => "シンボリック リンクのため読んでいません",
                BundleNote::Encrypted { .. } => {
                    "パスワードで保護されているため読めません。パスワードなしで作り直してください"
                }
                BundleNote::Unsupported { .. } => "対応していない圧縮方式のため読めません",
                BundleNote::Damaged { .. } => "壊れています。取り出せた部分だけを読みました",
                BundleNote::Truncated { .. } => "アーカイブが途中で切れています。切れる前の部分だけを読みました",
                _ => "全部は読めませんでした",
            };
            format!("{entry}: {reason}。")
        }
        English => {
            let reason = match note {
                BundleNote::TooManyEntries { .. } => "too many files; this one and those after it were not read",
                BundleNote::TooLarge { .. } => "too large; it was not read",
                BundleNote::RatioTooHigh { .. } => {
                    "it would unpack to far more than evidence does (a zip bomb?); it was not read"
                }
                BundleNote::Shared { .. } => "it shares its data with another entry (a zip bomb?); it was not read",
                BundleNote::OverBudget { .. } => {
                    "the limit of what is unpacked is reached; this one and those after it were not read"
                }
                BundleNote::TooDeep { .. } => "archives are nested too deeply; it was not read",
                BundleNote::SameName { .. } => {
                    "several of its files have the same name; of these one was read. Make the archive again with other names"
                }
                BundleNote::UnsafeName { .. } => "its name leads out of the archive; it was not read",
                BundleNote::Link { .. } => "it is a symbolic link; it was not read",
                BundleNote::Encrypted { .. } => "it needs a password; make the archive again without one",
                BundleNote::Unsupported { .. } => "its compression method is not supported",
                BundleNote::Damaged { .. } => "it is damaged; what could be unpacked was read",
                BundleNote::Truncated { .. } => "the archive is cut off; what stands before the cut was read",
                _ => "it could not be read in full",
            };
            format!("{entry}: {reason}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_on_a_bundle_has_its_own_words_in_both_languages() {
        let entry = || "a".to_owned();
        let notes = [
            BundleNote::TooManyEntries { entry: entry() },
            BundleNote::OverBudget { entry: entry() },
            BundleNote::TooLarge { entry: entry() },
            BundleNote::RatioTooHigh { entry: entry() },
            BundleNote::Shared { entry: entry() },
            BundleNote::TooDeep { entry: entry() },
            BundleNote::SameName { entry: entry() },
            BundleNote::UnsafeName { entry: entry() },
            BundleNote::Link { entry: entry() },
            BundleNote::Encrypted { entry: entry() },
            BundleNote::Unsupported { entry: entry() },
            BundleNote::Damaged { entry: entry() },
            BundleNote::Truncated { entry: entry() },
        ];
        let mut texts = std::collections::HashSet::new();
        for note in &notes {
            let (japanese, english) = (bundle_note(note, Japanese), bundle_note(note, English));
            assert!(english.is_ascii() && !japanese.is_ascii(), "{english} {japanese}");
            assert!(!english.contains("in full"), "{note:?} has no words of its own");
            assert!(texts.insert(japanese) && texts.insert(english), "{note:?}");
        }
    }
}
