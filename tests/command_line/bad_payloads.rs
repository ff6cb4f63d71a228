//! Payload files: what cannot be used is refused with the file, the place in it, and the reason.

use super::folder::Folder;

/// Returns a `.npy` file of float32 values.
pub fn npy(shape: &str, values: &[f32]) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// Returns values without pattern, none of them zero.
pub fn values(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 0.99).collect()
}

/// The small experiment with its payload in `g.npy`.
pub fn from_file() -> String {
    let synthetic = "source = \"gaussian\"\ndevices = 3\nlength = 40";
    let text = super::folder::SMALL.replace(synthetic, "source = \"file\"\npath = \"g.npy\"");
    assert!(text.contains("g.npy"));
    text
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("file.toml", from_file());
    folder.write("g.npy", npy("3, 40", &values(120)));
    folder
}

#[test]
fn a_good_file_runs() {
    let folder = folder("good-payload");
    let said = folder.succeed("run file.toml");
    assert!(said.starts_with("truncated-inversion at symbol, 3 devices, 40 values each"), "{said}");
}

#[test]
fn values_that_are_not_finite_are_named_by_device_and_index() {
    let folder = folder("not-finite");
    for (value, word) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let mut bad = values(120);
        bad[2 * 40 + 7] = value;
        folder.write("g.npy", npy("3, 40", &bad));
        let message = format!("g.npy: device 2, value 7 is {word}; payloads must be finite");
        folder.refuse_with("run file.toml", &["file.toml:5:8: ", &message]);
    }
}

#[test]
fn files_that_are_missing_torn_or_no_matrix_are_refused() {
    let folder = folder("malformed");
    let good = npy("3, 40", &values(120));
    let cases: [(Vec<u8>, &str); 7] = [
        (good[..good.len() - 100].to_vec(), "the header claims 608 bytes but the file holds 508"),
        (npy("9, 40", &values(120)), "the header claims 1568 bytes but the file holds 608"),
        (npy("99999999999, 99999999999", &values(120)), "g.npy"),
        (good[..40].to_vec(), "but the file holds 40"),
        (npy("2, 3, 20", &values(120)), "the shape is [2, 3, 20]; expected [K, N], one row a device"),
        (npy("0, 40", &[]), "the shape is [0, 40]; expected [K, N] with at least one device and one value"),
        (npy("3, 40", &[0.0; 120]), "every value of the payload is zero"),
    ];
    for (bytes, message) in cases {
        folder.write("g.npy", bytes);
        folder.refuse_with("run file.toml", &["file.toml:5:8: ", message]);
    }
    std::fs::remove_file(folder.path("g.npy")).unwrap();
    folder
        .refuse_with("run file.toml", &["g.npy: cannot open the file: ", "give the path of a readable file"]);
    folder.refuse_with(
        "run file.toml --set payload.path=g.txt",
        &["expected .npy, .npz, .safetensors or .csv"],
    );
}

#[test]
fn weights_by_name_that_are_not_there_are_named_where_they_are_written() {
    let folder = folder("weight-names");
    folder.refuse_with(
        "run file.toml --set payload.function=weighted-mean --set payload.weights=w",
        &["--set payload.weights=w: payload.weights: ", "g.npy"],
    );
}

#[test]
fn paths_are_relative_to_the_file_and_on_the_command_line_to_the_current_folder() {
    let folder = Folder::new("relative");
    folder.write("inner/file.toml", from_file());
    folder.write("inner/g.npy", npy("3, 40", &values(120)));
    folder.write("here.npy", npy("4, 30", &values(120)));
    assert!(folder.succeed("run inner/file.toml").contains("3 devices, 40 values"));
    assert!(
        folder.succeed("run inner/file.toml --set payload.path=here.npy").contains("4 devices, 30 values")
    );
    folder.refuse_with("run inner/file.toml --set payload.path=g.npy", &["g.npy: cannot open the file"]);
}
