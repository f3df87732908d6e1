//! The cells of hives. The structures of single cells are the `regf` crate's; finding them is done here, cell by
//! cell: the crate refuses a hive of which a single key somewhere is damaged, and reads all of it.
//!
//! [`Cells`] never fails: what cannot be read is left out, and [`Cells::is_partial`] says that something was.

use std::cell::Cell;
use std::ops::Range;

use encoding_rs::UTF_16LE;
use regf::structures::{BASE_BLOCK_SIZE, BaseBlock, DataType, INVALID_OFFSET, KeyNode, KeyValue, SubkeysList};

/// Cells and elements of lists that are looked at, all in all. A real `SOFTWARE` hive takes some thousand for the keys in
/// question; a made-up one must not take longer than a moment.
const STEPS_MAX: usize = 500_000;

/// Bytes of a cell that holds a key or a value: its fixed part, and a name of at most 512 bytes (255 characters).
const NAMED_CELL_BYTES_MAX: usize = 1024;

/// Bytes of a value. Names and lists of names stay far below.
const VALUE_BYTES_MAX: usize = 4096;

/// An opened hive.
pub(super) struct Cells<'a> {
    bytes: &'a [u8],
    root: u32,
    steps: Cell<usize>,
    is_partial: Cell<bool>,
}

/// A key.
#[derive(Clone)]
pub(super) struct Node {
    key: KeyNode,
    start: usize,
    end: usize,
}

impl Node {
    pub(super) fn name(&self) -> String {
        self.key.name()
    }

    /// Bytes of its cell in the file.
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value that was asked for.
pub(super) struct Value {
    /// As it was asked for.
    pub(super) name: String,
    /// Text; a number as `0x…`; several texts joined by `\0`, as `reg query` writes them.
    pub(super) data: String,
    /// Bytes of its cell in the file.
    pub(super) span: Range<usize>,
}

impl<'a> Cells<'a> {
    /// `None` if not even the header is whole.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let base = BaseBlock::parse(bytes.get(..BASE_BLOCK_SIZE)?).ok()?;
        let end = BASE_BLOCK_SIZE.saturating_add(usize::try_from(base.hive_bins_data_size).unwrap_or(usize::MAX));
        // Sequence numbers that differ: the newest changes are in the log beside it only.
        let is_partial = bytes.len() < end || base.primary_sequence != base.secondary_sequence || !base.checksum_valid;
        Some(Self {
            bytes,
            root: base.root_cell_offset,
            steps: Cell::new(STEPS_MAX),
            is_partial: Cell::new(is_partial),
        })
    }

    /// Something could not be read, or is not up to date.
    pub(super) fn is_partial(&self) -> bool {
        self.is_partial.get()
    }

    pub(super) fn root(&self) -> Option<Node> {
        self.node(self.root)
    }

    pub(super) fn subkey(&self, key: &Node, name: &str) -> Option<Node> {
        self.children(key).into_iter().filter_map(|offset| self.node(offset)).find(|child| {
            // Names of the keys in question are ASCII.
            child.key.name().eq_ignore_ascii_case(name)
        })
    }

    pub(super) fn subkeys(&self, key: &Node, max: usize) -> Vec<Node> {
        let children = self.children(key);
        if children.len() > max {
            self.is_partial.set(true);
        }
        children.into_iter().take(max).filter_map(|offset| self.node(offset)).collect()
    }

