//! Recordings that other programs wrote.

use super::folder::{Folder, says};
use airloop_baseband::{Complex32, Window};
use airloop_hil::{Direction, Radio, RecordedRadio, Recording};

fn write(folder: &Folder, global: &str, captures: &str, data: &[u8]) {
    let meta = format!(r#"{{"global": {{{global}}}, "captures": {captures}, "annotations": []}}"#);
    folder.write("a.sigmf-meta", meta);
    folder.write("a.sigmf-data", data);
}

fn read(folder: &Folder, channel: usize) -> Vec<Complex32> {
    let mut recording = Recording::open(folder.path("a")).unwrap();
    let mut out = vec![Complex32::default(); recording.samples() as usize];
    recording.read(channel, 0, &mut out).unwrap();
    out
}

#[test]
fn every_datatype_reads_as_the_format_says() {
    let folder = Folder::new("datatypes");
    let one = Complex32::new(0.5, -0.25);
    let cases: [(&str, Vec<u8>, f32); 6] = [
        ("cf32_le", [0.5f32.to_le_bytes(), (-0.25f32).to_le_bytes()].concat(), 0.0),
        ("cf32_be", [0.5f32.to_be_bytes(), (-0.25f32).to_be_bytes()].concat(), 0.0),
        ("ci16_le", [16384i16.to_le_bytes(), (-8192i16).to_le_bytes()].concat(), 2e-5),
        ("ci16_be", [16384i16.to_be_bytes(), (-8192i16).to_be_bytes()].concat(), 2e-5),
        ("ci8", vec![64, (-32i8) as u8], 0.0),
        ("cu8", vec![192, 96], 0.0),
    ];
    for (name, item, tolerance) in cases {
        let global = format!(r#""core:datatype": "{name}", "core:version": "1.0.0", "core:num_channels": 2"#);
        // Channel 0 is silent in the first of two samples.
        let zero = if name == "cu8" { vec![128; item.len()] } else { vec![0; item.len()] };
        write(&folder, &global, "[]", &[zero, item.clone(), item.clone(), item].concat());
        assert_eq!(read(&folder, 0)[0], Complex32::default(), "{name}");
        for x in [read(&folder, 0)[1], read(&folder, 1)[0], read(&folder, 1)[1]] {
            assert!((x - one).norm() <= tolerance, "{name}: {x}");
        }
    }
}

#[test]
fn indices_are_those_that_the_format_has() {
    let folder = Folder::new("foreign-indices");
    let global = r#""core:datatype": "ci8", "core:version": "1.2.0", "core:sample_rate": 1000,
        "antenna:gain": 3, "core:author": {"anything": [1, null]}"#;
    let data: Vec<u8> = (0..40).collect();
    let span = |captures: &str, global: &str| {
        write(&folder, global, captures, &data);
        Recording::open(folder.path("a")).map(|recording| recording.indices())
    };
    assert_eq!(span("[]", global).unwrap(), 0..20);
    assert_eq!(span(r#"[{"core:sample_start": 5}]"#, global).unwrap(), 0..20);
    let jump = r#"[{"core:sample_start": 0, "core:global_index": 7}, {"core:sample_start": 5, "core:global_index": 100}]"#;
    assert_eq!(span(jump, global).unwrap(), 7..115);
    let offset = format!(r#"{global}, "core:offset": 1000"#);
    assert_eq!(span(r#"[{"core:sample_start": 1000}]"#, &offset).unwrap(), 1000..1020);
    says(
        span(r#"[{"core:sample_start": 5}]"#, &offset),
        &["core:sample_start is 5", "1000, which is core:offset"],
    );

    span(jump, global).unwrap();
    let mut radio = RecordedRadio::new("old", Recording::open(folder.path("a")).unwrap()).unwrap();
    radio.start(Direction::Receive).unwrap();
    let capture = radio.receive(0, Window { start: 99, length_samples: 3 }).unwrap();
    let sample = |i: u8| Complex32::new(f32::from(2 * i) / 128.0, f32::from(2 * i + 1) / 128.0);
    assert_eq!(capture.samples, [Complex32::default(), sample(5), sample(6)]);
    assert!(capture.overflow);
}

#[test]
fn a_radio_needs_a_rate() {
    let folder = Folder::new("no-rate");
    write(&folder, r#""core:datatype": "ci8", "core:version": "1.2.0""#, "[]", &[1; 8]);
    let recording = Recording::open(folder.path("a")).unwrap();
    says(RecordedRadio::new("old", recording), &["a.sigmf-meta", "global.core:sample_rate is missing"]);
}
