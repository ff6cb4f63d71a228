//! Channels in files: what `airloop channel` writes is what `model = "recorded"` replays; arrays of others; refusals.

use super::folder::{Folder, SMALL};
use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::medium::GridGains;
use airloop::ofdm::SlotShape;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use airloop::tensor::{ComplexArray, NpzWriter, read_complex_array};
use airloop_baseband::{Complex32, Complex64};
use std::sync::Arc;

/// Reads the responses of a file at their own gains, trial after trial.
const REPLAY: &str = "\"recorded\"\nfile = \"cir.npz\"\nnormalise = \"none\"\nstart = 0.0";

fn folder(name: &str, channel: &str, others: &[(&str, &str)]) -> Folder {
    let folder = Folder::with_small(name);
    let mut text = SMALL.replace("length = 40", "length = 9000");
    for (from, to) in others {
        text = text.replace(from, to);
    }
    folder.write("drawn.toml", text.replace("\"rayleigh\"", channel));
    folder.write("replayed.toml", text.replace("\"rayleigh\"", REPLAY).replace("trials = 16", "trials = 2"));
    folder
}

fn load(folder: &Folder, name: &str, change: impl Fn(String) -> String) -> Experiment {
    let tree = Node::parse_toml(&change(folder.text(name)), &folder.path(name)).unwrap();
    Loader::default().load(&tree).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn same(text: String) -> String {
    text
}

/// Responses of all links over the symbols of a trial's round.
fn responses(experiment: &Experiment, trial: u64) -> Vec<Complex32> {
    let antennas = experiment.link.antennas();
    let links = experiment.payload.devices() * antennas.links();
    let mut gains = GridGains::draw(
        &experiment.channel,
        Arc::clone(&experiment.numerology),
        &experiment.seeds,
        trial,
        links,
    );
    let shape = SlotShape { first_symbol: 0, symbols: experiment.layout_symbols() };
    let all = gains.all(shape);
    let mut rows = Vec::new();
    (0..links).for_each(|link| all.link(link).for_each_row(|row| rows.extend_from_slice(row)));
    rows
}

/// Largest distance of two rows of responses.
fn distance(a: &[Complex32], b: &[Complex32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max)
}

/// Largest sum of the magnitudes of a link's gains in a file of `[.., path, time]`.
fn largest_sum(a: &ComplexArray) -> f64 {
    let (paths, times) = (a.shape[a.shape.len() - 2], a.shape[a.shape.len() - 1]);
    let sums = a
        .values
        .chunks(paths * times)
        .flat_map(|link| (0..times).map(|t| link[t..].iter().step_by(times).map(|z| z.norm()).sum::<f64>()));
    sums.fold(0.0, f64::max)
}

/// Antennas at both ends.
const SEVERAL: &[(&str, &str)] = &[
    ("snr_db = 10.0", "snr_db = 10.0\nreceive_antennas = 4\ndevice_antennas = 2"),
    (
        "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
        "kind = \"uniform-forcing\"\nstreams = 2",
    ),
];

/// A name, the channel's keys, changes to the experiment, and whether it moves (1) or not (0).
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], f64);

#[test]
fn what_is_written_is_what_is_replayed() {
    // Several antennas, motion of 60 Hz within a slot, or both.
    let cases: [Case; 4] = [
        ("static", "\"tdl-c\"\ndelay_spread_s = 3e-7", &[], 0.0),
        ("moving", "\"tdl-c\"\ndelay_spread_s = 3e-7\ndoppler_hz = 60", &[], 1.0),
        ("cdl", "\"cdl-c\"\ndelay_spread_s = 3e-7", SEVERAL, 0.0),
        ("cdl-moving", "\"cdl-c\"\ndelay_spread_s = 3e-7\ndoppler_hz = 60", SEVERAL, 1.0),
    ];
    for (name, channel, others, moving) in cases {
        let folder = folder(&format!("round-trip-{name}"), channel, others);
        let said = folder.succeed("channel drawn.toml --out cir.npz --trials 2");
        assert!(said.starts_with("cir.npz: a [2, 3, "), "{said}");
        let a = read_complex_array(&folder.path("cir.npz"), Some("a")).unwrap();
        let drawn = load(&folder, "drawn.toml", same);
        let replayed = load(&folder, "replayed.toml", same);
        // Delays to -80 dB, and in the first and last spacing of the samples in time to -74 dB, of the sum of gains.
        let bound = (1e-4 + moving * 2e-4) * largest_sum(&a) + 3e-6;
        for trial in 0..2 {
            let (was, is) = (responses(&drawn, trial), responses(&replayed, trial));
            let error = f64::from(distance(&was, &is));
            assert!(error <= bound, "{name} {trial}: {error} of {bound}");
            // Control: the other trial is another channel.
            assert!(distance(&was, &responses(&replayed, 1 - trial)) > 0.5, "{name}");
            if moving > 0.0 {
                let frozen = |text: String| text.replace("start = 0.0", "start = 0.0\nreplay_speed = 0");
                let still =
                    f64::from(distance(&was, &responses(&load(&folder, "replayed.toml", frozen), trial)));
                assert!(still > 20.0 * bound, "control: channels move: {still} of {bound}");
            }
        }
        assert_eq!(
            replayed.warnings.iter().map(|w| w.code.as_str()).collect::<Vec<_>>(),
            ["recorded-gains-kept"]
        );
    }
}

