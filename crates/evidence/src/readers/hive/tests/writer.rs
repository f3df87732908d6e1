//! Writes small hives: one bin, keys with short ASCII names. Written from the format's description
//! (github.com/msuhanov/regf, read on 2026-11-24), so that it does not share mistakes with what reads them.

/// No cell.
const NONE: u32 = u32::MAX;

/// A key to be written.
#[derive(Default)]
pub(crate) struct Key {
    name: String,
    values: Vec<(String, u32, Vec<u8>)>,
    children: Vec<Key>,
}

impl Key {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The key at `path` below this one, made where it is missing.
    fn at(&mut self, path: &str) -> &mut Self {
        let (name, rest) = path.split_once('\\').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let index = self.children.iter().position(|child| child.name == name).unwrap_or_else(|| {
            self.children.push(Self::new(name));
            self.children.len() - 1
        });
        let child = &mut self.children[index];
        match rest {
            Some(rest) => child.at(rest),
            None => child,
        }
    }

    fn value(mut self, path: &str, name: &str, kind: u32, data: Vec<u8>) -> Self {
        let key = if path.is_empty() { &mut self } else { self.at(path) };
        key.values.push((name.to_owned(), kind, data));
        self
    }

    pub(crate) fn text(self, path: &str, name: &str, text: &str) -> Self {
        self.value(path, name, 1, utf16(&format!("{text}\0")))
    }

    pub(crate) fn texts(self, path: &str, name: &str, texts: &[&str]) -> Self {
        let all: String = texts.iter().map(|text| format!("{text}\0")).collect::<Vec<_>>().concat();
        self.value(path, name, 7, utf16(&format!("{all}\0")))
    }

    pub(crate) fn number(self, path: &str, name: &str, number: u32) -> Self {
        self.value(path, name, 4, number.to_le_bytes().to_vec())
    }

    pub(crate) fn binary(self, path: &str, name: &str, data: &[u8]) -> Self {
        self.value(path, name, 3, data.to_vec())
    }

    fn count(&self) -> u32 {
        1 + self.children.iter().map(Self::count).sum::<u32>()
    }

    /// The hive with this key as its root.
    pub(crate) fn hive(mut self) -> Vec<u8> {
        let mut cells = Cells(vec![0; 32]);
        let security = cells.security(self.count());
        let root = cells.key(&mut self, NONE, security);
        cells.finish(root)
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

/// A bin in the making.
struct Cells(Vec<u8>);

impl Cells {
    /// A cell with this content; its place.
    fn put(&mut self, content: &[u8]) -> u32 {
        let place = length(&self.0);
        let size = (content.len() + 4).next_multiple_of(8);
        self.0.extend((-i32::try_from(size).unwrap()).to_le_bytes());
        self.0.extend(content);
        self.0.resize(place as usize + size, 0);
        place
    }

    fn set(&mut self, place: u32, at: usize, number: u32) {
        let start = place as usize + 4 + at;
        self.0[start..start + 4].copy_from_slice(&number.to_le_bytes());
    }

    fn security(&mut self, references: u32) -> u32 {
        // A self-relative descriptor without owner, group and lists.
        let descriptor = [1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let place = self.put(&[b"sk\0\0", &[0; 16][..], &descriptor].concat());
        for (at, number) in [(4, place), (8, place), (12, references), (16, length(&descriptor))] {
            self.set(place, at, number);
        }
        place
    }

    fn key(&mut self, key: &mut Key, parent: u32, security: u32) -> u32 {
        let flags: u16 = if parent == NONE { 0x2c } else { 0x20 };
        let mut content = [b"nk", &flags.to_le_bytes()[..]].concat();
        content.resize(72, 0);
        content.extend(u16::try_from(key.name.len()).unwrap().to_le_bytes());
        content.extend([0, 0]);
        content.extend(key.name.as_bytes());
        let place = self.put(&content);
        let values: Vec<u8> = key.values.iter().flat_map(|value| self.value(value).to_le_bytes()).collect();
        let values_list = if values.is_empty() { NONE } else { self.put(&values) };
        key.children.sort_by_key(|child| child.name.to_ascii_uppercase());
        let children: Vec<u8> =
            key.children.iter_mut().flat_map(|child| self.key(child, place, security).to_le_bytes()).collect();
        let count = u32::try_from(key.children.len()).unwrap();
        let children_list = if children.is_empty() {
            NONE
        } else {
            self.put(&[b"li", &u16::try_from(count).unwrap().to_le_bytes()[..], &children].concat())
        };
        let numbers = [
            (16, parent),
            (20, count),
            (28, children_list),
            (32, NONE),
            (36, length(&values) / 4),
            (40, values_list),
            (44, security),
            (48, NONE),
        ];
        for (at, number) in numbers {
            self.set(place, at, number);
        }
        place
    }

    fn value(&mut self, (name, kind, data): &(String, u32, Vec<u8>)) -> u32 {
        let (size, place) = if data.len() <= 4 {
            let mut resident = [0; 4];
            resident[..data.len()].copy_from_slice(data);
            (length(data) | 0x8000_0000, u32::from_le_bytes(resident))
        } else {
            (length(data), self.put(data))
        };
        let mut content = [b"vk", &u16::try_from(name.len()).unwrap().to_le_bytes()[..]].concat();
        for number in [size, place, *kind, 1] {
            content.extend(number.to_le_bytes());
        }
        content.extend(name.as_bytes());
        self.put(&content)
    }

    fn finish(mut self, root: u32) -> Vec<u8> {
        let used = self.0.len();
        let mut size = used.next_multiple_of(4096);
        if size - used == 4 {
            size += 4096;
        }
        let free = i32::try_from(size - used).unwrap();
        if free > 0 {
            self.0.extend(free.to_le_bytes());
        }
        self.0.resize(size, 0);
        self.0[..4].copy_from_slice(b"hbin");
        self.0[8..12].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
        let mut base = vec![0; 4096];
        base[..4].copy_from_slice(b"regf");
        let numbers =
            [(4, 1), (8, 1), (20, 1), (24, 5), (32, 1), (36, root), (40, u32::try_from(size).unwrap()), (44, 1)];
        for (at, number) in numbers {
            base[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
        }
        sign(&mut base);
        [base, self.0].concat()
    }
}

/// Puts the checksum into the header of a hive.
pub(crate) fn sign(hive: &mut [u8]) {
    let sum = hive[..508].chunks_exact(4).fold(0, |sum, word| sum ^ u32::from_le_bytes(word.try_into().unwrap()));
    hive[508..512].copy_from_slice(&sum.clamp(1, u32::MAX - 1).to_le_bytes());
}
