//! What is written is read back, and is there whole or not at all.

use super::*;
use crate::tensor::{Dtype, NpzWriter, npy, write_npy_f32};

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(&folder.0).expect("the folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
}

#[test]
fn headers_are_those_of_numpy() {
    for (shape, text) in
        [(&[][..], "()"), (&[3], "(3,)"), (&[3, 4], "(3, 4)"), (&[1_000_000_000, 4, 5], "(1000000000, 4, 5)")]
    {
        let header = npy::header("<f4", shape);
        assert_eq!(header.len() % 64, 0);
        let wanted = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {text}, }}");
        assert!(header[10..].starts_with(wanted.as_bytes()), "{text}");
        assert_eq!(header.last(), Some(&b'\n'));
    }
}

#[test]
fn an_npy_file_is_read_back() {
    let folder = Folder::new();
    let path = folder.path("a.npy");
    let values: Vec<f32> = (0..5000).map(|index| index as f32 / 7.0).collect();
    write_npy_f32(&path, &[2, 2500], &values).expect("written");
    assert_eq!(all(&path).expect("rows").concat(), values);
    write_npy_f32(&path, &[1], &[4.0]).expect("written over");
    assert_eq!(all(&path).expect("rows"), [[4.0]]);
    let error = write_npy_f32(&path, &[2, 3], &[0.0; 5]).expect_err("one short");
    assert_eq!(said(&path, &error), "a.npy: 5 values do not fill the shape [2, 3]; expected their product");
    assert!(write_npy_f32(&path, &[usize::MAX, 2], &[]).is_err());
    assert!(write_npy_f32(&path, &[1; 33], &[0.0]).is_err());
    let error = write_npy_f32(&folder.path("none/a.npy"), &[1], &[0.0]).expect_err("no folder");
    assert!(error.to_string().contains("its folder must exist"), "{error}");
    assert!(write_npy_f32(Path::new("/"), &[1], &[0.0]).is_err());
    assert_eq!(names(&folder), ["a.npy"]);
}

#[test]
fn an_archive_is_read_back() {
    let folder = Folder::new();
    let path = folder.path("a.npz");
    let values: Vec<f32> = (0..5000).map(|index| index as f32).collect();
    let mut writer = NpzWriter::create(&path).expect("begun");
    writer.f32("f32", &[2, 2500], &values).expect("f32");
    writer.f64("f64", &[1], &[0.25]).expect("f64");
    writer.u64("u64", &[], &[1 << 63]).expect("u64");
    writer.complex64("größe", &[2], &[[1.0, 2.0], [3.0, 4.0]]).expect("complex");
    writer.f32("empty", &[0, 3], &[]).expect("empty");
    assert!(!path.exists(), "the archive is there before it is whole");
    writer.finish().expect("written");
    assert_eq!(names(&folder), ["a.npz"]);
    let open = |name| TensorFile::open(&path, Some(name));
    assert_eq!(rows(&open("f32").expect("f32")).expect("rows").concat(), values);
    assert_eq!(rows(&open("f64").expect("f64")).expect("rows"), [[0.25]]);
    let whole = open("u64").expect("u64");
    assert_eq!((whole.dtype(), rows(&whole).expect("rows")[0][0]), (Dtype::U64, 2.0_f32.powi(63)));
    assert!(open("größe").expect_err("complex").to_string().contains("`größe`: the values are complex"));
    assert!(open("empty").expect_err("empty").to_string().contains("[0, 3]"));
}

#[test]
fn names_and_shapes_are_checked_and_the_archive_goes_on() {
    let folder = Folder::new();
    let path = folder.path("a.npz");
    let mut writer = NpzWriter::create(&path).expect("begun");
    writer.f32("a", &[1], &[1.0]).expect("the first");
    let long = "a".repeat(60_001);
    for (name, what) in [("", "empty"), ("a", "taken"), (&long, "too long")] {
        let error = writer.f32(name, &[1], &[1.0]).expect_err("a wrong name");
        assert!(error.to_string().contains(&format!("the name is {what}")), "{error}");
    }
    let error = writer.u64("b", &[3], &[1]).expect_err("a wrong shape");
    assert!(said(&path, &error).starts_with("a.npz: tensor `b`: 1 values do not fill"), "{error}");
    writer.finish().expect("written");
    assert_eq!(all(&path).expect("rows"), [[1.0]]);
}

#[test]
fn what_is_not_finished_leaves_the_older_file_and_nothing_else() {
    let folder = Folder::new();
    let path = folder.put("a.npz", b"older");
    let mut writer = NpzWriter::create(&path).expect("begun");
    writer.f64("a", &[1], &[1.0]).expect("a member");
    drop(writer);
    assert_eq!(fs::read(&path).expect("the older file"), b"older");
    assert_eq!(names(&folder), ["a.npz"]);
}

/// Holds the sum against the check value of CRC-32/ISO-HDLC in the catalogue of CRC algorithms.
#[test]
fn the_crc_is_that_of_the_catalogue() {
    let mut crc = Crc32::new();
    crc.update(b"1234");
    crc.update(b"56789");
    assert_eq!(crc.value(), 0xcbf4_3926);
    // Longer than what is summed at once, cut anywhere.
    let text = b"The quick brown fox jumps over the lazy dog";
    for cut in 0..text.len() {
        let mut crc = Crc32::new();
        crc.update(&text[..cut]);
        crc.update(&text[cut..]);
        assert_eq!(crc.value(), 0x414f_a339, "{cut}");
    }
}
