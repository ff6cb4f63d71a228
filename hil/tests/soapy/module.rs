//! The emulated driver's module, which SoapySDR loads when a process begins.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Path of the built module.
const MODULE: &str = "AIRLOOP_SOAPY_MODULE";
/// Where SoapySDR looks for modules.
const FOLDERS: &str = "SOAPY_SDR_PLUGIN_PATH";
/// Set in processes that a test has started.
const WITHIN: &str = "AIRLOOP_SOAPY_TEST";

/// Returns whether this process has the module; else it runs the test of this name in one that has, or says that there is none.
pub fn is_loaded(test: &str) -> bool {
    if std::env::var_os(WITHIN).is_some() {
        return true;
    }
    let Some(module) = std::env::var_os(MODULE).map(PathBuf::from) else {
        eprintln!("{test} is skipped: {MODULE} does not name a built libairloopSupport.so");
        return false;
    };
    assert!(module.is_file(), "{MODULE}: there is no file {}", module.display());
    run(test, module.parent().unwrap());
    false
}

/// Runs a test in a process that loads the modules of a folder and no others.
pub fn run(test: &str, folder: &Path) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(FOLDERS, folder)
        .env(WITHIN, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in a process with the module");
}
