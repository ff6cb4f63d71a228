//! Recorded channels: delays of any device on one grid, motion between samples, what trials take, and how gains are scaled.

mod support;

use airloop_baseband::{Burst, Complex32, Complex64, Purpose, Seeds};
use airloop_channels::filter::FilterScratch;
use airloop_channels::recorded::{
    CONTENT_SHARE, EDGE_ERROR_DB, Extent, GridConfig, INNER_ERROR_DB, Normalisation, Start, Timing, TrialSpan,
};
use airloop_channels::{
    Fading, FilterBank, FractionalDelay, ImpulseResponses, Profile, Recording, RecordingError, Replay,
    Steering, Taps, TimeGrid,
};
use std::f64::consts::TAU;
use std::sync::Arc;

const RATE_HZ: f64 = 30.72e6;

/// Used subcarriers of 20 MHz at 30 kHz.
fn frequencies_hz() -> Vec<f64> {
    (-306..306).map(|k| f64::from(k) * 30e3).collect()
}

fn config(frequencies_hz: &[f64]) -> GridConfig<'_> {
    GridConfig {
        sample_rate_hz: RATE_HZ,
        occupied_share: 612.0 / 1024.0,
        accuracy_db: -80.0,
        frequencies_hz,
        rounded: false,
        normalisation: Normalisation::None,
        timing: Timing::Recorded,
        longest_s: 1.0 / 30e3,
    }
}

const STATIC: Extent = Extent { drops: 1, devices: 3, receive: 2, device_antennas: 1, paths: 5, times: 1 };

fn gaussians(seed: u64, count: usize) -> Vec<Complex32> {
    let mut values = vec![Complex32::default(); count];
    Seeds::new(seed).stream(Purpose::Fading, 0, 7).fill_complex_gaussian(0, 1.0, &mut values);
    values
}

/// Delays at any fraction of a sample, another for every device and path.
fn delays(count: usize) -> Vec<f64> {
    (0..count).map(|i| 2e-6 * (i as f64 * 0.618_034).fract()).collect()
}

fn responses(extent: Extent, step_s: Option<f64>) -> ImpulseResponses {
    let places = extent.drops * extent.devices * extent.paths;
    let gains = gaussians(1, places * extent.links() * extent.times);
    ImpulseResponses::new(extent, gains, delays(places), step_s).unwrap()
}

fn at(taps: &Taps, time_s: f64) -> Vec<Complex32> {
    support::gains_at(taps, time_s)
}

fn respond(recording: &Recording, gains: &[Complex32], frequencies_hz: &[f64]) -> Vec<Complex32> {
    let delays: Vec<f64> = recording.profile().paths().iter().map(|p| p.delay_s).collect();
    let mut row = vec![Complex32::default(); frequencies_hz.len()];
    Steering::new(&delays, frequencies_hz).respond(gains, &mut row);
    row
}

fn draw(recording: &Arc<Recording>, replay: Replay, index: u64) -> Vec<Taps> {
    let links = recording.extent().devices * recording.extent().links();
    Fading::recorded(Arc::clone(recording), replay).draw(&Seeds::new(5), index, 0..links)
}

#[test]
fn any_delays_come_onto_one_grid_within_the_bound() {
    let frequencies = frequencies_hz();
    let responses = responses(STATIC, None);
    let (gains, delays) = (gaussians(1, 30), delays(15));
    let recording = Arc::new(Recording::new(responses, &config(&frequencies)).unwrap());
    assert!(recording.delay_error_db() <= -80.0 && !recording.is_moving());
    let links = draw(&recording, Replay::from_start(Start::Sequential), 0);
    let (mut worst, mut swapped) = (0.0f64, 0.0f64);
    for (link, taps) in links.iter().enumerate() {
        let row = respond(&recording, &at(taps, 0.0), &frequencies);
        let own = &gains[link * 5..(link + 1) * 5];
        let bound = 10f64.powf(recording.delay_error_db() / 20.0)
            * own.iter().map(|a| f64::from(a.norm())).sum::<f64>();
        for (f, h) in frequencies.iter().zip(&row) {
            let exact = |device: usize| -> Complex64 {
                let path = |p: usize| {
                    let a = Complex64::new(own[p].re.into(), own[p].im.into());
                    a * Complex64::cis(-TAU * f * delays[device * 5 + p])
                };
                (0..5).map(path).sum()
            };
            let h = Complex64::new(h.re.into(), h.im.into());
            // Single precision beside the bound.
            worst = worst.max((h - exact(link / 2)).norm() / (bound + 3e-6));
            swapped = swapped.max((h - exact((link / 2 + 1) % 3)).norm() / bound);
        }
    }
    assert!(worst <= 1.0, "{worst} of the bound");
    assert!(swapped > 100.0, "control: another device's delays give another response");
}

