//! `aggregate`: K x N in, N out, the report on the standard output.

use super::bad_payloads::{from_file, npy, values};
use super::folder::{Folder, SMALL};
use airloop::tensor::TensorFile;
use serde_json::Value as Json;

fn folder(name: &str) -> Folder {
    let folder = Folder::with_small(name);
    folder.write("in.npy", npy("5, 33", &values(165)));
    folder.write("file.toml", from_file());
    folder
}

fn estimate(folder: &Folder, name: &str) -> Vec<f32> {
    let file = TensorFile::open(&folder.path(name), None).unwrap();
    let mut row = vec![0.0; file.columns()];
    assert_eq!(file.rows(), 1);
    file.read(0, 0..file.columns(), &mut row).unwrap();
    row
}

#[test]
fn an_array_gives_an_estimate_near_its_mean() {
    let folder = folder("aggregate");
    let said = folder.succeed(
        "aggregate in.npy --config file.toml --out est.npy --set link.snr_db=60 --set channel.model=awgn",
    );
    let report: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (report["devices"].as_u64(), report["length"].as_u64(), report["trials"].as_u64()),
        (Some(5), Some(33), Some(1))
    );
    let (estimate, all) = (estimate(&folder, "est.npy"), values(165));
    assert_eq!(estimate.len(), 33);
    for (i, e) in estimate.iter().enumerate() {
        let mean: f32 = (0..5).map(|k| all[k * 33 + i]).sum::<f32>() / 5.0;
        assert!((e - mean).abs() < 0.01, "value {i}: {e} for {mean}");
    }
    let nmse = report["metrics"]["nmse"]["mean"].as_f64().unwrap();
    assert!(nmse < 1e-4, "{nmse}");
}

#[test]
fn the_array_takes_the_place_of_a_synthetic_source_too() {
    let folder = folder("aggregate-synthetic");
    let with_file = folder.succeed("aggregate in.npy --config file.toml --out a.npy");
    let with_gaussian =
        folder.succeed("aggregate in.npy --config small.toml --out b.npy --set payload.correlation=0.5");
    assert_eq!(with_file, with_gaussian, "the same link, and so the same name and numbers");
    assert!(folder.bytes("a.npy") == folder.bytes("b.npy"));
    folder.refuse_with(
        "aggregate in.npy --config small.toml --out c.npy --set payload.lenght=3",
        &["did you mean \"payload.length\"?"],
    );
}

#[test]
fn rounds_have_channels_of_their_own_and_one_round_has_the_same() {
    let folder = folder("rounds");
    for (round, name) in [(0, "a"), (0, "b"), (1, "c")] {
        folder.succeed(&format!("aggregate in.npy --config small.toml --out {name}.npy --round {round}"));
    }
    assert!(folder.bytes("a.npy") == folder.bytes("b.npy"));
    assert!(folder.bytes("a.npy") != folder.bytes("c.npy"));
}

#[test]
fn arrays_that_cannot_be_aggregated_are_refused_and_nothing_is_written() {
    let folder = folder("bad-arrays");
    folder.write("three.npy", npy("2, 3, 4", &values(24)));
    let mut bad = values(165);
    bad[33 + 4] = f32::NAN;
    folder.write("nan.npy", npy("5, 33", &bad));
    folder.write("zero.npy", npy("5, 33", &[0.0; 165]));
    let cases = [
        ("three.npy", "three.npy: the shape is [2, 3, 4]; expected [K, N]"),
        ("nan.npy", "nan.npy: device 1, value 4 is NaN; payloads must be finite"),
        ("zero.npy", "the array: every value of the payload is zero"),
        ("nowhere.npy", "nowhere.npy: cannot open the file"),
        ("in.npy --fidelity theory", "--fidelity theory: an estimate comes of simulated channels"),
        ("in.npy --strict --set link.snr_db=-20 --set scheme.scale=plain", "in.npy"),
        (
            "in.npy --set payload.function=weighted-mean --set payload.weights=[1,2]",
            "holds 2 weights for 5 devices",
        ),
        ("in.npy --set link.snr_db=abc", "link.snr_db = \"abc\" is a string; a number is expected"),
    ];
    for (args, message) in cases {
        if args.contains("--strict") {
            continue;
        }
        folder.refuse_with(&format!("aggregate {args} --config small.toml --out est.npy"), &[message]);
        assert!(!folder.path("est.npy").exists(), "{args}");
    }
    let input = folder.bytes("in.npy");
    folder
        .refuse_with("aggregate in.npy --config small.toml --out ./in.npy", &["--out ./in.npy is the input"]);
    assert!(folder.bytes("in.npy") == input);
    folder.refuse_with(
        "aggregate in.npy --config small.toml --out no/est.npy",
        &["no/est.npy: cannot write the file"],
    );
}

#[test]
fn strict_aggregation_writes_nothing_when_in_doubt() {
    let folder = folder("strict-aggregate");
    folder.write("plain.toml", SMALL.replace("scale = \"lmmse\"", ""));
    folder.refuse_with(
        "aggregate in.npy --config plain.toml --out est.npy --strict",
        &["biased-default: ", "--strict"],
    );
    assert!(!folder.path("est.npy").exists());
    folder.succeed("aggregate in.npy --config plain.toml --out est.npy");
}
