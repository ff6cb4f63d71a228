//! The Wiener filter, against the error that theory gives for all pilots at once.

use crate::common::{Paths, SPACING_HZ, SYMBOL_S, inverse, layout, signals, transmit, wide};
use airloop::baseband::Complex64;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean, check_paired, detects_share};
use airloop::baseband::statistics::Moments;
use airloop::link::channel_estimation::{
    ChannelEstimate, ChannelEstimator, DelayStatistics, DopplerStatistics, Interpolation, Responses,
    WienerConfig,
};
use airloop::link::precoding::Precoder;
use airloop::link::slot_layout::SlotLayout;

const USED: usize = 72;
const NOISE: f64 = 0.05;
const DOPPLER_HZ: f64 = 400.0;

fn config(paths: &Paths, taps: usize, layers: usize) -> WienerConfig {
    WienerConfig {
        delays: DelayStatistics::Paths(paths.paths.clone()),
        doppler: DopplerStatistics::Jakes { max_doppler_hz: paths.max_doppler_hz },
        subcarrier_spacing_hz: SPACING_HZ,
        symbol_duration_s: SYMBOL_S,
        taps,
        layer_power: 1.0 / layers as f64,
    }
}

fn robust(layers: usize) -> WienerConfig {
    WienerConfig {
        delays: DelayStatistics::Uniform { earliest_s: 0.0, latest_s: 1.6e-6 },
        doppler: DopplerStatistics::Uniform { max_doppler_hz: DOPPLER_HZ },
        ..config(&Paths::new(DOPPLER_HZ), 16, layers)
    }
}

fn estimator(layout: &SlotLayout, interpolation: &Interpolation) -> ChannelEstimator {
    ChannelEstimator::new(layout, layout.layers(), interpolation, NOISE).unwrap()
}

/// Returns each trial's mean square error of an estimator's channel of the last layer at antenna 0.
fn errors(layout: &SlotLayout, interpolation: &Interpolation, trials: u64) -> Vec<f64> {
    let (signals, layers) = (signals(layout), layout.layers());
    let mut estimator = estimator(layout, interpolation);
    let mut estimate = ChannelEstimate::new();
    let paths = Paths::new(DOPPLER_HZ);
    let precoder = Precoder::identity(layers, layers).unwrap();
    let mut trial_error = |trial| {
        let responses = paths.draw(layers * layers, USED, trial);
        let channel = Responses::new(&responses, layers, layers, USED);
        let (_, received) = transmit((layout, &signals), (&channel, &precoder), NOISE as f32, trial);
        estimator.estimate(&received, &signals, &mut estimate);
        let mut sum = 0.0;
        for symbol in 0..14 {
            let truth = channel.row(0, layers - 1, symbol);
            for (k, h) in truth.iter().enumerate() {
                let h = wide(*h) / (layers as f64).sqrt();
                sum += (wide(estimate.at(0, layers - 1, symbol, k)) - h).norm_sqr();
            }
        }
        sum / (14 * USED) as f64
    };
    (0..trials).map(&mut trial_error).collect()
}

fn claimed(layout: &SlotLayout, interpolation: &Interpolation) -> f64 {
    let estimator = estimator(layout, interpolation);
    let elements = (0..14).flat_map(|s| (0..USED).map(move |k| (s, k)));
    let sum: f64 =
        elements.map(|(s, k)| f64::from(estimator.error_variance(layout.layers() - 1, s, k))).sum();
    sum / (14 * USED) as f64
}

/// Returns the least mean square error of any linear estimate from all pilots of a layer that has them alone:
/// `power - r R^-1 r^H`, averaged over the slot.
fn least_error(layout: &SlotLayout, paths: &Paths, observation_noise: f64) -> f64 {
    let config = config(paths, 2, 1);
    let covariance = |(s, k): (usize, usize), (t, m): (usize, usize)| {
        let (time, frequency) = ((s as f64 - t as f64) * SYMBOL_S, (k as f64 - m as f64) * SPACING_HZ);
        config.delays.correlation(frequency) * config.doppler.correlation(time)
    };
    let pilots: Vec<(usize, usize)> =
        layout.pilot_symbols().iter().flat_map(|s| (0..USED / 2).map(|i| (*s, 2 * i))).collect();
    let n = pilots.len();
    let mut matrix: Vec<Complex64> = (0..n * n).map(|e| covariance(pilots[e / n], pilots[e % n])).collect();
    (0..n).for_each(|i| matrix[i * n + i] += observation_noise);
    let inverse = inverse(n, &matrix);
    let mut sum = 0.0;
    for element in (0..14).flat_map(|s| (0..USED).map(move |k| (s, k))) {
        let r: Vec<Complex64> = pilots.iter().map(|pilot| covariance(element, *pilot)).collect();
        let mut explained = Complex64::default();
        for (i, row) in inverse.chunks_exact(n).enumerate() {
            explained += r[i] * row.iter().zip(&r).map(|(a, r)| a * r.conj()).sum::<Complex64>();
        }
        sum += 1.0 - explained.re;
    }
    sum / (14 * USED) as f64
}

