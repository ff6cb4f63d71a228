//! The lines of a plan's parts.

use super::allowed::{self, Part};
use super::budget::Figures;
use super::{PlanInput, PlanLine, quantity};
use crate::theory::floors::knowledge;
use airloop_baseband::units::db_from_power;

/// Writes the lines of the parts.
pub(super) struct Writer<'a> {
    /// What is planned.
    pub input: &'a PlanInput,
    /// What the parts allow.
    pub figures: &'a Figures,
    /// The part of each cause.
    pub part: Part,
    /// SNR of an element, linear.
    pub snr: f64,
}

impl Writer<'_> {
    /// Makes the line of a figure that takes a part.
    fn of_part(
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
            share_db: Some(db_from_power(self.part.share)),
            source,
            given: None,
        }
    }

    /// Makes the line of a figure that follows from the one before it.
    fn follows(&self, quantity: &str, value: (f64, &'static str), formula: &str, source: String) -> PlanLine {
        PlanLine { share_db: None, ..self.of_part(quantity, value, formula, source) }
    }

    /// Writes them all.
    pub fn write(&self, lines: &mut Vec<PlanLine>) {
        self.knowledge(lines);
        self.clocks(lines);
        let (input, figures) = (self.input, self.figures);
        let band = format!("occupied band {:.3} MHz", 1e-6 * input.occupied_hz);
        let formula = "2 (1 - E sinc(B t)), about (pi B t_rms)^2/3";
        let timing = self.of_part("timing error, rms", (figures.timing_rms_s, "s"), formula, band);
        lines.push(PlanLine { given: figures.clocks.timing_rms_s, ..timing });
        let formula = "exp(2 s^2) - 2 exp(s^2/2) + 1, s = ln(10)/20 sd";
        let power =
            self.of_part("power error, sd", (figures.power_sd_db, "dB"), formula, "normal in dB".into());
        lines.push(PlanLine { given: input.given.power_sd_db, ..power });
        let step_db = self.part.power_step_db();
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
            true => "NMSE(q) - NMSE(0)",
            false => "NMSE(q) - NMSE(0), line of sight known",
        };
        let source = "truncated inversion of an MMSE estimate".into();
        let error = self.of_part("channel error power q", (figures.channel_error, ""), formula, source);
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
            let age = self.of_part("age of channel knowledge", (figures.age_s, "s"), formula, source);
            lines.push(PlanLine { given: input.given.csi_age_s, ..age });
            let rate = (1.0 / figures.age_s, "Hz");
            lines.push(self.follows("pilot rate, at least", rate, "1/age", "the line above".into()));
        }
    }

    fn clocks(&self, lines: &mut Vec<PlanLine>) {
        let (input, figures) = (self.input, self.figures);
        let formula = "2 (1 - exp(-sd^2/2))";
        let phase = self.of_part(
            "residual phase, sd",
            (figures.phase_sd_rad, "rad"),
            formula,
            "after inversion".into(),
        );
        lines.push(PlanLine { given: input.given.phase_sd_rad, ..phase });
        let lead = match input.lead_s > 0.0 {
            true => format!(" of {:.4} ms from its start", 1e3 * input.lead_s),
            false => String::new(),
        };
        let round = format!(
            "values of {:.4} ms, L{}",
            1e3 * input.round_s,
            if lead.is_empty() { " = 0" } else { &lead }
        );
        self.beacon(lines);
        let offset_hz = figures.carrier_rms_hz;
        let formula =
            "2 (1 - mean of exp(-(2 pi f t)^2/2)), t from L to L + T; about (2 pi f)^2 (L^2 + L T + T^2/3)";
        let given = figures.clocks.carrier_rms_hz;
        let carrier = self.of_part("residual CFO, rms", (offset_hz, "Hz"), formula, round.clone());
        lines.push(PlanLine { given, ..carrier });
        let source = format!("carrier {:.4} GHz", 1e-9 * input.carrier_hz);
        let ppm = (1e6 * offset_hz / input.carrier_hz, "ppm");
        let given_ppm = given.map(|hz| 1e6 * hz / input.carrier_hz);
        let relative = self.follows("that CFO of the carrier", ppm, "f/f_c", source);
        lines.push(PlanLine { given: given_ppm, ..relative });
        let (snr, snr_db) = input.beacon.map_or((self.snr, input.snr_db), |b| (b.sample_snr, b.snr_db));
        let beacon_s = allowed::beacon_s(offset_hz, snr, input.occupied_hz);
        let formula = "(6/(SNR B (2 pi f)^2))^(1/3)";
        let source = format!("Cramer-Rao bound, {snr_db:.2} dB");
        lines.push(self.follows("beacon to find it, at least", (beacon_s, "s"), formula, source));
        let formula = "mean of timing over t from L to L + T; about (pi B d)^2 (L^2 + L T + T^2/3)/3";
        let clock = self.of_part("clock error, rms", (1e6 * figures.clock_rms, "ppm"), formula, round);
        lines.push(PlanLine { given: figures.clocks.clock_ppm, ..clock });
        if let (Some(rms_hz), Some((carrier_s, clock_s))) = (given, figures.frames_s) {
            let source = format!("carriers {} off", quantity(rms_hz, "Hz"));
            let formula = "residual CFO, solved for T";
            lines.push(self.follows("frame until carriers are off", (carrier_s, "s"), formula, source));
            if let Some(ppm) = figures.clocks.clock_ppm {
                let source = format!("clocks {} off", quantity(ppm, "ppm"));
                let formula = "clock error, solved for T";
                lines.push(self.follows("frame until clocks are off", (clock_s, "s"), formula, source));
            }
            let interval = (input.lead_s + carrier_s.min(clock_s), "s");
            let source = "the figures above".into();
            lines.push(self.follows("beacon interval", interval, "L and the shortest frame", source));
        }
    }

    /// Writes what a beacon leaves, which the clocks below then have.
    fn beacon(&self, lines: &mut Vec<PlanLine>) {
        let (Some(beacon), clocks) = (&self.input.beacon, &self.figures.clocks) else { return };
        let bound = |what: &str| format!("Cramer-Rao bound of the beacon at {:.2} dB, {what}", beacon.snr_db);
        let raw = "instead of raw timing offsets";
        let formula = "sqrt [1/J]_tt, J_ab = 2 SNR Re <u_a, u_b>";
        let left_s = clocks.timing_rms_s.unwrap_or(0.0);
        lines.push(self.follows("timing that the beacon leaves", (left_s, "s"), formula, bound(raw)));
        let Some(offset_hz) = clocks.carrier_rms_hz.filter(|hz| *hz > 0.0) else { return };
        if clocks.beyond {
            let limit = (beacon.cfo_range_hz, "Hz");
            let source = format!("carriers are {} off", quantity(offset_hz, "Hz"));
            lines.push(self.follows("CFO that the beacon can tell", limit, "half a turn a period", source));
            return;
        }
        let raw = self.input.given.carrier_rms_hz(self.input.carrier_hz).unwrap_or(0.0);
        let source = bound(&format!("instead of {}", quantity(raw, "Hz")));
        lines.push(self.follows("CFO that the beacon leaves", (offset_hz, "Hz"), "sqrt [1/J]_ff", source));
    }
}
