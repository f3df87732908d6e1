//! kmsdoctor: finds out why a Windows or Office machine is not activated.
//!
//! This crate holds arguments, output and wiring, and the program's only `main`. It decides nothing about causes.

mod analysis;
mod approved;
mod arguments;
mod commands;
mod input;
mod list;
mod locale;
mod paths;
mod redaction;
mod render;
mod save;
mod score;
mod targets;
mod words;

use std::process::ExitCode;

use arguments::Command;

/// Exit status: the evidence shows health.
const EXIT_HEALTHY: u8 = 0;
/// Exit status: a problem was found.
const EXIT_PROBLEM: u8 = 1;
/// Exit status: wrong usage, or a path that cannot be opened.
const EXIT_USAGE: u8 = 2;
/// Exit status: it could not be told.
const EXIT_UNDETERMINED: u8 = 3;

fn main() -> ExitCode {
    let arguments = match arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let language = arguments.common().language();
    let outcome = match &arguments.command {
        Command::Check(check) => commands::check::run(check, language),
        Command::Analyze(analyze) => commands::analyze::run(analyze, language),
        Command::Cloud(cloud) => commands::cloud::run(cloud, language),
        Command::Probe(probe) => commands::probe::run(probe, language),
        Command::Explain(explain) => commands::explain::run(explain, language),
        Command::Checklist(checklist) => commands::checklist::run(checklist, language),
        Command::Drill(drill) => commands::drill::run(drill, language),
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // Names that were typed may hold a key.
            let text = kmsdoctor_core::mask::typed_text(&format!("{error:#}"));
            anstream::eprintln!("{}: {text}", words::error(language));
            ExitCode::from(EXIT_USAGE)
        }
    }
}
