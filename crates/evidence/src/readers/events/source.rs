//! Who wrote an event. Other sources use the same numbers, so nothing is read before this is known.

/// The sources whose events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Source {
    /// The licensing services of Windows and Office, and the request log of a KMS host.
    Licensing,
    /// The text does not tell: events are taken for those of licensing where their structure says so.
    #[default]
    Unknown,
    Netlogon,
    TimeService,
    Defender,
    AppLocker,
    CodeIntegrity,
    SoftwareRestriction,
    Other,
}

/// Parts of names, in lower case; Event Viewer leaves `Microsoft-Windows-` out.
const NAMES: [(&str, Source); 14] = [
    ("spp", Source::Licensing),
    ("licensing", Source::Licensing),
    ("software protection", Source::Licensing),
    ("kmsrequests", Source::Licensing),
    ("key management", Source::Licensing),
    ("ソフトウェア保護", Source::Licensing),
    ("キー管理", Source::Licensing),
    ("netlogon", Source::Netlogon),
    ("time-service", Source::TimeService),
    ("w32time", Source::TimeService),
    ("windows defender", Source::Defender),
    ("applocker", Source::AppLocker),
    ("codeintegrity", Source::CodeIntegrity),
    ("softwarerestrictionpolicies", Source::SoftwareRestriction),
];

impl Source {
    /// The source called `name`.
    pub(crate) fn of(name: &str) -> Self {
        if name.trim().is_empty() {
            return Self::Unknown;
        }
        let name = name.to_lowercase();
        // The firewall's own source has this word, too, and its events others meanings.
        if name.contains("firewall") {
            return Self::Other;
        }
        NAMES.iter().find(|(part, _)| name.contains(part)).map_or(Self::Other, |(_, source)| *source)
    }

    /// True for the licensing services, and where the text does not tell.
    pub(crate) fn is_licensing(self) -> bool {
        matches!(self, Self::Licensing | Self::Unknown)
    }

    /// Whether the text names a source that is read.
    pub(crate) fn is_named(self) -> bool {
        !matches!(self, Self::Unknown | Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expect) in [
            ("Microsoft-Windows-Security-SPP", Source::Licensing),
            ("Office Software Protection Platform Service", Source::Licensing),
            ("キー管理サービス", Source::Licensing),
            ("NETLOGON", Source::Netlogon),
            ("Microsoft-Windows-Time-Service", Source::TimeService),
            ("Microsoft-Windows-Windows Defender", Source::Defender),
            ("Microsoft-Windows-Windows Firewall With Advanced Security", Source::Other),
            ("AppLocker", Source::AppLocker),
            ("MsiInstaller", Source::Other),
            (" ", Source::Unknown),
        ] {
            assert_eq!(Source::of(name), expect, "{name}");
        }
    }
}
