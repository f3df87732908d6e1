//! How much may be taken in.

/// Entries and bytes that may still be taken in. Given to several calls, it bounds them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    entries: usize,
    bytes: usize,
}

impl Budget {
    /// A budget of so many entries and bytes.
    pub fn new(entries: usize, bytes: usize) -> Self {
        Self { entries, bytes }
    }

    /// Entries that are left.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Bytes that are left.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing more fits.
    pub fn is_used_up(&self) -> bool {
        self.entries == 0 || self.bytes == 0
    }

    /// Takes one entry; `false` if none is left.
    pub fn take_entry(&mut self) -> bool {
        let is_left = self.entries > 0;
        self.entries = self.entries.saturating_sub(1);
        is_left
    }

    /// Takes `count` bytes; `false` if there are not so many, and then none is left: what does not fit ends a run, so
    /// that what is read does not depend on the sizes of later files.
    pub fn take_bytes(&mut self, count: usize) -> bool {
        let fits = count <= self.bytes;
        self.bytes = self.bytes.saturating_sub(count);
        fits
    }
}
