//! What a single endpoint of a sweep came to, read like the transcripts of a check.

use std::fmt;

use kmsdoctor_core::fact::Why;
use kmsdoctor_wire::transcript::{ConnectionAttempt, DnsQuestion};
use serde::{Serialize, Serializer};

use crate::readers::transcript::{dns, endpoint};

/// How far a probe got, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The bind was acknowledged.
    Acknowledged,
    /// An RPC server without the KMS interface, or one that refuses.
    Rejected,
    /// Something other than an RPC server.
    Foreign,
    /// The open connection was reset.
    Reset,
    /// The open connection was closed without a byte.
    Closed,
    /// The open connection stayed silent.
    Silent,
    /// The port is closed.
    Refused,
    /// No answer to the connection.
    Timeout,
    /// There is no way there.
    Unreachable,
    /// This machine does not let the packets out.
    BlockedLocally,
    /// The domain has no SRV record, or the host no address.
    NoData,
    /// The name does not exist.
    NoSuchName,
    /// It could not be told, mostly because no DNS server answered.
    Unknown,
}

impl Reach {
    /// Every value, in its order.
    pub const ALL: [Self; 13] = [
        Self::Acknowledged,
        Self::Rejected,
        Self::Foreign,
        Self::Reset,
        Self::Closed,
        Self::Silent,
        Self::Refused,
        Self::Timeout,
        Self::Unreachable,
        Self::BlockedLocally,
        Self::NoData,
        Self::NoSuchName,
        Self::Unknown,
    ];

    /// The word for machines; for endpoints those of the facts `endpoint.tcp` and `endpoint.rpc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Rejected => "rejected",
            Self::Foreign => "foreign",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Silent => "silent",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::BlockedLocally => "blocked-locally",
            Self::NoData => "no-data",
            Self::NoSuchName => "no-such-name",
            Self::Unknown => "unknown",
        }
    }

    /// Whether there is a machine with something open on the port: worth a line of its own in a scan.
    pub fn is_open(self) -> bool {
        self <= Self::Silent
    }

    fn of_word(word: Result<&str, Why>) -> Self {
        let known = |word| Self::ALL.into_iter().find(|reach| reach.as_str() == word);
        word.ok().and_then(known).unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How far one connection got, and what came back, in English.
pub fn of_attempt(attempt: &ConnectionAttempt) -> (Reach, String) {
    let (word, detail) = endpoint::outcome(attempt);
    (Reach::of_word(word), detail)
}

/// Why a question led to no address, and what came back, in English.
pub fn of_question(question: &DnsQuestion) -> (Reach, String) {
    let (word, detail) = dns::outcome(question);
    (Reach::of_word(word), detail)
}

#[cfg(test)]
mod tests {
    use kmsdoctor_core::fact::{Key, ValueType};

    use super::*;

    #[test]
    fn every_word_of_the_facts_is_one() {
        for key in [Key::EndpointTcp, Key::EndpointRpc] {
            let ValueType::Word(words) = key.value_type() else { panic!("{}", key.name()) };
            // A tool that does not say how a connection failed gives "failed".
            for word in words.iter().copied().filter(|word| !["open", "failed"].contains(word)) {
                assert_eq!(Reach::of_word(Ok(word)).as_str(), word);
            }
        }
        assert_eq!(Reach::of_word(Err(Why::NoAnswer)), Reach::Unknown);
        assert!(Reach::ALL.is_sorted());
    }
}
