use super::*;
use airloop_baseband::{Purpose, Seeds};

fn draw(trial: u64, count: usize) -> Vec<Complex64> {
    let stream = Seeds::new(5).stream(Purpose::Fading, trial, 0);
    (0..count as u64).map(|i| stream.complex_gaussian(i)).map(|z| Complex64::new(z.re, z.im)).collect()
}

fn found(antennas: Antennas, streams: usize, channels: &[Complex64], power: &[f64]) -> Aggregation {
    let mut found = Aggregation::default();
    AggregationBeamformer::new(antennas, streams, true).design(channels, power, &mut found);
    found
}

/// The largest `min_k |f^H h_k|^2` over unit vectors for two devices, in closed form.
fn best_of_two(a: &[Complex64], b: &[Complex64]) -> f64 {
    let power = |h: &[Complex64]| h.iter().map(Complex64::norm_sqr).sum::<f64>();
    let (n1, n2) = (power(a).min(power(b)), power(a).max(power(b)));
    let r = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum::<Complex64>().norm();
    if n1 <= r { n1 } else { (n1 * n2 - r * r) / (n1 + n2 - 2.0 * r) }
}

#[test]
fn two_devices_have_the_best_beam() {
    let two = Antennas { receive: 3, device: 1 };
    let mut worst = 0.0f64;
    for trial in 0..200 {
        let h = draw(trial, 6);
        let of = found(two, 1, &h, &[1.0, 1.0]);
        let best = best_of_two(&h[..3], &h[3..]);
        worst = worst.max(of.noise_factor * best - 1.0);
        assert!(of.noise_factor * best > 1.0 - 1e-9, "{trial}: better than the best");
    }
    assert!(worst < 1e-4, "{worst}");
    let mut centroid = Aggregation::default();
    let h = draw(3, 6);
    AggregationBeamformer::new(two, 1, false).design(&h, &[1.0, 1.0], &mut centroid);
    assert!(centroid.noise_factor > found(two, 1, &h, &[1.0, 1.0]).noise_factor, "refining gains nothing");
}

#[test]
fn known_cases_of_two_devices() {
    let of = |h: [f64; 4]| {
        let h = h.map(Complex64::from);
        1.0 / found(Antennas { receive: 2, device: 1 }, 1, &h, &[1.0, 1.0]).noise_factor
    };
    // n = (1, 1) and |h1^H h2| = 0.7: 0.85; orthogonal with powers 1 and 10: 10/11.
    assert!((of([1.0, 0.0, 0.7, 0.51f64.sqrt()]) / 0.85 - 1.0).abs() < 1e-4);
    assert!((of([1.0, 0.0, 0.0, 10f64.sqrt()]) / 0.909_09 - 1.0).abs() < 1e-4);
}

#[test]
fn one_antenna_is_full_inversion() {
    let h = draw(1, 5);
    let power = [1.0, 2.0, 0.5, 1.0, 3.0];
    let weakest = h.iter().zip(&power).map(|(h, p)| p * h.norm_sqr()).fold(f64::INFINITY, f64::min);
    assert!((found(Antennas::SINGLE, 1, &h, &power).noise_factor * weakest - 1.0).abs() < 1e-12);
}

#[test]
fn precoders_make_all_devices_arrive_alike_within_their_budgets() {
    for (receive, device, streams) in [(4, 1, 1), (4, 2, 1), (4, 2, 2), (4, 3, 3), (2, 4, 2)] {
        let antennas = Antennas { receive, device };
        let (devices, links) = (6, antennas.links());
        let channels = draw(9, devices * links);
        let power: Vec<f64> = (0..devices).map(|k| 1.0 + 0.3 * k as f64).collect();
        let of = found(antennas, streams, &channels, &power);
        let mut design = AggregationBeamformer::new(antennas, streams, true);
        let (mut precoder, mut most) = (Vec::new(), 0.0f64);
        for (channel, power) in channels.chunks_exact(links).zip(&power) {
            let spent = design.precoder(channel, &of, &mut precoder);
            most = most.max(spent / power);
            for l in 0..streams {
                for m in 0..streams {
                    let mut arrives = Complex64::default();
                    for r in 0..receive {
                        for t in 0..device {
                            let a = of.noise_factor.sqrt() * of.beams[l * receive + r];
                            arrives += a.conj() * channel[r * device + t] * precoder[t * streams + m];
                        }
                    }
                    let expected = f64::from(l == m);
                    assert!((arrives - expected).norm() < 1e-9, "{receive} {device} {streams}: {arrives}");
                }
            }
            let energy: f64 = precoder.iter().map(Complex64::norm_sqr).sum();
            assert!((energy - spent).abs() < 1e-9 * spent);
        }
        assert!((most - 1.0).abs() < 1e-9, "the weakest device spends its budget: {most}");
    }
}

#[test]
fn refining_beats_random_beams() {
    let antennas = Antennas { receive: 4, device: 2 };
    let channels = draw(21, 10 * 8);
    let power = [1.0; 10];
    let refined = found(antennas, 2, &channels, &power).noise_factor;
    let mut design = AggregationBeamformer::new(antennas, 2, false);
    for trial in 0..2000 {
        let mut beams = draw(1000 + trial, 8);
        orthonormalise(4, &mut beams);
        assert!(design.noise_factor(&channels, &power, &beams) > 0.95 * refined, "{trial}");
    }
}

#[test]
fn devices_that_cannot_be_reached_are_told() {
    let channels = [Complex64::default(); 4];
    let of = found(Antennas { receive: 2, device: 1 }, 1, &channels, &[1.0, 1.0]);
    assert!(of.noise_factor.is_infinite());
}
