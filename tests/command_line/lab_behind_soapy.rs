//! Labs of radios behind SoapySDR: none that answers, and the emulated ones of the driver `airloop` in a served ether.
//!
//! `AIRLOOP_SOAPY_MODULE` names the built module (`target/debug/libairloopSupport.so`); what needs it is skipped without, and says so.

use super::folder::{Folder, Ran};
use super::lab::rehearsal;
use airloop::hil::{RemoteAttachment, Wanted};
use std::path::{Path, PathBuf};

/// Runs the binary with the modules of a folder and no others.
fn run(folder: &Folder, modules: &Path, args: &str) -> Ran {
    let mut command = folder.command(args);
    // SoapySDR writes of modules that are not there.
    Ran(command.env("SOAPY_SDR_PLUGIN_PATH", modules).env("SOAPY_SDR_ROOT", modules).output().unwrap())
}

/// Checks that a run fails with an error of these words as its last line.
fn fails(ran: &Ran, parts: &[&str]) {
    let said = ran.stderr();
    let last = said.lines().last().unwrap_or_default();
    assert!(ran.code() != Some(0) && last.starts_with("error: "), "{said}");
    assert!(parts.iter().all(|part| last.contains(part)), "{parts:?} is not in: {said}");
}

/// The lab file of a server and four devices behind the driver, with further keys of each.
fn lab(
    folder: &Folder,
    persona: &str,
    (transmit_gain_db, receive_gain_db): (f64, f64),
    keys: &str,
) -> String {
    let socket = folder.path("air.socket");
    let radio = |name: &str| {
        format!(
            "[[radio]]\nname = \"{name}\"\nsoapy = \"driver=airloop,ether={},radio={name},persona={persona},seed=3\"\n\
             transmit_gain_db = {transmit_gain_db}\nreceive_gain_db = {receive_gain_db}\n{keys}\n[radio.transmit]\n\
             device = \"driver=airloop\"\nlowest_hz = 2.4e9\nhighest_hz = 2.5e9\nmost_gain_db = 80\n",
            socket.display()
        )
    };
    let names = ["server", "device-0", "device-1", "device-2", "device-3"];
    format!("centre_hz = 2.45e9\nsample_rate_hz = 7.68e6\n{}", names.map(radio).concat())
}

#[test]
fn no_device_answers() {
    let folder = Folder::new("lab-without-devices");
    let modules = folder.path("modules");
    std::fs::create_dir_all(&modules).unwrap();
    folder.write("lab.toml", "centre_hz = 2e9\n[[radio]]\nname = \"server\"\nsoapy = \"driver=uhd\"\n");
    fails(
        &run(&folder, &modules, "lab check lab.toml"),
        &["0 devices answer to \"driver=uhd\"", "plugged in"],
    );
}

#[test]
fn a_lab_behind_the_driver_is_checked() {
    let Some(module) = std::env::var_os("AIRLOOP_SOAPY_MODULE").map(PathBuf::from) else {
        eprintln!("skipped: AIRLOOP_SOAPY_MODULE does not name a built libairloopSupport.so");
        return;
    };
    let modules = module.parent().unwrap();
    let (folder, mut ether) = rehearsal("lab-soapy");
    let check = |lab: &str, flags: &str| {
        folder.write("lab.toml", lab);
        run(&folder, modules, &format!("lab check lab.toml {flags}"))
    };
    let b210 = |keys: &str| lab(&folder, "b210", (72.0, 27.0), keys);
    let ran = check(&b210(""), "--transmit");
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    let steps = ran.stdout();
    for words in
        ["(clock internal, time internal)", "rate_off_ppm", "reciprocity_db", "(not heard)", "lost_samples"]
    {
        assert!(steps.contains(words), "{words}: {steps}");
    }
    fails(&check(&b210(""), ""), &["radio server is to send and may not", "[radio.transmit]", "--transmit"]);
    let external = "clock_source = \"external\"";
    fails(
        &check(&b210(external), ""),
        &["radio server has no clock source called \"external\": it offers internal"],
    );
    // A perfect radio's time follows any source, but in lockstep no pulse comes before anyone hears.
    let shared = lab(&folder, "ideal", (12.0, -19.0), "time_source = \"external\"");
    fails(&check(&shared, "--transmit"), &["radio server", "a pulse is awaited"]);
    // A radio of the ether itself has no part in what the driver takes for a pulse.
    let itself = "[[radio]]\nname = \"device-3\"\nether = \"air.socket\"\ntime_source = \"external\"\n";
    let mixed = shared.rsplit_once("[[radio]]").unwrap().0.to_string() + itself;
    fails(&check(&mixed, "--transmit"), &["time_source = \"external\"", "no one source"]);
    let other = RemoteAttachment::connect(folder.path("air.socket"), Wanted::Named("device-2".into()));
    fails(&check(&b210(""), "--transmit"), &["cannot open the device", "device-2 is there already"]);
    drop(other);
    ether.kill().unwrap();
    ether.wait().unwrap();
}
