//! A training loop whose gradients are averaged over the air: 10 devices fit one linear model to their own data.

use airloop::baseband::{Purpose, Seeds};
use airloop::live::{Air, RoundOptions};
use airloop::report::Fidelity;

const LINK: &str = r#"
    channel = { model = "tdl-c", delay_spread_s = 100e-9 }
    link = { snr_db = 15.0 }
    scheme = { kind = "truncated-inversion", threshold = "best", scale = "lmmse" }
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (devices, parameters, samples, step) = (10, 400, 1000, 0.3);
    let (truth, data) = (Seeds::new(7).stream(Purpose::Payload, 0, 99), Seeds::new(7));
    let wanted: Vec<f32> = (0..parameters).map(|n| truth.gaussian(n as u64) as f32).collect();
    let mut air = Air::from_toml(LINK, Fidelity::Waveform)?;
    let mut model = vec![0.0f32; parameters];
    for round in 0..=20 {
        let mut gradients = vec![0.0f32; devices * parameters];
        for (device, gradient) in gradients.chunks_exact_mut(parameters).enumerate() {
            let mut row = vec![0.0f32; parameters];
            for sample in 0..samples {
                data.stream(Purpose::Payload, sample, device as u64).fill_gaussian(0, &mut row);
                let error: f32 = row.iter().zip(&model).zip(&wanted).map(|((x, m), w)| x * (m - w)).sum();
                gradient.iter_mut().zip(&row).for_each(|(g, x)| *g += error * x / samples as f32);
            }
        }
        let mean = air.aggregate(devices, &gradients, RoundOptions::default())?; // the air adds
        model.iter_mut().zip(&mean.estimate).for_each(|(m, g)| *m -= step * *g as f32);
        let distance: f32 = model.iter().zip(&wanted).map(|(m, w)| (m - w).powi(2)).sum();
        let nmse = mean.report.metrics.nmse.and_then(|e| e.mean).unwrap_or(f64::NAN);
        println!("round {round:2}: |model - wanted|^2 = {distance:9.3}, NMSE over the air {nmse:.4}");
    }
    Ok(())
}
