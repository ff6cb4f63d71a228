//! The records of a zip archive to write: stored members, zip64 throughout (PKWARE APPNOTE 6.3.10).

/// The version of zip that knows zip64: 4.5.
const VERSION: u16 = 45;
/// Says that the name is UTF-8.
const FLAGS: u16 = 1 << 11;
/// 1 January 1980, midnight: the file depends on its values alone.
const DATE: u16 = 0x21;
/// Where the CRC-32 lies in a local header, and where its zip64 sizes lie behind the name.
pub(super) const CRC_AT: u64 = 14;
pub(super) const SIZES_AT: u64 = 34;

/// Describes a member that is written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) crc: u32,
    pub(super) size: u64,
    pub(super) local: u64,
}

/// Builds the header before a member, its CRC-32 and sizes to be filled in.
pub(super) fn local_header(name: &str) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    bytes.tag(b"PK\x03\x04").u16s(&[VERSION, FLAGS, 0, 0, DATE]);
    bytes.u32s(&[0, u32::MAX, u32::MAX]).u16s(&[name.len() as u16, 20]);
    bytes.tag(name.as_bytes()).u16s(&[1, 16]).u64s(&[0, 0]);
    bytes.0
}

/// Gathers little-endian fields.
struct Bytes(Vec<u8>);

impl Bytes {
    fn tag(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    fn u16s(&mut self, fields: &[u16]) -> &mut Self {
        self.0.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }

    fn u32s(&mut self, fields: &[u32]) -> &mut Self {
        self.0.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }

    fn u64s(&mut self, fields: &[u64]) -> &mut Self {
        self.0.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }
}

/// Builds the central directory and the three records that end an archive.
pub(super) fn directory(members: &[Written], begin: u64) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    for member in members {
        let name = format!("{}.npy", member.name);
        bytes.tag(b"PK\x01\x02").u16s(&[VERSION, VERSION, FLAGS, 0, 0, DATE]);
        bytes.u32s(&[member.crc, u32::MAX, u32::MAX]).u16s(&[name.len() as u16, 28, 0, 0, 0]);
        bytes.u32s(&[0, u32::MAX]).tag(name.as_bytes()).u16s(&[1, 24]);
        bytes.u64s(&[member.size, member.size, member.local]);
    }
    let (count, len) = (members.len() as u64, bytes.0.len() as u64);
    bytes.tag(b"PK\x06\x06").u64s(&[44]).u16s(&[VERSION, VERSION]).u32s(&[0, 0]);
    bytes.u64s(&[count, count, len, begin]);
    bytes.tag(b"PK\x06\x07").u32s(&[0]).u64s(&[begin + len]).u32s(&[1]);
    bytes.tag(b"PK\x05\x06").u16s(&[0, 0, u16::MAX, u16::MAX]).u32s(&[u32::MAX, u32::MAX]);
    bytes.u16s(&[0]);
    bytes.0
}
