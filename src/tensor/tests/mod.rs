//! Files built byte by byte, read and written; what is torn or hostile ends in an error, never a panic.

mod archives;
mod casts;
mod hostile;
mod lines;
mod named;
mod single;
mod written;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::crc32::Crc32;
use super::{Result, TensorError, TensorFile};

/// Keeps a folder of its own under the system's temporary one.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("airloop-tensor-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder for the test");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file for the test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Builds an npy file of the given version around a header text and values.
fn npy_of(version: u8, text: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    let len = text.len() as u32;
    let width = if version == 1 { 2 } else { 4 };
    bytes.extend(&len.to_le_bytes()[..width]);
    bytes.extend(text.as_bytes());
    bytes.extend(values);
    bytes
}

fn npy(descr: &str, fortran: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}   \n");
    npy_of(1, &text, values)
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Builds a safetensors file.
fn safetensors(header: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

/// Describes a member of an archive for the builder.
struct Packed<'a> {
    name: &'a str,
    method: u16,
    packed: Vec<u8>,
    unpacked: &'a [u8],
}

fn stored<'a>(name: &'a str, bytes: &'a [u8]) -> Packed<'a> {
    Packed { name, method: 0, packed: bytes.to_vec(), unpacked: bytes }
}

fn deflated<'a>(name: &'a str, bytes: &'a [u8]) -> Packed<'a> {
    let packed = miniz_oxide::deflate::compress_to_vec(bytes, 6);
    Packed { name, method: 8, packed, unpacked: bytes }
}

/// Builds an archive with 32-bit fields, and zip64 extras in its local headers as NumPy writes them.
fn zip(members: &[Packed<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let local = bytes.len() as u32;
        let mut crc = Crc32::new();
        crc.update(member.unpacked);
        let sizes = [member.packed.len() as u32, member.unpacked.len() as u32];
        let name = [&(member.name.len() as u16).to_le_bytes()[..], &[20, 0]].concat();
        let mut common = vec![45, 0, 0, 0];
        common.extend(member.method.to_le_bytes());
        common.extend([0, 0, 0x21, 0]);
        common.extend(crc.value().to_le_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend([0xff; 8]);
        bytes.extend(&name);
        bytes.extend(member.name.as_bytes());
        bytes.extend([1, 0, 16, 0]);
        bytes.extend(u64::from(sizes[1]).to_le_bytes());
        bytes.extend(u64::from(sizes[0]).to_le_bytes());
        bytes.extend(&member.packed);
        directory.extend(b"PK\x01\x02\x2d\x03");
        directory.extend(&common);
        directory.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
        directory.extend(&name[..2]);
        directory.extend([0; 12]);
        directory.extend(local.to_le_bytes());
        directory.extend(member.name.as_bytes());
    }
    let (begin, len) = (bytes.len() as u32, directory.len() as u32);
    let count = (members.len() as u16).to_le_bytes();
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].as_flattened());
    bytes.extend(len.to_le_bytes());
    bytes.extend(begin.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// Opens the only tensor and reads all its rows, each in two parts.
fn all(path: &Path) -> Result<Vec<Vec<f32>>> {
    rows(&TensorFile::open(path, None)?)
}

fn rows(file: &TensorFile) -> Result<Vec<Vec<f32>>> {
    let middle = file.columns() / 2;
    let one = |row| {
        let mut values = vec![0.0; file.columns()];
        let (left, right) = values.split_at_mut(middle);
        file.read(row, 0..middle, left)?;
        file.read(row, middle..file.columns(), right)?;
        Ok(values)
    };
    (0..file.rows()).map(one).collect()
}

/// Opens a file that must be refused, and gives what the error says without the folder.
fn refusal(path: &Path, tensor: Option<&str>) -> String {
    match TensorFile::open(path, tensor) {
        Ok(file) => panic!("{file:?} was not refused"),
        Err(error) => said(path, &error),
    }
}

fn said(path: &Path, error: &TensorError) -> String {
    let folder = format!("{}/", path.parent().expect("a folder").display());
    error.to_string().replace(&folder, "")
}