#[test]
fn responses_are_written_for_the_used_subcarriers() {
    let folder = folder("response", "\"tdl-c\"\ndelay_spread_s = 3e-7", &[]);
    folder.succeed("channel drawn.toml --out cir.npz --response --seed 5");
    let read = |name: &str| read_complex_array(&folder.path("cir.npz"), Some(name)).unwrap();
    let (response, frequencies) = (read("response"), read("frequencies_hz"));
    assert_eq!((response.shape, frequencies.shape), (vec![3, 1, 1, 1, 612], vec![612]));
    assert_eq!((frequencies.values[0].re, frequencies.values[611].re), (-306.0 * 30e3, 305.0 * 30e3));
    // Channels stand still: a link's first symbol stands for all.
    let first = |change: fn(String) -> String| -> Vec<Complex32> {
        let rows = responses(&load(&folder, "drawn.toml", change), 0);
        rows.chunks(rows.len() / 3).flat_map(|link| link[..612].to_vec()).collect()
    };
    let written: Vec<Complex32> =
        response.values.iter().map(|h| Complex32::new(h.re as f32, h.im as f32)).collect();
    assert!(distance(&written, &first(|text| text.replace("seed = 3", "seed = 5"))) < 1e-5);
    assert!(distance(&written, &first(same)) > 0.5, "control: the seed counts");
}

#[test]
fn both_rungs_see_the_same_recorded_channel() {
    let folder = folder("rungs", "\"tdl-c\"\ndelay_spread_s = 1e-7", &[]);
    folder.succeed("channel drawn.toml --out cir.npz --trials 2");
    let replayed = load(&folder, "replayed.toml", |text| text.replace("snr_db = 10.0", "snr_db = 100.0"));
    let grids = |fidelity| {
        let context = TrialContext::new(&replayed, fidelity).unwrap().paired();
        context.run_with_vectors(1).unwrap().1.grids.unwrap()
    };
    let (symbol, waveform) = (grids(Fidelity::Symbol), grids(Fidelity::Waveform));
    let power = symbol.iter().map(|z| z.norm_sqr()).sum::<f32>() / symbol.len() as f32;
    let error =
        symbol.iter().zip(&waveform).map(|(a, b)| (a - b).norm_sqr()).sum::<f32>() / symbol.len() as f32;
    let db = 10.0 * (error / power).log10();
    assert!(db < -95.0, "the rungs are {db} dB apart");
    let text = folder.succeed("ladder replayed.toml --set stop.trials=64 --set channel.start=random");
    assert!(text.contains("waveform"), "{text}");
}

/// Writes the arrays of a file with their axes in another order, `shape` of which fills in axes of one entry.
fn permute(folder: &Folder, out: &str, (order, shape): (&[usize], &[usize]), delays: &[usize]) {
    let read = |name: &str| read_complex_array(&folder.path("cir.npz"), Some(name)).unwrap();
    let (a, tau) = (read("a"), read("tau"));
    let lengths: Vec<usize> = order.iter().map(|axis| a.shape[*axis]).collect();
    let stride = |axis: usize| -> usize { a.shape[axis + 1..].iter().product() };
    let of = |mut index: usize| {
        let mut at = 0;
        for (axis, length) in order.iter().zip(&lengths).rev() {
            at += index % length * stride(*axis);
            index /= length;
        }
        let z: Complex64 = a.values[at];
        [z.re as f32, z.im as f32]
    };
    let values: Vec<[f32; 2]> = (0..a.values.len()).map(of).collect();
    let mut npz = NpzWriter::create(&folder.path(out)).unwrap();
    npz.complex64("a", shape, &values).unwrap();
    npz.f64("tau", delays, &tau.values.iter().map(|d| d.re).collect::<Vec<f64>>()).unwrap();
    npz.finish().unwrap();
}

