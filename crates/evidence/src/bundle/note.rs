//! What was left out of a bundle.

/// Something in a bundle that was not taken, or not in full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleNote {
    /// The archive has more entries than are read.
    TooManyEntries {
        /// Name of the first entry that was left out.
        entry: String,
    },
    /// What came before has used up what is unpacked in total; this entry and those after it were not read.
    OverBudget {
        /// Name of the first entry that was left out.
        entry: String,
    },
    /// The entry is larger than an artifact may be.
    TooLarge {
        /// Name of the entry.
        entry: String,
    },
    /// The entry unpacks to far more than evidence does.
    RatioTooHigh {
        /// Name of the entry.
        entry: String,
    },
    /// The entry shares bytes of the archive with one before it, so that little could unpack to much.
    Shared {
        /// Name of the entry.
        entry: String,
    },
    /// An archive in an archive in an archive.
    TooDeep {
        /// Name of the inner archive.
        entry: String,
    },
    /// Several entries of the archive have the same name; of these one was read.
    SameName {
        /// Name of the archive.
        entry: String,
    },
    /// The name is absolute or leads out of the archive.
    UnsafeName {
        /// Name of the entry.
        entry: String,
    },
    /// A symbolic link.
    Link {
        /// Name of the entry.
        entry: String,
    },
    /// The entry needs a password.
    Encrypted {
        /// Name of the entry.
        entry: String,
    },
    /// The entry is packed by a method that is not known here.
    Unsupported {
        /// Name of the entry.
        entry: String,
    },
    /// The entry is damaged; what could be unpacked is among the artifacts.
    Damaged {
        /// Name of the entry.
        entry: String,
    },
    /// The archive has lost its directory, as a partial download has; what stands before the cut is among the artifacts.
    Truncated {
        /// Name of the archive.
        entry: String,
    },
}

impl BundleNote {
    /// Name of the entry that the note is about, with its product keys masked.
    pub fn entry(&self) -> &str {
        match self {
            Self::TooManyEntries { entry }
            | Self::OverBudget { entry }
            | Self::TooLarge { entry }
            | Self::RatioTooHigh { entry }
            | Self::Shared { entry }
            | Self::TooDeep { entry }
            | Self::SameName { entry }
            | Self::UnsafeName { entry }
            | Self::Link { entry }
            | Self::Encrypted { entry }
            | Self::Unsupported { entry }
            | Self::Damaged { entry }
            | Self::Truncated { entry } => entry,
        }
    }
}