#[test]
fn filters_and_frequency_responses_are_the_same_channel() {
    let frequencies = frequencies_hz();
    let recording = Arc::new(Recording::new(responses(STATIC, None), &config(&frequencies)).unwrap());
    let taps = &draw(&recording, Replay::from_start(Start::Random), 0)[3];
    let delays: Vec<f64> = recording.profile().paths().iter().map(|p| p.delay_s).collect();
    assert!(delays.windows(2).all(|w| w[0] < w[1]) && delays[0] < 0.0, "filters answer ahead");
    let bank = FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(612.0 / 1024.0, -80.0));
    let mut impulse = vec![Complex32::default(); bank.precursor_samples() + bank.tail_samples() + 1];
    let burst = Burst { start: 1000, samples: vec![Complex32::new(1.0, 0.0)] };
    bank.apply(taps, &burst, 1000, &mut FilterScratch::default(), &mut impulse);
    let row = respond(&recording, &at(taps, 0.0), &frequencies);
    for (f, h) in frequencies.iter().zip(&row) {
        let ahead = bank.precursor_samples() as f64;
        let sample = |(n, y): (usize, &Complex32)| {
            Complex64::new(y.re.into(), y.im.into()) * Complex64::cis(-TAU * f * (n as f64 - ahead) / RATE_HZ)
        };
        let filtered: Complex64 = impulse.iter().enumerate().map(sample).sum();
        assert!((filtered - Complex64::new(h.re.into(), h.im.into())).norm() < 1e-4, "{f}");
    }
    assert!(row.iter().any(|h| (h - row[0]).norm() > 0.1), "it is no flat channel");
}

#[test]
fn rounded_delays_are_whole_samples_and_first_arrivals_can_be_taken_off() {
    let frequencies = frequencies_hz();
    let whole = |timing| {
        let config = GridConfig { rounded: true, timing, ..config(&frequencies) };
        Recording::new(responses(STATIC, None), &config).unwrap()
    };
    let recorded = whole(Timing::Recorded);
    assert_eq!(recorded.delay_error_db(), f64::NEG_INFINITY);
    let samples =
        |r: &Recording| -> Vec<f64> { r.profile().paths().iter().map(|p| p.delay_s * RATE_HZ).collect() };
    assert!(samples(&recorded).iter().all(|n| (n - n.round()).abs() < 1e-9 && *n >= 0.0));
    let expected = |timing: usize| {
        let all = delays(15);
        let first = |of: &[f64]| of.iter().copied().fold(f64::INFINITY, f64::min);
        let shifted = all.chunks(timing).flat_map(|d| d.iter().map(move |x| x - first(d)));
        let mut samples: Vec<f64> = shifted.map(|d| (d * RATE_HZ).round()).collect();
        samples.sort_by(f64::total_cmp);
        samples.dedup();
        samples
    };
    for (timing, together) in [(Timing::Device, 5), (Timing::All, 15)] {
        let found: Vec<f64> = samples(&whole(timing)).iter().map(|n| n.round()).collect();
        assert_eq!(found, expected(together), "{timing:?}");
    }
    assert_ne!(expected(5), expected(15));
}

