//! The error budget: the target, cut into parts, and the figure that each part allows.

use super::advice;
use super::allowed::{self, Part, Span};
use super::beacon::Clocks;
use super::noise::Inversion;
use super::writer::Writer;
use super::{Plan, PlanError, PlanInput, PlanLine};
use airloop_baseband::units::{db_from_power, power_from_db};

/// What the parts allow; infinite without limit.
pub(super) struct Figures {
    /// Power of the estimation error of a channel.
    pub channel_error: f64,
    /// Age of channel knowledge.
    pub age_s: f64,
    /// Residual phase.
    pub phase_sd_rad: f64,
    /// Carrier offset over a round.
    pub carrier_rms_hz: f64,
    /// Relative clock error over a round.
    pub clock_rms: f64,
    /// Time offset.
    pub timing_rms_s: f64,
    /// Power error.
    pub power_sd_db: f64,
    /// By what clocks devices send.
    pub clocks: Clocks,
    /// Frames that these allow, by their carriers and by their clocks.
    pub frames_s: Option<(f64, f64)>,
}

impl Figures {
    fn new(input: &PlanInput, part: &Part, inversion: &Inversion, devices_snr: f64) -> Self {
        let band = input.occupied_hz;
        let error = part.channel_error(inversion, input.k_factor, devices_snr);
        // Only devices that send turn and slip, and the receive factor makes more of it.
        let senders = inversion.weight_of_senders(input.k_factor, devices_snr);
        let part = &Part { share: part.share / senders, ..*part };
        let clocks = Clocks::of(input);
        let clock = 1e-6 * clocks.clock_ppm.unwrap_or(0.0);
        let frames = |rms_hz: f64| {
            let slipping_s = part.clock_frame_s(band, clock, input.lead_s);
            (part.carrier_frame_s(rms_hz, input.lead_s), slipping_s)
        };
        let span = Span { lead_s: input.lead_s, frame_s: input.round_s };
        Self {
            channel_error: error.unwrap_or(f64::INFINITY),
            age_s: error.map_or(f64::INFINITY, |q| allowed::age_s(q, input.max_doppler_hz, input.k_factor)),
            phase_sd_rad: part.phase_sd_rad(),
            carrier_rms_hz: part.carrier_rms_hz(span),
            clock_rms: part.clock_rms(band, span),
            timing_rms_s: part.timing_rms_s(band),
            power_sd_db: part.power_sd_db(),
            frames_s: clocks.carrier_rms_hz.map(frames),
            clocks,
        }
    }

    /// Returns the longest frame between two beacons, and what bounds it.
    pub fn frame(&self) -> Option<(f64, &'static str)> {
        let (carrier_s, clock_s) = self.frames_s?;
        Some(if carrier_s <= clock_s { (carrier_s, "carrier") } else { (clock_s, "sample clock") })
    }
}

/// Plans a checked input.
pub(super) fn plan(input: &PlanInput) -> Result<Plan, PlanError> {
    let snr = power_from_db(input.snr_db);
    let devices_snr = (input.devices * input.repetitions) as f64 * snr;
    let best = Inversion::best(devices_snr);
    let inversion = input.inversion.unwrap_or(best);
    let of = |inversion: &Inversion| inversion.nmse(input.k_factor, devices_snr, &input.weights);
    let noise = input.noise_nmse.unwrap_or_else(|| of(&inversion));
    let noise_nmse_db = db_from_power(noise);
    let target = input.target_nmse_db.map_or(2.0 * noise, power_from_db);
    if target >= 1.0 {
        return Err(PlanError::NoTarget { noise_db: noise_nmse_db });
    }
    let target_nmse_db = db_from_power(target);
    let mut lines = vec![noise_line(input, &inversion, noise)];
    lines.extend(input.weights.lines(input.correlation));
    if noise >= target {
        let advice = advice::out_of_reach(input, of(&best), target);
        return Ok(Plan { target_nmse_db, noise_nmse_db, lines, advice });
    }
    // A channel that does not scatter needs no estimate; one at rest does not age.
    let fades = input.k_factor.is_finite();
    let parts = 5 + usize::from(fades) + usize::from(fades && input.max_doppler_hz > 0.0);
    let share = (target - noise) / parts as f64;
    lines.push(PlanLine {
        quantity: "left for the rest".into(),
        value: db_from_power(target - noise),
        unit: "dB",
        formula: "target - noise".into(),
        share_db: Some(db_from_power(target - noise)),
        source: {
            let senders = inversion.weight_of_senders(input.k_factor, devices_snr);
            let w = if input.weights.are_one() { "" } else { "W " };
            match (senders - 1.0).abs() < 1e-3 && w.is_empty() {
                true => format!("{parts} equal parts"),
                false => format!(
                    "{parts} equal parts; phase, clocks and power: {w}{senders:.3} times what their formulas give"
                ),
            }
        },
        given: None,
    });
    let part = Part { share, weights: input.weights };
    let figures = Figures::new(input, &part, &inversion, devices_snr);
    Writer { input, figures: &figures, part, snr }.write(&mut lines);
    let advice = advice::judge(input, &figures);
    Ok(Plan { target_nmse_db, noise_nmse_db, lines, advice })
}

fn noise_line(input: &PlanInput, inversion: &Inversion, noise: f64) -> PlanLine {
    let own = input.inversion.is_none() && input.noise_nmse.is_some();
    let scheme = match input.inversion {
        Some(_) => "the file's truncated inversion".into(),
        None if own => format!("theory of the file's {}", input.scheme),
        None => format!("truncated inversion at its best in place of {}", input.scheme),
    };
    let passes =
        if input.repetitions > 1 { format!(", {} passes", input.repetitions) } else { String::new() };
    let threshold = match input.k_factor.is_finite() && !own {
        true => format!(", threshold {:.4}", inversion.threshold),
        false => String::new(),
    };
    let formula = match own {
        true => "as airloop run --fidelity theory",
        false => inversion.formula(input.k_factor, &input.weights),
    };
    PlanLine {
        quantity: "noise and silent devices".into(),
        value: db_from_power(noise),
        unit: "dB",
        formula: formula.into(),
        share_db: Some(db_from_power(noise)),
        source: format!("{scheme}: K = {}, SNR {:.2} dB{threshold}{passes}", input.devices, input.snr_db),
        given: None,
    }
}
