//! Arrays and angles of clustered models: they run through both rungs, and what does not fit is refused with what would.

use super::folder::{Folder, SMALL};

/// Makes a folder with an experiment over CDL-C between arrays.
fn folder(name: &str) -> Folder {
    let folder = Folder::with_small(name);
    let clustered = "\"cdl-c\"\ndelay_spread_s = 1e-7\nrays = \"gaussian\"\nserver_sector_deg = 120\n\
                     receive_array = { rows = 2, polarisation = \"cross\", pattern = \"tr38901\" }\n\
                     device_array = { spacing_wavelengths = 0.7 }";
    let scheme = SMALL.replace(
        "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
        "kind = \"uniform-forcing\"\nstreams = 2",
    );
    let antennas = "snr_db = 10.0\nreceive_antennas = 8\ndevice_antennas = 2";
    folder.write("arrays.toml", scheme.replace("\"rayleigh\"", clustered).replace("snr_db = 10.0", antennas));
    folder
}

#[test]
fn arrays_run_through_both_rungs_alike() {
    let folder = folder("arrays");
    let nmse = |fidelity: &str| {
        let args = format!("run arrays.toml --set stop.trials=8 --fidelity {fidelity} --json");
        let report: serde_json::Value = serde_json::from_str(&folder.succeed(&args)).unwrap();
        (report["metrics"]["nmse"]["mean"].as_f64().unwrap(), report["snr_measured_db"].as_f64().unwrap())
    };
    let ((symbol, snr_db), (waveform, _)) = (nmse("symbol"), nmse("waveform"));
    assert!((symbol / waveform - 1.0).abs() < 0.2, "{symbol} {waveform}");
    // Sectored elements see devices off their axis as weaker.
    assert!(snr_db < 10.0 && snr_db > 3.0, "{snr_db}");
    let table =
        folder.succeed("run arrays.toml --set stop.trials=8 --set channel.server_sector_deg=0 --json");
    let report: serde_json::Value = serde_json::from_str(&table).unwrap();
    assert!((report["snr_measured_db"].as_f64().unwrap() - 10.0).abs() < 1.0, "{report}");
    folder.succeed("run arrays.toml --fidelity theory --set stop.trials=8");
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = folder("bad-arrays");
    let refuse =
        |set: &str, parts: &[&str]| folder.refuse_with(&format!("run arrays.toml --set {set}"), parts);
    refuse(
        "link.receive_antennas=6",
        &["channel.receive_array", "2 rows of 2 polarisations", "a multiple of 4"],
    );
    refuse("channel.receive_array.columns=3", &["3 columns of 2 rows and 2 polarisations, 12 antennas"]);
    refuse("channel.receive_array.pattern=\"horn\"", &["channel.receive_array.pattern", "tr38901"]);
    refuse("channel.receive_array.spacing_wavelengths=0", &["channel.receive_array.spacing_wavelengths"]);
    refuse("channel.server_azimuth_deg=[10]", &["channel.server_azimuth_deg", "leave one out"]);
    let listed =
        folder.text("arrays.toml").replace("server_sector_deg = 120", "server_azimuth_deg = [10, 40, 60]");
    folder.write("listed.toml", listed);
    folder.succeed("run listed.toml --fidelity theory --set stop.trials=2");
    folder.refuse_with(
        "run listed.toml --set channel.server_azimuth_deg=[10,40]",
        &["channel.server_azimuth_deg", "2 azimuths for 3 devices", "one for each"],
    );
    refuse("channel.travel_zenith_deg=45", &["channel.travel_zenith_deg", "travel_azimuth_deg"]);
    refuse("channel.angles.arrival_azimuth.spread_deg=200", &["spread_deg", "180"]);
    refuse("channel.correlation=\"low\"", &["channel.correlation", "rays"]);
    refuse("channel.receive_array.elements=3", &["channel.receive_array.elements"]);
    folder.refuse_with("run small.toml --set channel.rays=\"standard\"", &["channel.rays", "cdl-a to cdl-e"]);
    refuse("link.device_antennas=1", &["link.device_antennas", "scheme.streams = 2"]);
    refuse("scheme.streams=9", &["scheme.streams = 9", "as many antennas"]);
    let moving = "run arrays.toml --set channel.speed_m_s=3 --set link.csi=\"estimated\" --set pilots.sounding=\"uplink\" --set link.csi_bits=8";
    folder.refuse_with(moving, &["pilots.estimator", "Jakes spectrum", "\"ls\""]);
    let single = "run small.toml --set link.device_antennas=2";
    folder.refuse_with(single, &["link.device_antennas", "uniform-forcing"]);
}

#[test]
fn combiners_say_what_they_need() {
    let folder = Folder::with_small("combiners");
    let scheme = SMALL.replace(
        "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
        "kind = \"receive-combining\"\ncombiner = \"zero-forcing\"",
    );
    folder.write("forced.toml", scheme.replace("snr_db = 10.0", "snr_db = 10.0\nreceive_antennas = 2"));
    folder.refuse_with("run forced.toml", &["link.receive_antennas", "zero-forcing", "combiner = \"mmse\""]);
    let args = "run forced.toml --set scheme.combiner=\"mmse\"";
    folder.succeed(&format!("{args} --set stop.trials=4"));
    let up = format!("{args} --set link.csi=\"estimated\" --set pilots.sounding=\"uplink\"");
    folder.succeed(&format!("{up} --set stop.trials=4"));
    folder.refuse_with(&format!("{up} --set link.csi_bits=8"), &["link.csi_bits", "keeps it: leave it out"]);
    folder.refuse_with(
        &format!("{args} --set link.csi=\"estimated\""),
        &["link.csi", "pilots.sounding = \"uplink\""],
    );
    folder.refuse_with(
        &format!("{args} --set link.csi=\"none\""),
        &["link.csi", "needs the devices' channels"],
    );
}