#[test]
fn gains_are_scaled_by_device_by_all_or_not_at_all() {
    let frequencies = frequencies_hz();
    let mut extent = STATIC;
    (extent.drops, extent.paths) = (4, 2);
    let scale = [1e-6f32, 1e-5, 3.0];
    let count = extent.drops * extent.devices * extent.links() * extent.paths;
    let gains: Vec<Complex32> =
        gaussians(3, count).iter().enumerate().map(|(i, a)| a * scale[i / 4 % 3]).collect();
    let powers = |normalisation| -> Vec<f64> {
        let delays = delays(count / extent.links());
        let responses = ImpulseResponses::new(extent, gains.clone(), delays, None).unwrap();
        let config = GridConfig { normalisation, ..config(&frequencies) };
        let recording = Arc::new(Recording::new(responses, &config).unwrap());
        let mut sums = vec![0.0; 3];
        for drop in 0..4 {
            for (link, taps) in
                draw(&recording, Replay::from_start(Start::Sequential), drop).iter().enumerate()
            {
                let row = respond(&recording, &at(taps, 0.0), &frequencies);
                sums[link / 2] +=
                    row.iter().map(|h| f64::from(h.norm_sqr())).sum::<f64>() / row.len() as f64 / 8.0;
            }
        }
        sums
    };
    let (own, all, none) =
        (powers(Normalisation::Device), powers(Normalisation::All), powers(Normalisation::None));
    assert!(own.iter().all(|p| (p - 1.0).abs() < 1e-3), "{own:?}");
    assert!((all.iter().sum::<f64>() / 3.0 - 1.0).abs() < 1e-3, "{all:?}");
    assert!((all[2] / all[0] / (none[2] / none[0]) - 1.0).abs() < 1e-3, "near and far stay so");
    assert!(none[2] > 1.0 && none[0] < 1e-10, "{none:?}");
}

/// Tones of one path whose frequencies are shares of half the recording's sample rate.
fn tones(shares: &[f64], times: usize) -> (ImpulseResponses, Vec<f64>) {
    let step_s = 1e-4;
    let hertz: Vec<f64> = shares.iter().map(|s| s / (2.0 * step_s)).collect();
    let extent = Extent { drops: 1, devices: hertz.len(), receive: 1, device_antennas: 1, paths: 1, times };
    let tone = |f: &f64| {
        let f = *f;
        (0..times).map(move |i| {
            let z = Complex64::cis(TAU * f * i as f64 * step_s);
            Complex32::new(z.re as f32, z.im as f32)
        })
    };
    let gains = hertz.iter().flat_map(tone).collect();
    (ImpulseResponses::new(extent, gains, vec![0.0; hertz.len()], Some(step_s)).unwrap(), hertz)
}

#[test]
fn motion_between_samples_is_as_exact_as_documented_and_turns_up_as_doppler() {
    let frequencies = frequencies_hz();
    let (responses, hertz) = tones(&[0.1, -0.25, CONTENT_SHARE], 64);
    let recording = Arc::new(Recording::new(responses, &config(&frequencies)).unwrap());
    assert!((recording.duration_s() - 6.3e-3).abs() < 1e-12);
    // A single tone has the second moment of a Jakes spectrum sqrt(2) times as wide.
    let fastest = std::f64::consts::SQRT_2 * hertz[2];
    assert!((recording.max_doppler_hz() / fastest - 1.0).abs() < 1e-4, "{}", recording.max_doppler_hz());
    let error_db = |replay: Replay, offset_s: f64, times_s: &[f64]| {
        let mut worst = 0.0f64;
        for (taps, f) in draw(&recording, replay, 0).iter().zip(&hertz) {
            for t in times_s {
                let exact = Complex64::cis(TAU * f * (t * replay.speed + offset_s));
                let got = at(taps, *t)[0];
                worst = worst.max((Complex64::new(got.re.into(), got.im.into()) - exact).norm());
            }
        }
        20.0 * worst.log10()
    };
    let begin = Replay::from_start(Start::At(0.0));
    let inside: Vec<f64> = (0..200).map(|i| 1.2e-4 + f64::from(i) * 3.0e-5).collect();
    assert!(error_db(begin, 0.0, &inside) < INNER_ERROR_DB, "{}", error_db(begin, 0.0, &inside));
    let edges: Vec<f64> =
        (-10..100).map(|i| f64::from(i) * 1e-6).chain((6200..6309).map(|i| f64::from(i) * 1e-6)).collect();
    let edge_db = error_db(begin, 0.0, &edges);
    assert!(edge_db < EDGE_ERROR_DB && edge_db > EDGE_ERROR_DB - 40.0, "{edge_db}");
    // Twice as fast, and from later on.
    let later = Replay { start: Start::At(2.05e-3), speed: 2.0, ..begin };
    assert!(error_db(later, 2.05e-3, &inside[..60]) < INNER_ERROR_DB);
    assert!(error_db(later, 0.0, &inside[..60]) > -10.0, "control: the start counts");
    // Taps that are shifted are those of another time.
    let taps = &draw(&recording, begin, 0)[1];
    assert!((at(&taps.shifted(1e-3), 2.3e-4)[0] - at(taps, 1.23e-3)[0]).norm() < 1e-6);
    // Frozen at the start.
    let frozen = Replay { speed: 0.0, ..begin };
    let taps = &draw(&recording, frozen, 0)[1];
    assert_eq!((at(taps, 0.0), taps.max_doppler_hz()), (at(taps, 5e-3), 0.0));
}

