//! Ctrl-C, for whoever has something left to say.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::{io, thread};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// From now on Ctrl-C does not end the program any more: the first one calls `action`.
pub fn at_interrupt(action: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let (ready, is_ready) = oneshot::channel();
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        let pressed = runtime.block_on(async {
            let mut pressed = pin!(tokio::signal::ctrl_c());
            // The first look at it takes the signal over.
            let first = poll_fn(|context| Poll::Ready(pressed.as_mut().poll(context))).await;
            let _ = ready.send(());
            match first {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => pressed.await,
            }
        });
        if pressed.is_ok() {
            action();
        }
    })?;
    // It fails only with the thread, and then Ctrl-C stays what it was.
    let _ = is_ready.blocking_recv();
    Ok(())
}
