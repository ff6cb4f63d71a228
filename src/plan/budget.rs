//! The error budget: the target, cut into parts, and the figure that each part allows.

use super::advice::{self, Advice, Verdict};
use super::noise::{Inversion, devices_snr_needed};
use super::{Plan, PlanError, PlanInput, PlanLine, allowed};
use crate::theory::floors::knowledge;
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
    /// Frames that the given oscillators allow, by their carriers and by their clocks.
    pub frames_s: Option<(f64, f64)>,
}

impl Figures {
    fn new(input: &PlanInput, share: f64, threshold: f64) -> Self {
        let band = input.occupied_hz;
        let error = allowed::channel_error(share, threshold, input.k_factor);
        let clock = input.given.oscillator_ppm.map_or(0.0, |ppm| 1e-6 * ppm);
        let frames = |rms_hz: f64| {
            (allowed::carrier_frame_s(share, rms_hz), allowed::clock_frame_s(share, band, clock))
        };
        Self {
            channel_error: error.unwrap_or(f64::INFINITY),
            age_s: error.map_or(f64::INFINITY, |q| allowed::age_s(q, input.max_doppler_hz, input.k_factor)),
            phase_sd_rad: allowed::phase_sd_rad(share),
            carrier_rms_hz: allowed::carrier_rms_hz(share, input.round_s),
            clock_rms: allowed::clock_rms(share, band, input.round_s),
            timing_rms_s: allowed::timing_rms_s(share, band),
            power_sd_db: allowed::power_sd_db(share),
            frames_s: input.given.carrier_rms_hz(input.carrier_hz).map(frames),
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
    let noise = inversion.nmse(input.k_factor, devices_snr);
    let noise_nmse_db = db_from_power(noise);
    let target = input.target_nmse_db.map_or(2.0 * noise, power_from_db);
    if target >= 1.0 {
        return Err(PlanError::NoTarget { noise_db: noise_nmse_db });
    }
    let target_nmse_db = db_from_power(target);
    let mut lines = vec![noise_line(input, &inversion, noise)];
    if noise >= target {
        let advice = out_of_reach(input, best.nmse(input.k_factor, devices_snr), target);
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
        source: format!("{parts} equal parts"),
        given: None,
    });
    let figures = Figures::new(input, share, inversion.threshold);
    let writer = Writer { input, figures: &figures, share_db: db_from_power(share), snr };
    writer.write(&mut lines);
    let advice = advice::judge(input, &figures);
    Ok(Plan { target_nmse_db, noise_nmse_db, lines, advice })
}

fn noise_line(input: &PlanInput, inversion: &Inversion, noise: f64) -> PlanLine {
    let scheme = match input.inversion {
        Some(_) => "the file's truncated inversion",
        None => "truncated inversion at its best",
    };
    let passes =
        if input.repetitions > 1 { format!(", {} passes", input.repetitions) } else { String::new() };
    let threshold = match input.k_factor.is_finite() {
        true => format!(", threshold {:.4}", inversion.threshold),
        false => String::new(),
    };
    PlanLine {
        quantity: "noise and silent devices".into(),
        value: db_from_power(noise),
        unit: "dB",
        formula: inversion.formula(input.k_factor).into(),
        share_db: Some(db_from_power(noise)),
        source: format!("{scheme}: K = {}, SNR {:.2} dB{threshold}{passes}", input.devices, input.snr_db),
        given: None,
    }
}

fn out_of_reach(input: &PlanInput, best: f64, target: f64) -> Advice {
    let mut reasons = Vec::new();
    if best < target {
        let db = db_from_power(best);
        reasons.push(format!(
            "scheme.threshold = \"best\" with scheme.scale = \"plain\" alone would leave {db:.2} dB"
        ));
    }
    let needed = devices_snr_needed(0.5 * target, input.k_factor);
    let there_is = (input.devices * input.repetitions) as f64;
    let snr_db = db_from_power(needed / there_is);
    let devices = needed / input.repetitions as f64 / power_from_db(input.snr_db);
    reasons.push(format!(
        "for noise to take half of the target, K SNR must be {:.2} dB: {snr_db:.2} dB with {} devices, or {:.0} devices at {:.2} dB",
        db_from_power(needed),
        input.devices,
        devices.ceil(),
        input.snr_db
    ));
    Advice { verdict: Verdict::OutOfReach, reasons }
}

/// Writes the lines of the parts.
struct Writer<'a> {
    input: &'a PlanInput,
    figures: &'a Figures,
    share_db: f64,
    snr: f64,
}