#[test]
fn a_recorded_jakes_process_has_the_doppler_shift_that_it_was_drawn_with() {
    let (doppler_off, spread_off) = jakes(200.0, 300e-9);
    assert!(doppler_off < 0.05 && spread_off < 0.15, "{doppler_off} {spread_off}");
    // Controls: 10 % faster, and delays half as long again.
    let (doppler_off, spread_off) = jakes(220.0, 450e-9);
    assert!(doppler_off > 0.05 && spread_off > 0.15, "{doppler_off} {spread_off}");
}

/// Records Jakes processes, and returns how far off 200 Hz and 300 ns the recording takes its Doppler shift and delay spread to
/// be.
fn jakes(doppler_hz: f64, delay_spread_s: f64) -> (f64, f64) {
    let profile = Profile::tdl("tdl-c", delay_spread_s).unwrap();
    let fading = Fading::with_max_doppler(profile, doppler_hz);
    let (paths, times, step_s) = (24, 400, 2.5e-4);
    let extent = Extent { drops: 1, devices: 1, receive: 40, device_antennas: 1, paths, times };
    let grid = TimeGrid { start_s: 0.0, step_s, count: times };
    let mut gains = Vec::new();
    let mut rows = vec![Complex32::default(); paths * times];
    for taps in fading.draw(&Seeds::new(2), 0, 0..40) {
        taps.gains(grid, &mut rows);
        (0..paths).for_each(|p| gains.extend(rows[p..].iter().step_by(paths)));
    }
    let delays = fading.profile().paths().iter().map(|p| p.delay_s).collect();
    let responses = ImpulseResponses::new(extent, gains, delays, Some(step_s)).unwrap();
    let frequencies = frequencies_hz();
    let recording = Recording::new(responses, &config(&frequencies)).unwrap();
    let off = |found: f64, expected: f64| (found / expected - 1.0).abs();
    (off(recording.max_doppler_hz(), 200.0), off(recording.profile().rms_delay_spread_s(), 300e-9))
}

#[test]
fn a_recording_that_goes_round_is_interpolated_across_its_seam() {
    let frequencies = frequencies_hz();
    // 64 instants: the first tone closes after them, the second does not.
    let (responses, hertz) = tones(&[0.25, 0.2345], 64);
    let recording = Arc::new(Recording::new(responses, &config(&frequencies)).unwrap());
    let round = Replay { wrap: true, ..Replay::from_start(Start::At(0.0)) };
    let worst_db = |replay: Replay, device: usize| {
        let taps = &draw(&recording, replay, 0)[device];
        // Six samples before the seam and after it, over several rounds.
        let times =
            (0..3 * 120).map(|i| 6.4e-3 * f64::from(i / 120) + 5.8e-3 + 1e-5 * f64::from(i % 120) + 3e-6);
        let off = times.map(|t| {
            let got = at(taps, t)[0];
            (Complex64::new(got.re.into(), got.im.into()) - Complex64::cis(TAU * hertz[device] * t)).norm()
        });
        20.0 * off.fold(0.0, f64::max).log10()
    };
    let found_db = worst_db(round, 0);
    assert!(found_db < INNER_ERROR_DB, "{found_db}");
    // Controls: a tone that does not close, and a recording that ends.
    assert!(worst_db(round, 1) > -20.0 && worst_db(Replay { wrap: false, ..round }, 0) > -20.0);
}

