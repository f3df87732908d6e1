//! What a drill says: the symptom and the way in, and afterwards what there was to see.

use std::fmt::Write as _;

use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language::{self, English, Japanese};
use kmsdoctor_sim::{Directions, SCENARIOS, Scenario};
use serde_json::{Value, json};

use super::{explain, page};
use crate::analysis::Analysis;
use crate::score::{HEALTHY, Score, Tally};
use crate::words::pick;

/// For whom a world is started.
pub(crate) enum Occasion<'s> {
    /// Somebody who knows what is broken and looks with a second terminal.
    Attended(&'s Scenario),
    /// Somebody who watches.
    Demonstration(&'s Scenario),
    /// Somebody who does not know.
    Blind { round: u32, rounds: u32 },
}

pub(crate) fn listing(language: Language) -> String {
    let width = SCENARIOS.iter().map(|scenario| scenario.id.len()).max().unwrap_or_default();
    let lines = SCENARIOS.iter().map(|scenario| format!("{:width$}  {}\n", scenario.id, scenario.title.get(language)));
    lines.collect()
}

pub(crate) fn listing_json() -> Value {
    let scenarios: Vec<Value> = SCENARIOS
        .iter()
        .map(|scenario| {
            let title = json!({ "ja": scenario.title.ja, "en": scenario.title.en });
            json!({ "id": scenario.id, "title": title, "expected": scenario.causes })
        })
        .collect();
    json!({ "schema": "kmsdoctor.drills/1", "scenarios": scenarios })
}

/// The command that looks at the world.
fn command(directions: &Directions) -> String {
    let Directions { domain, host, resolver, time_source } = directions;
    let mut command = "kmsdoctor check".to_owned();
    for (option, value) in [("--domain", domain), ("--host", host)] {
        if let Some(value) = value {
            let _ = write!(command, " {option} {value}");
        }
    }
    let _ = write!(command, " --dns {resolver} --ntp {time_source}");
    command
}

/// What the user sees before the diagnosis.
pub(crate) fn briefing(
    occasion: &Occasion<'_>,
    seed: u64,
    code: &str,
    directions: &Directions,
    language: Language,
) -> String {
    let what = match (occasion, language) {
        (Occasion::Attended(scenario) | Occasion::Demonstration(scenario), _) => {
            format!("{}: {}", scenario.id, scenario.title.get(language))
        }
        (Occasion::Blind { round, rounds }, Japanese) => format!("{round} / {rounds} 問目"),
        (Occasion::Blind { round, rounds }, English) => format!("round {round} of {rounds}"),
    };
    let mut text = String::new();
    page::heading(&mut text, &format!("{}: {what}", pick(language, "演習", "Drill")));
    let command = command(directions);
    let _ = match language {
        Japanese => write!(
            text,
            "シード: {seed} (--seed {seed} で同じ演習になります)\n\
             利用者からの報告: PC がライセンス認証されない。`slmgr /ato` は {code} で終わる。\n"
        ),
        English => write!(
            text,
            "Seed: {seed} (--seed {seed} gives the same again)\n\
             A user reports: the machine is not activated, `slmgr /ato` ends with {code}.\n"
        ),
    };
    let look = match occasion {
        Occasion::Demonstration(_) => pick(language, "次の check を実行します。", "This check is run:"),
        Occasion::Attended(_) | Occasion::Blind { .. } => {
            pick(language, "別の端末で調べてください。", "Look at it in a second terminal:")
        }
    };
    let _ = write!(text, "{look}\n\n  {command}\n\n");
    text.push_str(match occasion {
        Occasion::Demonstration(_) => "",
        Occasion::Attended(_) => pick(
            language,
            "Enter キーで終了し、解説を表示します (Ctrl-C では解説なしで終了します)。\n",
            "Enter ends the drill and explains it; Ctrl-C just ends it.\n",
        ),
        Occasion::Blind { .. } => pick(
            language,
            "原因の ID を入力してください。複数あれば空白で区切り、異常がなければ healthy とします (ID の一覧: kmsdoctor explain --list cause)。\n",
            "Type the id of the cause; several with spaces between them; healthy if nothing is broken. (All ids: kmsdoctor explain --list cause)\n",
        ),
    });
    text
}

/// What was broken, what gave it away, and where to read on.
pub(crate) fn explanation(scenario: &Scenario, language: Language) -> String {
    let mut text = String::new();
    page::heading(&mut text, pick(language, "解説", "Explanation"));
    let row = |text: &mut String, label: &str, value: &str| {
        let _ = writeln!(text, "  {label}: {value}");
    };
    let broken = format!("{} ({})", scenario.title.get(language), scenario.id);
    row(&mut text, pick(language, "障害", "What was broken"), &broken);
    if scenario.causes.is_empty() {
        row(&mut text, pick(language, "原因", "Cause"), HEALTHY);
    }
    let causes = &Knowledge::embedded().causes;
    for cause in scenario.causes.iter().filter_map(|id| causes.get(*id)) {
        let value = format!("{}  {}", cause.id, cause.title.get(language));
        row(&mut text, pick(language, "原因", "Cause"), &value);
    }
    row(&mut text, pick(language, "決め手", "What gave it away"), scenario.clue.get(language));
    for id in scenario.causes {
        row(&mut text, pick(language, "対処と詳細", "Remedy and more"), &format!("kmsdoctor explain {id}"));
    }
    text
}

/// A demonstration that went wrong.
pub(crate) fn surprise(language: Language) -> &'static str {
    pick(
        language,
        "  この演習で期待される診断になっていません。ループバックのポートを使うほかのプログラムがないか確かめ、このレポートを開発元へお知らせください。\n",
        "  That is not the diagnosis which this drill should get. Check whether another program uses ports on loopback, and report this.\n",
    )
}

