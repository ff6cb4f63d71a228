//! What is written is what was heard.

use super::folder::{Folder, RATE_HZ, gapped, push, says, signals};
use airloop_baseband::Complex32;
use airloop_hil::recording::Datatype;
use airloop_hil::{Recorder, RecorderConfig, Recording};

fn read(recording: &mut Recording) -> Vec<Vec<Complex32>> {
    let (count, channels) = (recording.samples() as usize, recording.channels());
    let read = |channel| {
        let mut samples = vec![Complex32::default(); count];
        recording.read(channel, 0, &mut samples).unwrap();
        samples
    };
    (0..channels).map(read).collect()
}

#[test]
fn floats_come_back_bit_by_bit_and_integers_within_a_step() {
    let folder = Folder::new("round-trip");
    for channels in 1..=3 {
        // More than one buffer of each kind, and an odd rest.
        let mut sent = signals(channels, 100_003, 0.05);
        sent[0][7] = Complex32::new(f32::MIN_POSITIVE / 8.0, -0.0);
        for datatype in [Datatype::Cf32Le, Datatype::Ci16Le] {
            let config =
                RecorderConfig { datatype, overwrite: true, ..RecorderConfig::new(RATE_HZ, channels) };
            let mut recorder = Recorder::create(folder.path("a"), config).unwrap();
            push(&mut recorder, 0, &sent, 4096);
            let finished = recorder.finish().unwrap();
            assert_eq!((finished.samples, finished.captures, finished.lost_samples), (100_003, 1, 0));
            let mut recording = Recording::open(folder.path("a.sigmf-data")).unwrap();
            assert_eq!((recording.channels(), recording.samples()), (channels, 100_003));
            let heard = read(&mut recording);
            let bits = |x: &Complex32| (x.re.to_bits(), x.im.to_bits());
            let pairs = || sent.iter().flatten().zip(heard.iter().flatten());
            assert_eq!(pairs().count(), channels * 100_003);
            if datatype == Datatype::Cf32Le {
                assert!(pairs().all(|(a, b)| bits(a) == bits(b)));
                continue;
            }
            let worst = pairs()
                .filter(|(a, _)| a.re.abs() <= 1.0 && a.im.abs() <= 1.0)
                .map(|(a, b)| (a.re - b.re).abs().max((a.im - b.im).abs()));
            let worst = f64::from(worst.fold(0.0, f32::max)) * 32767.0;
            // Half a step, and the rounding of 32-bit floats; a converter of 15 bits would be twice as coarse.
            assert!((0.45..0.51).contains(&worst), "{worst}");
        }
    }
}

#[test]
fn any_range_can_be_read() {
    let folder = Folder::new("ranges");
    let sent = signals(2, 70_000, 0.1);
    let mut recorder = Recorder::create(folder.path("a"), RecorderConfig::new(RATE_HZ, 2)).unwrap();
    push(&mut recorder, 0, &sent, 999);
    recorder.finish().unwrap();
    let mut recording = Recording::open(folder.path("a")).unwrap();
    for (at, count) in [(0, 1), (69_999, 1), (1234, 40_000), (70_000, 0), (16_383, 2)] {
        let mut out = vec![Complex32::default(); count];
        recording.read(1, at as u64, &mut out).unwrap();
        assert!(out == sent[1][at..at + count], "{at}");
    }
    let mut out = [Complex32::default(); 2];
    says(recording.read(0, 69_999, &mut out), &["samples 69999 to 70001", "70000 samples"]);
    says(recording.read(2, 0, &mut out), &["channels 2 to 3", "2 channels"]);
}

#[test]
fn cuts_change_no_byte() {
    let folder = Folder::new("cuts");
    for datatype in [Datatype::Cf32Le, Datatype::Ci16Le] {
        let config = |checkpoint_samples| RecorderConfig {
            datatype,
            checkpoint_samples,
            overwrite: true,
            datetime: Some("2024-05-31T12:00:00.25Z".into()),
            ..RecorderConfig::new(RATE_HZ, 2)
        };
        let written = |piece, checkpoint| {
            gapped(&folder, "a", config(checkpoint), piece);
            (folder.bytes("a.sigmf-data"), folder.bytes("a.sigmf-meta"))
        };
        let whole = written(5000, 1 << 20);
        for (piece, checkpoint) in [(1, 1 << 20), (7, 100), (1000, 1), (4999, 3)] {
            assert!(written(piece, checkpoint) == whole, "{datatype:?} in pieces of {piece}");
        }
        // Control: the files know what was recorded.
        let other = RecorderConfig { centre_hz: 1.0, ..config(1 << 20) };
        gapped(&folder, "a", other, 5000);
        assert!(folder.bytes("a.sigmf-data") == whole.0 && folder.bytes("a.sigmf-meta") != whole.1);
    }
    assert_eq!(folder.names(), ["a.sigmf-data", "a.sigmf-meta"]);
}