impl Writer<'_> {
    /// Makes the line of a figure that takes a part.
    fn part(
        &self,
        quantity: &str,
        (value, unit): (f64, &'static str),
        formula: &str,
        source: String,
    ) -> PlanLine {
        PlanLine {
            quantity: quantity.into(),
            value,
            unit,
            formula: formula.into(),
            share_db: Some(self.share_db),
            source,
            given: None,
        }
    }

    /// Makes the line of a figure that follows from the one before it.
    fn follows(&self, quantity: &str, value: (f64, &'static str), formula: &str, source: String) -> PlanLine {
        PlanLine { share_db: None, ..self.part(quantity, value, formula, source) }
    }

    fn write(&self, lines: &mut Vec<PlanLine>) {
        self.knowledge(lines);
        self.clocks(lines);
        let (input, figures) = (self.input, self.figures);
        let band = format!("occupied band {:.3} MHz", 1e-6 * input.occupied_hz);
        let formula = "2 (1 - E sinc(B t)), about (pi B t_rms)^2/3";
        let timing = self.part("timing error, rms", (figures.timing_rms_s, "s"), formula, band);
        lines.push(PlanLine { given: input.given.timing_rms_s, ..timing });
        let formula = "exp(2 s^2) - 2 exp(s^2/2) + 1, s = ln(10)/20 sd";
        let power = self.part("power error, sd", (figures.power_sd_db, "dB"), formula, "normal in dB".into());
        lines.push(PlanLine { given: input.given.power_sd_db, ..power });
        let step_db = allowed::power_step_db(power_from_db(self.share_db));
        let formula = "about (ln(10)/20 step)^2/12";
        let source = "instead of the line above".into();
        lines.push(self.follows("or a power step", (step_db, "dB"), formula, source));
    }

    fn knowledge(&self, lines: &mut Vec<PlanLine>) {
        let (input, figures) = (self.input, self.figures);
        if input.k_factor.is_infinite() {
            return;
        }
        let formula = match input.k_factor == 0.0 {
            true => "q/(1-q) E1(g/(1-q))",
            false => "q/(1-q) E[1/g'; g' >= g/(1-q)]",
        };
        let source = "truncated inversion of an MMSE estimate".into();
        let error = self.part("channel error power q", (figures.channel_error, ""), formula, source);
        lines.push(PlanLine { given: input.given.csi_error, ..error });
        let pilots = match figures.channel_error.is_finite() {
            true => knowledge::pilots_needed(figures.channel_error, self.snr, input.k_factor).ceil(),
            false => 0.0,
        };
        let formula = if input.k_factor == 0.0 { "(1/q - 1)/SNR" } else { "(1/q - 1 - K_rice)/SNR" };
        let source = format!("a pilot at the link's {:.2} dB", input.snr_db);
        lines.push(self.follows("pilots an estimate", (pilots, ""), formula, source));
        if input.max_doppler_hz > 0.0 {
            let formula = match input.k_factor == 0.0 {
                true => "1 - J0(2 pi f_D t)^2 = q",
                false => "(1 - J0(2 pi f_D t)^2)/(K_rice + 1) = q",
            };
            let source = format!("f_D = {:.4} Hz", input.max_doppler_hz);
            let age = self.part("age of channel knowledge", (figures.age_s, "s"), formula, source);
            lines.push(PlanLine { given: input.given.csi_age_s, ..age });
            let rate = (1.0 / figures.age_s, "Hz");
            lines.push(self.follows("pilot rate, at least", rate, "1/age", "the line above".into()));
        }
    }

    fn clocks(&self, lines: &mut Vec<PlanLine>) {
        let (input, figures) = (self.input, self.figures);
        let formula = "2 (1 - exp(-sd^2/2))";
        let phase =
            self.part("residual phase, sd", (figures.phase_sd_rad, "rad"), formula, "after inversion".into());
        lines.push(PlanLine { given: input.given.phase_sd_rad, ..phase });
        let round = format!("round of {:.4} ms", 1e3 * input.round_s);
        let offset_hz = figures.carrier_rms_hz;
        let formula = "2 (1 - mean of exp(-(2 pi f t)^2/2)), t to T; about (2 pi f T)^2/3";
        let given = input.given.carrier_rms_hz(input.carrier_hz);
        let carrier = self.part("residual CFO, rms", (offset_hz, "Hz"), formula, round.clone());
        lines.push(PlanLine { given, ..carrier });
        let source = format!("carrier {:.4} GHz", 1e-9 * input.carrier_hz);
        let ppm = (1e6 * offset_hz / input.carrier_hz, "ppm");
        let given_ppm = given.map(|hz| 1e6 * hz / input.carrier_hz);
        let relative = self.follows("that CFO of the carrier", ppm, "f/f_c", source);
        lines.push(PlanLine { given: given_ppm, ..relative });
        let beacon_s = allowed::beacon_s(offset_hz, self.snr, input.occupied_hz);
        let formula = "(6/(SNR B (2 pi f)^2))^(1/3)";
        let source = format!("Cramer-Rao bound, {:.2} dB", input.snr_db);
        lines.push(self.follows("beacon to find it, at least", (beacon_s, "s"), formula, source));
        let formula = "mean of timing over t to T; about (pi B d T)^2/9";
        let clock = self.part("clock error, rms", (1e6 * figures.clock_rms, "ppm"), formula, round);
        lines.push(PlanLine { given: input.given.oscillator_ppm, ..clock });
        if let (Some(rms_hz), Some((carrier_s, clock_s))) = (given, figures.frames_s) {
            let source = format!("carriers {rms_hz:.4} Hz off");
            let formula = "residual CFO, solved for T";
            lines.push(self.follows("frame until carriers are off", (carrier_s, "s"), formula, source));
            if let Some(ppm) = input.given.oscillator_ppm {
                let source = format!("clocks {ppm} ppm off");
                let formula = "clock error, solved for T";
                lines.push(self.follows("frame until clocks are off", (clock_s, "s"), formula, source));
            }
            let interval = (carrier_s.min(clock_s), "s");
            lines.push(self.follows(
                "beacon interval",
                interval,
                "the shortest frame",
                "the figures above".into(),
            ));
        }
    }
}
