//! What somebody types, until the input ends or Ctrl-C is pressed.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 4096;

/// The lines of standard input.
#[derive(Debug)]
pub(super) struct Answers {
    lines: Receiver<io::Result<Option<String>>>,
}

impl Answers {
    /// From now on Ctrl-C ends the answers instead of the program.
    pub(super) fn begin() -> io::Result<Self> {
        let (sender, lines) = mpsc::channel();
        let at_end = sender.clone();
        // Whoever no longer listens has heard enough.
        kmsdoctor_sim::at_interrupt(move || drop(at_end.send(Ok(None))))?;
        thread::Builder::new().name("answers".to_owned()).spawn(move || read(&sender))?;
        Ok(Self { lines })
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&self) -> io::Result<Option<String>> {
        self.lines.recv().unwrap_or(Ok(None))
    }
}

fn read(sender: &Sender<io::Result<Option<String>>>) {
    let mut input = io::stdin().lock();
    loop {
        let line = line(&mut input);
        let is_last = !matches!(line, Ok(Some(_)));
        if sender.send(line).is_err() || is_last {
            return;
        }
    }
}

fn line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = input.take(ANSWER_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length() {
        let mut input = [b"one\n\xff\n".as_slice(), &[b'x'; 5000]].concat();
        input.push(b'\n');
        let mut input = input.as_slice();
        let mut next = || line(&mut input).expect("lines").map(|line| line.len());
        assert_eq!([next(), next(), next(), next(), next()], [Some(4), Some(4), Some(4096), Some(905), None]);
    }
}
