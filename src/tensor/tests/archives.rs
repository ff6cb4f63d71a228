//! `.npz` files.

use super::*;
use crate::tensor::{Dtype, read_vector_f64};

fn matrix() -> Vec<u8> {
    npy("<f4", "False", "(2, 2)", &f32s(&[1.0, 2.0, 3.0, 4.0]))
}

#[test]
fn stored_and_deflated_members_are_read() {
    let folder = Folder::new();
    let (matrix, samples) = (matrix(), npy("<i8", "False", "(1,)", &7_i64.to_le_bytes()));
    for pack in [stored, deflated] {
        let members = [pack("grad.npy", &matrix), pack("samples.npy", &samples), stored("note", b"x")];
        let path = folder.put("a.npz", &zip(&members));
        let file = TensorFile::open(&path, Some("grad")).expect("a good file");
        assert_eq!((file.tensor_name(), file.dtype()), (Some("grad"), Dtype::F32));
        assert_eq!(rows(&file).expect("rows"), [[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(file.first_non_finite().expect("a scan"), None);
        assert_eq!(read_vector_f64(&path, Some("samples")).expect("a vector"), [7.0]);
        assert_eq!(
            refusal(&path, None),
            "a.npz: the file holds 2 tensors; name the one to read: `grad` [2, 2], `samples` [1]"
        );
        assert!(refusal(&path, Some("grads")).contains("are: `grad` [2, 2], `samples` [1]"));
    }
}

#[test]
fn a_large_deflated_member_is_inflated_whole() {
    let folder = Folder::new();
    let values: Vec<f32> = (0..300_000).map(|index| (index % 977) as f32).collect();
    let array = npy("<f4", "False", "(3, 100000)", &f32s(&values));
    let path = folder.put("a.npz", &zip(&[deflated("a.npy", &array)]));
    assert_eq!(all(&path).expect("rows").concat(), values);
}

#[test]
fn a_comment_after_the_end_record_is_passed_over() {
    let folder = Folder::new();
    let matrix = matrix();
    let mut bytes = zip(&[stored("a.npy", &matrix)]);
    let at = bytes.len() - 2;
    bytes[at] = 9;
    bytes.extend(b"a comment");
    assert!(all(&folder.put("a.npz", &bytes)).is_ok());
}

#[test]
fn broken_archives_are_refused() {
    let folder = Folder::new();
    let matrix = matrix();
    let refused = |bytes: &[u8]| refusal(&folder.put("a.npz", bytes), None);
    let good = zip(&[stored("a.npy", &matrix)]);
    let (directory, end) = (good.len() - 22 - 51, good.len() - 22);
    let with = |at: usize, bytes: &[u8]| {
        let mut broken = good.clone();
        broken[at..at + bytes.len()].copy_from_slice(bytes);
        refused(&broken)
    };
    let long = 10_000_u32.to_le_bytes();
    for (got, part) in [
        (refused(b""), "there is no end record; the file is torn or not a zip archive"),
        (refused(&good[..end]), "there is no end record"),
        (refused(&[&[0][..], &good].concat()), "does not end at byte"),
        (with(end + 10, &[2]), "has 1 entries and claims 2"),
        (with(directory, b"x"), "entry 1 of the directory is broken"),
        (with(directory + 28, &[0xff, 0xff]), "entry 1 of the directory is broken"),
        (with(directory + 20, &[0xff; 4]), "entry 1 of the directory is broken"),
        (with(directory + 8, &[1]), "the member is encrypted"),
        (with(directory + 10, &[14]), "compressed by zip method 14"),
        (with(directory + 20, &[0, 0]), "bytes as 0"),
        (with(directory + 20, &long), "are not where the directory says"),
        (with(directory + 42, &long), "are not where the directory says"),
        (with(directory + 42, &[1]), "are not where the directory says"),
        (with(directory + 46, b"a.txt"), "the file holds no tensor"),
        (refused(&zip(&[])), "the file holds no tensor"),
        (refused(&zip(&[stored("a.npy", b"\x93NUM")])), "the member is torn or not an npy array"),
        (refused(&zip(&[stored("a.npy", &matrix[..matrix.len() - 1])])), "torn"),
        (refused(&zip(&[stored("a.npy", &[0; 99])])), "tensor `a`: the first bytes"),
    ] {
        assert!(got.contains(part), "{got}");
    }
    let mut wrong = matrix.clone();
    *wrong.last_mut().expect("a byte") ^= 1;
    assert!(refused(&zip(&[Packed { packed: wrong, ..stored("a.npy", &matrix) }])).contains("the CRC-32 is"));
    let twice = zip(&[stored("a.npy", &matrix), stored("a.npy", &matrix)]);
    let path = folder.put("a.npz", &twice);
    assert!(refusal(&path, Some("a")).contains("two tensors of this name"));
    assert!(refusal(&path, None).contains("holds 2 tensors"));
}

#[test]
fn broken_deflated_members_are_refused() {
    let folder = Folder::new();
    let matrix = matrix();
    let refused = |member: Packed<'_>| refusal(&folder.put("a.npz", &zip(&[member])), None);
    let mut wrong = matrix.clone();
    *wrong.last_mut().expect("a byte") ^= 1;
    let swapped = Packed { unpacked: &wrong, ..deflated("a.npy", &matrix) };
    assert!(refused(swapped).contains("the CRC-32 is"));
    let mut short = deflated("a.npy", &matrix);
    short.packed.truncate(short.packed.len() - 5);
    assert!(refused(short).contains("torn"));
    let long = [&matrix[..], &[0; 4]].concat();
    let fewer = Packed { unpacked: &matrix, ..deflated("a.npy", &long) };
    assert!(refused(fewer).contains("more than 16 bytes of values inflate"));
    let more = npy("<f4", "False", "(3, 2)", &[0; 24]);
    let cut = Packed { unpacked: &more, ..deflated("a.npy", &more[..more.len() - 1]) };
    assert!(refused(cut).contains("fewer than 24 bytes"));
    let noise = Packed { name: "a.npy", method: 8, packed: vec![0xff; 99], unpacked: &matrix };
    assert!(refused(noise).contains("broken or torn"));
    let huge = vec![0; 1 << 20];
    let bomb = Packed { name: "a.npy", method: 8, packed: vec![3, 0], unpacked: &huge };
    assert_eq!(
        refused(bomb),
        "a.npz: tensor `a`: 2 deflated bytes cannot inflate to 1048576; expected a member as np.savez or np.savez_compressed writes it"
    );
}
