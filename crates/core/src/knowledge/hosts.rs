//! The host table: which host key on which host and update level activates which client.

use super::{Generation, HostKey, HostUpdate};

/// The host table.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Generations of Windows and Office.
    pub generations: Vec<Generation>,
    /// Host keys.
    pub keys: Vec<HostKey>,
    /// Updates that hosts need.
    pub updates: Vec<HostUpdate>,
}

/// What the table says of a host key, a host and a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compatibility<'k> {
    /// The table lists it, and no update is needed.
    Listed,
    /// The table lists it, from this update on; whether the host has it was not told or cannot be told.
    ListedWithUpdate(&'k HostUpdate),
    /// The table lists it, and the host lacks this update.
    UpdateMissing(&'k HostUpdate),
    /// The table does not list it. That is not "refused".
    NotListed,
    /// The table does not know one of the names.
    Unknown,
}

impl Hosts {
    /// The generation called `id`.
    pub fn generation(&self, id: &str) -> Option<&Generation> {
        self.generations.iter().find(|generation| generation.id == id)
    }

    /// The host key called `id`.
    pub fn key(&self, id: &str) -> Option<&HostKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Generations to which a build belongs, which several may share: `10.0.17763.1999`, or its third part with or
    /// without the fourth as people write it (`17763.1999`).
    pub fn generations_of_build(&self, build: &str) -> Vec<&Generation> {
        let typed = parts(build);
        let number = match typed.as_slice() {
            [major, _, number, ..] if *major < 100 => *number,
            [number] | [number, _] => *number,
            _ => return Vec::new(),
        };
        let same =
            |generation: &&Generation| generation.builds.iter().any(|known| parts(known).get(2) == Some(&number));
        let mut found: Vec<&Generation> = self.generations.iter().filter(same).collect();
        // What many people run comes before what few do.
        found.sort_by_key(|generation| generation.id.ends_with("-sac"));
        found
    }

    /// The update that a host of generation `host` needs with `key` to activate `client`: the later one of what the client
    /// needs and of what the generation that the key is named for needs, without which it cannot be installed. Where the
    /// table gives several for one purpose, the smallest suffices.
    pub fn update_for(&self, key: &str, host: &str, client: &str) -> Option<&HostUpdate> {
        let build = |update: &&HostUpdate| update.build.as_deref().map(parts);
        let smallest = |purpose: &str| {
            let serves =
                |update: &&HostUpdate| update.host == host && update.activates.iter().any(|listed| listed == purpose);
            self.updates.iter().filter(serves).min_by_key(build)
        };
        [smallest(client), smallest(key)].into_iter().flatten().max_by_key(build)
    }

    /// Whether `key` on a host of generation `host` (with `build`, if known) activates `client`.
    pub fn judge(&self, key: &str, host: &str, build: Option<&str>, client: &str) -> Compatibility<'_> {
        let Some(row) = self.key(key) else { return Compatibility::Unknown };
        if self.generation(host).is_none() || self.generation(client).is_none() {
            return Compatibility::Unknown;
        }
        let lists = |list: &[String], id: &str| list.iter().any(|listed| listed == id);
        if !lists(&row.runs_on, host) || !lists(&row.activates, client) {
            return Compatibility::NotListed;
        }
        let Some(update) = self.update_for(key, host, client) else {
            return Compatibility::Listed;
        };
        match (build, update.build.as_deref()) {
            (Some(build), Some(needed)) if parts(build) >= parts(needed) => Compatibility::Listed,
            (Some(build), Some(needed)) if parts(build).len() == parts(needed).len() => {
                Compatibility::UpdateMissing(update)
            }
            _ => Compatibility::ListedWithUpdate(update),
        }
    }
}

/// The numbers of a version, most significant first; what is no number ends it.
fn parts(version: &str) -> Vec<u32> {
    version.trim().split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Evidence;
    use crate::language::Bilingual;

    fn table() -> Hosts {
        let generation = |id: &str, kind: &str, build: &str| Generation {
            id: id.to_owned(),
            title: id.to_owned(),
            kind: kind.to_owned(),
            builds: vec![build.to_owned()],
            sources: Vec::new(),
        };
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Hosts {
            generations: vec![
                generation("server-2019", "server", "10.0.17763"),
                generation("server-2022", "server", "10.0.20348"),
                generation("windows-11", "client", "10.0.22000"),
            ],
            keys: vec![HostKey {
                id: "server-2022".to_owned(),
                title: Bilingual { ja: "鍵".to_owned(), en: "key".to_owned() },
                runs_on: words(&["server-2019", "server-2022"]),
                activates: words(&["server-2022", "windows-11"]),
                note: None,
                evidence: Evidence::Documented,
                sources: Vec::new(),
            }],
            updates: vec![HostUpdate {
                host: "server-2019".to_owned(),
                activates: words(&["server-2022", "windows-11"]),
                update: "KB1".to_owned(),
                build: Some("10.0.17763.1999".to_owned()),
                note: None,
                evidence: Evidence::Documented,
                sources: Vec::new(),
            }],
        }
    }

    #[test]
    fn builds_are_compared_as_numbers() {
        let table = table();
        let judge = |build| table.judge("server-2022", "server-2019", build, "windows-11");
        assert_eq!(judge(Some("10.0.17763.1999")), Compatibility::Listed);
        assert_eq!(judge(Some("10.0.17763.10000")), Compatibility::Listed);
        assert_eq!(judge(Some("10.0.17763.737")), Compatibility::UpdateMissing(&table.updates[0]));
        assert_eq!(judge(Some("10.0.17763")), Compatibility::ListedWithUpdate(&table.updates[0]), "no revision given");
        assert_eq!(judge(None), Compatibility::ListedWithUpdate(&table.updates[0]));
    }

    #[test]
    fn the_key_itself_may_need_an_update() {
        let mut table = table();
        table.keys[0].activates.push("server-2019".to_owned());
        let judged = table.judge("server-2022", "server-2019", Some("10.0.17763.737"), "server-2019");
        assert_eq!(judged, Compatibility::UpdateMissing(&table.updates[0]), "the update that knows the key");
    }

    #[test]
    fn what_is_not_listed_is_neither_refused_nor_unknown() {
        let table = table();
        assert_eq!(table.judge("server-2022", "server-2022", None, "windows-11"), Compatibility::Listed);
        assert_eq!(table.judge("server-2022", "server-2022", None, "server-2019"), Compatibility::NotListed);
        assert_eq!(table.judge("server-2019", "server-2022", None, "windows-11"), Compatibility::Unknown);
        assert_eq!(table.judge("server-2022", "server-2022", None, "windows-95"), Compatibility::Unknown);
        for build in ["10.0.17763.5458", "17763.5458", "17763", "10.0.17763"] {
            assert_eq!(table.generations_of_build(build).len(), 1, "{build}");
        }
        for build in ["hello", "", "10.0", "12345.1"] {
            assert!(table.generations_of_build(build).is_empty(), "{build}");
        }
    }
}
