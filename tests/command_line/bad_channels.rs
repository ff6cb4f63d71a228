//! Channels: profiles from files, Doppler shifts and correlated antennas; what cannot be is refused with what would be right.

use super::folder::{Folder, SMALL};

const PROFILE: &str =
    "# a hall\ndelay_s,power_db,kind\n0,0,line-of-sight\n0,-9,rayleigh\n80e-9,-6,rayleigh\n";

/// Makes a folder with the small experiment, and one over the profile of `hall.csv`.
fn folder(name: &str) -> Folder {
    let folder = Folder::with_small(name);
    folder.write("hall.csv", PROFILE);
    folder.write("hall.toml", SMALL.replace("\"rayleigh\"", "\"profile\"\nprofile_file = \"hall.csv\""));
    let blind = SMALL.replace(
        "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
        "kind = \"blind-combining\"",
    );
    folder.write("blind.toml", blind.replace("snr_db = 10.0", "snr_db = 10.0\nreceive_antennas = 4"));
    folder
}

/// Returns a number or text of the report of a run.
fn report(folder: &Folder, args: &str) -> serde_json::Value {
    serde_json::from_str(&folder.succeed(&format!("run {args} --fidelity symbol --json"))).unwrap()
}

/// Returns a `.npy` file of complex values in double precision.
fn npy(shape: &str, values: &[(f64, f64)]) -> Vec<u8> {
    let header = format!("{{'descr': '<c16', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|(re, im)| [re.to_le_bytes(), im.to_le_bytes()].concat()));
    bytes
}

#[test]
fn every_listed_model_runs() {
    let folder = folder("every-model");
    folder.succeed("channel small.toml --out cir.npz");
    for line in folder.succeed("list channels").lines() {
        let model = line.split_whitespace().next().unwrap();
        let key = match model {
            "rician" => "k_factor_db = 3",
            "profile" => "profile_file = \"hall.csv\"",
            "recorded" => "file = \"cir.npz\"",
            "exponential" => "delay_spread_s = 1e-7",
            name if name.starts_with("tdl-") || name.starts_with("cdl-") => "delay_spread_s = 1e-7",
            _ => "",
        };
        folder.write("model.toml", SMALL.replace("\"rayleigh\"", &format!("\"{model}\"\n{key}")));
        folder.succeed("run model.toml --set stop.trials=2");
        if line.contains("annex") {
            let with = format!("\"{model}\"\ndelay_spread_s = 1e-7");
            folder.write("model.toml", SMALL.replace("\"rayleigh\"", &with));
            let fixed = format!("the delays of \"{model}\" are fixed, their spread is");
            folder.refuse_with(
                "run model.toml",
                &["model.toml:10:18: channel.delay_spread_s: goes with", &fixed],
            );
        }
    }
}

#[test]
fn a_doppler_shift_stands_in_place_of_a_speed() {
    let folder = folder("doppler");
    let at = |keys: &str| {
        let set = "--set channel.carrier_hz=299792458 --set scheme.scale=plain";
        report(&folder, &format!("small.toml {set} {keys}"))["metrics"]["nmse"]["mean"].as_f64().unwrap()
    };
    // At this carrier a speed in metres a second is a Doppler shift in hertz.
    assert_eq!(at("--set channel.speed_m_s=300"), at("--set channel.doppler_hz=300"));
    assert_ne!(at("--set channel.speed_m_s=300"), at("--set channel.doppler_hz=3000"));
    assert_eq!(at(""), at("--set channel.doppler_hz=0"));
    folder.refuse_with(
        "run small.toml --set channel.doppler_hz=5 --set channel.speed_m_s=1",
        &["channel.speed_m_s: channel.doppler_hz already says how fast channels change; leave one out"],
    );
    let elements = "--set channel.fading=per-element --set channel.doppler_hz=5";
    folder.refuse_with(&format!("run small.toml {elements}"), &["channel.doppler_hz: has no meaning when"]);
    folder.refuse_with("run small.toml --set channel.doppler_hz=-5", &["must be between 0 and"]);
}

#[test]
fn a_profile_enters_by_its_paths_and_a_wrong_one_is_named_with_file_and_line() {
    let folder = folder("profiles");
    let id = |args: &str| report(&folder, args)["experiment_id"].as_str().unwrap().to_string();
    let first = id("hall.toml");
    folder.write("elsewhere/same.csv", PROFILE.replace("# a hall\n", "\n"));
    assert_eq!(first, id("hall.toml --set channel.profile_file=elsewhere/same.csv"));
    folder.write("other.csv", PROFILE.replace("-6", "-7"));
    assert_ne!(first, id("hall.toml --set channel.profile_file=other.csv"));
    let wrong = [
        ("80e-9,-6", "-80e-9,-6", "line 5: delay_s = -8e-8 is out of range; 0 to 0.01 s is expected"),
        ("0,-9", "90e-9,-9", "line 5: delay_s = 8e-8 comes after 9e-8; delays in ascending order"),
        ("-9,rayleigh", "-9,line-of-sight", "line 4: is a second line of sight; at most one is expected"),
        (
            "-9,rayleigh",
            "-9,rician",
            "line 4: kind = \"rician\" is unknown; \"rayleigh\" or \"line-of-sight\"",
        ),
        (
            "delay_s,",
            "delay,",
            "line 2: \"delay,power_db,kind\" is not the header; \"delay_s,power_db,kind\"",
        ),
    ];
    for (from, to, message) in wrong {
        folder.write("hall.csv", PROFILE.replacen(from, to, 1));
        folder.refuse_with("run hall.toml", &["hall.toml:10:16: channel.profile_file: hall.csv: ", message]);
    }
    folder.write("hall.csv", "delay_s,power_db,kind\n0,-inf,rayleigh\n");
    folder.refuse_with(
        "run hall.toml",
        &["hall.csv: the powers sum to zero; at least one power_db above -inf"],
    );
    folder.write("hall.csv", "delay_s,power_db,kind\n");
    folder.refuse_with("run hall.toml", &["hall.csv: holds no path; at least one is expected"]);
    folder.refuse_with("run hall.toml --set channel.profile_file=none.csv", &["none.csv: ", "No such file"]);
    folder.refuse_with("run small.toml --set channel.model=profile", &["channel.profile_file: is missing"]);
    let other = "run small.toml --set channel.profile_file=hall.csv";
    folder.refuse_with(other, &["goes with channel.model = \"profile\""]);
}

#[test]
fn correlated_antennas_are_drawn_and_bring_less_diversity() {
    let folder = folder("correlated");
    let nmse = |keys: &str| {
        let args = format!("blind.toml --set stop.trials=2000 --set channel.{keys}");
        report(&folder, &args)["metrics"]["nmse"]["mean"].as_f64().unwrap()
    };
    let alone = nmse("correlation=none");
    // The receiver's coefficient is 0 at the low level and the devices have one antenna.
    assert_eq!(alone, nmse("correlation=low"));
    let (medium, high) = (nmse("correlation=medium"), nmse("correlation=high"));
    assert!(medium < high && alone < high, "{alone} {medium} {high}");
    let matrix = "correlation=exponential --set channel.receive_correlation=0.5";
    let rows = "[[1,.5,.25,.125],[.5,1,.5,.25],[.25,.5,1,.5],[.125,.25,.5,1]]".replace('.', "0.");
    let written = format!("correlation=matrices --set channel.receive_correlation={rows}");
    assert_eq!(nmse(matrix), nmse(&written));
}

#[test]
fn correlations_that_cannot_be_are_refused_with_what_is_expected() {
    let folder = folder("correlations");
    let refused = |keys: &str, parts: &[&str]| {
        let set: String = keys.split(' ').map(|key| format!(" --set {key}")).collect();
        folder.refuse_with(&format!("run blind.toml{set}"), parts);
    };
    refused("channel.correlation=strong", &["is not one of: none, low, medium, high, exponential, matrices"]);
    refused(
        "channel.correlation=high link.receive_antennas=3",
        &[
            "channel.correlation: the standard has matrices for 1, 2 and 4 antennas, not for 3",
            "\"exponential\"",
        ],
    );
    refused(
        "channel.correlation=exponential",
        &["channel.receive_correlation or channel.device_correlation is expected"],
    );
    refused(
        "channel.receive_correlation=0.5",
        &["goes with channel.correlation = \"exponential\" (a number)"],
    );
    refused(
        "channel.correlation=exponential channel.receive_correlation=1",
        &["must be at least 0 and below 1"],
    );
    let matrix = |rows: &str, message: &str| {
        let keys = format!(
            "link.receive_antennas=2 channel.correlation=matrices channel.receive_correlation={rows}"
        );
        refused(&keys, &["channel.receive_correlation: ", message, "link.receive_antennas = 2"]);
    };
    matrix("[[1,0.5,0],[0.5,1,0],[0,0,1]]", "is 3 by 3; 2 by 2 is expected, one row an antenna");
    matrix("[[1,0.5],[0.5]]", "is 2 by 1; 2 by 2 is expected");
    matrix("[[1,0.5],[0.4,1]]", "entry (1, 0) is 0.4+0i, but entry (0, 1) is 0.5+0i");
    matrix("[[1,0.5],[0.5,2]]", "entry (1, 1) is 2+0i; 1 is expected on the diagonal");
    matrix(
        "[[1,1.5],[1.5,1]]",
        "the matrix of 2 by 2 is not positive definite: its smallest eigenvalue is -5.000e-1",
    );
    refused(
        "channel.correlation=matrices channel.receive_correlation=0.5",
        &["is a float; rows of numbers are expected"],
    );
    for keys in ["channel.fading=per-element", "channel.model=awgn"] {
        refused(&format!("channel.correlation=high {keys}"), &["channel.correlation: goes with"]);
    }
}

#[test]
fn complex_matrices_come_from_files() {
    let folder = folder("matrices");
    let (one, across) = ((1.0, 0.0), (0.3, 0.4));
    folder.write("good.npy", npy("2, 2", &[one, across, (0.3, -0.4), one]));
    folder.write("symmetric.npy", npy("2, 2", &[one, across, across, one]));
    folder.write("vector.npy", npy("4,", &[one, across, across, one]));
    let args = |file: &str| {
        format!(
            "blind.toml --set link.receive_antennas=2 --set channel.correlation=matrices --set channel.receive_correlation={{file=\"{file}\"}}"
        )
    };
    folder.succeed(&format!("run {}", args("good.npy")));
    let bad = |file: &str, parts: &[&str]| folder.refuse_with(&format!("run {}", args(file)), parts);
    bad(
        "symmetric.npy",
        &["entry (1, 0) is 0.3+0.4i, but entry (0, 1) is 0.3+0.4i", "the conjugate of the other"],
    );
    bad(
        "vector.npy",
        &["channel.receive_correlation.file: ", "the shape is [4]; expected a matrix [rows, columns]"],
    );
    bad("none.npy", &["none.npy: cannot open the file"]);
}