#[test]
fn arrays_of_sionna_and_deepmimo_give_the_results_of_the_same_channels() {
    let others = [
        ("snr_db = 10.0", "snr_db = 10.0\nreceive_antennas = 2\ndevice_antennas = 2"),
        (
            "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
            "kind = \"uniform-forcing\"\nstreams = 2",
        ),
        ("length = 9000", "length = 300"),
    ];
    let folder = folder("layouts", "\"cdl-a\"\ndelay_spread_s = 1e-7", &others);
    folder.succeed("channel drawn.toml --out cir.npz");
    let metrics = |file: &str, layout: &str| {
        let set =
            format!("--set channel.file={file} --set channel.layout={layout} --set channel.normalise=device");
        let text = folder.succeed(&format!("run replayed.toml --json {set}"));
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["metrics"].clone()
    };
    let own = metrics("cir.npz", "auto");
    // Axes of the file: device 0, receive 1, device antenna 2, path 3, time 4.
    permute(&folder, "up.npz", (&[1, 0, 2, 3, 4], &[1, 1, 2, 3, 2, 23, 1]), &[1, 1, 3, 23]);
    permute(&folder, "down.npz", (&[0, 2, 1, 3, 4], &[1, 3, 2, 1, 2, 23, 1]), &[1, 3, 1, 23]);
    permute(&folder, "batch.npz", (&[0, 1, 2, 3, 4], &[3, 1, 2, 1, 2, 23, 1]), &[3, 1, 1, 23]);
    permute(&folder, "rt.npz", (&[1, 0, 2, 3, 4], &[1, 2, 3, 2, 23, 1]), &[1, 3, 23]);
    permute(&folder, "users.npz", (&[0, 2, 1, 3, 4], &[3, 2, 2, 23]), &[3, 23]);
    for (file, layout) in [
        ("up.npz", "auto"),
        ("down.npz", "sionna"),
        ("batch.npz", "sionna"),
        ("rt.npz", "sionna"),
        ("users.npz", "deepmimo"),
    ] {
        assert_eq!(metrics(file, layout), own, "{file}");
    }
    // Control: with the antennas of both ends swapped it is another channel.
    assert_ne!(metrics("users.npz", "airloop"), own);
    folder.refuse_with(
        "run replayed.toml --set channel.file=rt.npz",
        &["the gains have the shape [1, 2, 3, 2, 23, 1]", "with 3 devices, 2 receive antennas", "\"sionna\""],
    );
}

#[test]
fn the_content_of_the_file_is_part_of_the_name() {
    let folder = folder("recorded-name", "\"tdl-c\"\ndelay_spread_s = 1e-7", &[]);
    folder.succeed("channel drawn.toml --out cir.npz --trials 2");
    folder.write("other.npz", folder.bytes("cir.npz"));
    folder.succeed("channel drawn.toml --out seed.npz --trials 2 --seed 9");
    let id = |file: &str| load(&folder, "replayed.toml", |text| text.replace("cir.npz", file)).id;
    assert_eq!(id("cir.npz"), id("other.npz"));
    assert_ne!(id("cir.npz"), id("seed.npz"));
}

