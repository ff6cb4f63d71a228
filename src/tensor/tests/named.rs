//! `.safetensors` files.

use super::*;
use crate::tensor::{Dtype, read_vector_f64};

const TWO: &str = r#"{"__metadata__":{"by":"x"},"grad":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},"samples":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}   "#;

fn two() -> Vec<u8> {
    let mut values = 5_i64.to_le_bytes().to_vec();
    values.extend(f32s(&[1.0, 2.0, 3.0, 4.0]));
    safetensors(TWO, &values)
}

#[test]
fn a_tensor_is_read_by_its_name() {
    let folder = Folder::new();
    let path = folder.put("a.safetensors", &two());
    let file = TensorFile::open(&path, Some("grad")).expect("a good file");
    assert_eq!((file.tensor_name(), file.dtype()), (Some("grad"), Dtype::F32));
    assert_eq!(rows(&file).expect("rows"), [[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(read_vector_f64(&path, Some("samples")).expect("a vector"), [5.0]);
    let error = file.read(2, 0..1, &mut [0.0]).expect_err("outside");
    assert_eq!(
        said(&path, &error),
        "a.safetensors: tensor `grad`: row 2, columns 0..1 are asked for; the tensor is 2 by 2"
    );
}

#[test]
fn a_name_is_asked_for_and_the_nearest_is_offered() {
    let folder = Folder::new();
    let path = folder.put("a.safetensors", &two());
    assert_eq!(
        refusal(&path, None),
        "a.safetensors: the file holds 2 tensors; name the one to read: `grad` [2, 2], `samples` [1]"
    );
    assert_eq!(
        refusal(&path, Some("sample")),
        "a.safetensors: there is no tensor `sample`; the nearest names are: `samples` [1], `grad` [2, 2]"
    );
    let many: Vec<String> = (0..20)
        .map(|index| format!(r#""t\n{index}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#))
        .collect();
    let path = folder.put("a.safetensors", &safetensors(&format!("{{{}}}", many.join(",")), &[]));
    let said = refusal(&path, None);
    assert!(said.contains(r"`t\n0` [0]") && said.ends_with("and 8 more"), "{said}");
    let path = folder.put("a.safetensors", &safetensors("{}", &[]));
    assert_eq!(refusal(&path, None), "a.safetensors: the file holds no tensor; expected at least one");
}

#[test]
fn broken_headers_are_refused() {
    let folder = Folder::new();
    let refused = |header: &str| refusal(&folder.put("a.safetensors", &safetensors(header, &[0; 8])), None);
    let one = |dtype: &str, shape: &str, offsets: &str| {
        let entry = format!(r#""dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}"#);
        refused(&format!(r#"{{"a":{{{entry}}}}}"#))
    };
    for (got, part) in [
        (one("F32", "[2]", "[0,4]"), "takes 8 bytes and data_offsets span 4"),
        (one("F32", "[2]", "[8,0]"), "begin at 8 and end at 0"),
        (one("F32", "[3]", "[0,12]"), "but the file holds"),
        (one("F32", "[2]", "[18446744073709551607,18446744073709551615]"), "the file holds"),
        (one("F32", "[4294967296,4294967296]", "[0,8]"), "counted in 64 bits"),
        (one("F32", "[-2]", "[0,8]"), "invalid value"),
        (one("F32", "[2]", "[0,-8]"), "invalid value"),
        (one("F32", "[2]", "[0,1e30]"), "the header is not read"),
        (one("F32", "[2]", "[0,8,9]"), "the header is not read"),
        (one("F32", "[1,1,2]", "[0,8]"), "the shape is [1, 1, 2]"),
        (one("BOOL", "[8]", "[0,8]"), "the values are booleans"),
        (one("C64", "[1]", "[0,8]"), "the values are complex"),
        (one("F8_E4M3", "[8]", "[0,8]"), "the values are not supported (`F8_E4M3`)"),
        (refused(r#"{"a":{"dtype":"F32","shape":[2]}}"#), "missing field `data_offsets`"),
        (refused("[]"), "an object of tensors by name"),
        (refused(""), "the header is not read"),
        (refused("\u{1}"), "the header is not read"),
        (refused(&"[".repeat(100_000)), "the header is not read"),
        (refused(&format!(r#"{{"__metadata__":{}"#, "{\"a\":".repeat(100_000))), "the header is not read"),
    ] {
        assert!(got.contains(part), "{got}");
    }
    let entry = r#""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let path = folder.put("a.safetensors", &safetensors(&format!("{{{entry},{entry}}}"), &[0; 8]));
    assert!(refusal(&path, Some("a")).contains("two tensors of this name"));
}

#[test]
fn a_header_longer_than_the_file_allocates_nothing() {
    let folder = Folder::new();
    for length in [u64::MAX, 1 << 40, 9] {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend([b' '; 8]);
        let said = refusal(&folder.put("a.safetensors", &bytes), None);
        assert!(said.contains("torn or not a safetensors file"), "{said}");
    }
    let said = refusal(&folder.put("a.safetensors", &[1; 3]), None);
    assert!(said.contains("claims 8 bytes but the file holds 3"), "{said}");
}

/// A sparse file stands for one of 100 MB and more.
#[test]
fn a_header_above_the_bound_is_refused() {
    let folder = Folder::new();
    let path = folder.put("a.safetensors", &100_000_001_u64.to_le_bytes());
    let file = fs::OpenOptions::new().write(true).open(&path).expect("the file");
    file.set_len(200_000_000).expect("a sparse file");
    assert!(refusal(&path, None).contains("the header has 100000001 bytes"));
}