pub(crate) fn demonstration_json(
    scenario: &Scenario,
    seed: u64,
    directions: &Directions,
    analysis: &Analysis,
    is_right: bool,
    language: Language,
) -> Value {
    json!({
        "schema": "kmsdoctor.drill/1",
        "scenario": scenario.id,
        "title": scenario.title.get(language),
        "seed": seed,
        "command": command(directions),
        "expected": scenario.causes,
        "as_expected": is_right,
        "clue": scenario.clue.get(language),
        "report": analysis.report,
    })
}

pub(crate) fn score(score: Score, language: Language) -> &'static str {
    match score {
        Score::Right => pick(language, "正解です。\n", "Right.\n"),
        Score::Near => pick(
            language,
            "惜しい: 原因の一部か、同じ分野の別の原因です。\n",
            "Near: part of it, or another cause of the same area.\n",
        ),
        Score::Wrong => pick(language, "違います。\n", "Wrong.\n"),
    }
}

pub(crate) fn unanswered(language: Language) -> &'static str {
    pick(language, "回答がないまま入力が終わりました。\n", "The input ended without an answer.\n")
}

/// What was typed where a cause was asked for.
pub(crate) fn no_cause(typed: &str, language: Language) -> String {
    let typed = explain::shown(typed);
    match language {
        Japanese => format!(
            "「{typed}」は原因の ID ではありません。一覧は kmsdoctor explain --list cause で表示できます。もう一度入力してください。\n"
        ),
        English => {
            format!("“{typed}” is no id of a cause; kmsdoctor explain --list cause shows all. Type the answer again.\n")
        }
    }
}

/// The result of all rounds.
pub(crate) fn total(tally: &Tally, rounds: u32, language: Language) -> String {
    let Tally { right, near, wrong } = tally;
    match language {
        Japanese => format!("\n合計: {rounds} 問中 正解 {right}、惜しい {near}、不正解 {wrong}\n"),
        English => format!("\nTotal of {rounds} rounds: {right} right, {near} near, {wrong} wrong\n"),
    }
}
