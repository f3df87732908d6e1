//! `kmsdoctor probe`: many KMS endpoints at once, at the level of RPC.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::num::NonZeroU32;

use anyhow::{Context, bail};
use kmsdoctor_core::language::Language;
use kmsdoctor_live::{SweepEnd, SweepObserver, SweepRequest, SweepTarget, Swept, sweep};

use crate::arguments::Probe;
use crate::render::probe::{self, Judgement, Printer, Row};
use crate::targets::{self, Allowed, Target};
use crate::words::pick;

pub(crate) fn run(arguments: &Probe, language: Language) -> anyhow::Result<u8> {
    let allowed = Allowed { large: arguments.yes, public: arguments.public };
    let mut targets = targets::take(&arguments.targets, arguments.port, allowed, language)?;
    targets.extend(arguments.domains.iter().map(|domain| Target::Named(SweepTarget::Domain(domain.clone()))));
    if targets.is_empty() {
        bail!(pick(
            language,
            "対象がありません。ホスト、アドレス範囲、または @ファイル名 を指定してください。",
            "There is no target. Give hosts, ranges of addresses, or @FILE."
        ));
    }
    let request = SweepRequest {
        resolvers: arguments.resolvers.clone(),
        deadline: arguments.timeout,
        attempts: arguments.attempts,
        concurrency: usize::try_from(arguments.concurrency.get()).unwrap_or(usize::MAX),
        rate_per_s: NonZeroU32::new(arguments.rate),
    };
    let out: Box<dyn Write> = match &arguments.common.output {
        Some(path) => Box::new(File::create(path).with_context(|| match language {
            Language::Japanese => format!("{} に書き込めません", path.display()),
            Language::English => format!("{} cannot be written", path.display()),
        })?),
        None => Box::new(io::stdout().lock()),
    };
    let mut observer = Observer {
        printer: probe::printer(arguments.format, arguments.common.verbose, language),
        out: BufWriter::new(out),
        judgement: Judgement::new(&targets),
        failure: None,
        shows_progress: io::stderr().is_terminal(),
        language,
    };
    let end = sweep(targets.iter().flat_map(Target::expand), &request, &mut observer);
    observer.finish(end)
}

struct Observer {
    printer: Box<dyn Printer>,
    out: BufWriter<Box<dyn Write>>,
    judgement: Judgement,
    /// The first error of writing; nothing is written after it.
    failure: Option<io::Error>,
    shows_progress: bool,
    language: Language,
}

impl Observer {
    fn write(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = self.out.write_all(text.as_bytes()).err();
        }
    }

    fn finish(mut self, end: SweepEnd) -> anyhow::Result<u8> {
        self.clear_progress();
        let status = self.judgement.status(&end);
        let text = self.printer.end(&self.judgement, &end);
        self.write(&text);
        if self.failure.is_none() {
            self.failure = self.out.flush().err();
        }
        match self.failure {
            // `kmsdoctor … | head`: the reader has seen enough.
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(self.printer.exit(status)),
        }
    }

    fn clear_progress(&self) {
        if self.shows_progress {
            anstream::eprint!("\r\x1b[K");
        }
    }
}

impl SweepObserver for Observer {
    fn found(&mut self, swept: Swept) {
        let row = Row::of(swept);
        self.judgement.take(&row);
        let text = self.printer.row(&row, self.judgement.is_named(&row));
        if !text.is_empty() {
            self.clear_progress();
            self.write(&text);
        }
    }

    fn progress(&mut self, begun: u64) {
        // What is known so far is shown while the sweep goes on.
        if self.failure.is_none() {
            self.failure = self.out.flush().err();
        }
        if self.shows_progress {
            let found = self.judgement.acknowledged();
            anstream::eprint!("\r\x1b[K{}", probe::progress(begun, found, self.language));
        }
    }
}
