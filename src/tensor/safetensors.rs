//! Named tensors behind one JSON header: `.safetensors`.
//!
//! The layout is that of the format's own README: the length of the header in 8 little-endian bytes,
//! the header, then the values; `data_offsets` count from the first byte after the header.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Result;
use super::array::Stored;
use super::dtype::{Dtype, unsupported};
use super::error::{Place, TensorError};
use super::input::{InputFile, Source};
use super::layout::{Layout, bytes_of};
use super::select;

const LENGTH_LEN: u64 = 8;
/// The bound that the reference implementation sets.
const LONGEST_HEADER: u64 = 100_000_000;

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// Holds the entries in the order of the file, a name that comes twice included.
struct Header(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Header, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        entries.push((name, map.next_value()?));
                    }
                }
                Ok(Header(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Opens one tensor of a file, and gives its name.
pub(super) fn open(path: &Path, wanted: Option<&str>) -> Result<(Source, Layout, String)> {
    let input = InputFile::open(path)?;
    let (Header(entries), base) = header(&input)?;
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let chosen = select::choose(path, wanted, &names, |index| Some(entries[index].1.shape.clone()))?;
    let (name, entry) = &entries[chosen];
    let place = Place::tensor(path, name);
    let dtype =
        Dtype::from_safetensors(&entry.dtype).ok_or_else(|| unsupported(place.clone(), &entry.dtype))?;
    let layout = Layout::new(&place, &entry.shape, dtype)?;
    let base = base + entry.data_offsets.0;
    Ok((Source::File { input, base }, layout, name.clone()))
}

/// Finds one tensor of a file, of any shape.
pub(super) fn stored(path: &Path, wanted: Option<&str>) -> Result<Stored> {
    let input = InputFile::open(path)?;
    let (Header(mut entries), base) = header(&input)?;
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let chosen = select::choose(path, wanted, &names, |index| Some(entries[index].1.shape.clone()))?;
    let (name, Entry { dtype, shape, data_offsets }) = entries.swap_remove(chosen);
    let place = Place::tensor(path, &name);
    let descr = match (dtype.as_str(), Dtype::from_safetensors(&dtype)) {
        ("C64", _) => "<c8",
        (_, Some(Dtype::F32)) => "<f4",
        (_, Some(Dtype::F64)) => "<f8",
        _ => {
            let found = format!("of type {dtype}");
            let right = "C64, or F32 or F64 for real values, is expected";
            return Err(TensorError::Dtype { place, found, right });
        }
    };
    let source = Source::File { input, base: base + data_offsets.0 };
    let stored = Stored { source, place, shape, descr: descr.into(), fortran: false };
    let (takes, span) = (stored.bytes()?, data_offsets.1 - data_offsets.0);
    if takes != span {
        let what =
            format!("{dtype} of shape {:?} takes {takes} bytes and data_offsets span {span}", stored.shape);
        let right = "data_offsets that span the values";
        return Err(TensorError::Malformed { place: stored.place, what, right });
    }
    Ok(stored)
}

/// Returns the names of the tensors of a file.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    let (Header(entries), _) = header(&InputFile::open(path)?)?;
    Ok(entries.into_iter().map(|(name, _)| name).collect())
}

/// Reads the header, checks every entry, and gives the place of the first value.
fn header(input: &InputFile) -> Result<(Header, u64)> {
    let torn = |claimed| TensorError::Torn {
        place: Place::file(input.path()),
        claimed,
        held: input.len(),
        holder: "the file",
        format: "a safetensors file",
    };
    let malformed = |what: String| TensorError::Malformed {
        place: Place::file(input.path()),
        what,
        right: "a safetensors header, {\"name\": {\"dtype\", \"shape\", \"data_offsets\"}}, of at most 100 MB",
    };
    if input.len() < LENGTH_LEN {
        return Err(torn(LENGTH_LEN));
    }
    let mut length = [0; LENGTH_LEN as usize];
    input.read_at(0, &mut length)?;
    let length = u64::from_le_bytes(length);
    let base = length.saturating_add(LENGTH_LEN);
    if base > input.len() {
        return Err(torn(base));
    }
    if length > LONGEST_HEADER {
        return Err(malformed(format!("the header has {length} bytes")));
    }
    let mut text = vec![0; length as usize];
    input.read_at(LENGTH_LEN, &mut text)?;
    let header: Header = serde_json::from_slice(&text)
        .map_err(|error| malformed(format!("the header is not read: {error}")))?;
    let mut last = 0;
    for (name, entry) in &header.0 {
        check(&Place::tensor(input.path(), name), entry)?;
        last = last.max(entry.data_offsets.1);
    }
    let claimed = base.saturating_add(last);
    if claimed > input.len() { Err(torn(claimed)) } else { Ok((header, base)) }
}

/// Checks that the offsets of a tensor span the bytes that its shape needs.
fn check(place: &Place, entry: &Entry) -> Result<()> {
    let (begin, end) = entry.data_offsets;
    let malformed = |what, right| TensorError::Malformed { place: place.clone(), what, right };
    let Some(span) = end.checked_sub(begin) else {
        let what = format!("its bytes begin at {begin} and end at {end}");
        return Err(malformed(what, "data_offsets whose begin is not after their end"));
    };
    let needed = Dtype::from_safetensors(&entry.dtype).map(|dtype| bytes_of(&entry.shape, dtype));
    match needed {
        Some(None) => Err(TensorError::Shape {
            place: place.clone(),
            shape: entry.shape.clone(),
            right: "a shape whose bytes can be counted in 64 bits",
        }),
        Some(Some(bytes)) if bytes != span => {
            let what = format!(
                "{} of shape {:?} takes {bytes} bytes and data_offsets span {span}",
                entry.dtype, entry.shape
            );
            Err(malformed(what, "data_offsets that span the values"))
        }
        _ => Ok(()),
    }
}
