//! Archives of arrays: `.npz`, as `np.savez` and `np.savez_compressed` write them.

use std::io::Read;
use std::path::Path;

use super::Result;
use super::array::Stored;
use super::crc32::Crc32;
use super::error::{Place, TensorError};
use super::inflate::{Inflater, plausible};
use super::input::{InputFile, Section, Source};
use super::layout::Layout;
use super::npy::{self, Array, Holder};
use super::npy_header::Dictionary;
use super::select;
use super::zip::{self, Member};

/// Opens one array of an archive, and gives its name.
///
/// A stored member is read in place, a deflated one is inflated into memory; either's CRC-32 must match.
pub(super) fn open(path: &Path, wanted: Option<&str>) -> Result<(Source, Layout, String)> {
    let input = InputFile::open(path)?;
    let members = arrays(&input)?;
    let names: Vec<&str> = members.iter().map(tensor_name).collect();
    let shape = |index: usize| shape(&input, &members[index]).ok();
    let chosen = select::choose(path, wanted, &names, shape)?;
    let member = &members[chosen];
    let name = tensor_name(member).to_owned();
    let (offset, holder) = locate(&input, member)?;
    let section = Section::new(&input, offset, member.packed);
    if is_deflated(member) {
        let (bytes, layout) = inflated(&holder, member, section)?;
        return Ok((Source::Memory { path: path.to_path_buf(), bytes }, layout, name));
    }
    let Array { layout, begin } = npy::array(&holder, &mut { section })?;
    check_stored(&holder, member, Section::new(&input, offset, member.packed))?;
    Ok((Source::File { input, base: offset + begin }, layout, name))
}

/// Finds one array of an archive, of any shape.
pub(super) fn stored(path: &Path, wanted: Option<&str>) -> Result<Stored> {
    let input = InputFile::open(path)?;
    let members = arrays(&input)?;
    let names: Vec<&str> = members.iter().map(tensor_name).collect();
    let chosen = select::choose(path, wanted, &names, |index| shape(&input, &members[index]).ok())?;
    let member = &members[chosen];
    let (offset, holder) = locate(&input, member)?;
    let place = holder.place.clone();
    let mut section = Section::new(&input, offset, member.packed);
    if is_deflated(member) {
        let mut inflater = Inflater::new(section);
        let (Dictionary { descr, fortran, shape }, begin) = npy::dictionary(&holder, &mut inflater)?;
        let bytes = values(&holder, member, inflater, begin)?;
        let source = Source::Memory { path: path.to_path_buf(), bytes };
        let stored = Stored { source, place, shape, descr, fortran };
        holder.check_end(stored.bytes()?.saturating_add(begin))?;
        return Ok(stored);
    }
    let (Dictionary { descr, fortran, shape }, begin) = npy::dictionary(&holder, &mut section)?;
    check_stored(&holder, member, Section::new(&input, offset, member.packed))?;
    let stored =
        Stored { source: Source::File { input, base: offset + begin }, place, shape, descr, fortran };
    holder.check_end(stored.bytes()?.saturating_add(begin))?;
    Ok(stored)
}

/// Returns the names of the arrays of an archive.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    let members = arrays(&InputFile::open(path)?)?;
    Ok(members.iter().map(|member| tensor_name(member).to_owned()).collect())
}

fn arrays(input: &InputFile) -> Result<Vec<Member>> {
    let mut members = zip::members(input)?;
    members.retain(|member| member.name.ends_with(".npy"));
    Ok(members)
}

fn tensor_name(member: &Member) -> &str {
    member.name.strip_suffix(".npy").unwrap_or(&member.name)
}

fn is_deflated(member: &Member) -> bool {
    member.method == 8
}

/// Checks what the directory says of a member against the file.
fn locate(input: &InputFile, member: &Member) -> Result<(u64, Holder)> {
    let place = Place::tensor(input.path(), tensor_name(member));
    let holder = Holder { place, len: member.unpacked, name: "the member", format: "an npy array" };
    let offset = zip::data_offset(input, member)?;
    let wrong = if member.encrypted {
        "the member is encrypted".to_owned()
    } else if !matches!(member.method, 0 | 8) {
        format!("the member is compressed by zip method {}", member.method)
    } else if !is_deflated(member) && member.packed != member.unpacked {
        format!("the member stores {} bytes as {}", member.unpacked, member.packed)
    } else if is_deflated(member) && !plausible(member.packed, member.unpacked) {
        format!("{} deflated bytes cannot inflate to {}", member.packed, member.unpacked)
    } else {
        return Ok((offset, holder));
    };
    Err(holder.malformed(wrong, "a member as np.savez or np.savez_compressed writes it"))
}

/// Reads the shape of a member for a list of what there is.
fn shape(input: &InputFile, member: &Member) -> Result<Vec<u64>> {
    let (offset, holder) = locate(input, member)?;
    let mut section = Section::new(input, offset, member.packed);
    let (dictionary, _) = if is_deflated(member) {
        npy::dictionary(&holder, &mut Inflater::new(section))?
    } else {
        npy::dictionary(&holder, &mut section)?
    };
    Ok(dictionary.shape)
}

/// Inflates the values of a member; memory grows with what really comes out, to what the header says.
fn inflated(holder: &Holder, member: &Member, section: Section<'_>) -> Result<(Vec<u8>, Layout)> {
    let mut inflater = Inflater::new(section);
    let Array { layout, begin } = npy::array(holder, &mut inflater)?;
    Ok((values(holder, member, inflater, begin)?, layout))
}

/// Inflates what follows a header that ends at `begin`.
fn values(holder: &Holder, member: &Member, mut inflater: Inflater<'_>, begin: u64) -> Result<Vec<u8>> {
    let whole = |what: String| holder.malformed(what, "the whole archive");
    let broken = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::InvalidData => whole(error.to_string()),
        _ => TensorError::Read { path: holder.place.path.clone(), source: error },
    };
    let wanted = member.unpacked.saturating_sub(begin);
    let mut bytes = Vec::new();
    inflater.by_ref().take(wanted).read_to_end(&mut bytes).map_err(broken)?;
    let beyond = inflater.read(&mut [0]).map_err(broken)?;
    if bytes.len() as u64 != wanted || beyond != 0 {
        let came = if beyond == 0 { "fewer" } else { "more" };
        return Err(whole(format!("{came} than {wanted} bytes of values inflate")));
    }
    check_crc(holder, member, inflater.crc())?;
    Ok(bytes)
}

/// Sums all bytes of a member that is stored as it is.
fn check_stored(holder: &Holder, member: &Member, mut section: Section<'_>) -> Result<()> {
    let mut crc = Crc32::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = section.read(&mut buffer);
        let count = read.map_err(|source| TensorError::Read { path: holder.place.path.clone(), source })?;
        if count == 0 {
            return check_crc(holder, member, crc.value());
        }
        crc.update(&buffer[..count]);
    }
}

fn check_crc(holder: &Holder, member: &Member, found: u32) -> Result<()> {
    if found == member.crc {
        return Ok(());
    }
    let what = format!("the CRC-32 is {found:08x}, not {:08x}", member.crc);
    Err(holder.malformed(what, "the whole archive"))
}
