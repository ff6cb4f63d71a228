//! Every test has a process of its own, which loads this build's module and no other.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

const ALONE: &str = "AIRLOOP_TEST_ALONE";

/// A folder that is gone with this.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("airloop-soapy-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// A folder of modules with this build's alone.
    fn of_module() -> Self {
        let folder = Self::new();
        let name = "libairloopSupport.so";
        let module = std::env::current_exe().unwrap().with_file_name(name);
        assert!(module.is_file(), "cargo has not built {}", module.display());
        std::os::unix::fs::symlink(module, folder.0.join(name)).unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A command in which SoapySDR finds the modules of a folder, and none of the system.
pub fn command(program: &Path, modules: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("SOAPY_SDR_PLUGIN_PATH", modules).env("SOAPY_SDR_ROOT", modules).env(ALONE, modules);
    command
}

/// The folder of modules of this process.
pub fn modules() -> PathBuf {
    std::env::var_os(ALONE).expect("a test runs alone").into()
}

/// Returns whether this is the process of a test; if not, starts it and waits for its good end. Tests begin with it, because modules are
/// found by the environment, and because a process has one air.
pub fn alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let (folder, program) = (Folder::of_module(), std::env::current_exe().unwrap());
    let mut child = command(&program, &folder.0);
    let done = child.args(["--exact", test, "--nocapture"]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let good = done.status.success() && said.contains("1 passed");
    assert!(good, "{test}: {said}{}", String::from_utf8_lossy(&done.stderr));
    false
}

#[test]
fn the_module_registers_itself_under_its_version() {
    if !alone("module::the_module_registers_itself_under_its_version") {
        return;
    }
    // Who means other drivers finds nothing here, and no file appears.
    let before = std::fs::read_dir(modules()).unwrap().count();
    assert_eq!(soapysdr::enumerate("").unwrap().len(), 0);
    assert_eq!(soapysdr::enumerate("driver=remote,ether=x").unwrap().len(), 0);
    let found = soapysdr::enumerate("driver=airloop,radio=a,ether=/nowhere/at/all").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].get("label"), Some("airloop radio a in the ether at /nowhere/at/all"));
    assert_eq!(std::fs::read_dir(modules()).unwrap().count(), before);
    // A module whose static initialisers were dropped loads, registers nothing and has no version.
    let module = modules().join("libairloopSupport.so");
    assert_eq!(super::raw::module_version(&module), env!("CARGO_PKG_VERSION"));
    let device = soapysdr::Device::new("driver=airloop,radio=a").unwrap();
    assert_eq!(device.driver_key().unwrap(), "airloop");
    let info = device.hardware_info().unwrap();
    let get = |key| info.get(key).unwrap_or_default();
    assert_eq!((get("radio"), get("persona"), get("version")), ("a", "ideal", env!("CARGO_PKG_VERSION")));
}
