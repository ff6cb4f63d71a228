//! `.csv` files.

use super::*;
use crate::tensor::{Dtype, read_vector_f64};

#[test]
fn every_separator_header_and_line_end_is_taken() {
    let folder = Folder::new();
    for text in [
        "1,2.5,-3e-2\n4,5,6\n",
        "1;2.5;-3e-2\r\n4;5;6\r\n",
        "1\t2.5\t-3e-2\n4\t5\t6",
        "  1   2.5 -3e-2 \n\n4 5 6\n",
        "\u{feff}px0, px1, px2\n# a remark\n1, 2.5, -3e-2\n4 , 5 , 6\n\n",
        "device one;two;three\n1,2.5,-3e-2\n4,5,6\n",
    ] {
        let path = folder.put("a.csv", text.as_bytes());
        let file = TensorFile::open(&path, None).expect(text);
        assert_eq!((file.rows(), file.columns(), file.dtype()), (2, 3, Dtype::F32));
        assert_eq!(rows(&file).expect("rows"), [[1.0, 2.5, -0.03], [4.0, 5.0, 6.0]], "{text}");
    }
}

#[test]
fn a_column_is_a_vector_and_one_line_one_device() {
    let folder = Folder::new();
    let path = folder.put("a.csv", b"samples\n9007199254740991\n2\n");
    assert_eq!(read_vector_f64(&path, None).expect("a vector"), [9_007_199_254_740_991.0, 2.0]);
    let path = folder.put("a.csv", b"1,2");
    assert_eq!(all(&path).expect("a row"), [[1.0, 2.0]]);
    let path = folder.put("a.csv", b"1,2\n3,4");
    assert!(read_vector_f64(&path, None).is_err());
    assert!(read_vector_f64(&path, Some("a")).is_err());
}

#[test]
fn errors_name_line_and_column() {
    let folder = Folder::new();
    let number = "expected one such as -1.5e-3, with a point and no quotes";
    for (text, wanted) in [
        (&b"a,b\n1,2\n3,x\n"[..], format!("a.csv: line 3, column 2: `x` is not a number; {number}")),
        (b"1,2\n3,\n", format!("a.csv: line 2, column 2: `` is not a number; {number}")),
        (b"1;2\n1,5;2\n", format!("a.csv: line 2, column 1: `1,5` is not a number; {number}")),
        (b"1,two\n", format!("a.csv: line 1, column 2: `two` is not a number; {number}")),
        (b"a,b\nc,d\n", format!("a.csv: line 2, column 1: `c` is not a number; {number}")),
        (
            b"1,2\n3\n",
            "a.csv: line 2, column 2: the row has 1 values; expected 2, as in the first row".to_owned(),
        ),
        (
            b"1,2\n3,4,5\n",
            "a.csv: line 2, column 3: the row has 3 values; expected 2, as in the first row".to_owned(),
        ),
        (b"1,2\n\xff\n", "a.csv: line 2, column 1: the line is not UTF-8 text; expected numbers".to_owned()),
        (b"a,b\n", "a.csv: there is no line of numbers; expected one line a device".to_owned()),
        (b"", "a.csv: there is no line of numbers; expected one line a device".to_owned()),
    ] {
        assert_eq!(refusal(&folder.put("a.csv", text), None), wanted);
    }
}

#[test]
fn values_that_are_not_finite_are_read_and_found() {
    let folder = Folder::new();
    let path = folder.put("a.csv", b"1,2\n1e40,nan\n");
    let file = TensorFile::open(&path, None).expect("a good file");
    assert_eq!(file.first_non_finite().expect("a scan"), Some((1, 0, f32::INFINITY)));
}
