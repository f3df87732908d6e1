//! Help and usage mistakes in Japanese. English comes from the definitions themselves.

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::mask;

use super::Mistake;

const HELP_TEMPLATE: &str = "{about}\n\n使い方: {usage}\n\n{all-args}{after-help}";

const EXAMPLES: &str = "例:
  kmsdoctor check --domain contoso.com      このドメインの KMS への経路を調べる
  kmsdoctor analyze slmgr.txt events.xml    保存した出力から診断する
  kmsdoctor cloud exports/                  クラウドの KMS への経路がどこで止まるかを調べる
  kmsdoctor probe 10.0.0.0/24               KMS として応答するホストを調べる
  kmsdoctor explain 0xC004F074              コードの意味を調べる
  kmsdoctor checklist                       最初の数分で見ることを表示する
  kmsdoctor drill --demo                    模擬の障害を診断する様子を見る

終了コード: 0 正常、1 問題あり、2 使い方の誤り、3 判定できない";

/// Japanese text of each command.
const COMMANDS: &[(&str, &str)] = &[
    ("check", "このコンピューターから KMS への経路 (DNS・TCP・RPC バインド・時刻) を調べる"),
    ("analyze", "ファイル・フォルダー・zip・標準入力の証拠から診断する"),
    ("cloud", "クラウドのネットワークのエクスポートから、仮想マシンから KMS までの経路をたどる"),
    ("probe", "多数の KMS ホスト・アドレス範囲・SRV ドメインを RPC レベルでまとめて調べる"),
    ("explain", "エラー コード、イベント、用語、メッセージ、原因を説明する"),
    ("checklist", "チェックリスト (最初の数分、状況別、原因別) を表示する"),
    ("drill", "演習: ループバックに模擬の障害を起こし、診断して、解説を読む"),
];

/// Japanese text of each argument.
const ARGUMENTS: &[(&str, &str)] = &[
    ("lang", "出力の言語 (既定: 利用者のロケール、それ以外は英語)"),
    ("format", "出力の形式"),
    ("output", "標準出力の代わりにこのファイルへ書き出す"),
    ("verbose", "詳しく表示する (除外した原因、確認できなかったこと、すべての対処)"),
    ("domains", "SRV レコードを探すドメイン。繰り返し指定可 (既定: このコンピューターのドメイン)"),
    (
        "hosts",
        "判定する KMS ホスト (1688 以外ならポートも)。繰り返し指定可。--domain がなければこのホストだけを判定する",
    ),
    ("resolvers", "問い合わせ先の DNS サーバー。繰り返し指定可 (既定: このコンピューターの設定)"),
    ("ntp", "時刻を比べる時刻ソース。繰り返し指定可 (既定: DNS で見つかるドメイン コントローラー)"),
    ("timeout", "各通信の期限 (秒)"),
    ("save", "送受信の記録をバンドルに保存する (別の場所で analyze できる)"),
    ("save_evidence", "読んだ証拠をバンドルに保存する。プロダクト キーは伏せ、--redact を付けると名前なども伏せる"),
    ("redact", "出力のすべてで、名前・アドレス・ユーザー・ID を記号 (HOST-1、ADDR-1 など) に置き換える"),
    ("redact_map", "記号と元の値の対応をこのファイルに残し、既にある対応を引き継ぐ (--redact を兼ねる)"),
    ("paths", "ファイル、フォルダー、zip。`-` は標準入力。種類は内容から判別する"),
    ("exports", "クラウドのネットワークのエクスポート (ファイル、フォルダー、zip)。`-` は標準入力"),
    (
        "assumed",
        "仮定: このファイルのリソースで、エクスポート内の同じリソースを置き換える (なければ追加する)。繰り返し指定可",
    ),
    ("form", "提案する変更の形式。AWS は PowerShell、Google Cloud は gcloud などで示す"),
    (
        "approved_hosts",
        "承認済みの KMS ホスト。1 行に 1 つ、ホスト、サフィックス (.contoso.com)、アドレスまたは CIDR。--save では保存しない",
    ),
    ("as_of", "最新の日付付き事実ではなく、この時点 (RFC 3339) で判定する"),
    (
        "term",
        "エラー コード (表記は問わない)、イベント ID、キーの末尾 5 文字、用語、画面の表示、貼り付けたメッセージ、または原因の ID",
    ),
    (
        "list",
        "種類ごとの一覧: cause、code、event、symptom、state、remedy、check、product、host、generation、setting、endpoint、cloud-rule、method、limit、term、dispute、advice、checklist",
    ),
    ("situation", "原因の ID、または状況: isolated-network、host-migration、cloud-vm、handover (既定: 最初の数分)"),
    (
        "targets",
        "ホストまたはアドレス (HOST[:PORT])、範囲 (10.0.0.0/24)、SRV レコード (_vlmcs._tcp.contoso.com)、またはこれらを 1 行に 1 つずつ書いたファイル (@FILE、`-` は標準入力)",
    ),
    ("port", "ポートを指定していない対象の TCP ポート"),
    ("attempts", "応答のない対象に尋ねる最少の回数。パケットが失われる経路ではさらに尋ねる"),
    ("rate", "1 秒あたりの新しい接続の数。0 は制限なし"),
    ("concurrency", "同時に開く接続の数"),
    ("yes", "/16 より広い範囲を調べる"),
    ("public", "パブリック アドレスの範囲を調べる"),
    ("scenario", "障害の種類 (--list のどれか。既定: シードで決まる)"),
    ("list_scenarios", "障害の種類の一覧を表示する"),
    ("demo", "check をすぐに実行し、結果を解説する (入力が端末でないときの既定)"),
    ("blind", "何が壊れているかを伏せ、回答を求めて採点する"),
    ("rounds", "出題する数"),
    ("seed", "同じシードなら、障害・名前・アドレス・ポートが同じになる (既定: 毎回変わる)"),
    ("help", "ヘルプを表示する"),
    ("version", "バージョンを表示する"),
];