#[test]
fn what_cannot_be_replayed_is_refused_with_what_would_be_right() {
    let folder = folder("recorded-refused", "\"tdl-c\"\ndelay_spread_s = 1e-7\ndoppler_hz = 60", &[]);
    folder.succeed("channel drawn.toml --out cir.npz --trials 2 --count 12 --step-s 1e-4");
    let run = |changes: &str| {
        let set: String =
            changes.split("; ").filter(|c| !c.is_empty()).map(|c| format!(" --set {c}")).collect();
        format!("run replayed.toml{set}")
    };
    folder.succeed(&run(""));
    for (changes, parts) in [
        ("channel.file=none.npz", &["channel.file: ", "none.npz", "is expected"][..]),
        ("channel.file=drawn.toml", &["the extension names no known format"]),
        ("channel.tensor=b", &["channel.tensor", "`b`", "`a` [2, 3, 1, 1, 24,"]),
        (
            "payload.devices=4",
            &["the gains have the shape [2, 3, 1, 1, 24,", "with 4 devices, 1 receive antennas"],
        ),
        ("channel.sample_rate_hz=1e6", &["channel.file", "gains \"a\" with delays \"tau\"", "are expected"]),
        (
            "channel.tensor=a; channel.sample_rate_hz=1e6",
            &["1000000 Hz", "reach 9180000 Hz", "18360000 Hz is expected"],
        ),
        ("channel.speed_m_s=3", &["channel.speed_m_s", "channel.replay_speed changes its pace"]),
        ("channel.correlation=low", &["channel.correlation", "the correlation of their data"]),
        ("channel.fading=per-element", &["channel.fading"]),
        ("channel.start=-1", &["channel.start", "at least 0"]),
        ("channel.start=first", &["channel.start", "random, sequential, a number"]),
        ("stop.trials=3", &["holds 2 trials", "and 3 are to run", "(by stop.trials, channel.start"]),
        ("payload.length=90000", &["channel.start", "and it lasts", "a trial needs the recording from"]),
        (
            "payload.length=90000; channel.start=random",
            &["channel.file", "the recording lasts", "and a trial needs"],
        ),
        ("channel.start=1", &["channel.start", "it lasts"]),
        (
            "link.csi=imperfect; link.csi_error=0.1",
            &["link.csi", "independent copy", "pilots.estimator = \"ls\""],
        ),
        ("link.csi=estimated", &["pilots.estimator", "covariance", "\"perfect\", \"none\""]),
        ("privacy.delta=1e-5; privacy.eavesdropper_noise_db=3", &["channel.model", "to an eavesdropper"]),
        ("channel.model=rayleigh", &["channel.", "goes with channel.model = \"recorded\""]),
        ("channel.replay_speed=-1", &["channel.replay_speed", "between 0 and"]),
    ] {
        folder.refuse_with(&run(changes), parts);
    }
    // What the messages advise does do.
    for changes in [
        "stop.trials=3; channel.wrap=true",
        "stop.trials=3; channel.start=random",
        "payload.length=90000; channel.wrap=true",
        "link.csi=estimated; pilots.estimator=ls",
        "channel.replay_speed=0",
    ] {
        folder.succeed(&run(changes));
    }
    let mut npz = NpzWriter::create(&folder.path("three.npz")).unwrap();
    npz.complex64("a", &[3, 1, 1, 1, 3], &[[1.0, 0.0]; 9]).unwrap();
    npz.f64("tau", &[3, 1], &[0.0, 1e-6, -1e-6]).unwrap();
    npz.finish().unwrap();
    folder.refuse_with(&run("channel.file=three.npz"), &["channel.step_s", "3 samples in time"]);
    let step = "channel.file=three.npz; channel.step_s=1e-3";
    folder.refuse_with(&run(step), &["path 0 of device 2 is -0.000001 s", "at least 0"]);
    folder.succeed(
        &run(&format!("{step}; channel.timing=device")).replace("three", "cir").replace("1e-3", "1e-4"),
    );
    folder.write("h.npy", super::bad_payloads::npy("3, 40", &super::bad_payloads::values(120)));
    folder.refuse_with(&run("channel.file=h.npy"), &["channel.sample_rate_hz", "is missing"]);
    folder.succeed(&run("channel.file=h.npy; channel.sample_rate_hz=20e6"));
}

#[test]
fn channels_that_cannot_be_written_are_refused() {
    let folder = folder("channel-refused", "\"tdl-c\"\ndelay_spread_s = 1e-7", &[]);
    for (args, parts) in [
        ("drawn.toml --out cir.npy", &["--out cir.npy", ".npz"][..]),
        ("drawn.toml --out cir.npz --trials 0", &["--trials 0", "a whole number from 1 to 2^28"]),
        ("drawn.toml --out cir.npz --step-s -1", &["--step-s -1", "positive"]),
        ("drawn.toml --out cir.npz --count 5", &["5 instants", "--step-s"]),
        ("drawn.toml --out cir.npz --trials 9999999", &["2^28 values"]),
        ("drawn.toml --out cir.npz --seed x", &["seed"]),
        ("drawn.toml --out none/cir.npz", &["cannot write"]),
        (
            "small.toml --out cir.npz --set channel.fading=per-element",
            &["per-element", "no impulse response"],
        ),
    ] {
        folder.refuse_with(&format!("channel {args}"), parts);
    }
    folder.succeed("channel drawn.toml --out cir.npz --trials 2 --count 3 --step-s 1e-3");
    folder.refuse_with("channel replayed.toml --out again.npz", &["a file already"]);
}
