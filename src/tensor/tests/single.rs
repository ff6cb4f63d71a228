//! `.npy` files.

use super::*;
use crate::tensor::{Dtype, read_vector_f64};

#[test]
fn a_matrix_is_read_by_rows_and_ranges() {
    let folder = Folder::new();
    let bytes = npy("<f4", "False", "(2, 3)", &f32s(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    let path = folder.put("grad.NPY", &bytes);
    let file = TensorFile::open(&path, None).expect("a good file");
    assert_eq!((file.rows(), file.columns(), file.dtype()), (2, 3, Dtype::F32));
    assert_eq!((file.path(), file.tensor_name()), (path.as_path(), None));
    assert_eq!(rows(&file).expect("rows"), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let mut part = [0.0; 2];
    file.read(1, 1..3, &mut part).expect("a range");
    assert_eq!(part, [5.0, 6.0]);
    file.read(1, 3..3, &mut []).expect("an empty range at the end");
}

#[test]
fn fortran_order_gives_the_same_rows() {
    let folder = Folder::new();
    let bytes = npy("<f4", "True", "(2, 3)", &f32s(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    let path = folder.put("a.npy", &bytes);
    assert_eq!(all(&path).expect("rows"), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
}

/// Covers rows longer than the buffer, and strides below, near and above its width.
#[test]
fn long_rows_and_wide_strides_agree_with_the_index() {
    let folder = Folder::new();
    for (rows_held, columns) in [(3, 10_000), (700, 30), (5000, 7), (20_000, 2)] {
        let value = |row: usize, column: usize| (row * columns + column) as f64;
        for order in ["False", "True"] {
            let values: Vec<u8> = (0..rows_held * columns)
                .flat_map(|index| {
                    match order {
                        "False" => value(index / columns, index % columns),
                        _ => value(index % rows_held, index / rows_held),
                    }
                    .to_be_bytes()
                })
                .collect();
            let shape = format!("({rows_held}, {columns})");
            let path = folder.put("a.npy", &npy(">f8", order, &shape, &values));
            let file = TensorFile::open(&path, None).expect("a good file");
            let mut row = vec![0.0; columns];
            for index in (0..rows_held).step_by(rows_held / 3) {
                file.read(index, 0..columns, &mut row).expect("a row");
                let right = (0..columns).all(|column| row[column] == value(index, column) as f32);
                assert!(right, "row {index} of {shape}, fortran order {order}");
            }
        }
    }
}

#[test]
fn vectors_scalars_versions_and_spellings_are_taken() {
    let folder = Folder::new();
    let values = f32s(&[7.0, 8.0]);
    let text = "{\"shape\":(2L,),'fortran_order':False,'descr':'<f4'}";
    for version in [1, 2, 3] {
        let path = folder.put("a.npy", &npy_of(version, text, &values));
        assert_eq!(all(&path).expect("a vector"), [[7.0, 8.0]]);
    }
    let path = folder.put("a.npy", &npy("<f4", "True", "()", &values[..4]));
    assert_eq!(all(&path).expect("a scalar"), [[7.0]]);
}

#[test]
fn a_vector_is_read_without_losing_digits() {
    let folder = Folder::new();
    let large = (1_i64 << 53) - 1;
    let values: Vec<u8> = [large, -3].iter().flat_map(|value| value.to_le_bytes()).collect();
    for shape in ["(2,)", "(1, 2)", "(2, 1)"] {
        let path = folder.put("samples.npy", &npy("<i8", "False", shape, &values));
        assert_eq!(read_vector_f64(&path, None).expect("a vector"), [large as f64, -3.0]);
    }
    let path = folder.put("samples.npy", &npy("|u1", "False", "(2, 2)", &[1, 2, 3, 4]));
    let error = read_vector_f64(&path, None).expect_err("a matrix");
    assert_eq!(
        said(&path, &error),
        "samples.npy: the shape is [2, 2]; expected a vector: [N], [1, N] or [N, 1]"
    );
}

#[test]
fn what_is_not_a_real_matrix_is_refused_with_what_would_be_right() {
    let folder = Folder::new();
    let refused = |descr: &str, shape: &str, values: usize| {
        let path = folder.put("a.npy", &npy(descr, "False", shape, &vec![0; values]));
        refusal(&path, None)
    };
    let reals = "one of f16, bf16, f32, f64, i8 to i64, u8 to u64";
    let cases = [
        (refused("<c8", "(2,)", 16), "a.npy: the values are complex (`<c8`); save the real and the imaginary parts side by side as [K, 2 N] real values".to_owned()),
        (refused("|b1", "(2,)", 2), format!("a.npy: the values are booleans (`|b1`); save them as u8, or as {reals}")),
        (refused("|O", "(2,)", 2), format!("a.npy: the values are not supported (`|O`); expected {reals}")),
        (refused("<f16", "(1,)", 16), format!("a.npy: the values are not supported (`<f16`); expected {reals}")),
        (refused("é", "(1,)", 16), format!("a.npy: the values are not supported (`é`); expected {reals}")),
        (refused("<f4", "(2, 3, 4)", 96), "a.npy: the shape is [2, 3, 4]; expected [K, N], one row a device: flatten the sides of each device's own tensor".to_owned()),
        (refused("<f4", "(0, 3)", 0), "a.npy: the shape is [0, 3]; expected [K, N] with at least one device and one value".to_owned()),
        (refused("<f4", "(2,)", 9), "a.npy: 1 bytes follow the values; expected one array and nothing after it, as np.save writes it".to_owned()),
        (refused("<f4", "(-2,)", 8), "a.npy: the header gives a side of the shape as `-2`; expected {'descr': '<f4', 'fortran_order': False, 'shape': (K, N)} with sides from 0 to 2^64 - 1".to_owned()),
    ];
    for (got, wanted) in cases {
        assert_eq!(got, wanted);
    }
    let text =
        "{'descr': [('a', '<f4', (2,)), ('b]', [('c', '<i4')])], 'fortran_order': False, 'shape': (1,)}";
    let path = folder.put("a.npy", &npy_of(1, text, &[0; 12]));
    assert!(refusal(&path, None).contains("a structured type"), "{}", refusal(&path, None));
}

#[test]
fn broken_headers_are_refused() {
    let folder = Folder::new();
    let refused = |bytes: &[u8]| refusal(&folder.put("a.npy", bytes), None);
    let text = |text: &str| refused(&npy_of(1, text, &[0; 8]));
    for (broken, part) in [
        ("", "no `{` at its byte 0"),
        ("{'descr': '<f4', 'fortran_order': False}", "lacks one of its three keys"),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "no True or False"),
        ("{'descr': '<f4' 'shape': (2,)}", "no comma or closing brace"),
        ("{'descr': '<f4}", "no closing quote"),
        ("{descr: '<f4'}", "no quoted text"),
        ("{'descr': [('a', '<f4')", "no closing bracket"),
        ("{'shape': (2 3)}", "no comma or closing parenthesis"),
        ("{'shape': (99999999999999999999,)}", "a side of the shape as `99999999999999999999`"),
        ("{'shape': 2}", "no `(`"),
        ("{'colour': 2}", "has the key `colour`"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", "goes on after"),
    ] {
        assert!(text(broken).contains(part), "{}", text(broken));
    }
    assert!(refused(&[b'x'; 40]).contains("the first bytes are not those of an npy array"));
    assert!(refused(&npy_of(4, "{}", &[])).contains("the npy header is of version 4"));
    assert!(refused(&npy_of(2, &" ".repeat(1 << 21), &[])).contains("at most 1 MiB"));
    assert_eq!(
        refused(b"\x93NUM"),
        "a.npy: the header claims 10 bytes but the file holds 4; the file is torn or not an npy file"
    );
}

#[test]
fn a_header_that_claims_more_than_the_file_holds_allocates_nothing() {
    let folder = Folder::new();
    let bytes = npy("<f4", "False", "(200000, 1000)", &[0; 3]);
    let (held, header) = (bytes.len(), bytes.len() as u64 - 3);
    let got = refusal(&folder.put("grad.npy", &bytes), None);
    let claimed = 800_000_000 + header;
    assert_eq!(
        got,
        format!(
            "grad.npy: the header claims {claimed} bytes but the file holds {held}; the file is torn or not an npy file"
        )
    );
    for shape in [
        "(4611686018427387903,)",
        "(4294967296, 1073741823)",
        "(18446744073709551615, 18446744073709551615)",
        "(9223372036854775807, 1)",
    ] {
        for order in ["True", "False"] {
            let path = folder.put("grad.npy", &npy("<f4", order, shape, &[0; 8]));
            let said = refusal(&path, None);
            assert!(said.contains("claims") || said.contains("counted in 64 bits"), "{said}");
        }
    }
    let mut bytes = npy_of(2, "", &[]);
    bytes[8..12].fill(0xff);
    assert!(refusal(&folder.put("a.npy", &bytes), None).contains("claims 4294967307 bytes"));
}

#[test]
fn names_ranges_rooms_and_places_are_checked() {
    let folder = Folder::new();
    let path = folder.put("a.npy", &npy("<f4", "False", "(2, 3)", &[0; 24]));
    assert_eq!(
        refusal(&path, Some("grad")),
        "a.npy: the file holds one tensor without a name; leave the name `grad` out"
    );
    let file = TensorFile::open(&path, None).expect("a good file");
    #[expect(clippy::reversed_empty_ranges, reason = "a range that runs backwards is refused")]
    let backwards = 2..1;
    for (row, columns) in [(2, 0..1), (0, 2..4), (0, backwards), (usize::MAX, 0..3), (0, 0..usize::MAX)] {
        let error = file.read(row, columns, &mut [0.0]).expect_err("outside");
        assert!(matches!(error, TensorError::Bounds { .. }), "{error}");
    }
    let error = file.read(1, 0..3, &mut [0.0; 2]).expect_err("too little room");
    assert_eq!(said(&path, &error), "a.npy: 3 columns are asked for into room for 2; the two must be equal");
    assert!(refusal(&folder.path("none.npy"), None).starts_with("none.npy: cannot open the file"));
    fs::create_dir(folder.path("folder.npy")).expect("a folder");
    assert!(refusal(&folder.path("folder.npy"), None).contains("not a regular file"));
    for name in ["a.mat", "npy", "a."] {
        let said = refusal(&folder.put(name, &[]), None);
        assert!(said.ends_with("expected .npy, .npz, .safetensors or .csv"), "{said}");
    }
}

#[test]
fn a_file_that_shrinks_after_it_was_opened_is_an_error() {
    let folder = Folder::new();
    let bytes = npy("<f4", "False", "(2, 3)", &[0; 24]);
    let path = folder.put("a.npy", &bytes);
    let file = TensorFile::open(&path, None).expect("a good file");
    folder.put("a.npy", &bytes[..bytes.len() - 1]);
    let error = file.read(1, 0..3, &mut [0.0; 3]).expect_err("a torn file");
    assert!(said(&path, &error).contains("it must not change while it is in use"), "{error}");
    assert!(file.first_non_finite().is_err());
}

#[test]
fn the_first_value_that_is_not_finite_is_found_by_rows() {
    let folder = Folder::new();
    let found = |descr: &str, order: &str, shape: &str, values: &[u8]| {
        let path = folder.put("a.npy", &npy(descr, order, shape, values));
        TensorFile::open(&path, None).expect("a good file").first_non_finite().expect("a scan")
    };
    let values = f32s(&[0.0, 1.0, f32::INFINITY, 2.0, f32::NEG_INFINITY, 3.0]);
    assert_eq!(found("<f4", "False", "(3, 2)", &values), Some((1, 0, f32::INFINITY)));
    assert_eq!(found("<f4", "True", "(3, 2)", &values), Some((1, 1, f32::NEG_INFINITY)));
    assert_eq!(found("<f4", "False", "(2,)", &values[..8]), None);
    assert_eq!(found("<i4", "False", "(6,)", &[0xff; 24]), None);
    let beyond = 1e300_f64.to_le_bytes();
    assert_eq!(found("<f8", "False", "(1,)", &beyond), Some((0, 0, f32::INFINITY)));
    let mut long = vec![0; 40_000];
    long[39_996..].copy_from_slice(&f32::NAN.to_le_bytes());
    let (row, column, value) = found("<f4", "False", "(10, 1000)", &long).expect("the last");
    assert!((row, column) == (9, 999) && value.is_nan());
}
