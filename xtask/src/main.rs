//! `cargo xtask`: the tasks of the project.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::programs::Programs;
use xtask::{bench, book, command, gate, new_cause, root, schema};

/// Tasks of the project
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Set up and pass everything: packages, formatting, lints, cross build, all tests
    ///
    /// Ends with the test runner's own summary; before it stands what was not run. Exits non-zero if anything failed.
    /// With CI=true and as root, a part that cannot run fails instead of being listed.
    Test,
    /// Write the skeleton of a new cause, with cases that fail until they are filled in
    NewCause {
        /// Area: the folder below knowledge/causes, such as `network`
        area: String,
        /// Id: permanent, kebab-case, states the fault, such as `net-port-refused`
        id: String,
        /// Write below this folder instead of the project's knowledge/
        #[arg(long, value_name = "FOLDER")]
        knowledge: Option<PathBuf>,
    },
    /// Write the JSON schema of the report, docs/report.schema.json
    Schema,
    /// Write the reference from the knowledge, docs/reference, and build it as a book in both languages
    Docs {
        /// Write the pages only; mdBook is not needed
        #[arg(long)]
        pages_only: bool,
    },
    /// Measure, and write the figures into docs/performance.md: all parts, or those whose name contains FILTER
    Bench {
        /// Part of a part's name
        filter: Option<String>,
    },
    /// Run the scenarios in real networks (Linux, root), all of them or those whose name contains FILTER
    Lab {
        /// Part of a scenario's name
        filter: Option<String>,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Test => gate::run(),
        Task::NewCause { area, id, knowledge } => {
            let knowledge = knowledge.clone().unwrap_or_else(|| root().join("knowledge"));
            let written = new_cause::write(&knowledge, area, id, &new_cause::today())?;
            print!("{}", new_cause::what_next(&written, area, id));
            Ok(ExitCode::SUCCESS)
        }
        Task::Schema => {
            let path = root().join(schema::FILE);
            schema::write(&path)?;
            println!("written: {}", path.display());
            Ok(ExitCode::SUCCESS)
        }
        Task::Docs { pages_only } => {
            let knowledge = kmsdoctor_core::knowledge::Knowledge::embedded();
            let changed = book::write(&root(), knowledge)?;
            println!("{}: {changed} files changed", book::FOLDER);
            if !*pages_only {
                let target = Programs::locate()?.target_directory;
                for folder in book::build(&target, knowledge)? {
                    let broken = book::broken(&folder)?;
                    anyhow::ensure!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
                    println!("built: {}", folder.join("index.html").display());
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::Bench { filter } => {
            bench::run(filter.as_deref())?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Lab { filter } => {
            let mut cargo = command::cargo(["test", "--package", "kmsdoctor-lab", "--test", "scenarios", "--"]);
            cargo.args(filter);
            Ok(if command::succeeds(&mut cargo)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
