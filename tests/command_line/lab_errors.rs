//! What goes wrong with the radios of a lab, each said once and clearly.

use super::folder::Folder;
use super::lab::rehearsal;
use airloop::hil::ether::EtherMetrics;
use airloop::hil::{RemoteAttachment, Wanted};
use std::process::Child;
use std::time::{Duration, Instant};

/// A lab whose air is served, and that is checked with changes.
struct Served {
    folder: Folder,
    ether: Child,
}

impl Served {
    fn new(name: &str) -> Self {
        let (folder, ether) = rehearsal(name);
        Self { folder, ether }
    }

    /// Writes the shipped lab, a text of it replaced.
    fn write(&self, (from, to): (&str, &str)) {
        let lab = include_str!("../../experiments/lab/radios.toml");
        assert!(lab.contains(from), "{from}");
        self.folder.write("lab.toml", lab.replacen(from, to, 1));
    }

    /// Checks the shipped lab, a text of it replaced: bad input, said in these words.
    fn refused(&self, change: (&str, &str), parts: &[&str]) {
        self.write(change);
        self.folder.refuse_with("lab check lab.toml", parts);
    }

    /// The same with a number beyond its limit, or a radio that fails.
    fn failed(&self, change: (&str, &str), parts: &[&str]) {
        self.write(change);
        let ran = self.folder.run("lab check lab.toml");
        let said = ran.stderr();
        assert!(ran.code() == Some(1) && said.lines().count() == 1, "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?} is not in: {said}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.ether.kill();
        _ = self.ether.wait();
    }
}

#[test]
fn settings_that_a_radio_does_not_have() {
    let lab = Served::new("lab-settings");
    let rate = "sample_rate_hz = 7.68e6";
    lab.refused(
        (rate, "sample_rate_hz = 100e6"),
        &["radio server", "sample_rate_hz = 100000000", "65100 to 7680000"],
    );
    let parts = ["limits.oscillator_ppm = 25", "61250 Hz", "up to 25000 Hz", "lower it to 10.204"];
    lab.failed((rate, "sample_rate_hz = 480e3"), &parts);
    lab.refused(("2.45e9", "6e9"), &["radio server", "centre_hz = 6000000000", "325000000 to 3800000000"]);
    let pluto = "persona = \"pluto\"\n";
    let with = |line: &str| format!("{pluto}{line}\n");
    let gain = with("receive_gain_db = 80");
    lab.refused((pluto, &gain), &["radio server", "gain_db = 80 is out of range: 0 to 73"]);
    let gain = with("transmit_gain_db = -1");
    lab.refused((pluto, &gain), &["gain_db = -1 is out of range: 0 to 89.75"]);
    let source = with("clock_source = \"external\"");
    lab.refused(
        (pluto, &source),
        &["radio server has no clock source called \"external\": it offers internal"],
    );
    let source = with("time_source = \"gpsdo\"");
    lab.refused((pluto, &source), &["radio server has no time source called \"gpsdo\": it offers internal"]);
    lab.failed((pluto, "persona = \"pluot\"\n"), &["\"pluot\" is not one of: ideal, b210, lime, pluto"]);
    lab.refused((rate, "[limits]\nreached_share = 2.0"), &["reached_share", "between 0.001 and 1"]);
    lab.refused((rate, "[limits]\nrate_ppm = -1"), &["rate_ppm"]);
    let without = include_str!("../../experiments/lab/radios.toml").replacen("\"server\"", "\"hub\"", 1);
    lab.folder.write("lab.toml", without);
    lab.folder.refuse_with("lab check lab.toml", &["no place", "hub", "device-3, server"]);
}

#[test]
fn levels_beyond_full_scale() {
    let lab = Served::new("lab-levels");
    // 33 dB more than at which full scale is an amplitude of 1 in the air.
    let loud = "persona = \"pluto\"\nreceive_gain_db = 73";
    lab.failed(
        ("persona = \"pluto\"", loud),
        &["levels: radio server: clipped_share = ", "at most 0 is allowed"],
    );
}

#[test]
fn a_radio_that_somebody_else_has() {
    let lab = Served::new("lab-busy");
    let _other =
        RemoteAttachment::connect(lab.folder.path("air.socket"), Wanted::Named("device-1".into())).unwrap();
    lab.refused(("", ""), &["a radio called device-1 is there already"]);
}

#[test]
fn radios_that_stop_in_mid_run() {
    let mut lab = Served::new("lab-stops");
    // Millions of samples before anyone sends: the check does not end before the ether does.
    lab.write(("sample_rate_hz = 7.68e6", "sample_rate_hz = 7.68e6\nturnaround_s = 0.2"));
    let check = lab.folder.spawn("lab check lab.toml");
    let (path, began) = (lab.folder.path("air.socket"), Instant::now());
    while EtherMetrics::of_server(&path).unwrap().time < 100_000 {
        assert!(began.elapsed() < Duration::from_secs(60), "time stands still");
        std::thread::sleep(Duration::from_millis(5));
    }
    lab.ether.kill().unwrap();
    let ended = check.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success() && said.lines().count() == 1, "{said}");
    assert!(said.starts_with("error: ") && said.contains("ether"), "{said}");
}
