//! The other side: a bind responder on every loopback address, in a thread of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use anyhow::Context;
use kmsdoctor_sim::responder::{Behaviour, serve};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Connections that wait to be accepted, as many as the system lets wait.
const BACKLOG: i32 = 4096;

/// Answers binds on the port that is returned, until the process ends.
pub(crate) fn start() -> anyhow::Result<u16> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    // All of 127.0.0.0/8 leads here. The namespace has no other device.
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into())?;
    socket.listen(BACKLOG)?;
    let port = socket.local_addr()?.as_socket().context("an Internet socket")?.port();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async move {
            match TcpListener::from_std(socket.into()) {
                Ok(listener) => serve(listener, Behaviour::Acknowledge).await,
                Err(error) => eprintln!("the responder cannot listen: {error}"),
            }
        });
    });
    Ok(port)
}
