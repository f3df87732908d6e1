//! `kmsdoctor check`: ask the network, then analyse what came back.

use std::io::IsTerminal;

use kmsdoctor_core::diagnosis::Given;
use kmsdoctor_core::language::Language;
use kmsdoctor_live::CheckRequest;

use crate::arguments::Check;
use crate::redaction::Redaction;
use crate::{analysis, approved, save};

pub(crate) fn run(arguments: &Check, language: Language) -> anyhow::Result<u8> {
    if let Some(path) = &arguments.save {
        // Said before the network is asked.
        save::check_free(path, language)?;
    }
    let given = Given { as_of: None, approved: approved::of(&arguments.policy, language)? };
    let mut redaction = Redaction::of(&arguments.redact, language)?;
    let request = CheckRequest {
        domains: arguments.domains.clone(),
        hosts: arguments.hosts.clone(),
        resolvers: arguments.resolvers.clone(),
        time_sources: arguments.ntp.clone(),
        deadline: arguments.timeout,
    };
    let talkative = arguments.common.verbose || (std::io::stderr().is_terminal() && arguments.common.output.is_none());
    let artifacts = kmsdoctor_live::check(&request, &mut |text| {
        if talkative {
            anstream::eprintln!("… {text}");
        }
    });
    let analysis = analysis::analyse(&artifacts, Vec::new(), &given, None, redaction.as_mut(), language);
    // A bundle that cannot be saved must not cost the report.
    let saved = save::all(arguments.save.as_deref(), &artifacts, redaction.as_mut(), language);
    let status = super::finish(&analysis, arguments.format, &arguments.common, language)?;
    saved.map(|()| status)
}