fn japanese(table: &[(&'static str, &'static str)], id: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}

/// The definition with its texts in `language`.
pub(super) fn localise(mut command: Command, language: Language) -> Command {
    if language == Language::English {
        return command;
    }
    // Building adds `help` and `version`, so that they get their texts too.
    command.build();
    command = command
        .about("Windows / Office のライセンス認証ができない原因を調べ、証拠・対処・元に戻す方法を示します")
        .help_template(HELP_TEMPLATE)
        .after_help(EXAMPLES)
        .subcommand_help_heading("コマンド")
        .next_help_heading("オプション");
    let names: Vec<String> = command.get_subcommands().map(|subcommand| subcommand.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, |subcommand| {
            let about = japanese(COMMANDS, &name).unwrap_or("コマンドのヘルプを表示する");
            arguments(subcommand.about(about).help_template(HELP_TEMPLATE))
        });
    }
    arguments(command)
}

fn arguments(mut command: Command) -> Command {
    let ids: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    for id in ids {
        if let Some(text) = japanese(ARGUMENTS, &id) {
            command = command.mut_arg(&id, |argument| {
                let heading = if argument.is_positional() { "引数" } else { "オプション" };
                argument.help(text).help_heading(heading)
            });
        }
    }
    command
}

/// Prints a usage mistake: what, why, what to do.
pub(super) fn print_mistake(error: &clap::Error, language: Language) {
    // What was typed may hold a key.
    let masked = || mask::typed_text(&error.render().to_string());
    if language == Language::English {
        anstream::eprint!("{}", masked());
        return;
    }
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("`{argument}` というオプションはありません。"),
        ErrorKind::InvalidSubcommand => {
            format!("`{}` というコマンドはありません。", context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("必要な引数がありません: {argument}"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "コマンドを指定してください: check、analyze、cloud、probe、explain、checklist、drill".to_owned()
        }
        ErrorKind::ArgumentConflict => {
            format!("{argument} と {} は同時に指定できません。", context(ContextKind::PriorArg))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue);
            if value.is_empty() {
                format!("{argument} には値が必要です。")
            } else {
                format!("{argument} の値 `{value}` は使えません。")
            }
        }
        _ => {
            anstream::eprint!("{}", masked());
            return;
        }
    };
    let hint = match context(ContextKind::SuggestedArg) {
        suggested if !suggested.is_empty() => format!("`{suggested}` のことですか。"),
        _ => String::new(),
    };
    let reason = match std::error::Error::source(error).and_then(|source| source.downcast_ref::<Mistake>()) {
        Some(mistake) => format!("{}。", mistake.text(language)),
        None => String::new(),
    };
    let what = mask::typed_text(&what);
    anstream::eprintln!("エラー: {what}{hint}{reason}\n使い方は `kmsdoctor --help --lang ja` を見てください。");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::CommandFactory;

    #[test]
    fn every_command_and_argument_has_a_japanese_text() {
        let command = Arguments::command();
        for subcommand in command.get_subcommands() {
            assert!(japanese(COMMANDS, subcommand.get_name()).is_some(), "{}", subcommand.get_name());
            for argument in subcommand.get_arguments() {
                assert!(japanese(ARGUMENTS, argument.get_id().as_str()).is_some(), "{}", argument.get_id());
            }
        }
    }
}
