//! Keys and values of experiment files: each fault is one line that names the place and what would be right.

use super::folder::{Folder, SMALL};

/// Runs the small experiment with one line of it replaced, and checks what the refusal says.
fn refused(folder: &Folder, line: &str, by: &str, parts: &[&str]) {
    assert!(SMALL.contains(line), "{line}");
    folder.write("bad.toml", SMALL.replacen(line, by, 1));
    folder.refuse_with("run bad.toml", parts);
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
    let folder = Folder::with_small("unknown-keys");
    let cases = [
        ("seed = 3", "sede = 3", "bad.toml:1:1: unknown key \"sede\": did you mean \"seed\"?"),
        (
            "devices = 3",
            "device = 3",
            "bad.toml:5:1: unknown key \"payload.device\": did you mean \"payload.devices\"?",
        ),
        (
            "model =",
            "models =",
            "bad.toml:9:1: unknown key \"channel.models\": did you mean \"channel.model\"?",
        ),
        ("snr_db =", "snr =", "bad.toml:12:1: unknown key \"link.snr\": did you mean \"link.snr_db\"?"),
        (
            "scale =",
            "scaling =",
            "bad.toml:17:1: unknown key \"scheme.scaling\": did you mean \"scheme.scale\"?",
        ),
        ("trials =", "trial =", "bad.toml:20:1: unknown key \"stop.trial\": did you mean \"stop.trials\"?"),
        ("[stop]", "[stopp]", "unknown key \"stopp\": did you mean \"stop\"?"),
        ("seed = 3", "snr_db = 3", "unknown key \"snr_db\": did you mean \"link.snr_db\"?"),
    ];
    for (line, by, message) in cases {
        refused(&folder, line, by, &[message, "known here: "]);
    }
    let sets = [
        ("ofdm.bandwith_hz=5e6", "did you mean \"ofdm.bandwidth_hz\"?"),
        ("budget.airtime=1", "did you mean \"budget.airtime_s\"?"),
        ("sync.modes=ideal", "did you mean \"sync.mode\"?"),
        ("stop.min_trial=3", "did you mean \"stop.min_trials\"?"),
    ];
    for (set, hint) in sets {
        folder.refuse_with(
            &format!("run small.toml --set {set}"),
            &[&format!("--set {set}: unknown key"), hint],
        );
    }
}

#[test]
fn a_value_of_the_wrong_type_is_named_with_what_is_expected() {
    let folder = Folder::with_small("wrong-types");
    let cases = [
        ("devices = 3", "devices = \"3\"", "payload.devices = \"3\" is a string; a whole number is expected"),
        ("snr_db = 10.0", "snr_db = [10]", "link.snr_db = [10] is an array; a number is expected"),
        (
            "model = \"rayleigh\"",
            "model = 3",
            "channel.model = 3 is an integer; one of these is expected: \"awgn\"",
        ),
        (
            "threshold = 0.1",
            "threshold = true",
            "scheme.threshold = true is a boolean; a number or one of these",
        ),
        ("seed = 3", "seed = 1.5", "bad.toml:1:8: seed = 1.5 is out of range: must be a whole number"),
        ("seed = 3", "payload = 3", "bad.toml"),
        ("seed = 3", "seed = ", "bad.toml:1:8: not valid TOML"),
    ];
    for (line, by, message) in cases {
        refused(&folder, line, by, &[message]);
    }
}

