//! `kmsdoctor drill`: break something on loopback, have it diagnosed, explain.

mod answers;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, IsTerminal};
use std::time::Duration;

use anyhow::{Context, bail};
use kmsdoctor_core::diagnosis::{Given, Verdict};
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_live::CheckRequest;
use kmsdoctor_sim::{Directions, Scenario, World};

use crate::analysis::{self, Analysis};
use crate::arguments::{Drill, Format};
use crate::render;
use crate::render::drill::{self, Occasion};
use crate::score::{self, Score, Tally};

use answers::Answers;

/// Deadline of each exchange of a demonstration: a bind that had less than a second would not count as silent.
const DEADLINE: Duration = Duration::from_secs(2);

/// Seeds that are chosen here are below this: short enough to be typed again.
const SEED_END: u64 = 100_000;

pub(crate) fn run(arguments: &Drill, language: Language) -> anyhow::Result<u8> {
    if arguments.list_scenarios {
        let text = match arguments.format {
            Format::Human => drill::listing(language),
            Format::Json => render::json(&drill::listing_json())?,
        };
        render::write(&text, false, &arguments.common, language)?;
        return Ok(crate::EXIT_HEALTHY);
    }
    let seed = arguments.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish() % SEED_END);
    let scenarios = match &arguments.scenario {
        Some(name) => vec![named(name, language)?],
        None => Scenario::shuffled(seed),
    };
    if arguments.blind {
        return blind(arguments, &scenarios, seed, language);
    }
    let Some(scenario) = scenarios.first() else { bail!("there is no scenario") };
    let world = start(scenario, seed, language)?;
    let is_attended = io::stdin().is_terminal() && arguments.common.output.is_none();
    if arguments.demo || arguments.format == Format::Json || !is_attended {
        demonstrate(arguments, scenario, seed, &world, language)
    } else {
        let answers = Answers::begin()?;
        let text = drill::briefing(&Occasion::Attended(scenario), seed, scenario.code, world.directions(), language);
        render::write(&text, true, &arguments.common, language)?;
        // Whatever comes, and be it the end of the input or Ctrl-C, ends the drill.
        answers.next()?;
        render::write(&drill::explanation(scenario, language), true, &arguments.common, language)?;
        Ok(crate::EXIT_HEALTHY)
    }
}

fn named(name: &str, language: Language) -> anyhow::Result<&'static Scenario> {
    if let Some(scenario) = Scenario::find(name) {
        return Ok(scenario);
    }
    let nearest = Scenario::nearest(name).map(|scenario| scenario.id);
    let name = render::explain::shown(name);
    match language {
        Language::Japanese => {
            let nearest = nearest.map(|id| format!("近いのは {id} です。")).unwrap_or_default();
            bail!("演習「{name}」はありません。{nearest}一覧は kmsdoctor drill --list で表示できます")
        }
        Language::English => {
            let nearest = nearest.map(|id| format!("the nearest is {id}, and ")).unwrap_or_default();
            bail!("there is no scenario “{name}”; {nearest}kmsdoctor drill --list shows all")
        }
    }
}

fn start(scenario: &Scenario, seed: u64, language: Language) -> anyhow::Result<World> {
    World::start(scenario, seed).with_context(|| match language {
        Language::Japanese => {
            "ループバックに演習用のサーバーを起動できません。--seed を変えると、別のアドレスとポートになります"
        }
        Language::English => {
            "the servers of the drill cannot be started on loopback; another --seed gives other addresses and ports"
        }
    })
}

/// What `kmsdoctor check` finds in the world.
fn look(directions: &Directions, language: Language) -> Analysis {
    let request = CheckRequest {
        domains: directions.domain.iter().cloned().collect(),
        hosts: directions.host.iter().map(|host| (host.clone(), None)).collect(),
        resolvers: vec![directions.resolver],
        time_sources: vec![directions.time_source.to_string()],
        deadline: DEADLINE,
    };
    let artifacts = kmsdoctor_live::check(&request, &mut |_| {});
    analysis::analyse(&artifacts, Vec::new(), &Given::default(), None, None, language)
}

/// Exit status 0 if the diagnosis is the right one, whatever its verdict.
fn demonstrate(
    arguments: &Drill,
    scenario: &Scenario,
    seed: u64,
    world: &World,
    language: Language,
) -> anyhow::Result<u8> {
    let analysis = look(world.directions(), language);
    let is_right = finds(&analysis, scenario);
    let text = match arguments.format {
        Format::Json => {
            render::json(&drill::demonstration_json(scenario, seed, world.directions(), &analysis, is_right, language))?
        }
        Format::Human => [
            drill::briefing(&Occasion::Demonstration(scenario), seed, scenario.code, world.directions(), language),
            render::human::report(&analysis, language, arguments.common.verbose),
            drill::explanation(scenario, language),
            if is_right { String::new() } else { drill::surprise(language).to_owned() },
        ]
        .concat(),
    };
    render::write(&text, arguments.format.has_colours(), &arguments.common, language)?;
    Ok(if is_right { crate::EXIT_HEALTHY } else { crate::EXIT_PROBLEM })
}

/// Whether the diagnosis names the causes of the scenario, the first one first.
fn finds(analysis: &Analysis, scenario: &Scenario) -> bool {
    let carried = analysis.diagnosis.findings.iter().filter(|finding| finding.status.carries());
    let found: Vec<&str> = carried.map(|finding| finding.cause.id.as_str()).collect();
    match scenario.causes {
        [] => analysis.diagnosis.verdict == Verdict::Healthy,
        causes => found.first() == causes.first() && causes.iter().all(|cause| found.contains(cause)),
    }
}

/// Exit status 0 if every answer is right.
fn blind(arguments: &Drill, scenarios: &[&Scenario], seed: u64, language: Language) -> anyhow::Result<u8> {
    let say = |text: &str| render::write(text, true, &arguments.common, language);
    let answers = Answers::begin()?;
    let rounds = arguments.rounds.get();
    let mut tally = Tally::default();
    for (round, scenario) in (1..=rounds).zip(scenarios.iter().cycle()) {
        let seed_of_round = seed.wrapping_add(u64::from(round - 1));
        let world = start(scenario, seed_of_round, language)?;
        let occasion = Occasion::Blind { round, rounds };
        say(&drill::briefing(&occasion, seed, scenario.code, world.directions(), language))?;
        let Some(answer) = answer(&answers, say, language)? else {
            say(drill::unanswered(language))?;
            say(&drill::explanation(scenario, language))?;
            break;
        };
        let score = Score::of(&answer, scenario.causes, Knowledge::embedded());
        tally.add(score);
        say(drill::score(score, language))?;
        say(&drill::explanation(scenario, language))?;
    }
    if rounds > 1 {
        say(&drill::total(&tally, rounds, language))?;
    }
    Ok(if tally.right == rounds { crate::EXIT_HEALTHY } else { crate::EXIT_PROBLEM })
}

/// The next answer that names causes alone; `None` at the end of the input, or at Ctrl-C.
fn answer(
    answers: &Answers,
    say: impl Fn(&str) -> anyhow::Result<()>,
    language: Language,
) -> anyhow::Result<Option<Vec<String>>> {
    while let Some(line) = answers.next()? {
        let answer = score::words(&line);
        match answer.iter().find(|word| !score::is_answer(word, Knowledge::embedded())) {
            Some(unknown) => say(&drill::no_cause(unknown, language))?,
            None if answer.is_empty() => {}
            None => return Ok(Some(answer)),
        }
    }
    Ok(None)
}
