//! What may differ between two measurements that say the same.

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
}
