//! `kmsdoctor check`: ask the network, then analyse what came back.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::language::Language;
use kmsdoctor_evidence::bundle;
use kmsdoctor_live::CheckRequest;

use crate::analysis;
use crate::arguments::Check;
use crate::words::pick;

pub(crate) fn run(arguments: &Check, language: Language) -> anyhow::Result<u8> {
    if let Some(path) = arguments.save.as_deref().filter(|path| path.exists()) {
        // Said before the network is asked, and nothing is overwritten.
        anyhow::bail!(already_there(path, language));
    }
    let request = CheckRequest {
        domains: arguments.domains.clone(),
        hosts: arguments.hosts.clone(),
        resolvers: arguments.resolvers.clone(),
        time_source: arguments.ntp.clone(),
        deadline: arguments.timeout,
    };
    let talkative = arguments.common.verbose || (std::io::stderr().is_terminal() && arguments.common.output.is_none());
    let artifacts = kmsdoctor_live::check(&request, &mut |text| {
        if talkative {
            anstream::eprintln!("… {text}");
        }
    });
    // A bundle that cannot be saved must not cost the report.
    let saved = arguments.save.as_ref().map_or(Ok(()), |path| save(path, &artifacts, language));
    let analysis = analysis::analyse(&artifacts, Vec::new(), None, language);
    let status = super::finish(&analysis, arguments.format, &arguments.common, language)?;
    saved.map(|()| status)
}

fn save(path: &Path, artifacts: &[Artifact], language: Language) -> anyhow::Result<()> {
    let bytes = bundle::write(artifacts)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).with_context(|| match language {
        Language::Japanese => format!("バンドル {} を作れません", path.display()),
        Language::English => format!("the bundle {} cannot be made", path.display()),
    })?;
    file.write_all(&bytes)?;
    anstream::eprintln!("{}: {}", pick(language, "バンドルを保存しました", "bundle saved"), path.display());
    Ok(())
}

fn already_there(path: &Path, language: Language) -> String {
    match language {
        Language::Japanese => {
            format!("{} は既にあります。上書きはしません。別の名前を --save に指定してください。", path.display())
        }
        Language::English => {
            format!("{} exists already and is not overwritten. Give --save another name.", path.display())
        }
    }
}
