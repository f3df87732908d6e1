//! How statements on the same may differ without contradicting each other, and which of them holds.

use super::Key;

impl Key {
    /// By how much statements on a measured value may differ and still say the same.
    pub fn tolerance_s(self) -> Option<f64> {
        match self {
            Self::ClockOffset | Self::ClockBound => Some(1.0),
            _ => None,
        }
    }

    /// Whether it is the time that something took: it differs each time, and nothing contradicts itself by that.
    pub fn is_duration(self) -> bool {
        matches!(
            self,
            Self::ResolverAnswerTime | Self::EndpointConnectTime | Self::EndpointBindTime | Self::ClockRoundTrip
        )
    }

    /// The word of this key that one proof suffices for, whatever else was seen at the same moment: a DNS server that
    /// answered one question is there, though another went unanswered.
    pub fn decisive_word(self) -> Option<&'static str> {
        match self {
            Self::ResolverOutcome | Self::DomainUnchecked => Some("answers"),
            // One of several gateways is enough.
            Self::MachineGateway => Some("reachable"),
            // One of several addresses of the source may have no way there.
            Self::ClockOutcome => Some("answered"),
            // Where VBScript is installed the policy that turns the script host off is not seen.
            Self::MachineScriptHost => Some("disabled"),
            _ => None,
        }
    }

    /// Whether one source may tell a value with more parts than another, without contradicting it: `pc1` and
    /// `pc1.contoso.com`, `10.0.20348` and `10.0.20348.2322`.
    pub fn is_told_in_parts(self) -> bool {
        matches!(self, Self::MachineName | Self::MachineBuild)
    }

    /// Whether a statement without a date is the newest: console output shows the state when the evidence was taken, and
    /// no log that was taken with it is newer.
    pub fn undated_is_newest(self) -> bool {
        matches!(
            self,
            Self::LicenseStatus
                | Self::LicenseReason
                | Self::LicenseMinutesLeft
                | Self::LicensePermanent
                | Self::LicenseExpires
        )
    }
}
