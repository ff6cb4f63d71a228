//! Floors of front ends on grids of Gaussian values: fully loaded, and partly, where some of the error falls beside.

mod support;

use airloop_baseband::checks::{check_mean, detects_db};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds, Stream};
use airloop_channels::SampleClock;
use airloop_channels::impairment::{
    AmplifierConfig, AmplifierModel, DcOffset, Distortion, IqImbalance, MaskPoint, OccupiedBand, PhaseMask,
    PhaseNoise, PhaseNoiseConfig, PowerControl, QuantiserConfig, Transmitter, TransmitterConfig,
};
use std::f64::consts::TAU;
use support::*;

/// Power of a used subcarrier.
const POWER: f32 = 3.0;

/// Symbols of a batch.
const BATCH: usize = 500;

/// Used subcarriers and the transform between them and samples.
struct Grid {
    size: usize,
    used: Vec<i64>,
    band: OccupiedBand,
    /// `exp(j 2 pi k n / N) / sqrt(N)`, by subcarrier.
    carriers: Vec<Vec<Complex32>>,
}

impl Grid {
    fn new(size: usize, used: Vec<i64>) -> Self {
        let value = |k: i64, n: usize| {
            let z = Complex64::cis(TAU * (k * n as i64) as f64 / size as f64) / (size as f64).sqrt();
            Complex32::new(z.re as f32, z.im as f32)
        };
        let carriers = used.iter().map(|k| (0..size).map(|n| value(*k, n)).collect()).collect();
        Self { band: OccupiedBand::new(size, &used), size, used, carriers }
    }

    fn full(size: i64) -> Self {
        Self::new(size as usize, (-size / 2..size / 2).collect())
    }

    /// Leaves the carrier and the edges empty.
    fn partial() -> Self {
        Self::new(64, (-16..=16).filter(|k| *k != 0).collect())
    }

    fn mean_power(&self) -> f64 {
        f64::from(POWER) * self.used.len() as f64 / self.size as f64
    }

    /// Draws a batch of symbols: values, and their samples.
    fn draw(&self, stream: Stream) -> (Vec<Complex32>, Vec<Complex32>) {
        let mut values = vec![Complex32::default(); BATCH * self.used.len()];
        stream.fill_complex_gaussian(0, POWER, &mut values);
        let mut samples = vec![Complex32::default(); BATCH * self.size];
        for (values, samples) in values.chunks(self.used.len()).zip(samples.chunks_mut(self.size)) {
            for (value, carrier) in values.iter().zip(&self.carriers) {
                samples.iter_mut().zip(carrier).for_each(|(x, c)| *x += value * c);
            }
        }
        (values, samples)
    }

    /// Returns the error of each symbol's values over the signal's power.
    fn errors(&self, values: &[Complex32], samples: &[Complex32]) -> Vec<f64> {
        let signal = f64::from(POWER) * self.used.len() as f64;
        let error = |(values, samples): (&[Complex32], &[Complex32])| {
            let one = |(value, carrier): (&Complex32, &Vec<Complex32>)| {
                let sum: Complex32 = samples.iter().zip(carrier).map(|(x, c)| x * c.conj()).sum();
                power(sum - value)
            };
            values.iter().zip(&self.carriers).map(one).sum::<f64>() / signal
        };
        values.chunks(self.used.len()).zip(samples.chunks(self.size)).map(error).collect()
    }

    /// Returns the moments of the errors of many symbols that pass something.
    fn measure(&self, batches: u64, mut pass: impl FnMut(u64, &mut Vec<Complex32>)) -> Moments {
        let batch = |index| {
            let (values, mut samples) = self.draw(Seeds::new(17).stream(Purpose::Payload, index, 0));
            pass(index, &mut samples);
            self.errors(&values, &samples)
        };
        Moments::of((0..batches).flat_map(batch).collect::<Vec<_>>())
    }
}

/// Checks a floor to 0.2 dB, and that one wrong by as much is refused.
fn check(name: &str, moments: &Moments, floor: f64) {
    let spec = spec(detects_db(floor, 0.2));
    check_mean(moments, floor, spec).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_disagrees(check_mean(moments, 1.0475 * floor, spec));
    println!("{name}: {:.2} dB of {:.2} dB", 10.0 * moments.mean.log10(), 10.0 * floor.log10());
}

/// Checks a chain on a full and on a partly loaded grid.
fn check_chain(name: &str, batches: u64, config: &TransmitterConfig, distortion: &Distortion) {
    let clock = Clock::start(name);
    for grid in [Grid::full(64), Grid::partial()] {
        let transmitter = Transmitter::new(config, grid.mean_power()).unwrap();
        let moments = grid.measure(batches, |_, samples| transmitter.apply(samples));
        let floor = distortion.in_band(&grid.band);
        check(&format!("{name}, {} subcarriers", grid.used.len()), &moments, floor);
        if grid.used.len() < grid.size {
            // Control: not all of the distortion falls on the used subcarriers, nor as little as of white noise for curves.
            let all = distortion.error_vector_power();
            assert_disagrees(check_mean(&moments, all, spec(detects_db(floor, 0.2))));
        } else {
            assert!((floor / distortion.error_vector_power() - 1.0).abs() < 1e-3, "{floor}");
        }
    }
    clock.print(2 * batches as usize * BATCH * 64, "two grids");
}

fn amplifier(model: AmplifierModel, back_off_db: f64, calibrated: bool) -> TransmitterConfig {
    let amplifier = Some(AmplifierConfig { model, back_off_db, calibrated });
    TransmitterConfig { amplifier, ..TransmitterConfig::default() }
}

fn distortion(config: &TransmitterConfig) -> Distortion {
    config.amplifier.as_ref().unwrap().distortion().unwrap()
}