#[test]
fn a_value_out_of_range_is_named_with_the_range() {
    let folder = Folder::with_small("ranges");
    let cases = [
        ("payload.devices=0", "must be a whole number, at least 1"),
        ("payload.length=0", "must be a whole number, at least 1"),
        ("payload.length=-1", "must be a whole number, at least 1"),
        ("payload.devices=1000000000000", "must be at most 1000000"),
        ("payload.length=9000000000000000", "must be at most 4294967296"),
        ("payload.correlation=1.5", "must be between 0 and 1"),
        ("link.snr_db=1000", "must be between -100 and 200"),
        ("link.snr_db=nan", "must be between -100 and 200"),
        ("link.transmit_power_w=0", "must be above 0"),
        ("channel.speed_m_s=-1", "must be between 0 and 100000"),
        ("channel.carrier_hz=1e300", "must be above 0 and at most"),
        ("scheme.threshold=-1", "0 to 1000 times the mean gain, or \"best\", is expected"),
        ("scheme.threshold=0", "a positive threshold or \"best\" is expected over a fading channel"),
        ("budget.airtime_s=0", "must be above 0"),
        ("budget.airtime_s=1e-9", "is too small: the first OFDM symbol takes 612 elements and"),
        ("budget.airtime_s=1e300", "is too large: a round has at most 16777216 OFDM symbols"),
        ("budget.elements=9000000000000000", "is too large: a round has at most"),
        ("stop.trials=0", "must be a whole number, at least 1"),
        ("stop.level=1", "must be between 0.5 and 0.999999"),
    ];
    for (set, range) in cases {
        let key = set.split('=').next().unwrap();
        folder.refuse_with(&format!("run small.toml --set {set}"), &[&format!("--set {set}: {key}"), range]);
    }
}

#[test]
fn a_missing_key_is_named_with_an_example() {
    let folder = Folder::with_small("missing");
    let cases = [
        (
            "devices = 3",
            "bad.toml:3:1: payload.devices is missing: a whole number is expected, for example 1",
        ),
        (
            "source = \"gaussian\"",
            "payload.source is missing: one of these is expected: \"file\", \"gaussian\"",
        ),
        (
            "model = \"rayleigh\"",
            "channel.model is missing: one of these is expected: \"awgn\", \"rayleigh\"",
        ),
        ("snr_db = 10.0", "link.snr_db is missing: a number is expected"),
        ("kind = \"truncated-inversion\"", "scheme.kind is missing: one of these is expected"),
        ("threshold = 0.1", "scheme.threshold is missing: a number or one of these is expected: \"best\""),
    ];
    for (line, message) in cases {
        refused(&folder, line, "", &[message]);
    }
    folder.write("empty.toml", "");
    folder.refuse_with("run empty.toml", &["payload.source is missing"]);
}

#[test]
fn schemes_models_and_keys_that_do_not_exist_or_go_together_are_refused() {
    let folder = Folder::with_small("combinations");
    let cases = [
        (
            "scheme.kind=fulll-power",
            "is not one of: truncated-inversion, full-inversion, optimal-power, full-power",
        ),
        ("scheme.kind=full-power", "kind = \"full-power\" has none: leave it out"),
        ("scheme.bits=8", "scheme.bits: goes with kind = \"digital\""),
        ("scheme.scale=best", "scheme.scale = \"best\" is not one of: plain, unbiased, lmmse"),
        ("channel.model=tdl-z", "is not one of: awgn, rayleigh, rician, tdl-a"),
        ("channel.model=rician", "channel.k_factor_db is missing"),
        ("channel.model=tdl-c", "channel.delay_spread_s is missing"),
        ("channel.k_factor_db=3", "goes with model = \"rician\"; tdl-d and tdl-e have their own"),
        ("channel.delay_spread_s=1e-7", "goes with tdl-a to tdl-e, cdl-a to cdl-e and exponential"),
        ("payload.path=g.npy", "payload.path: goes with source = \"file\""),
        ("payload.source=file", "payload.length: goes with a synthetic source; a file has its own"),
        ("payload.weights=[1,2,3]", "goes with function = \"weighted-mean\""),
        ("payload.function=weighted-mean", "a weighted mean needs a list of weights"),
        ("link.csi=guessed", "is not one of: perfect, imperfect, estimated, none"),
        ("link.csi=none", "or a scheme that needs none: blind-combining"),
        ("link.csi_error=0.1", "goes with link.csi = \"imperfect\""),
        ("pilots.symbols=2", "pilots.symbols: goes with link.csi = \"estimated\""),
        ("link.receive_antennas=4", "link.receive_antennas"),
        ("impairments.cfo_hz=[1,2]", "holds 2 values for 3 devices; one each is expected"),
        (
            "impairments.power_error_db={normal=1}",
            "draws values from -6 to 6, six standard deviations either way",
        ),
        ("impairments.iq_gain_db={normal=1.5}", "must be between -6 and 6"),
        ("impairments.phase_noise_linewidth_hz={normal=10}", "impairments.phase_noise_linewidth_hz.normal"),
        ("privacy.neighbours=replace", "goes with privacy.delta"),
        ("stop.max_trials=100", "stop.trials already says when to stop"),
        ("ofdm.fft_size=64", "goes with numerology = \"custom\""),
        ("ofdm.numerology=custom", "ofdm.sample_rate_hz is missing"),
    ];
    for (set, message) in cases {
        folder.refuse_with(&format!("run small.toml --set {set}"), &[message]);
    }
    let digital = "run small.toml --set scheme={kind=\"digital\"";
    folder.refuse_with(
        &format!("{digital}}}"),
        &["scheme.bits: is missing: a digital scheme needs bits, or a [budget]"],
    );
    folder.refuse_with(&format!("{digital},bits=99}}"), &["scheme.bits: 99 is out of range: 1 to"]);
    let both = format!("{digital},bits=8}} --set budget.airtime_s=1e-3");
    folder.refuse_with(&both, &["a [budget] fixes the airtime, and the bits follow from it"]);
}

