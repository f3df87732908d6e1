//! From the system's errors to a transcript's outcomes.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use kmsdoctor_wire::transcript::Outcome;

/// What the error of a connection attempt or of an open stream says about the way to the peer.
pub(crate) fn of_stream(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::ConnectionRefused => Outcome::Refused,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Outcome::Reset,
        _ => of_any(error),
    }
}

/// The same for a datagram socket, where Windows calls a port that ICMP reports as closed a reset.
pub(crate) fn of_datagram(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Outcome::Refused,
        _ => of_any(error),
    }
}

fn of_any(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::TimedOut => Outcome::TimedOut,
        // "Address not available" is what a machine without IPv6 says of an IPv6 destination.
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => Outcome::Unreachable { os_error: error.raw_os_error() },
        _ => Outcome::Failed { os_error: error.raw_os_error(), text: error.to_string() },
    }
}

/// Microseconds for a transcript.
pub(crate) fn microseconds(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_errors() {
        let stream = |kind: ErrorKind| of_stream(&kind.into());
        assert_eq!(stream(ErrorKind::ConnectionRefused), Outcome::Refused);
        assert_eq!(stream(ErrorKind::ConnectionReset), Outcome::Reset);
        assert_eq!(stream(ErrorKind::TimedOut), Outcome::TimedOut);
        assert_eq!(stream(ErrorKind::HostUnreachable), Outcome::Unreachable { os_error: None });
        assert_eq!(stream(ErrorKind::NetworkUnreachable), Outcome::Unreachable { os_error: None });
        assert!(matches!(stream(ErrorKind::PermissionDenied), Outcome::Failed { .. }));
        assert_eq!(of_datagram(&ErrorKind::ConnectionReset.into()), Outcome::Refused);
    }

    #[test]
    fn error_numbers_of_the_system() {
        // EHOSTUNREACH, ENETUNREACH; WSAEHOSTUNREACH, WSAENETUNREACH.
        let numbers = if cfg!(windows) { [10065, 10051] } else { [113, 101] };
        if cfg!(any(windows, target_os = "linux")) {
            for number in numbers {
                let outcome = of_stream(&Error::from_raw_os_error(number));
                assert_eq!(outcome, Outcome::Unreachable { os_error: Some(number) });
            }
        }
    }
}
