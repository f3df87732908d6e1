//! `--approved-hosts`: the organisation's list of KMS hosts.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, anyhow};
use kmsdoctor_core::approved::{Approved, ListError};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;

use crate::arguments::Policy;
use crate::list;
use crate::words::pick;

/// Bytes of a list: some ten thousand hosts.
const LIST_BYTES_MAX: u64 = 1024 * 1024;

/// Characters of a wrong entry that are shown.
const ENTRY_SHOWN_MAX: usize = 80;

/// The list that was given, if one was.
pub(crate) fn of(policy: &Policy, language: Language) -> anyhow::Result<Option<Approved>> {
    policy.approved_hosts.as_deref().map(|path| read(path, language)).transpose()
}

/// The list at `path`, in whatever encoding.
fn read(path: &Path, language: Language) -> anyhow::Result<Approved> {
    let name = path.display();
    let unread = || match language {
        Language::Japanese => {
            format!(
                "承認済みホストの一覧 {name} を読めません。--approved-hosts に読めるテキスト ファイルを指定してください"
            )
        }
        Language::English => {
            format!("the list of approved hosts {name} cannot be read; give --approved-hosts a text file that can be")
        }
    };
    let text = File::open(path).and_then(|file| list::read(file, LIST_BYTES_MAX)).with_context(unread)?;
    let Some(text) = text else {
        let why = pick(language, "テキストではないか、1 MiB を超えています", "it is no text, or larger than 1 MiB");
        return Err(anyhow!(why).context(unread()));
    };
    Approved::parse(&text).map_err(|error| anyhow!(mistake(&name.to_string(), &error, language)))
}

/// What is wrong with the list called `name`, and what to do.
fn mistake(name: &str, error: &ListError, language: Language) -> String {
    match (error, language) {
        (ListError::Empty, Language::Japanese) => format!(
            "承認済みホストの一覧 {name} に項目がないため、判定に使えません。1 行に 1 つ、ホスト、サフィックス、アドレスまたは CIDR を書いてください"
        ),
        (ListError::Empty, Language::English) => format!(
            "the list of approved hosts {name} has no entry, so there is nothing to hold hosts against; write a host, suffix, address or CIDR on each line"
        ),
        (ListError::Entry { number, entry }, Language::Japanese) => format!(
            "承認済みホストの一覧 {name} の {number} 行目「{}」は、ホスト、サフィックス、アドレス、CIDR のどれでもありません。kms1.contoso.com、.contoso.com、192.0.2.5、192.0.2.0/24 のように、ポートを付けずに書いてください",
            shown(entry)
        ),
        (ListError::Entry { number, entry }, Language::English) => format!(
            "line {number} of the list of approved hosts {name}, “{}”, is no host, suffix, address or CIDR; write it like kms1.contoso.com, .contoso.com, 192.0.2.5 or 192.0.2.0/24, without a port",
            shown(entry)
        ),
    }
}

fn shown(entry: &str) -> String {
    printable(entry).chars().take(ENTRY_SHOWN_MAX).collect()
}
