//! The directory of a zip archive, zip64 included (PKWARE APPNOTE 6.3.10, section 4.3).

use super::Result;
use super::error::{Place, TensorError};
use super::input::InputFile;

const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
const END64_LEN: u64 = 56;
const LOCAL_LEN: usize = 30;
const ENTRY_LEN: usize = 46;
/// A bound on what a directory may take of memory.
const LARGEST_DIRECTORY: u64 = 100_000_000;
/// Says in a 32-bit field that the zip64 extra holds the number.
const IN_EXTRA: u64 = 0xffff_ffff;

/// Describes one member of an archive as the central directory has it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    /// 0 is stored, 8 is deflated.
    pub(super) method: u16,
    pub(super) encrypted: bool,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    local: u64,
}

/// Lists the members of an archive.
pub(super) fn members(input: &InputFile) -> Result<Vec<Member>> {
    let Directory { begin, len, entries } = directory(input)?;
    if len > LARGEST_DIRECTORY {
        return Err(malformed(input, format!("the directory has {len} bytes"), "at most 100 MB"));
    }
    let mut bytes = vec![0; len as usize];
    input.read_at(begin, &mut bytes)?;
    let mut members = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (member, next) = entry(&bytes, at).ok_or_else(|| {
            let what = format!("entry {} of the directory is broken", members.len() + 1);
            malformed(input, what, "a directory as np.savez writes it")
        })?;
        members.push(member);
        at = next;
    }
    if members.len() as u64 != entries {
        let what = format!("the directory has {} entries and claims {entries}", members.len());
        return Err(malformed(input, what, "the whole archive as np.savez writes it"));
    }
    Ok(members)
}

/// Gives the place of a member's bytes, once they are known to lie in the file.
pub(super) fn data_offset(input: &InputFile, member: &Member) -> Result<u64> {
    let mut header = [0; LOCAL_LEN];
    let room = |begin: u64, len: u64| begin.checked_add(len).is_some_and(|end| end <= input.len());
    let found = if room(member.local, LOCAL_LEN as u64) {
        input.read_at(member.local, &mut header)?;
        header.starts_with(b"PK\x03\x04").then(|| {
            let names = u64::from(u16_of(&header[26..])) + u64::from(u16_of(&header[28..]));
            member.local + LOCAL_LEN as u64 + names
        })
    } else {
        None
    };
    found.filter(|&begin| room(begin, member.packed)).ok_or_else(|| TensorError::Malformed {
        place: Place::tensor(input.path(), &member.name),
        what: format!("its {} bytes are not where the directory says", member.packed),
        right: "the whole archive as np.savez writes it",
    })
}

struct Directory {
    begin: u64,
    len: u64,
    entries: u64,
}

fn directory(input: &InputFile) -> Result<Directory> {
    let (end_at, end) = end_record(input)?;
    let mut found = Directory {
        entries: u64::from(u16_of(&end[10..])),
        len: u64::from(u32_of(&end[12..])),
        begin: u64::from(u32_of(&end[16..])),
    };
    let mut limit = end_at;
    if let Some(locator_at) = end_at.checked_sub(LOCATOR_LEN) {
        let mut locator = [0; LOCATOR_LEN as usize];
        input.read_at(locator_at, &mut locator)?;
        if locator.starts_with(b"PK\x06\x07") {
            limit = u64_of(&locator[8..]);
            let mut end64 = [0; END64_LEN as usize];
            if limit.checked_add(END64_LEN).is_some_and(|end| end <= locator_at) {
                input.read_at(limit, &mut end64)?;
            }
            if !end64.starts_with(b"PK\x06\x06") {
                let what = "the zip64 end record is not where its locator says".to_owned();
                return Err(malformed(input, what, "the whole archive as np.savez writes it"));
            }
            found = Directory {
                entries: u64_of(&end64[32..]),
                len: u64_of(&end64[40..]),
                begin: u64_of(&end64[48..]),
            };
        }
    }
    if found.begin.checked_add(found.len) == Some(limit) {
        return Ok(found);
    }
    let what = format!(
        "the directory of {} bytes at byte {} does not end at byte {limit}, before the end record",
        found.len, found.begin
    );
    Err(malformed(input, what, "the whole archive, with nothing put before it"))
}

/// Finds the end record: the last one whose comment runs to the end of the file.
fn end_record(input: &InputFile) -> Result<(u64, Vec<u8>)> {
    let len = input.len().min(END_LEN + u64::from(u16::MAX));
    let begin = input.len() - len;
    let mut tail = vec![0; len as usize];
    input.read_at(begin, &mut tail)?;
    let ends = |at: &usize| {
        let record = &tail[*at..];
        record.starts_with(b"PK\x05\x06")
            && usize::from(u16_of(&record[20..])) + END_LEN as usize == record.len()
    };
    match (0..(tail.len() + 1).saturating_sub(END_LEN as usize)).rev().find(ends) {
        Some(at) => Ok((begin + at as u64, tail.split_off(at))),
        None => {
            let what = "there is no end record; the file is torn or not a zip archive".to_owned();
            Err(malformed(input, what, "the whole archive as np.savez writes it"))
        }
    }
}

fn entry(bytes: &[u8], at: usize) -> Option<(Member, usize)> {
    let head = bytes.get(at..at + ENTRY_LEN)?;
    if !head.starts_with(b"PK\x01\x02") {
        return None;
    }
    let name_at = at + ENTRY_LEN;
    let extra_at = name_at + usize::from(u16_of(&head[28..]));
    let comment_at = extra_at + usize::from(u16_of(&head[30..]));
    let next = comment_at + usize::from(u16_of(&head[32..]));
    let name = bytes.get(name_at..extra_at)?;
    let extra = bytes.get(extra_at..comment_at)?;
    bytes.get(comment_at..next)?;
    // The zip64 extra holds only the numbers that do not fit, in this order.
    let mut wide = zip64_extra(extra);
    let mut widened = |narrow: u64| {
        if narrow != IN_EXTRA {
            return Some(narrow);
        }
        let (number, rest) = wide.split_at_checked(8)?;
        wide = rest;
        Some(u64_of(number))
    };
    let unpacked = widened(u64::from(u32_of(&head[24..])))?;
    let packed = widened(u64::from(u32_of(&head[20..])))?;
    let local = widened(u64::from(u32_of(&head[42..])))?;
    let member = Member {
        name: String::from_utf8_lossy(name).into_owned(),
        method: u16_of(&head[10..]),
        encrypted: head[8] & 1 == 1,
        crc: u32_of(&head[16..]),
        packed,
        unpacked,
        local,
    };
    Some((member, next))
}

/// Gives the body of the zip64 field among the extra fields, or nothing.
fn zip64_extra(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((body, next)) = rest.split_at_checked(usize::from(u16_of(&head[2..]))) else {
            break;
        };
        if u16_of(head) == 1 {
            return body;
        }
        extra = next;
    }
    &[]
}

fn malformed(input: &InputFile, what: String, right: &'static str) -> TensorError {
    TensorError::Malformed { place: Place::file(input.path()), what, right }
}

fn low<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

fn u16_of(bytes: &[u8]) -> u16 {
    u16::from_le_bytes(low(bytes))
}

fn u32_of(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(low(bytes))
}

fn u64_of(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(low(bytes))
}
