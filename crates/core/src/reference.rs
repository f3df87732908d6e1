//! The reference: every entry of the knowledge as a page for people, found by whatever term somebody has in hand.
//!
//! [`find()`] leads from a term to entries, [`Entry::page`] from an entry to a [`Page`], and a page is printed by whoever
//! shows it: the terminal, Markdown ([`Page::markdown`]), the book.

mod checklist;
mod decode;
mod entry;
mod find;
mod kind;
mod markdown;
mod page;
mod pages;

pub use checklist::{CAUSE_FREE, checklist};
pub use decode::{Decoded, decode, nearest};
pub use entry::Entry;
pub use find::{Answer, Finder, find};
pub use kind::Kind;
pub use page::{Block, Item, Link, Page};
