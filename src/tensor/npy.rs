//! Single arrays: `.npy`, versions 1 to 3 (NumPy NEP 1, `numpy.lib.format`).

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use super::Result;
use super::array::Stored;
use super::atomic::{AtomicFile, write_values};
use super::dtype::{Dtype, unsupported};
use super::error::{Place, TensorError};
use super::input::{InputFile, Section, Source};
use super::layout::{Layout, bytes_of};
use super::npy_header;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Far above any header of a plain array, which NumPy itself keeps under 10 000 bytes.
const LONGEST_HEADER: u64 = 1 << 20;

/// Names the bytes that an array is read from.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) place: Place,
    pub(super) len: u64,
    pub(super) name: &'static str,
    pub(super) format: &'static str,
}

impl Holder {
    fn torn(&self, claimed: u64) -> TensorError {
        TensorError::Torn {
            place: self.place.clone(),
            claimed,
            held: self.len,
            holder: self.name,
            format: self.format,
        }
    }

    /// Checks that an array which would end at a byte ends where its holder does.
    pub(super) fn check_end(&self, claimed: u64) -> Result<()> {
        if claimed > self.len {
            return Err(self.torn(claimed));
        }
        if claimed < self.len {
            let what = format!("{} bytes follow the values", self.len - claimed);
            return Err(self.malformed(what, "one array and nothing after it, as np.save writes it"));
        }
        Ok(())
    }

    pub(super) fn malformed(&self, what: String, right: &'static str) -> TensorError {
        TensorError::Malformed { place: self.place.clone(), what, right }
    }

    /// Reads on, and tells bytes that are wrong from bytes that cannot be read.
    pub(super) fn fill(&self, reader: &mut dyn Read, buffer: &mut [u8]) -> Result<()> {
        reader.read_exact(buffer).map_err(|source| match source.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                self.malformed(format!("the bytes do not inflate: {source}"), "the whole archive")
            }
            _ => TensorError::Read { path: self.place.path.clone(), source },
        })
    }
}

/// Holds a checked header and where the values begin.
#[derive(Debug)]
pub(super) struct Array {
    pub(super) layout: Layout,
    pub(super) begin: u64,
}

/// Reads the header of an array and holds it against the bytes there are.
pub(super) fn array(holder: &Holder, reader: &mut dyn Read) -> Result<Array> {
    let (dictionary, begin) = dictionary(holder, reader)?;
    let place = &holder.place;
    let (dtype, big_endian) =
        Dtype::from_npy(&dictionary.descr).ok_or_else(|| unsupported(place.clone(), &dictionary.descr))?;
    let layout = Layout::new(place, &dictionary.shape, dtype)?;
    let layout = Layout { big_endian, fortran: dictionary.fortran, ..layout };
    let claimed = bytes_of(&dictionary.shape, dtype).and_then(|bytes| bytes.checked_add(begin));
    holder.check_end(claimed.unwrap_or(u64::MAX))?;
    Ok(Array { layout, begin })
}

/// Reads the dictionary of a header, and gives the length of the whole header.
pub(super) fn dictionary(holder: &Holder, reader: &mut dyn Read) -> Result<(npy_header::Dictionary, u64)> {
    const SHORTEST: usize = 10;
    if holder.len < SHORTEST as u64 {
        return Err(holder.torn(SHORTEST as u64));
    }
    let mut start = [0; SHORTEST];
    holder.fill(reader, &mut start)?;
    if !start.starts_with(MAGIC) {
        let what = "the first bytes are not those of an npy array".to_owned();
        return Err(holder.malformed(what, "an array as np.save writes it"));
    }
    let low = [start[8], start[9]];
    let (begin, len) = match start[6] {
        1 => (SHORTEST as u64, u64::from(u16::from_le_bytes(low))),
        2 | 3 if holder.len < 12 => return Err(holder.torn(12)),
        2 | 3 => {
            let mut high = [0; 2];
            holder.fill(reader, &mut high)?;
            (12, u64::from(u32::from_le_bytes([low[0], low[1], high[0], high[1]])))
        }
        version => {
            let what = format!("the npy header is of version {version}");
            return Err(holder.malformed(what, "version 1, 2 or 3"));
        }
    };
    if begin + len > holder.len {
        return Err(holder.torn(begin + len));
    }
    if len > LONGEST_HEADER {
        return Err(holder.malformed(format!("the npy header has {len} bytes"), "at most 1 MiB"));
    }
    let mut text = vec![0; len as usize];
    holder.fill(reader, &mut text)?;
    let dictionary = npy_header::parse(&text).map_err(|what| {
        holder.malformed(
            what,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (K, N)} with sides from 0 to 2^64 - 1",
        )
    })?;
    Ok((dictionary, begin + len))
}

/// Opens the one array of a `.npy` file.
pub(super) fn open(path: &Path) -> Result<(Source, Layout)> {
    let input = InputFile::open(path)?;
    let len = input.len();
    let holder = Holder { place: Place::file(path), len, name: "the file", format: "an npy file" };
    let Array { layout, begin } = array(&holder, &mut Section::new(&input, 0, len))?;
    Ok((Source::File { input, base: begin }, layout))
}

/// Finds the one array of a `.npy` file, of any shape.
pub(super) fn stored(path: &Path) -> Result<Stored> {
    let input = InputFile::open(path)?;
    let (len, place) = (input.len(), Place::file(path));
    let holder = Holder { place: place.clone(), len, name: "the file", format: "an npy file" };
    let (header, begin) = dictionary(&holder, &mut Section::new(&input, 0, len))?;
    let npy_header::Dictionary { descr, fortran, shape } = header;
    let stored = Stored { source: Source::File { input, base: begin }, place, shape, descr, fortran };
    holder.check_end(stored.bytes()?.saturating_add(begin))?;
    Ok(stored)
}

/// Builds a version 1 header, padded so that the values begin at a multiple of 64 bytes.
pub(super) fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    let sides = if shape.len() == 1 { sides.trim_end() } else { sides.trim_end_matches(", ") };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}");
    let unpadded = MAGIC.len() + 4 + text.len() + 1;
    text.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut header = MAGIC.to_vec();
    header.extend([1, 0]);
    header.extend((text.len() as u16).to_le_bytes());
    header.extend(text.as_bytes());
    header
}

/// Checks that values fill a shape of at most 32 sides, so that the header stays short.
pub(super) fn check_fill(place: &Place, shape: &[usize], values: usize) -> Result<()> {
    let product = shape.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    if product == Some(values) && shape.len() <= 32 {
        return Ok(());
    }
    Err(TensorError::Fill { place: place.clone(), shape: shape.to_vec(), values })
}

/// Writes values in C order as a little-endian `.npy` file, whole or not at all.
///
/// # Errors
///
/// [`TensorError::Fill`] where the shape does not hold `data.len()` values, and
/// [`TensorError::Write`] where the file cannot be written; an older file of that name then stays.
pub fn write_npy_f32(path: &Path, shape: &[usize], data: &[f32]) -> Result<()> {
    check_fill(&Place::file(path), shape, data.len())?;
    let mut file = AtomicFile::create(path)?;
    let written = file
        .write_all(&header("<f4", shape))
        .and_then(|()| write_values(&mut file, data, |value| value.to_le_bytes()));
    written.map_err(|source| TensorError::Write { path: path.to_path_buf(), source })?;
    file.finish()
}
