//! The texts of a path that come from evidence, so that they can be redacted before words are put around them.

use kmsdoctor_core::fact::Origin;

use crate::path::{Missing, Outcome, Path, Remark, Stage};

impl Path {
    /// Names of resources on the path, its interface among them; the machine's is not.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        // The last station is an endpoint: everybody's, or an address.
        let hops = self.hops.iter().filter(|hop| hop.stage != Stage::Kms).map(|hop| hop.name.as_str());
        let missing = self.missing().filter_map(Missing::name);
        // Of a path without an interface the name is the artifact's.
        [self.interface.as_str()].into_iter().chain(hops).chain(missing)
    }

    /// Puts every text that comes from evidence through `rewrite`. Addresses are no texts.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> String) {
        let mut put = |text: &mut String| *text = rewrite(text);
        self.machine.iter_mut().for_each(&mut put);
        put(&mut self.interface);
        self.destination.name.iter_mut().for_each(&mut put);
        for hop in &mut self.hops {
            put(&mut hop.name);
            hop.rule.iter_mut().for_each(&mut put);
            if let Outcome::Unknown(missing) = &mut hop.outcome {
                missing.name_mut().into_iter().for_each(&mut put);
            }
            origin(&mut hop.origin, &mut put);
        }
        for Remark { element, origin: place, .. } in &mut self.remarks {
            put(element);
            origin(place, &mut put);
        }
    }
}

fn origin(origin: &mut Option<Origin>, put: &mut impl FnMut(&mut String)) {
    if let Some(origin) = origin {
        put(&mut origin.artifact);
        put(&mut origin.quote);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::path::{Destination, Hop, Provider, RemarkKind};

    #[test]
    fn every_text_is_rewritten() {
        let origin = || {
            let (artifact, quote) = ("secret".into(), "secret".into());
            Some(Origin { artifact, sha256: String::new(), span: 0..1, line: None, quote })
        };
        let hop = |missing| Hop {
            stage: Stage::Route,
            name: "secret".into(),
            rule: Some("secret".into()),
            outcome: Outcome::Unknown(missing),
            detail: None,
            origin: origin(),
        };
        let mut path = Path {
            provider: Provider::Azure,
            machine: Some("secret".into()),
            interface: "secret".into(),
            destination: Destination {
                address: IpAddr::from([192, 0, 2, 1]),
                port: 1688,
                name: Some("secret".into()),
                is_current: None,
            },
            hops: vec![hop(Missing::Subnet("secret".into())), hop(Missing::EffectiveRoutes)],
            remarks: vec![Remark { kind: RemarkKind::AddressPinned, element: "secret".into(), origin: origin() }],
        };
        path.rewrite(|text| text.replace("secret", "token"));
        assert!(!format!("{path:?}").contains("secret"), "{path:?}");
    }
}
