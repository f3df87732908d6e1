//! The boundary on the wire: a connection gets one acknowledgement, and everything after it is refused.

use std::io::{Read, Write};
use std::net::TcpStream;

use kmsdoctor_sim::responder::{Behaviour, serve};
use kmsdoctor_wire::rpc::{self, Reply};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Type of a message that would begin a call (C706 section 12.6.3.1).
const TYPE_CALL: u8 = 0;

fn answer(stream: &mut TcpStream, message: &[u8]) -> Reply {
    stream.write_all(message).expect("the responder reads");
    let mut bytes = Vec::new();
    while rpc::expected_length(&bytes).is_none_or(|length| bytes.len() < length) {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the responder answers");
        bytes.extend(byte);
    }
    rpc::decode_reply(&bytes)
}

#[test]
fn what_follows_a_bind_gets_a_fault() {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let client = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        let first = answer(&mut stream, &rpc::encode_bind(1));
        let mut call = rpc::encode_bind(2);
        call[2] = TYPE_CALL;
        let others = [answer(&mut stream, &call), answer(&mut stream, &rpc::encode_bind(3))];
        (first, others)
    });
    let (first, others) = runtime
        .block_on(async {
            tokio::select! {
                () = serve(listener, Behaviour::Acknowledge) => unreachable!("it serves until it is dropped"),
                joined = tokio::task::spawn_blocking(move || client.join()) => joined,
            }
        })
        .expect("the client's thread")
        .expect("the client");
    assert!(matches!(first, Reply::Acknowledged { .. }), "{first:?}");
    assert!(others.iter().all(|other| matches!(other, Reply::Fault { .. })), "{others:?}");
}