#[test]
fn gaps_are_captures() {
    let folder = Folder::new("gaps");
    let config = RecorderConfig {
        centre_hz: 2.4e9,
        time_origin_ns: 5_000_000_000,
        datetime: Some("2024-05-31T12:00:00Z".into()),
        description: Some("with a gap".into()),
        ..RecorderConfig::new(RATE_HZ, 1)
    };
    let finished = gapped(&folder, "a", config, 300);
    assert_eq!((finished.samples, finished.captures, finished.lost_samples), (5000, 2, 500));
    let recording = Recording::open(folder.path("a")).unwrap();
    let metadata = recording.metadata();
    let of = |i: usize| {
        let segment = &metadata.segments[i];
        (segment.start, segment.index, segment.lost_samples, segment.time_ns)
    };
    assert_eq!(metadata.segments.len(), 2);
    assert_eq!(of(0), (0, 100, 0, Some(5_000_100_000)));
    assert_eq!(of(1), (3000, 3800, 500, Some(5_003_800_000)));
    assert_eq!(metadata.segments[0].datetime.as_deref(), Some("2024-05-31T12:00:00Z"));
    assert_eq!(
        (metadata.segments[1].datetime.as_deref(), metadata.segments[1].centre_hz),
        (None, Some(2.4e9))
    );
    assert_eq!(metadata.description.as_deref(), Some("with a gap"));
    assert_eq!(metadata.sha512.as_ref(), Some(&finished.sha512));
    assert_eq!((metadata.unfinished, metadata.samples), (false, Some(5000)));
    let notes: Vec<(u64, u64, &str)> =
        metadata.annotations.iter().map(|note| (note.start, note.count, note.label.as_str())).collect();
    assert_eq!(notes, [(100, 50, "overflow"), (3200, 10, "burst")]);
    assert_eq!(recording.indices(), 100..5800);
}

#[test]
fn what_exceeds_full_scale_is_cut_off_counted_and_annotated() {
    let folder = Folder::new("clipped");
    let mut sent = vec![vec![Complex32::new(0.5, 1.0); 50_000]; 2];
    for at in [100, 101, 900, 20_000] {
        sent[1][at] = Complex32::new(-3.0, 0.25);
    }
    sent[0][100] = Complex32::new(1.5, f32::NAN);
    let config = RecorderConfig { datatype: Datatype::Ci16Le, ..RecorderConfig::new(RATE_HZ, 2) };
    let mut recorder = Recorder::create(folder.path("a"), config).unwrap();
    push(&mut recorder, 0, &sent, 77);
    assert_eq!(recorder.finish().unwrap().clipped_samples, 4);
    let mut recording = Recording::open(folder.path("a")).unwrap();
    let heard = read(&mut recording);
    assert_eq!((heard[1][900].re, heard[1][20_000].re), (-1.0, -1.0));
    assert_eq!((heard[0][100], heard[0][0].im), (Complex32::new(1.0, 0.0), 1.0));
    let notes = recording.metadata().annotations.iter();
    let notes: Vec<(u64, u64, u64)> =
        notes.map(|note| (note.start, note.count, note.clipped_samples)).collect();
    assert_eq!(notes, [(100, 801, 3), (20_000, 1, 1)]);
}

#[test]
fn wrong_use_is_refused_and_harms_nothing() {
    let folder = Folder::new("wrong-use");
    let create = |config| Recorder::create(folder.path("a"), config);
    let right = || RecorderConfig::new(RATE_HZ, 2);
    says(create(RecorderConfig { channels: 0, ..right() }), &["channels is 0", "1 to 64"]);
    says(create(RecorderConfig { channels: 65, ..right() }), &["channels is 65"]);
    says(create(RecorderConfig { sample_rate_hz: f64::NAN, ..right() }), &["sample_rate_hz is NaN"]);
    says(create(RecorderConfig { centre_hz: f64::INFINITY, ..right() }), &["centre_hz is inf"]);
    says(
        create(RecorderConfig { datatype: Datatype::Ci8, ..right() }),
        &["datatype is ci8", "cf32_le or ci16_le"],
    );
    for datetime in ["yesterday", "2024-05-31T12:00:00", "2024-13-31T12:00:00Z", "2024-05-31T12:00:00.Z", "ä"]
    {
        let datetime = Some(datetime.into());
        says(create(RecorderConfig { datetime, ..right() }), &["datetime is", "2024-05-31T12:00:00.5Z"]);
    }
    assert!(folder.names().is_empty());
    let mut recorder = create(right()).unwrap();
    says(create(right()), &["a.sigmf-meta exists already"]);
    let sent = signals(2, 100, 0.1);
    recorder.push(50, &sent).unwrap();
    says(recorder.push(149, &sent), &["samples from 149 on begin before 150"]);
    says(recorder.push(150, &sent[..1]), &["1 slices of 100 samples", "right are 2"]);
    says(recorder.push(150, &[&sent[0][..], &sent[1][1..]]), &["2 slices of 100, 99 samples"]);
    says(recorder.push(u64::MAX - 5, &sent), &["the index of a sample is 18446744073709551610"]);
    says(recorder.annotate(140, 11, "late"), &["indices 140 to 151", "100 samples in 1 captures"]);
    says(recorder.annotate(49, 1, "early"), &["indices 49 to 50"]);
    recorder.push(150, &sent).unwrap();
    assert_eq!(recorder.finish().unwrap().samples, 200);
    Recording::open(folder.path("a")).unwrap();
}
