//! Drills as their users run them: watched, blind, and with a second terminal.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmsdoctor"));
    command.args(arguments).env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn kmsdoctor(arguments: &[&str], input: &str) -> Output {
    let mut child = command(arguments).spawn().expect("the program starts");
    // A program that does not read its input closes it: that is no failure of the test.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}

/// The arguments of the command that a briefing gives.
fn arguments_of_check(briefing: &str) -> Vec<String> {
    let line = briefing.lines().find_map(|line| line.trim().strip_prefix("kmsdoctor ")).expect("a command");
    line.split(' ').map(str::to_owned).collect()
}

#[test]
fn scenarios_are_listed_in_both_languages() {
    for (language, title) in [("en", "Nothing is broken"), ("ja", "何も壊れていない")] {
        let output = kmsdoctor(&["drill", "--list", "--lang", language], "");
        assert_eq!(output.status.code(), Some(0));
        let line = text(&output).lines().find(|line| line.starts_with("healthy ")).map(str::to_owned);
        assert!(line.is_some_and(|line| line.ends_with(title)), "{}", text(&output));
    }
    let listing = json(&kmsdoctor(&["drill", "--list", "--format", "json"], ""));
    let scenarios = listing["scenarios"].as_array().expect("a list");
    assert!(scenarios.iter().all(|one| one["title"]["ja"].is_string() && one["title"]["en"].is_string()));
    assert!(scenarios.iter().any(|one| one["id"] == "srv-missing" && one["expected"][0] == "dns-srv-missing"));
}

#[test]
fn a_demonstration_reports_and_explains() {
    for (language, words) in [
        (
            "en",
            [
                "Drill: port-refused",
                "Verdict: problem found",
                "What gave it away",
                "kmsdoctor explain net-port-refused",
            ],
        ),
        ("ja", ["演習: port-refused", "判定: 問題あり", "決め手", "kmsdoctor explain net-port-refused"]),
    ] {
        // Without a terminal it is a demonstration anyway.
        for arguments in [&["drill", "port-refused", "--demo"][..], &["drill", "port-refused"]] {
            let output = kmsdoctor(&[arguments, &["--lang", language, "--seed", "11"]].concat(), "");
            assert_eq!(output.status.code(), Some(0), "{}", text(&output));
            let places: Vec<_> = words.iter().map(|word| text(&output).find(word)).collect();
            assert!(places.is_sorted() && places[0].is_some(), "{places:?} in:\n{}", text(&output));
        }
    }
}

#[test]
fn a_demonstration_as_json_holds_report_and_expectation() {
    for (scenario, expected) in [("two-faults", &["dns-srv-stale", "client-clock-skew"][..]), ("healthy", &[])] {
        let output = kmsdoctor(&["drill", scenario, "--format", "json", "--seed", "12"], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        let drill = json(&output);
        assert_eq!((&drill["schema"], &drill["seed"]), (&"kmsdoctor.drill/1".into(), &12.into()));
        assert_eq!((&drill["expected"], &drill["as_expected"]), (&expected.into(), &true.into()));
        assert_eq!(drill["report"]["schema"], "kmsdoctor.report/1");
    }
}

#[test]
fn the_seed_chooses_the_same_again() {
    let run = |seed| {
        let output = kmsdoctor(&["drill", "--seed", seed, "--format", "json"], "");
        let drill = json(&output);
        (drill["scenario"].clone(), drill["command"].clone())
    };
    assert_eq!(run("4711"), run("4711"));
    assert_ne!(run("4711"), run("4712"));
}

#[test]
fn a_blind_drill_scores_the_answer() {
    for (answer, status, japanese, english) in [
        ("dns-srv-missing\n", 0, "正解です。", "Right."),
        ("dns-srv-stale\n", 1, "惜しい", "Near"),
        ("net-not-kms\n", 1, "違います。", "Wrong."),
        ("", 1, "回答がないまま", "without an answer"),
        // What is no cause is asked for again.
        ("srv\n\ndns-srv-missing\n", 0, "「srv」は原因の ID ではありません", "“srv” is no id"),
    ] {
        for (language, word) in [("ja", japanese), ("en", english)] {
            let arguments = ["drill", "srv-missing", "--blind", "--seed", "13", "--lang", language];
            let output = kmsdoctor(&arguments, answer);
            assert_eq!(output.status.code(), Some(status), "{answer:?}: {}", text(&output));
            let (before, after) =
                text(&output).split_once(word).map(|(b, a)| (b.to_owned(), a.to_owned())).expect(word);
            assert!(!before.contains("srv-missing") && after.contains("kmsdoctor explain dns-srv-missing"));
        }
    }
}

#[test]
fn rounds_are_totalled() {
    for (input, status, total) in [
        ("dns-server-unreachable\nDNS-SERVER-UNREACHABLE\n", 0, "2 right, 0 near, 0 wrong"),
        ("dns-server-unreachable\nhealthy\n", 1, "1 right, 0 near, 1 wrong"),
        ("dns-server-unreachable\n", 1, "1 right, 0 near, 0 wrong"),
    ] {
        let arguments = ["drill", "dns-silent", "--blind", "--rounds", "2", "--seed", "14", "--lang", "en"];
        let output = kmsdoctor(&arguments, input);
        assert_eq!(output.status.code(), Some(status), "{}", text(&output));
        assert!(text(&output).contains(&format!("Total of 2 rounds: {total}")), "{}", text(&output));
    }
}

/// A drill that waits for its answer, its briefing, and what else it will print.
fn waiting(arguments: &[&str]) -> (Child, String, impl Read) {
    let mut drill = command(arguments).spawn().expect("it starts");
    let mut output = BufReader::new(drill.stdout.take().expect("a pipe"));
    let mut briefing = String::new();
    while !briefing.contains("Type the id") {
        assert!(output.read_line(&mut briefing).expect("text") > 0, "{briefing}");
    }
    (drill, briefing, output)
}

#[test]
#[cfg(unix)]
fn at_ctrl_c_it_explains() {
    let (mut drill, _, mut output) = waiting(&["drill", "srv-missing", "--blind", "--seed", "16", "--lang", "en"]);
    let interrupted = Command::new("kill").args(["-INT", &drill.id().to_string()]).status().expect("kill runs");
    assert!(interrupted.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("text");
    assert!(rest.contains("without an answer") && rest.contains("kmsdoctor explain dns-srv-missing"), "{rest}");
    assert_eq!(drill.wait().expect("it ends").code(), Some(1));
}

#[test]
fn the_world_answers_a_second_terminal() {
    let (mut drill, briefing, _output) =
        waiting(&["drill", "srv-wrong-port", "--blind", "--seed", "15", "--lang", "en"]);
    let mut check = arguments_of_check(&briefing);
    check.extend(["--format".to_owned(), "json".to_owned()]);
    let report = json(&kmsdoctor(&check.iter().map(String::as_str).collect::<Vec<_>>(), ""));
    let cause = report["findings"][0]["cause"].as_str().expect("a finding").to_owned();
    writeln!(drill.stdin.take().expect("a pipe"), "{cause}").expect("it waits for an answer");
    assert_eq!(drill.wait().expect("it ends").code(), Some(0), "{cause}");
}

#[test]
fn mistakes_say_what_to_do() {
    for (language, words) in
        [("en", ["no scenario", "srv-missing", "drill --list"]), ("ja", ["ありません", "srv-missing", "drill --list"])]
    {
        let output = kmsdoctor(&["drill", "srv-mising", "--lang", language], "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), text(&output).as_str()), (Some(2), ""), "{error}");
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    let output = kmsdoctor(&["drill", "--blind", "--demo", "--lang", "ja"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--blind と --demo は同時に指定できません"));
    for mistake in [&["--seed", "-1"][..], &["--rounds", "0", "--blind"], &["--rounds", "2"]] {
        assert_eq!(kmsdoctor(&[&["drill"], mistake].concat(), "").status.code(), Some(2), "{mistake:?}");
    }
}

#[test]
fn with_v_it_tells_how_long_it_took() {
    for (language, lines) in [("en", ["Latency", "- RPC bind "]), ("ja", ["応答時間", "- RPC バインドの応答 "])]
    {
        let output = kmsdoctor(&["drill", "healthy", "--demo", "-v", "--seed", "17", "--lang", language], "");
        assert!(lines.iter().all(|line| text(&output).contains(line)), "{}", text(&output));
    }
    let output = json(&kmsdoctor(&["drill", "healthy", "--demo", "--seed", "17", "--format", "json"], ""));
    let latencies = output["report"]["latencies"].as_array().expect("a list");
    for stage in ["dns", "connect", "bind", "time"] {
        assert!(latencies.iter().any(|entry| entry["stage"] == stage && entry["most_us"].is_u64()), "{stage}");
    }
}
