//! Broken recordings, and what is said of them.

use super::folder::{Folder, RATE_HZ, gapped, says};
use airloop_hil::recording::Check;
use airloop_hil::{RecorderConfig, Recording};

/// Writes a good recording: frames of 16 bytes.
fn good(name: &str) -> Folder {
    let folder = Folder::new(name);
    gapped(&folder, "a", RecorderConfig::new(RATE_HZ, 2), 5000);
    Recording::open(folder.path("a")).unwrap();
    folder
}

#[test]
fn a_wrong_byte() {
    let folder = good("wrong-byte");
    let data = folder.bytes("a.sigmf-data");
    for at in [0, 40_000, data.len() - 1] {
        let mut wrong = data.clone();
        wrong[at] ^= 1;
        folder.write("a.sigmf-data", &wrong);
        says(Recording::open(folder.path("a")), &["a.sigmf-data", "SHA-512", "bytes have changed"]);
        Recording::open_checked(folder.path("a"), Check::Size).unwrap();
    }
}

#[test]
fn data_of_a_wrong_size() {
    let folder = good("wrong-size");
    let data = folder.bytes("a.sigmf-data");
    for length in [0, 16, data.len() - 16, data.len() - 1, data.len() + 16] {
        let mut bytes = data.clone();
        bytes.resize(length, 0);
        folder.write("a.sigmf-data", &bytes);
        let found = format!("its size is {length} bytes");
        let words = ["a.sigmf-data", &found, "right is 80000 bytes, 5000 samples of 16"];
        says(Recording::open_checked(folder.path("a"), Check::Size), &words);
    }
    // Where no count is given, the size must still be one of whole samples.
    folder.write("a.sigmf-data", &data[..81 * 16 - 3]);
    let meta = folder.text("a.sigmf-meta").replace("airloop:sample_count", "airloop:no_count");
    folder.write("a.sigmf-meta", meta);
    says(Recording::open(folder.path("a")), &["1293 bytes", "a multiple of 16 bytes, 2 channels of cf32_le"]);
}

