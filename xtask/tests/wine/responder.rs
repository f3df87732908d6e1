//! An RPC server on loopback that acknowledges a bind, answers anything else with a fault, and remembers what came.
//!
//! Source: C706 "DCE 1.1: Remote Procedure Call" (The Open Group), chapter 12. The lab has a fuller one, which lives in
//! network namespaces; a program under Wine has to stay in this one.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

/// Message type `bind` (C706 section 12.6.4.3).
pub(crate) const BIND: u8 = 11;
/// Message types `fault` and `bind_ack` (C706 sections 12.6.4.7 and 12.6.4.4).
const FAULT: u8 = 3;
const BIND_ACK: u8 = 12;
/// Length of the header of every message (C706 section 12.6.3.1).
const HEADER_BYTES: usize = 16;
/// Longest wait for the next bytes of a connection: longer than a run of the program.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// The body of a `bind_ack`: fragment sizes 5840, an association group, secondary address "135", padding, and one
/// result: acceptance of NDR, 8a885d04-1ceb-11c9-9fe8-08002b104860, version 2.
const ACKNOWLEDGEMENT: [u8; 44] = [
    0xd0, 0x16, 0xd0, 0x16, 1, 0, 0, 0, 4, 0, b'1', b'3', b'5', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x5d, 0x88,
    0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0,
];
/// The body of a fault: hint, context, count, `nca_s_op_rng_error` (C706 appendix E), reserved.
const REFUSAL: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x00, 0x01, 0x1c, 0, 0, 0, 0];

/// A message that arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    /// Its type, whatever it is.
    pub(crate) message_type: u8,
}

/// A running responder.
pub(crate) struct Responder {
    address: SocketAddr,
    is_ending: Arc<AtomicBool>,
    received: Arc<Mutex<Vec<Message>>>,
    thread: JoinHandle<()>,
}

impl Responder {
    /// Listens on a free port of the loopback interface.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("the responder cannot listen")?;
        let address = listener.local_addr().context("the responder has no address")?;
        let is_ending = Arc::new(AtomicBool::new(false));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (ending, log) = (Arc::clone(&is_ending), Arc::clone(&received));
        let thread = thread::spawn(move || accept_all(&listener, &ending, &log));
        Ok(Self { address, is_ending, received, thread })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads every connection to its end, and returns what came.
    pub(crate) fn finish(self) -> Result<Vec<Message>> {
        self.is_ending.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a connection.
        drop(TcpStream::connect(self.address).context("the responder is gone")?);
        self.thread.join().map_err(|_| anyhow::anyhow!("the responder panicked"))?;
        let received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(received.clone())
    }
}

fn accept_all(listener: &TcpListener, is_ending: &AtomicBool, log: &Mutex<Vec<Message>>) {
    thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            if is_ending.load(Ordering::SeqCst) {
                return;
            }
            scope.spawn(move || {
                // A peer that leaves early has left what matters in the log.
                let _ = serve(stream, log);
            });
        }
    });
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Message>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    let mut is_first = true;
    loop {
        let mut header = [0; HEADER_BYTES];
        stream.read_exact(&mut header)?;
        // Logged whatever it is: what is no message of RPC must not go unseen either.
        log.lock().unwrap_or_else(PoisonError::into_inner).push(Message { message_type: header[2] });
        let length = usize::from(u16::from_le_bytes([header[8], header[9]]));
        let mut body = vec![0; length.saturating_sub(HEADER_BYTES)];
        stream.read_exact(&mut body)?;
        let (answer_type, answer): (u8, &[u8]) =
            if is_first && header[2] == BIND { (BIND_ACK, &ACKNOWLEDGEMENT) } else { (FAULT, &REFUSAL) };
        let mut message = header.to_vec();
        message[2] = answer_type;
        message[8] = u8::try_from(HEADER_BYTES + answer.len()).unwrap_or(u8::MAX);
        message[9] = 0;
        message.extend(answer);
        stream.write_all(&message)?;
        is_first = false;
    }
}
