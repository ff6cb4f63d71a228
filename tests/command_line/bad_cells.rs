//! `[cell]` and `airloop cell`: the drop as printed, and refusals that name the place and what would be right.

use super::folder::{Folder, SMALL};

const CELL: &str = r#"
[cell]
scenario = "umi"
shape = "annulus"
inner_radius_m = 40
radius_m = 250
transmit_power_dbm = 5

[cell.selection]
rule = "best"
count = 2
"#;

/// Makes a folder with a cell in place of the SNR.
fn with_cell(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("cell.toml", format!("{}{CELL}", SMALL.replacen("snr_db = 10.0", "", 1)));
    folder
}

#[test]
fn a_drop_is_printed_as_table_and_json() {
    let folder = with_cell("cell");
    let text = folder.succeed("cell cell.toml");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let heads = "device x_m y_m distance_m line_of_sight path_loss_db shadowing_db snr_db selected";
    assert_eq!(lines[0].join(" "), heads);
    assert_eq!(lines.len(), 4);
    let json: serde_json::Value = serde_json::from_str(&folder.succeed("cell cell.toml --json")).unwrap();
    let rows = json.as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["selected"] == true).count(), 2);
    for (line, row) in lines[1..].iter().zip(rows) {
        let number = |key: &str| row[key].as_f64().unwrap();
        let distance = number("distance_m");
        assert!((40.0..=250.0).contains(&distance));
        assert!((number("x_m").hypot(number("y_m")) - distance).abs() < 1e-9);
        assert_eq!(line[7], format!("{:.2}", number("snr_db")));
        // 5 dBm over 612 subcarriers of 30 kHz, 5 dB of noise figure: 101.336 dB less what is lost.
        let lost = number("path_loss_db") + number("shadowing_db");
        assert!((number("snr_db") - (101.336_460 - lost)).abs() < 1e-5, "{row}");
        assert_eq!(line[8], if row["selected"] == true { "yes" } else { "no" });
    }
    assert_ne!(text, folder.succeed("cell cell.toml --set cell.drop=1"));
    let run = folder.succeed("run cell.toml");
    assert!(run.contains("2 devices, 40 values each") && run.contains("devices-not-selected"), "{run}");
    folder.refuse_with("run cell.toml --strict", &["devices-not-selected", "1 of 3 devices"]);
}

#[test]
fn a_cell_and_an_snr_contradict_each_other() {
    let folder = with_cell("cell-and-snr");
    for key in [
        "snr_db=3",
        "receive_snr_db=3",
        "snr_spread_db=3",
        "snr_db_per_device=[1,2,3]",
        "snr_bandwidth_hz=1e6",
        "transmit_power_w=1",
    ] {
        let name = key.split('=').next().unwrap();
        let message = format!("--set link.{key}: link.{name}: follows from [cell]");
        folder.refuse_with(&format!("run cell.toml --set link.{key}"), &[&message]);
    }
    folder.write("small.toml", SMALL);
    folder.refuse_with("cell small.toml", &["small.toml: there is no [cell]"]);
}

