//! Files cut anywhere and files with bytes changed, of each format.

use super::*;
use crate::tensor::{NpzWriter, read_vector_f64};

const HEADER: &str = r#"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]},"b":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}"#;

/// Builds a good file of each format; a CSV file may be cut and still be good.
fn good() -> Vec<(&'static str, Vec<u8>)> {
    let values = f32s(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let array = npy("<f4", "True", "(2, 3)", &values);
    let double = npy_of(2, "{'descr': '>f8', 'fortran_order': False, 'shape': (1, 2), }\n", &[0x3f; 16]);
    let folder = Folder::new();
    let path = folder.path("w.npz");
    let mut writer = NpzWriter::create(&path).expect("begun");
    writer.f32("a", &[2, 3], &[1.0; 6]).expect("a member");
    writer.u64("b", &[1], &[3]).expect("a member");
    writer.finish().expect("written");
    let written = fs::read(&path).expect("read back");
    vec![
        ("a.npy", array.clone()),
        ("b.npy", double),
        ("a.npz", zip(&[stored("a.npy", &array)])),
        ("b.npz", zip(&[deflated("a.npy", &array), stored("b.npy", &array)])),
        ("c.npz", written),
        ("a.safetensors", safetensors(HEADER, &[&[0; 8][..], &values].concat())),
        ("a.csv", b"x,y\n1,2\n-3e4,5.5\n".to_vec()),
    ]
}

/// Does with a file all that can be done with it, and tells whether every step went well.
fn try_all(path: &Path) -> bool {
    let each = |tensor: Option<&str>| -> Result<()> {
        let _ = read_vector_f64(path, tensor);
        let file = TensorFile::open(path, tensor)?;
        // A flipped byte may ask for much that is there: the shape is bounded by the file all the same.
        assert!(file.rows() * file.columns() <= 100_000, "{file:?}");
        file.first_non_finite()?;
        rows(&file)?;
        Ok(())
    };
    [None, Some("a"), Some("b"), Some("neither")].into_iter().any(|tensor| each(tensor).is_ok())
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let folder = Folder::new();
    for (name, bytes) in good() {
        assert!(try_all(&folder.put(name, &bytes)), "{name} is good");
        for len in 0..bytes.len() {
            let read = try_all(&folder.put(name, &bytes[..len]));
            assert!(!read || name.ends_with("csv"), "{name} cut to {len} bytes is read");
        }
    }
}

#[test]
fn changed_bytes_never_panic() {
    const TRIES: usize = 1000;
    let folder = Folder::new();
    // The multiplier and increment of Knuth's MMIX; the upper bits are used.
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (name, bytes) in good() {
        for _ in 0..TRIES {
            let mut changed = bytes.clone();
            for _ in 0..1 + next(4) {
                let at = next(changed.len());
                changed[at] = match next(4) {
                    0 => 0xff,
                    1 => 0,
                    2 => b'9',
                    _ => next(256) as u8,
                };
            }
            try_all(&folder.put(name, &changed));
        }
    }
}

#[test]
fn bytes_without_any_order_never_panic() {
    let folder = Folder::new();
    for (name, bytes) in good() {
        for fill in [0x00, 0x20, 0x7b, 0xff] {
            let said = try_all(&folder.put(name, &vec![fill; bytes.len()]));
            assert!(!said, "{name} of bytes {fill:02x} is read");
        }
    }
}

#[test]
fn lists_in_python_and_json_that_nest_deeply_are_refused() {
    let folder = Folder::new();
    let open = "[".repeat(50_000);
    for text in [format!("{{'descr': {open}"), format!("{{'descr': {open}{}", "]".repeat(60_000))] {
        assert!(TensorFile::open(&folder.put("a.npy", &npy_of(2, &text, &[])), None).is_err());
    }
    let header = format!(r#"{{"a":{open}"#);
    let path = folder.put("a.safetensors", &safetensors(&header, &[]));
    assert!(refusal(&path, None).contains("the header is not read"));
}
