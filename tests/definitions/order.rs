//! Spreading over the grid is undone in the estimate, and a dump tells all that the errors are made of.

use crate::setup::*;
use airloop::experiment::{Experiment, Loader};
use airloop::payload::Source;
use airloop::report::Fidelity;
use airloop::run::dump;
use airloop::tensor::{TensorFile, read_vector_f64};
use std::path::PathBuf;

/// Two devices whose values tell their places: n and 2 n.
fn ramp(settings: &str) -> Experiment {
    let values: Vec<f32> = (0..500).map(|n| n as f32).chain((0..500).map(|n| 2.0 * n as f32)).collect();
    let loader = Loader::with_source(Source::array(2, values.into()).unwrap());
    load_with(&loader, &["ofdm.bandwidth_hz=5e6; link.snr_db=140; scheme.kind=full-inversion", settings])
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_estimate_comes_back_in_the_order_of_the_source() {
    for interleave in ["random", "none"] {
        for (channel, fidelity) in [
            ("channel.model=awgn", Fidelity::Symbol),
            ("channel.model=rician; channel.k_factor_db=10", Fidelity::Symbol),
            ("channel.model=awgn", Fidelity::Waveform),
        ] {
            let experiment =
                ramp(&format!("{channel}; payload.function=sum; payload.interleave={interleave}"));
            let (path, _) =
                dump(&experiment, fidelity, 0, &folder(&format!("order-{interleave}-{fidelity}"))).unwrap();
            for name in ["target", "estimate"] {
                let values = read_vector_f64(&path, Some(name)).unwrap();
                assert_eq!(values.len(), 500);
                // Values up to 1500 on rms of 577 in single precision and through transforms: a hundredth of a step.
                let worst =
                    values.iter().enumerate().map(|(n, v)| (v - 3.0 * n as f64).abs()).fold(0.0, f64::max);
                assert!(worst < 0.03, "{name}, {interleave}, {channel}, {fidelity}: {worst}");
            }
            // The payload lies in sending order: spread, or as it was.
            let payload = TensorFile::open(&path, Some("payload")).unwrap();
            let mut sent = vec![0.0f32; 500];
            payload.read(0, 0..500, &mut sent).unwrap();
            let rises = sent.windows(2).filter(|w| w[1] > w[0]).count();
            assert!(if interleave == "none" { rises == 499 } else { (200..300).contains(&rises) }, "{rises}");
        }
    }
}

#[test]
fn the_errors_can_be_recomputed_from_a_dump() {
    let settings = "channel.model=rayleigh; channel.fading=per-element; link.snr_db=10; payload.center=true";
    for function in ["sum", "mean"] {
        let experiment = ramp(&format!("{settings}; payload.function={function}"));
        for trial in [0, 7] {
            let (path, result) = dump(&experiment, Fidelity::Symbol, trial, &folder(function)).unwrap();
            let vector = |name| read_vector_f64(&path, Some(name)).unwrap();
            let (target, estimate) = (vector("target"), vector("estimate"));
            let error: Vec<f64> = target.iter().zip(&estimate).map(|(t, e)| e - t).collect();
            let nmse = product(&error, &error) / product(&target, &target);
            let unit = vector("unit")[0];
            let powers: f64 = vector("device_power").iter().sum();
            let mse = product(&error, &error) / (unit * unit) / powers;
            assert!(
                (nmse / result.nmse() - 1.0).abs() < 1e-9
                    && (mse / result.mse_per_device() - 1.0).abs() < 1e-9
            );
            assert_eq!(
                (vector("nmse")[0], vector("mse_per_device")[0]),
                (result.nmse(), result.mse_per_device())
            );
        }
    }
}