/// A change of the text, and what is said of it.
const CHANGES: &[(&str, &str, &[&str])] = &[
    (r#""core:version": "1.2.6","#, "", &["global.core:version is missing", "as in \"1.2.6\""]),
    (r#""1.2.6""#, r#""2.0.0""#, &["global.core:version is \"2.0.0\"", "below 2"]),
    (r#""1.2.6""#, "1.2", &["global.core:version is 1.2; right is a text"]),
    (r#""cf32_le""#, r#""cf64_le""#, &["global.core:datatype is \"cf64_le\"", "cf32_le, ci16_le"]),
    (r#""core:datatype": "cf32_le","#, "", &["global.core:datatype is missing", "cf32_le, ci16_le"]),
    (r#"channels": 2"#, r#"channels": 0"#, &["global.core:num_channels is 0", "1 to 64"]),
    (r#"channels": 2"#, r#"channels": 1000000000000"#, &["core:num_channels is 1000000000000", "1 to 64"]),
    (r#"channels": 2"#, r#"channels": 2.5"#, &["core:num_channels is 2.5", "a whole number"]),
    (r#"channels": 2"#, r#"channels": 3"#, &["a.sigmf-data", "120000 bytes"]),
    ("1000000.0", "0", &["global.core:sample_rate is 0;", "a number above 0"]),
    ("1000000.0", "-5", &["global.core:sample_rate is -5"]),
    ("1000000.0", "1e300", &["global.core:sample_rate is 1e+300", "at most 1e12"]),
    ("1000000.0", "1e999", &["not JSON, line 5", "number out of range", "core:sample_rate"]),
    ("1000000.0", "NaN", &["not JSON, line 5", "core:sample_rate"]),
    ("1000000.0", r#""fast""#, &["global.core:sample_rate is \"fast\"", "a number above 0"]),
    ("sha512\": \"", "sha512\": \"g", &["global.core:sha512", "128 hexadecimal digits"]),
    ("sample_count\": 5000", "sample_count\": 9223372036854775807", &["147573952589676412912 bytes"]),
    (
        "sample_count\": 5000",
        "sample_count\": 18446744073709551616",
        &["airloop:sample_count is 1.8446744073709552e+19"],
    ),
    (
        "sample_start\": 3000",
        "sample_start\": 5001",
        &["captures[1].core:sample_start is 5001", "the 5000 samples"],
    ),
    (
        "sample_start\": 3000",
        "sample_start\": -1",
        &["captures[1].core:sample_start is -1", "a whole number"],
    ),
    (
        "sample_start\": 0,",
        "sample_start\": 3001,",
        &["captures[1].core:sample_start is 3000", "3001 or more", "sorted"],
    ),
    ("\"core:sample_start\": 0,", "", &["captures[0].core:sample_start is missing"]),
    (
        "airloop:sample_index\": 3800",
        "airloop:sample_index\": 3801",
        &["airloop:sample_index is 3801", "3800, as"],
    ),
    (
        "lost_samples\": 500",
        "lost_samples\": 701",
        &["captures[1].airloop:lost_samples is 701", "at most 700"],
    ),
    (
        "sample_count\": 10,",
        "sample_count\": 1801,",
        &["annotations[1].core:sample_start", "3200 with 1801 samples"],
    ),
    (
        "sample_count\": 10,",
        "sample_count\": 9223372036854775807,",
        &["annotations[1]", "within the 5000 samples"],
    ),
    ("\"captures\": [", "\"captures\": [7,", &["captures[0] is 7; right is an object"]),
    ("\"captures\": [", "\"captures\": {}, \"a\": [", &["captures is an object of 0; right is a list"]),
    ("\"global\"", "\"globe\"", &["global is missing; right is an object"]),
    ("core:hw\"", "core:dataset\"", &["global.core:dataset is there", "NAME.sigmf-data"]),
    (
        "core:hw\": \"airloop emulated air\"",
        "core:metadata_only\": true",
        &["global.core:metadata_only is true"],
    ),
    ("core:global_index\": 3800,", "core:header_bytes\": 4,", &["captures[1].core:header_bytes is there"]),
    ("\"name\": \"airloop\"", "\"name\": \"other\"", &[]),
    ("\"optional\": true", "\"optional\": 1", &[]),
];

#[test]
fn metadata_with_one_thing_wrong() {
    let folder = good("wrong-metadata");
    let meta = folder.text("a.sigmf-meta");
    for (from, to, words) in CHANGES {
        assert!(meta.contains(from), "{from}");
        folder.write("a.sigmf-meta", meta.replacen(from, to, 1));
        match words {
            // Controls: what others say, or say wrongly of what is ours, hurts nobody.
            [] => assert!(Recording::open(folder.path("a")).is_ok(), "{to}"),
            words => says(Recording::open(folder.path("a")), &[&["a.sigmf-"], *words].concat()),
        }
    }
    let both = |from: &str, to: &str| meta.replace(from, to);
    folder.write("a.sigmf-meta", both("_index\": 3800", "_index\": 3099"));
    says(Recording::open(folder.path("a")), &["captures[1].airloop:sample_index is 3099", "3100, where"]);
    folder.write("a.sigmf-meta", both("_index\": 3800", "_index\": 9223372036854775000"));
    says(Recording::open(folder.path("a")), &["captures[1].airloop:sample_index", "below 2^63"]);
    let needed = meta.replace("\"name\": \"airloop\"", "\"name\": \"other\"");
    folder.write("a.sigmf-meta", needed.replace("\"optional\": true", "\"optional\": false"));
    says(Recording::open(folder.path("a")), &["core:extensions[0].optional is false for \"other\""]);
}

#[test]
fn files_that_are_no_metadata() {
    let folder = good("no-metadata");
    let meta = folder.text("a.sigmf-meta");
    let deep = format!("{{\"global\": {}1", "[".repeat(100_000));
    let cases: [(&[u8], &[&str]); 7] = [
        (b"", &["not JSON"]),
        (b"SigMF", &["not JSON, line 1, column 1", "near \"SigMF\""]),
        (b"\xff\xfe{", &["not JSON, line 1"]),
        (b"[]", &["the metadata is a list of 0; right is an object"]),
        (&meta.as_bytes()[..500], &["not JSON, line", "EOF"]),
        (b"{\"global\": {\"core:hw\": \"\xff\"}}", &["not JSON", "near"]),
        (deep.as_bytes(), &["not JSON", "recursion limit"]),
    ];
    for (bytes, words) in cases {
        folder.write("a.sigmf-meta", bytes);
        says(Recording::open(folder.path("a")), &[&["a.sigmf-meta: "], words].concat());
    }
    let file = std::fs::File::create(folder.path("a.sigmf-meta")).unwrap();
    file.set_len(1 << 40).unwrap();
    says(Recording::open(folder.path("a")), &["its size is 1099511627776 bytes", "at most 67108864"]);
}

#[test]
fn files_that_are_not_there() {
    let folder = good("not-there");
    says(Recording::open(folder.path("b")), &["cannot open", "b.sigmf-meta"]);
    std::fs::remove_file(folder.path("a.sigmf-data")).unwrap();
    says(Recording::open(folder.path("a.sigmf-meta")), &["cannot open", "a.sigmf-data"]);
    std::fs::create_dir(folder.path("a.sigmf-data")).unwrap();
    says(Recording::open(folder.path("a")), &["a.sigmf-data: it is not a file"]);
}
