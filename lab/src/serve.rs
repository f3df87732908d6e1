//! A server thread that ends when its guard is dropped.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use crate::error::{LabError, Result};

/// Ends and joins its thread on drop.
#[derive(Debug)]
pub(crate) struct Server {
    /// Closing the pipe is the signal to stop.
    alive: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Runs `serve` on a thread of its own; it must return soon after its [`Stop`] says so.
    pub(crate) fn spawn(serve: impl FnOnce(&Stop) + Send + 'static) -> Result<Self> {
        let (reader, writer) = io::pipe().map_err(LabError::io("make a pipe"))?;
        let thread = thread::spawn(move || serve(&Stop { reader }));
        Ok(Self { alive: Some(writer), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; a second one here would abort the process.
            let _ = thread.join();
        }
    }
}

/// The server thread's view of its guard.
#[derive(Debug)]
pub(crate) struct Stop {
    reader: PipeReader,
}

impl Stop {
    /// Waits until `socket` can be read (true) or the server has to end (false). What has arrived already is
    /// read before the end, so that a log is complete once its servers are gone.
    pub(crate) fn wait_readable(&self, socket: BorrowedFd<'_>) -> bool {
        self.wait_any(&[socket], None)
    }

    /// The same for several sockets, and true as well when `limit` is over.
    pub(crate) fn wait_any(&self, sockets: &[BorrowedFd<'_>], limit: Option<Duration>) -> bool {
        let all = sockets.iter().copied().chain([self.reader.as_fd()]);
        let mut descriptors: Vec<_> = all.map(|socket| PollFd::from_borrowed_fd(socket, PollFlags::IN)).collect();
        // A limit that does not fit is longer than any trial.
        let limit = limit.and_then(|limit| limit.try_into().ok());
        loop {
            match poll(&mut descriptors, limit.as_ref()) {
                Ok(0) => return true,
                Ok(_) => return descriptors[..sockets.len()].iter().any(|socket| !socket.revents().is_empty()),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Fills `buffer` from `stream`; false when the peer closes or fails, or the server has to end.
    pub(crate) fn read_exact<S: Read + AsFd>(&self, mut stream: S, buffer: &mut [u8]) -> bool {
        let mut filled = 0;
        while filled < buffer.len() {
            if !self.wait_readable(stream.as_fd()) {
                return false;
            }
            match stream.read(&mut buffer[filled..]) {
                Ok(0) | Err(_) => return false,
                Ok(length) => filled += length,
            }
        }
        true
    }
}
