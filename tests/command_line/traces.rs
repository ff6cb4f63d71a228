//! `airloop trace`: a run, its files and exports; a stored trace exported; refusals.

use super::folder::Folder;

const FILE: &str = "trace = { rounds = 8 }\n\
    ofdm = { numerology = \"custom\", sample_rate_hz = 1.92e6, fft_size = 64, cyclic_prefix_samples = 16, used_subcarriers = 48 }\n\
    channel = { model = \"rayleigh\" }\nlink = { snr_db = 15.0 }\nmcs = { index = 7 }\nuplink = { bytes = 1000 }\n\
    downlink = { bytes = 1000, snr_db = 20.0 }\n";

#[test]
fn a_run_and_its_exports() {
    let folder = Folder::new("traces");
    folder.write("t.toml", FILE);
    let said = folder.succeed("trace t.toml --export round-link=direct.csv");
    assert!(said.starts_with("8 rounds\n") && said.contains("results/t/trace.csv"), "{said}");
    let text = std::fs::read_to_string(folder.path("results/t/trace.csv")).unwrap();
    assert_eq!(text.lines().count(), 1 + 16);
    // The stored trace exports as the run did, in either format, whatever the number of threads.
    folder.succeed("trace t.toml --out t.jsonl --threads 1");
    for stored in ["results/t/trace.csv", "t.jsonl"] {
        folder.succeed(&format!("trace {stored} --export round-link=again.csv --export mahimahi=mm"));
        let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
        assert_eq!(read("again.csv"), read("direct.csv"), "{stored}");
        assert!(folder.path("mm/device-0-ul.trace").exists() && folder.path("mm/device-0-dl.trace").exists());
    }
}

#[test]
fn wrong_flags_and_files_are_refused() {
    let folder = Folder::new("bad-traces");
    folder.write("t.toml", FILE);
    folder.write("bad.csv", "round,device\n");
    folder.refuse_with("trace t.toml --out t.parquet", &["t.parquet", ".csv or .jsonl"]);
    folder.refuse_with("trace t.toml --export mahimahi", &["--export mahimahi", "mahimahi=DIR"]);
    folder.refuse_with("trace t.toml --export ns3=f", &["--export ns3=f", "round-link=FILE"]);
    folder.refuse_with("trace bad.csv", &["bad.csv:1", "schema"]);
    folder.refuse_with("trace bad.csv --set seed=1", &["--set", "stored trace"]);
    folder.refuse_with("trace t.toml --set uplink.byts=3", &["uplink.byts", "bytes"]);
    folder.refuse_with("trace none.toml", &["none.toml"]);
}
