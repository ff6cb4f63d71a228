//! Runs that end before their recording does.

use super::folder::{Folder, RATE_HZ, push, says, signals};
use airloop_baseband::Complex32;
use airloop_hil::{Recorder, RecorderConfig, Recording};

fn config(checkpoint_samples: u64) -> RecorderConfig {
    RecorderConfig { checkpoint_samples, ..RecorderConfig::new(RATE_HZ, 1) }
}

/// Checks that a recording holds the first so many samples, and says that it was cut off.
fn holds(folder: &Folder, name: &str, sent: &[Complex32], count: usize) {
    let mut recording = Recording::open(folder.path(name)).unwrap();
    assert_eq!((recording.samples(), recording.metadata().unfinished), (count as u64, true));
    let mut heard = vec![Complex32::default(); count];
    recording.read(0, 0, &mut heard).unwrap();
    assert!(heard == sent[..count]);
}

#[test]
fn a_killed_run_leaves_all_up_to_the_last_checkpoint() {
    let folder = Folder::new("killed");
    let sent = signals(1, 200_000, 1.0);
    let mut recorder = Recorder::create(folder.path("a"), config(50_000)).unwrap();
    holds(&folder, "a", &sent[0], 0);
    // A gap that metadata on the disk do not know yet must not move what they know.
    push(&mut recorder, 0, &[sent[0][..120_000].to_vec()], 1000);
    push(&mut recorder, 130_000, &[sent[0][120_000..145_000].to_vec()], 5000);
    for ending in ["sigmf-data", "sigmf-meta"] {
        std::fs::copy(folder.path(&format!("a.{ending}")), folder.path(&format!("b.{ending}"))).unwrap();
    }
    holds(&folder, "b", &sent[0], 100_000);
    assert!(folder.bytes("b.sigmf-data").len() > 120_000 * 8, "the data have gone on");
    recorder.checkpoint().unwrap();
    holds(&folder, "a", &sent[0], 145_000);
    push(&mut recorder, 160_000, &[sent[0][145_000..145_100].to_vec()], 100);
    // Nothing is written any more, as after a kill.
    std::mem::forget(recorder);
    holds(&folder, "a", &sent[0], 145_000);
    assert_eq!(Recording::open(folder.path("a")).unwrap().indices(), 0..155_000);
    assert_eq!(folder.names(), ["a.sigmf-data", "a.sigmf-meta", "b.sigmf-data", "b.sigmf-meta"]);
}

#[test]
fn a_recorder_that_is_dropped_leaves_everything() {
    let folder = Folder::new("dropped");
    let sent = signals(1, 1234, 1.0);
    let mut recorder = Recorder::create(folder.path("a"), config(1 << 20)).unwrap();
    push(&mut recorder, 0, &sent, 100);
    drop(recorder);
    holds(&folder, "a", &sent[0], 1234);
    // Data that lack what metadata count are not what was recorded.
    let data = folder.bytes("a.sigmf-data");
    folder.write("a.sigmf-data", &data[..1233 * 8]);
    says(Recording::open(folder.path("a")), &["its size is 9864 bytes", "at least 9872 bytes"]);
}

#[test]
fn what_cannot_be_written_is_named() {
    let folder = Folder::new("unwritable");
    let create = |name: &str| Recorder::create(folder.path(name), config(1));
    says(create("missing/a"), &["cannot create", "missing/a.sigmf-data"]);
    folder.write("file", b"");
    says(create("file/a"), &["cannot create", "file/a.sigmf-data"]);
    std::fs::create_dir(folder.path("b.sigmf-data")).unwrap();
    says(create("b"), &["b.sigmf-data"]);
    folder.write("c.sigmf-data", b"precious");
    says(create("c"), &["c.sigmf-data exists already"]);
    assert_eq!(folder.bytes("c.sigmf-data"), b"precious");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_ends_the_recording() {
    let folder = Folder::new("full");
    std::os::unix::fs::symlink("/dev/full", folder.path("a.sigmf-data")).unwrap();
    let config = RecorderConfig { overwrite: true, ..config(1 << 20) };
    let mut recorder = Recorder::create(folder.path("a"), config).unwrap();
    let sent = signals(1, 100_000, 1.0);
    says(recorder.push(0, &sent), &["cannot write", "a.sigmf-data", "No space left"]);
    let again = ["a.sigmf-data: recording stopped before", "No space left"];
    says(recorder.push(100_000, &sent), &again);
    says(recorder.checkpoint(), &again);
    says(recorder.finish(), &again);
    assert!(folder.text("a.sigmf-meta").contains("\"airloop:unfinished\": true"));
}

#[test]
fn metadata_that_cannot_be_written_leave_those_before() {
    let folder = Folder::new("part");
    let sent = signals(1, 3000, 1.0);
    let mut recorder = Recorder::create(folder.path("a"), config(1000)).unwrap();
    push(&mut recorder, 0, &[sent[0][..2000].to_vec()], 500);
    std::fs::create_dir(folder.path("a.sigmf-meta.part")).unwrap();
    says(recorder.push(2000, &[&sent[0][2000..]]), &["cannot write", "a.sigmf-meta"]);
    drop(recorder);
    holds(&folder, "a", &sent[0], 2000);
}

#[test]
fn more_gaps_than_metadata_can_hold_are_refused_and_what_was_recorded_can_be_read() {
    let folder = Folder::new("many-gaps");
    let mut recorder = Recorder::create(folder.path("a"), config(1 << 20)).unwrap();
    let sample = [[Complex32::new(0.5, 0.5)]];
    let most = 1u64 << 17;
    (0..most).for_each(|i| recorder.push(2 * i, &sample).unwrap());
    says(recorder.push(2 * most, &sample), &["a.sigmf-meta", "131072 captures", "begin another recording"]);
    recorder.push(2 * most - 1, &sample).unwrap();
    assert_eq!(recorder.finish().unwrap().samples, most + 1);
    let recording = Recording::open(folder.path("a")).unwrap();
    assert_eq!((recording.samples(), recording.indices()), (most + 1, 0..2 * most));
}

#[test]
fn metadata_that_grow_too_long_end_the_recording_while_they_can_be_read() {
    let folder = Folder::new("long-metadata");
    let mut recorder = Recorder::create(folder.path("a"), config(1000)).unwrap();
    let sent = signals(1, 1000, 1.0);
    recorder.push(0, &[&sent[0][..500]]).unwrap();
    let words = "word ".repeat(200_000);
    (0..52).for_each(|i| recorder.annotate(i, 1, &words).unwrap());
    says(recorder.push(500, &[&sent[0][500..]]), &["a.sigmf-meta", "50331648 bytes of metadata"]);
    drop(recorder);
    holds(&folder, "a", &sent[0], 1000);
}
