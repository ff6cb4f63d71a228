//! Laws of combining over independent Rayleigh fading.

use crate::common::{independent, layout};
use airloop::baseband::Complex32;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_distribution, check_mean, detects_share};
use airloop::baseband::special::regularised_gamma_p;
use airloop::baseband::statistics::Moments;
use airloop::link::channel_estimation::{ChannelEstimate, Responses};
use airloop::link::equalisation::{EqualisationRule, Equalised, Equaliser, Noise};
use airloop::link::precoding::Precoder;

const USED: usize = 2400;
const NOISE: f32 = 0.1;

/// Returns the SINRs of layer 0 over independent fading on every subcarrier.
fn sinrs(antennas: usize, layers: usize, trials: u64) -> Vec<f64> {
    let layout = layout(USED, 1, 2, layers);
    let mut equaliser = Equaliser::new(EqualisationRule::ZeroForcing, &layout, antennas).unwrap();
    let received = vec![Complex32::default(); antennas * layout.elements()];
    let (mut estimate, mut out) = (ChannelEstimate::new(), Equalised::new());
    let precoder = Precoder::identity(layers, layers).unwrap();
    let mut all = Vec::new();
    for trial in 0..trials {
        let responses = independent(antennas * layers, USED, trial);
        estimate.fill_perfect(&Responses::new(&responses, antennas, layers, USED), &precoder);
        equaliser.equalise(&received, &estimate, Noise::White(NOISE), &mut out);
        all.extend(out.sinrs(0).take(USED));
    }
    all
}

#[test]
fn zero_forcing_has_a_chi_square_sinr() {
    // Each removed layer costs an antenna: 2 (R - L + 1) degrees of freedom, mean 1 / (L N0) each pair.
    for (antennas, layers) in [(1, 1), (2, 2), (4, 2), (4, 3), (6, 4)] {
        let scale = layers as f64 * f64::from(NOISE);
        let mut scaled: Vec<f64> = sinrs(antennas, layers, 6).iter().map(|sinr| sinr * scale).collect();
        let pairs = (antennas - layers + 1) as f64;
        let spec = CheckSpec { alpha: 1e-6, detects: 0.04 };
        check_distribution(&mut scaled, |x| regularised_gamma_p(pairs, x), spec)
            .unwrap_or_else(|error| panic!("{antennas} {layers}: {error}"));
        let control = check_distribution(&mut scaled, |x| regularised_gamma_p(pairs + 1.0, x), spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}

#[test]
fn one_layer_gains_with_every_antenna() {
    for antennas in [1, 2, 4, 8] {
        let moments = Moments::of(sinrs(antennas, 1, 6));
        let expected = antennas as f64 / f64::from(NOISE);
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(expected, 0.08) };
        check_mean(&moments, expected, spec).unwrap_or_else(|error| panic!("{antennas}: {error}"));
        let control = check_mean(&moments, 1.1 * expected, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}
