//! The way to an endpoint whose connection stays without an answer: packets that may pass 1, 2, 3, … hops, all at once,
//! and who says that they went no further.
//!
//! Linux lets everybody hear that of their own TCP connections, which firewalls on the way treat as they treat the
//! client's. Windows lets everybody hear it of ICMP echo. Elsewhere it takes raw sockets, which is said and left.

#[cfg(target_os = "linux")]
#[path = "trace/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "trace/windows.rs"]
mod system;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "trace/other.rs"]
mod system;

use std::net::SocketAddr;
use std::time::Duration;

use kmsdoctor_wire::transcript::{Hop, HopAnswer, Trace, TraceMethod};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::context::{Context, Kind};
use crate::outcome::microseconds;

/// Hops asked for at once, the usual maximum of tracert and traceroute.
const HOPS_MAX: u8 = 30;

/// Longer than this no router takes to answer; hops that stay silent must not make a run slow.
const PATIENCE: Duration = Duration::from_secs(1);

/// What one question came to.
enum Heard {
    Answer(HopAnswer),
    Nothing,
    /// The system does not let us hear from hops.
    NotPermitted,
}

/// Traces the way to an endpoint; `None` when the time of the run, or the room for traces, was used up before.
pub(crate) async fn ask(context: &Context, address: SocketAddr) -> Option<Trace> {
    let _permit = context.enter(Kind::Trace).await?;
    let end = context.exchange_end().min(Instant::now() + PATIENCE);
    let mut questions = JoinSet::new();
    for hops in 1..=HOPS_MAX {
        questions.spawn(async move {
            let started = Instant::now();
            let heard = timeout_at(end, system::ask(address, hops, end)).await.unwrap_or(Heard::Nothing);
            (hops, heard, microseconds(started.elapsed()))
        });
    }
    let heard = questions.join_all().await;
    if heard.iter().all(|(_, heard, _)| matches!(heard, Heard::NotPermitted)) {
        return Some(Trace { method: TraceMethod::NotPermitted, asked: 0, hops: Vec::new() });
    }
    let hops = heard.into_iter().filter_map(|(hops, heard, elapsed_us)| match heard {
        Heard::Answer(answer) => Some(Hop { hops, answer, elapsed_us }),
        Heard::Nothing | Heard::NotPermitted => None,
    });
    Some(Trace { method: system::METHOD, asked: HOPS_MAX, hops: way(hops.collect()) })
}

/// The hops in order, up to the first one behind which there is none.
fn way(mut hops: Vec<Hop>) -> Vec<Hop> {
    hops.sort_by_key(|hop| hop.hops);
    let last = hops.iter().position(|hop| !hop.answer.is_time_exceeded());
    hops.truncate(last.map_or(hops.len(), |last| last + 1));
    hops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_ends_where_somebody_says_so() {
        let hop = |hops, message_type| {
            let answer = HopAnswer::Icmp { from: [10, 0, 0, hops].into(), message_type, code: 0 };
            Hop { hops, answer, elapsed_us: 1 }
        };
        let arrived = |hops| Hop { hops, answer: HopAnswer::Arrived, elapsed_us: 1 };
        let (first, second) = (hop(1, 11), hop(3, 11));
        assert_eq!(way(vec![second.clone(), first.clone()]), [first.clone(), second.clone()]);
        let unreachable = hop(4, 3);
        let all = vec![hop(5, 3), unreachable.clone(), hop(6, 3), second.clone(), first.clone()];
        assert_eq!(way(all), [first.clone(), second, unreachable]);
        assert_eq!(way(vec![arrived(2), arrived(3), first.clone()]), [first, arrived(2)]);
        assert_eq!(way(vec![]), []);
    }
}
