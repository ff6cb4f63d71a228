//! scratch
use airloop::{config::Node, experiment::Loader, report::Fidelity, run::{run, RunOptions}};
fn main() {
    let mut node = Node::read_toml(std::path::Path::new(&std::env::args().nth(1).unwrap())).unwrap();
    for s in std::env::args().skip(2) { let (p, n) = airloop::config::overrides::parse_set(&s).unwrap(); node.set(&p, n).unwrap(); }
    let e = match Loader::default().load(&node) { Ok(e) => e, Err(e) => { println!("{e}"); return } };
    for f in Fidelity::ALL {
        let t = std::time::Instant::now();
        match run(&e, f, &RunOptions::default()) { Ok(r) => println!("{f} {:?} {:?}\n   {:?} act {:?} snr {:?} rx {:?} pw {:?} pk {:?} papr {:?} el {:?} air {:?} {:.2}s {:?}", r.theory_kind, r.metrics.nmse, r.metrics.mse_per_device, r.active_fraction, r.snr_measured_db, r.receive_snr_db, r.power_used_mean, r.power_peak_db, r.papr_db, r.elements, r.airtime_s, t.elapsed().as_secs_f64(), r.warnings.iter().map(|w| &w.code).collect::<Vec<_>>()), Err(e) => println!("{f}: {e}") }
    }
}
