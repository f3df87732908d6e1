//! Linux: a connection that fails tells whether this machine itself is in its way.

use std::net::SocketAddr;

use kmsdoctor_wire::transcript::Outcome;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::{linux, outcome};

pub(crate) async fn connect(address: SocketAddr, end: Instant) -> Result<TcpStream, Outcome> {
    let begun = linux::socket(address, None).and_then(|socket| linux::begin(socket, address));
    let stream = begun.map_err(|error| outcome::of_stream(&error))?;
    let failed = match timeout_at(end, stream.writable()).await {
        Ok(ready) => ready.and_then(|()| stream.take_error()),
        Err(_) if linux::keeps_back(&stream) => return Err(Outcome::KeptBack),
        Err(_) => return Err(Outcome::TimedOut),
    };
    match failed {
        // From here on a message on the way is no reason to give up. If it stays one, no harm is done.
        Ok(None) => {
            let _ = linux::hear_errors(&stream, address, false);
            Ok(stream)
        }
        Ok(Some(_)) if is_forbidden_here(&stream) => Err(Outcome::KeptBack),
        Ok(Some(error)) | Err(error) => Err(outcome::of_stream(&error)),
    }
}

/// Whether this machine rejects its own connection.
fn is_forbidden_here(stream: &TcpStream) -> bool {
    let own = stream.local_addr().map(|address| address.ip());
    linux::icmp(stream).is_some_and(|icmp| icmp.forbids() && own.is_ok_and(|own| own == icmp.from))
}