#[test]
fn what_no_cell_can_be_is_refused() {
    let folder = with_cell("bad-cells");
    let cases: [(&str, &[&str]); 22] = [
        ("cell.scenario=ump", &["cell.scenario = \"ump\"", "umi", "inf-dh"]),
        ("cell.scenari=umi", &["did you mean \"cell.scenario\"?"]),
        ("cell.selection.rul=all", &["cell.selection.rul", "rule"]),
        ("cell.shape=square", &["cell.shape = \"square\"", "hexagon"]),
        ("cell.shape=disc", &["cell.inner_radius_m: goes with shape = \"annulus\""]),
        ("cell.radius_m=30", &["cell.radius_m", "30 is out of range", "inner_radius_m"]),
        ("cell.radius_m=-1", &["cell.radius_m = -1 is out of range"]),
        ("cell.min_distance_m=300", &["cell.radius_m", "min_distance_m"]),
        ("cell.shape=positions", &["cell.inner_radius_m: goes with"]),
        ("cell.positions=[[1,2]]", &["cell.positions: goes with shape = \"positions\""]),
        ("cell.transmit_power_dbm=[1,2]", &["cell.transmit_power_dbm", "2 values for 3 devices"]),
        ("cell.transmit_power_dbm={normal=1}", &["cell.transmit_power_dbm", "uniform"]),
        ("cell.temperature_k=0", &["cell.temperature_k = 0 is out of range"]),
        ("cell.noise_figure_db=-1", &["cell.noise_figure_db = -1 is out of range"]),
        ("cell.device_height_m=1.0", &["cell.device_height_m", "1.5 to 22.5"]),
        ("cell.street_width_m=20", &["cell.street_width_m: goes with scenario = \"rma\""]),
        ("cell.clutter_density=0.5", &["cell.clutter_density: goes with scenario = \"inf-sl\""]),
        ("channel.carrier_hz=200e9", &["cell.scenario", "channel.carrier_hz = 200000000000", "100e9"]),
        ("cell.selection.count=4", &["cell.selection.count", "4 is out of range: the drop has 3 devices"]),
        ("cell.selection.snr_db=4", &["cell.selection.snr_db: goes with rule = \"snr\""]),
        ("cell.selection.rule=snr", &["cell.selection.count: goes with rule = \"best\""]),
        ("cell.line_of_sight=maybe", &["cell.line_of_sight = \"maybe\"", "drawn"]),
    ];
    for (set, parts) in cases {
        folder.refuse_with(&format!("run cell.toml --set {set}"), parts);
    }
    let votes = "--set payload.source=sign --set payload.positive_votes=2";
    folder.refuse_with(
        &format!("run cell.toml {votes}"),
        &["payload.positive_votes counts", "payload.agreement"],
    );
    let placed = |positions: &str, more: &str| {
        let cell =
            format!("[cell]\nscenario = \"umi\"\nshape = \"positions\"\npositions = {positions}\n{more}\n");
        let power = "transmit_power_dbm = 5\n";
        folder.write("bad.toml", format!("{}\n{cell}{power}", SMALL.replacen("snr_db = 10.0", "", 1)));
    };
    let refused = |positions: &str, more: &str, parts: &[&str]| {
        placed(positions, more);
        folder.refuse_with("run bad.toml", parts);
    };
    refused("[[50, 0], [60, 0]]", "", &["cell.positions", "2 positions for 3 devices"]);
    refused(
        "[[50, 0], [60, 0], [30, 40]]",
        "radius_m = 55",
        &["cell.positions", "device 1 at [60, 0] stands 60.000 m", "to 55 m"],
    );
    refused("[[50, 0], [6, 0], [30, 40]]", "", &["device 1", "from 10 m"]);
    refused("[[50, 0], [6], [30, 40]]", "", &["cell.positions", "[x_m, y_m]"]);
    refused("[50, 60, 70]", "", &["cell.positions", "[x_m, y_m]"]);
    refused("{ file = \"nowhere.csv\" }", "", &["cell.positions.file", "nowhere.csv"]);
    folder.write("three.csv", "1,2,3\n4,5,6\n");
    refused("{ file = \"three.csv\" }", "", &["cell.positions.file", "2 x 3 values", "K x 2"]);
    folder.write("places.csv", "50,0\n60,0\n30,40\n");
    placed("{ file = \"places.csv\" }", "");
    assert!(folder.succeed("cell bad.toml").contains("60.00"));
    let nobody = "[cell.selection]\nrule = \"snr\"\nsnr_db = 200";
    folder.write(
        "bad.toml",
        format!(
            "{}\n[cell]\nscenario = \"umi\"\nradius_m = 99\ntransmit_power_dbm = 5\n{nobody}\n",
            SMALL.replacen("snr_db = 10.0", "", 1)
        ),
    );
    folder.refuse_with(
        "run bad.toml",
        &["cell.selection.snr_db: leaves no device: the best SNR of the drop is"],
    );
}