#[test]
fn soft_limiters_leave_their_distortion() {
    for (back_off_db, batches, db) in [(3.0, 50, 17.5), (4.0, 110, 20.18)] {
        let config = amplifier(AmplifierModel::SoftLimiter, back_off_db, true);
        let floor = distortion(&config);
        assert!((10.0 * floor.signal_to_distortion().log10() - db).abs() < 0.1);
        check_chain(&format!("soft limiter {back_off_db} dB"), batches, &config, &floor);
    }
}

#[test]
fn smooth_amplifiers_leave_their_distortion_and_uncalibrated_ones_their_gain() {
    for (name, config) in [
        ("Rapp 4 dB", amplifier(AmplifierModel::Rapp { smoothness: 2.0 }, 4.0, true)),
        ("Rapp 6 dB, uncalibrated", amplifier(AmplifierModel::Rapp { smoothness: 1.0 }, 6.0, false)),
        ("Saleh 10 dB", amplifier(AmplifierModel::Saleh, 10.0, true)),
    ] {
        check_chain(name, 40, &config, &distortion(&config));
    }
}

#[test]
fn converters_leave_steps_and_clipping() {
    let headroom = |bits, headroom_db| QuantiserConfig { bits, headroom_db };
    for (name, converter, batches) in [
        ("3 bits", QuantiserConfig::best(3), 20),
        ("8 bits that do not clip", headroom(8, 15.0), 20),
        ("10 bits that clip at 4 dB", headroom(10, 4.0), 50),
    ] {
        let config = TransmitterConfig { converter: Some(converter), ..TransmitterConfig::default() };
        check_chain(name, batches, &config, &converter.distortion());
    }
}

#[test]
fn mixers_leave_the_image_of_what_is_used_and_a_line_on_the_carrier() {
    let imbalance = IqImbalance::new(0.4, 0.03).unwrap();
    let leakage = DcOffset { level_dbc: -28.0, phase_rad: 0.7 };
    // The last grid uses one side, and a few of the other.
    for grid in [Grid::full(64), Grid::partial(), Grid::new(64, (-3..20).collect())] {
        let config = TransmitterConfig { imbalance, leakage, ..TransmitterConfig::default() };
        let transmitter = Transmitter::new(&config, grid.mean_power()).unwrap();
        let moments = grid.measure(60, |_, samples| transmitter.apply(samples));
        let floor = imbalance.in_band(&grid.band) + leakage.in_band(&grid.band);
        check(&format!("mixer, {} subcarriers", grid.used.len()), &moments, floor);
    }
}

#[test]
fn missed_power_leaves_its_moments() {
    let grid = Grid::new(64, vec![1, 2, 3, 4]);
    for control in
        [PowerControl { step_db: 1.0, error_db: 0.0 }, PowerControl { step_db: 0.25, error_db: 1.0 }]
    {
        let draw = |index: u64, symbol: u64| {
            let stream = Seeds::new(4).stream(Purpose::Impairment, index, symbol);
            let config =
                TransmitterConfig { gain_db: control.draw_db(&stream), ..TransmitterConfig::default() };
            Transmitter::new(&config, grid.mean_power()).unwrap()
        };
        let moments = grid.measure(240, |index, samples| {
            let symbols = std::mem::take(samples);
            for (symbol, part) in symbols.chunks(grid.size).enumerate() {
                let mut part = part.to_vec();
                draw(index, symbol as u64).apply(&mut part);
                samples.append(&mut part);
            }
        });
        check(&format!("{control:?}"), &moments, control.error_vector_power());
    }
}

/// Holds phase noise at the beginning of a symbol some time after the origin against its floor, on a full and on half a grid.
fn check_phase_noise(name: &str, config: &PhaseNoiseConfig, batches: u64) {
    const RATE_HZ: f64 = 1e6;
    let clock = Clock::start(name);
    let (delay, sample_clock) = (300u64, SampleClock { sample_rate_hz: RATE_HZ, origin: 1000 });
    let begin_s = delay as f64 / RATE_HZ;
    let all = config.error_vector_power((begin_s, begin_s + 16.0 / RATE_HZ), RATE_HZ);
    for grid in [Grid::full(16), Grid::new(16, (-4..=4).filter(|k| *k != 0).collect())] {
        // Each symbol has an oscillator of its own.
        let moments = grid.measure(batches, |index, samples| {
            for (symbol, part) in samples.chunks_mut(16).enumerate() {
                let stream = Seeds::new(8).stream(Purpose::Impairment, index, symbol as u64);
                let noise = PhaseNoise::new(config, sample_clock, stream).unwrap();
                noise.apply((1000 + delay) as i64, part);
            }
        });
        let floor = config.in_band(&grid.band, begin_s, RATE_HZ);
        check(&format!("{name}, {} subcarriers", grid.used.len()), &moments, floor);
        let full = grid.used.len() == grid.size;
        assert!(!full || (floor / all - 1.0).abs() < 2e-3, "{floor} {all}");
        assert!(full || floor < all, "{floor} {all}");
    }
    clock.print(2 * batches as usize * BATCH, "oscillators");
}

#[test]
fn a_wandering_phase_leaves_what_it_has_moved_since_the_origin() {
    check_phase_noise("20 Hz", &PhaseNoiseConfig { linewidth_hz: 20.0, mask: None }, 180);
}

#[test]
fn a_mask_leaves_what_it_has_beside_the_carrier() {
    let point = |(offset_hz, dbc_hz)| MaskPoint { offset_hz, dbc_hz };
    let mask = PhaseMask::new([(1e5, -78.0), (3e5, -84.0)].map(point).to_vec()).unwrap();
    check_phase_noise("mask", &PhaseNoiseConfig { linewidth_hz: 0.0, mask: Some(mask) }, 100);
}