    /// The values called `names`, and whether every value of the key could be looked at.
    pub(super) fn values(&self, key: &Node, names: &[&str]) -> (Vec<Value>, bool) {
        let count = usize::try_from(key.key.num_values).unwrap_or(usize::MAX);
        if count == 0 {
            return (Vec::new(), true);
        }
        let Some((list, _)) = self.cell(key.key.values_list_offset) else { return (Vec::new(), false) };
        let offsets = list.chunks_exact(4).take(count);
        let mut is_whole = self.holds(offsets.len() == count);
        let mut values: Vec<Value> = Vec::new();
        for offset in offsets {
            let offset = u32::from_le_bytes([offset[0], offset[1], offset[2], offset[3]]);
            let Some((value, span)) = self.value(offset) else {
                is_whole = false;
                if self.steps.get() == 0 {
                    break;
                }
                continue;
            };
            let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(&value.name())) else { continue };
            // A repetition is damage, and the first one is what Windows finds.
            if values.iter().any(|known| known.name == **name) {
                continue;
            }
            match self.data(&value) {
                Some(data) => values.push(Value { name: (*name).to_owned(), data, span }),
                None => is_whole = self.holds(false),
            }
        }
        (values, is_whole)
    }

    /// Notes damage where `what` should hold and does not.
    fn holds(&self, what: bool) -> bool {
        if !what {
            self.is_partial.set(true);
        }
        what
    }

    /// Charges for `count` steps; `false` when none are left.
    fn step(&self, count: usize) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(count));
        self.holds(left >= count)
    }

    /// Content of the cell in use at `offset`, as far as the file has it, and where the content begins.
    fn cell(&self, offset: u32) -> Option<(&'a [u8], usize)> {
        if !self.step(1) {
            return None;
        }
        let found = self.find_cell(offset);
        self.holds(found.is_some());
        found
    }

    fn find_cell(&self, offset: u32) -> Option<(&'a [u8], usize)> {
        if offset == INVALID_OFFSET {
            return None;
        }
        let start = BASE_BLOCK_SIZE.checked_add(usize::try_from(offset).ok()?)?;
        let rest = self.bytes.get(start..)?;
        let (size, content) = rest.split_first_chunk::<4>()?;
        // Free cells have a positive size. What they hold is history.
        let size = i32::from_le_bytes(*size).checked_neg().filter(|size| *size > 4)?;
        let length = usize::try_from(size).ok()? - 4;
        Some((&content[..length.min(content.len())], start + 4))
    }

    /// The same of a cell with a name, which is no longer than names are.
    fn named(&self, offset: u32) -> Option<(&'a [u8], usize)> {
        self.cell(offset).map(|(content, start)| (&content[..content.len().min(NAMED_CELL_BYTES_MAX)], start))
    }

    fn node(&self, offset: u32) -> Option<Node> {
        let (content, start) = self.named(offset)?;
        let key = KeyNode::parse(content).ok();
        self.holds(key.is_some());
        key.map(|key| Node { key, start, end: start + content.len() })
    }

    fn value(&self, offset: u32) -> Option<(KeyValue, Range<usize>)> {
        let (content, start) = self.named(offset)?;
        let value = KeyValue::parse(content).ok();
        self.holds(value.is_some());
        value.map(|value| (value, start..start + content.len()))
    }

    /// Places of the keys below `key`.
    fn children(&self, key: &Node) -> Vec<u32> {
        if key.key.num_subkeys == 0 {
            return Vec::new();
        }
        let Some(list) = self.list(key.key.subkeys_list_offset) else { return Vec::new() };
        let SubkeysList::IndexRoot(index) = list else { return list.get_offsets() };
        let mut children = Vec::new();
        for element in &index.elements {
            match self.list(element.subkeys_list_offset) {
                // An index of indexes does not exist.
                Some(SubkeysList::IndexRoot(_)) => _ = self.holds(false),
                Some(list) => children.extend(list.get_offsets()),
                None if self.steps.get() == 0 => break,
                None => {}
            }
        }
        children
    }

    fn list(&self, offset: u32) -> Option<SubkeysList> {
        let (content, _) = self.cell(offset)?;
        let count = content.get(2..4).map_or(0, |count| usize::from(u16::from_le_bytes([count[0], count[1]])));
        if !self.step(count) {
            return None;
        }
        // The longest list has 65,535 elements of 8 bytes.
        let list = SubkeysList::parse(&content[..content.len().min(4 + count * 8)]).ok();
        self.holds(list.is_some());
        list
    }

    /// Data as text; `None` where it is damaged or of a type that no setting here has.
    fn data(&self, value: &KeyValue) -> Option<String> {
        let length = usize::try_from(value.actual_data_size()).ok().filter(|length| *length <= VALUE_BYTES_MAX)?;
        let resident = value.data_offset.to_le_bytes();
        let bytes = if value.is_data_resident() {
            resident.get(..length)?
        } else if length == 0 {
            &[]
        } else {
            self.cell(value.data_offset)?.0.get(..length)?
        };
        match value.get_data_type() {
            DataType::String | DataType::ExpandString => {
                // What stands behind the zero is left from before.
                Some(text(bytes).split('\0').next().unwrap_or_default().to_owned())
            }
            DataType::MultiString => {
                let all = text(bytes);
                let parts: Vec<&str> = all.split('\0').take_while(|part| !part.is_empty()).collect();
                Some(parts.join("\\0"))
            }
            DataType::Dword => bytes.try_into().ok().map(|bytes| format!("{:#x}", u32::from_le_bytes(bytes))),
            _ => None,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
}
