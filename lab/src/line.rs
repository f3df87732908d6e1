//! A cable that delays and loses packets, in user space: not every kernel has netem.
//!
//! Each end is a TAP device; a thread carries the frames. Which packets get lost follows from a seed and from what they
//! are, not from when they come, so that a run can be repeated.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tappers::{Interface, Tap};

use crate::error::{LabError, Result};
use crate::namespace::Namespace;
use crate::serve::{Server, Stop};

/// The largest frame: 1500 bytes and an Ethernet header with a VLAN tag.
const FRAME_MAX: usize = 1518;

/// What a line does to IPv4 packets, each way. Address resolution goes on: it does not leave the first network.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    /// How long they take.
    pub delay: Duration,
    /// Part of them that gets lost.
    pub loss: f64,
}

/// A cable between the devices `eth0` of two namespaces; it and the devices go away on drop.
#[derive(Debug)]
pub(crate) struct Line {
    quality: Arc<Mutex<Quality>>,
    _relay: Server,
}

impl Line {
    /// A perfect line. `seed` decides which packets it loses once it is made worse.
    pub(crate) fn start(one: &Namespace, other: &Namespace, seed: u64) -> Result<Self> {
        let ends = [tap(one)?, tap(other)?];
        let quality = Arc::new(Mutex::new(Quality::default()));
        let current = Arc::clone(&quality);
        let relay = Server::spawn(move |stop| carry(&ends, &current, seed, stop))?;
        Ok(Self { quality, _relay: relay })
    }

    /// Makes the line better or worse from now on.
    pub(crate) fn set_quality(&self, quality: Quality) {
        *self.quality.lock().unwrap_or_else(PoisonError::into_inner) = quality;
    }
}

fn tap(namespace: &Namespace) -> Result<Tap> {
    namespace.enter(|| {
        let open = || {
            let mut tap = Tap::new_named(Interface::new("eth0")?)?;
            tap.set_nonblocking(true)?;
            Ok(tap)
        };
        open().map_err(LabError::io("make a TAP device"))
    })
}

/// A frame on its way.
struct Frame {
    due: Instant,
    /// The end that it comes out of.
    to: usize,
    bytes: Vec<u8>,
}

fn carry(ends: &[Tap; 2], quality: &Mutex<Quality>, seed: u64, stop: &Stop) {
    let mut loss = Loss { seed, counts: HashMap::new() };
    let mut on_the_way: VecDeque<Frame> = VecDeque::new();
    let mut buffer = [0; FRAME_MAX];
    // Fails while a device is down: that packet is lost.
    let deliver = |frame: &Frame| drop(ends[frame.to].send(&frame.bytes));
    loop {
        let now = Instant::now();
        while let Some(frame) = on_the_way.pop_front_if(|frame| frame.due <= now) {
            deliver(&frame);
        }
        let limit = on_the_way.front().map(|frame| frame.due.saturating_duration_since(now));
        if !stop.wait_any(&[ends[0].as_fd(), ends[1].as_fd()], limit) {
            return;
        }
        let quality = *quality.lock().unwrap_or_else(PoisonError::into_inner);
        for (from, end) in ends.iter().enumerate() {
            while let Ok(length) = end.recv(&mut buffer) {
                let frame =
                    Frame { due: Instant::now() + quality.delay, to: 1 - from, bytes: buffer[..length].to_vec() };
                match flow(&frame.bytes) {
                    None => deliver(&frame),
                    Some(flow) if loss.takes(flow, quality.loss) => {}
                    Some(_) => on_the_way.push_back(frame),
                }
            }
        }
    }
}

/// A conversation in one direction: protocol, addresses, and the port of the service.
type Flow = (u8, [u8; 8], u16);

/// Decides which packets get lost.
struct Loss {
    seed: u64,
    counts: HashMap<Flow, u64>,
}

impl Loss {
    fn takes(&mut self, flow: Flow, part: f64) -> bool {
        let count = self.counts.entry(flow).or_default();
        *count += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, flow, *count).hash(&mut hasher);
        #[expect(clippy::cast_precision_loss, reason = "a part")]
        let drawn = hasher.finish() as f64 / u64::MAX as f64;
        drawn < part
    }
}

/// The flow of an IPv4 packet in an Ethernet frame (RFC 791 section 3.1). Of its two ports the lower one is the service's.
fn flow(frame: &[u8]) -> Option<Flow> {
    const ETHERNET_LENGTH: usize = 14;
    const IPV4: [u8; 2] = [0x08, 0x00];
    let packet = frame.get(ETHERNET_LENGTH..)?;
    if frame[12..14] != IPV4 {
        return None;
    }
    let header_length = usize::from(packet.first()? & 0x0f) * 4;
    let addresses = *packet.get(12..20)?.first_chunk()?;
    let protocol = *packet.get(9)?;
    // What has no ports has other fields there, which tell its conversations apart as well.
    let ports: [u8; 4] = *packet.get(header_length..)?.first_chunk()?;
    let service = u16::from_be_bytes([ports[0], ports[1]]).min(u16::from_be_bytes([ports[2], ports[3]]));
    Some((protocol, addresses, service))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn udp_frame(from_port: u16, to_port: u16) -> Vec<u8> {
        let mut frame = vec![0; 14];
        frame[12] = 0x08;
        frame.extend([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 77, 0, 2, 10, 77, 0, 1]);
        frame.extend(from_port.to_be_bytes());
        frame.extend(to_port.to_be_bytes());
        frame.extend([0, 8, 0, 0]);
        frame
    }

    fn lost(seed: u64, part: f64) -> Vec<bool> {
        let mut loss = Loss { seed, counts: HashMap::new() };
        let flows = (0..10_000).map(|port| flow(&udp_frame(50_000 + port, 53)).expect("a packet"));
        flows.map(|flow| loss.takes(flow, part)).collect()
    }

    #[test]
    fn the_part_asked_for_gets_lost_whichever_ports_clients_have() {
        let count = lost(1, 0.1).into_iter().filter(|lost| *lost).count();
        assert!((900..=1_100).contains(&count), "{count}");
        assert!(!lost(1, 0.0).contains(&true));
        assert!(!lost(1, 1.0).contains(&false));
        assert_eq!(lost(1, 0.1), lost(1, 0.1), "the same seed");
        assert_ne!(lost(1, 0.1), lost(2, 0.1), "another seed");
    }

    #[test]
    fn what_is_no_ipv4_never_gets_lost() {
        let whole = udp_frame(50_000, 53);
        assert_eq!(flow(&whole), Some((17, [10, 77, 0, 2, 10, 77, 0, 1], 53)));
        for length in 0..38 {
            assert_eq!(flow(&whole[..length]), None, "cut after {length} bytes");
        }
        let mut arp = whole;
        arp[13] = 0x06;
        assert_eq!(flow(&arp), None);
    }
}
