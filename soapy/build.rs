//! Compiles the C++ side of the driver against libSoapySDR.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=shim");
    let library = match pkg_config::Config::new().atleast_version("0.8.0").probe("SoapySDR") {
        Ok(library) => library,
        Err(error) => {
            eprintln!("{error}\n");
            eprintln!("airloop-soapy needs the headers of SoapySDR 0.8 and pkg-config:");
            eprintln!("    Debian, Ubuntu   apt-get install libsoapysdr-dev pkg-config g++");
            eprintln!("    Fedora           dnf install SoapySDR-devel pkgconf gcc-c++");
            eprintln!(
                "No other crate of airloop needs them: build without `-p airloop-soapy` or `--workspace`."
            );
            std::process::exit(1);
        }
    };
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").includes(&library.include_paths).warnings(true).warnings_into_errors(true);
    build.flag("-Wno-unused-parameter").define("AIRLOOP_VERSION", format!("\"{version}\"").as_str());
    // Registration is a static initialiser that nobody refers to: a linker drops it from a plain archive, and the module loads
    // and registers nothing. Hence the whole archive.
    build.cargo_metadata(false).files(["shim/device.cpp", "shim/module.cpp"]).compile("airloop_shim");
    println!("cargo:rustc-link-search=native={}", env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rustc-link-lib=static:+whole-archive=airloop_shim");
    println!("cargo:rustc-link-lib=stdc++");
}