#[test]
fn the_error_is_the_one_claimed() {
    for (groups, layers, pilots) in [(2, 1, 2), (1, 2, 3), (2, 3, 2), (2, 4, 4)] {
        let layout = layout(USED, pilots, groups, layers);
        let interpolation = Interpolation::Wiener(config(&Paths::new(DOPPLER_HZ), 16, layers));
        let claimed = claimed(&layout, &interpolation);
        let moments = Moments::of(errors(&layout, &interpolation, 400));
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(claimed, 0.25) };
        let pass = check_mean(&moments, claimed, spec).unwrap_or_else(|error| panic!("{layers}: {error}"));
        assert!(pass.observed > 0.0);
        let control = check_mean(&moments, 1.25 * claimed, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}

#[test]
fn windows_and_separation_cost_little_of_the_least_error() {
    let layout = layout(USED, 2, 2, 1);
    for max_doppler_hz in [0.0, 100.0, DOPPLER_HZ] {
        let paths = Paths::new(max_doppler_hz);
        let of = |taps| claimed(&layout, &Interpolation::Wiener(config(&paths, taps, 1)));
        let least = least_error(&layout, &paths, NOISE / 2.0);
        let (short, window, all) = (of(8), of(WienerConfig::TAPS), of(USED));
        println!(
            "{max_doppler_hz} Hz: least {least:.4e}, 8 taps {short:.4e}, 16 {window:.4e}, 24 {:.4e}, all {all:.4e}",
            of(24)
        );
        // Two stages lose nothing over a static channel; over a moving one, all subcarriers share the weights of symbols.
        let loss = if max_doppler_hz == 0.0 { 1.001 } else { 1.25 };
        assert!(all >= least * (1.0 - 1e-5) && all < least * loss, "{all} {least}");
        assert!(window >= all * (1.0 - 1e-5) && window < all * 1.25, "{window} {all}");
        assert!(short > all * 1.25, "a control: 8 taps lose more than that, {short} {all}");
    }
}

#[test]
fn it_is_never_worse_than_least_squares_and_robust_designs_lie_between() {
    let layout = layout(USED, 2, 2, 1);
    let paths = Paths::new(DOPPLER_HZ);
    let matched = errors(&layout, &Interpolation::Wiener(config(&paths, 16, 1)), 400);
    let robust = errors(&layout, &Interpolation::Wiener(robust(1)), 400);
    let linear = errors(&layout, &Interpolation::Linear, 400);
    let mean = |errors: &[f64]| Moments::of(errors.iter().copied()).mean;
    let squares = NOISE / 2.0;
    println!(
        "matched {:.3e}, robust {:.3e}, linear {:.3e}, observations {squares:.3e}",
        mean(&matched),
        mean(&robust),
        mean(&linear)
    );
    assert!(mean(&matched) < mean(&robust) && mean(&robust) < mean(&linear) && mean(&robust) < 0.5 * squares);
    // The differences are no chance, and equal errors would be seen as such.
    let paired = |a: &[f64], b: &[f64]| {
        let differences = Moments::of(a.iter().zip(b).map(|(a, b)| a - b));
        check_paired(&differences, CheckSpec { alpha: 1e-6, detects: 0.2 * squares })
    };
    assert!(matches!(paired(&robust, &matched), Err(CheckFailure::Disagrees(_))));
    assert!(matches!(paired(&linear, &robust), Err(CheckFailure::Disagrees(_))));
    assert!(paired(&matched, &matched).is_ok());
}

#[test]
fn designs_hold_without_noise_and_refuse_nonsense() {
    let layout = layout(USED, 2, 2, 1);
    let paths = Paths::new(0.0);
    for delays in [
        DelayStatistics::Paths(paths.paths.clone()),
        DelayStatistics::Uniform { earliest_s: 0.0, latest_s: 0.0 },
    ] {
        let config = WienerConfig { delays, doppler: DopplerStatistics::Static, ..config(&paths, 16, 1) };
        let estimator = ChannelEstimator::new(&layout, 1, &Interpolation::Wiener(config), 0.0).unwrap();
        assert!((0..USED).all(|k| (0.0..1e-3).contains(&estimator.error_variance(0, 5, k))));
    }
    let refuse = |config: WienerConfig| {
        ChannelEstimator::new(&layout, 1, &Interpolation::Wiener(config), 0.1).unwrap_err().to_string()
    };
    let base = config(&paths, 16, 1);
    assert!(
        refuse(WienerConfig { taps: 1, ..base.clone() })
            .contains("taps of the Wiener filter is 1; 2 or more")
    );
    assert!(
        refuse(WienerConfig { layer_power: 0.0, ..base.clone() })
            .contains("mean power of a layer's channel is 0")
    );
    let delays = DelayStatistics::Uniform { earliest_s: 1.0, latest_s: 0.5 };
    assert!(refuse(WienerConfig { delays, ..base.clone() }).contains("latest delay in seconds is 0.5"));
    assert!(
        refuse(WienerConfig { delays: DelayStatistics::Paths(vec![]), ..base })
            .contains("total power of the paths")
    );
}