#[test]
fn weights_and_snrs_of_the_wrong_count_are_refused_with_both_counts() {
    let folder = Folder::with_small("counts");
    let weighted = "run small.toml --set payload.function=weighted-mean --set payload.weights";
    folder.refuse_with(
        &format!("{weighted}=[1,2]"),
        &["--set payload.weights=[1,2]: payload.weights: holds 2 weights for 3 devices; one each is expected"],
    );
    folder.refuse_with(&format!("{weighted}=[1,2,0]"), &["payload.weights[2] = 0 is out of range"]);
    folder.refuse_with(
        &format!("{weighted}=w"),
        &["\"w\" names a tensor beside the payload's, but the payload is no file"],
    );
    folder.write("snrs.toml", SMALL.replace("snr_db = 10.0", "snr_db_per_device = [1, 2]"));
    folder.refuse_with(
        "run snrs.toml",
        &["snr_db_per_device: holds 2 values for 3 devices; one each is expected"],
    );
    folder.write("both.toml", SMALL.replace("snr_db = 10.0", "snr_db = 1\nsnr_db_per_device = [1, 2, 3]"));
    folder.refuse_with(
        "run both.toml",
        &["link.snr_db_per_device already says every device's SNR; leave one out"],
    );
}

#[test]
fn channels_that_nr_does_not_have_are_refused_with_those_it_has() {
    let folder = Folder::with_small("numerologies");
    let bandwidth = "run small.toml --set ofdm.bandwidth_hz=7e6";
    folder
        .refuse_with(bandwidth, &["no 7 MHz channel with 30 kHz", "30 kHz goes with 5, 10, 15, 20, 25, 30,"]);
    let spacing = "run small.toml --set ofdm.subcarrier_spacing_hz=31e3";
    folder.refuse_with(
        spacing,
        &[
            "ofdm.subcarrier_spacing_hz: NR has no",
            "15, 30, 60 and 120 kHz",
            "20 MHz goes with 15, 30, 60 kHz",
        ],
    );
    let custom = "run small.toml --set ofdm={numerology=\"custom\",sample_rate_hz=1e6,fft_size=64,";
    folder.refuse_with(
        &format!("{custom}cyclic_prefix_samples=9,used_subcarriers=64}}"),
        &["ofdm.used_subcarriers: 64 does not fit: 1 to 63 subcarriers fit a transform of 64"],
    );
    folder.refuse_with(
        &format!("{custom}cyclic_prefix_samples=65,used_subcarriers=12}}"),
        &["ofdm.cyclic_prefix_samples: 65 does not fit: at most the transform size, 64"],
    );
}