#[test]
fn trials_start_where_the_recording_holds_them_whole() {
    let frequencies = frequencies_hz();
    let (responses, _) = tones(&[0.25], 101);
    let recording = Arc::new(Recording::new(responses, &config(&frequencies)).unwrap());
    let span = TrialSpan { before_s: 3e-4, after_s: 1.7e-3, stride: 2 };
    let replay = |start, wrap| Replay { start, wrap, speed: 1.0, span };
    // A tone of a quarter turns by 45 degrees a sample: its phase says at which instant, modulo 8, a trial starts.
    let place = |replay: Replay, index: u64| {
        let gain = at(&draw(&recording, replay, index)[0], 0.0)[0];
        (f64::from(gain.arg()) / (TAU / 8.0)).rem_euclid(8.0).round() as u64 % 8
    };
    let sequential = replay(Start::Sequential, false);
    // 2 ms each of 10 ms, the first 0.3 ms before the start; both rounds of a trial go by one start.
    for trial in 0..5u64 {
        assert_eq!(place(sequential, 2 * trial), (3 + 20 * trial) % 8);
        assert_eq!(place(sequential, 2 * trial + 1), (3 + 20 * trial) % 8);
    }
    sequential.check(&recording, 5).unwrap();
    let few = sequential.check(&recording, 6).unwrap_err();
    assert!(matches!(few, RecordingError::TooFewTrials { holds: 5, trials: 6, .. }), "{few}");
    replay(Start::Sequential, true).check(&recording, 6).unwrap();
    assert_eq!(place(replay(Start::Sequential, true), 10), 3, "round again");
    let seen: std::collections::BTreeSet<u64> =
        (0..60).map(|i| place(replay(Start::Random, false), i)).collect();
    assert_eq!(seen.len(), 8);
    replay(Start::Random, false).check(&recording, 1 << 40).unwrap();
    replay(Start::At(8.3e-3), false).check(&recording, 100).unwrap();
    for outside in [1e-4, 8.4e-3] {
        let said = replay(Start::At(outside), false).check(&recording, 1).unwrap_err().to_string();
        assert!(
            said.contains("a trial needs the recording from") && said.contains("it lasts 1.000000e-2 s"),
            "{said}"
        );
    }
    let long = Replay { span: TrialSpan { after_s: 9.8e-3, ..span }, ..replay(Start::Random, false) };
    let said = long.check(&recording, 1).unwrap_err().to_string();
    assert!(said.contains("lasts 1.000000e-2 s, and a trial needs 1.010000e-2 s of it"), "{said}");
    Replay { wrap: true, ..long }.check(&recording, 1).unwrap();
}

#[test]
fn what_cannot_be_a_channel_is_refused() {
    let of = |gains: Vec<Complex32>, delays: Vec<f64>, extent, step| {
        ImpulseResponses::new(extent, gains, delays, step)
    };
    let one = Complex32::new(1.0, 0.0);
    let extent = Extent { drops: 1, devices: 2, receive: 1, device_antennas: 1, paths: 2, times: 1 };
    let said = |gains, delays, extent, step| of(gains, delays, extent, step).unwrap_err().to_string();
    assert!(said(vec![one; 3], vec![0.0; 4], extent, None).contains("3 gains are given where the axes"));
    assert!(said(vec![one; 4], vec![0.0; 3], extent, None).contains("[drop, device, path] take 4"));
    let negative = said(vec![one; 4], vec![0.0, 1e-6, 0.0, -1e-6], extent, None);
    assert!(negative.contains("path 1 of device 1 is -0.000001 s"), "{negative}");
    let nan = Complex32::new(f32::NAN, 0.0);
    assert!(
        said(vec![one, nan, one, one], vec![0.0; 4], extent, None)
            .contains("path 1 of device 0 is not finite")
    );
    let moving = Extent { times: 2, ..extent };
    assert!(said(vec![one; 8], vec![0.0; 4], moving, None).contains("2 samples in time"));
    assert!(said(vec![], vec![], Extent { paths: 0, ..extent }, None).contains("\"path\" has no entries"));
    let frequencies = frequencies_hz();
    let made = |responses| Recording::new(responses, &config(&frequencies));
    let zero = Complex32::default();
    let silent = made(of(vec![one, one, zero, zero], vec![0.0; 4], extent, None).unwrap()).unwrap_err();
    assert_eq!(silent, RecordingError::NoPower { device: 1 });
    let far =
        made(of(vec![one; 4], vec![0.0, 1e-6, 0.0, 1e-3], extent, None).unwrap()).unwrap_err().to_string();
    assert!(far.contains("path 1 of device 1") && far.contains("3.3333e-5 s"), "{far}");
    // Paths that are not there have no delay that counts.
    let padded = of(vec![one, nan, one, zero], vec![0.0, f64::NAN, 0.0, -1.0], extent, None).unwrap();
    assert_eq!(made(padded).unwrap().profile().paths().len(), 1);
    assert!(
        !Fading::recorded(
            Arc::new(made(of(vec![one; 4], vec![0.0; 4], extent, None).unwrap()).unwrap()),
            Replay::from_start(Start::Random)
        )
        .is_exact()
    );
}
