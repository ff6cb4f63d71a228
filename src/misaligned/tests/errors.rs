//! What is refused, and with which words.

use super::super::{FrameReceiver, MisalignedError, MisalignedRound, Receiver, SampleGrid};
use super::{plan, setting};
use airloop_baseband::Complex32;

#[track_caller]
fn assert_refused<T>(outcome: Result<T, MisalignedError>, words: &str) {
    let Err(error) = outcome else { panic!("accepted, but should say {words:?}") };
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let of = |change: &dyn Fn(&mut super::Setting)| {
        let mut setting = setting(&[0.0, 0.5], &[0.0, 0.0], 0.1, 4);
        change(&mut setting);
        FrameReceiver::new(&setting, Receiver::MaximumLikelihood)
    };
    assert!(of(&|_| {}).is_ok());
    assert_refused(of(&|s| s.delays_symbols[1] = 1.0), "device 1 has a delay of 1 symbols");
    assert_refused(of(&|s| s.delays_symbols[0] = -0.1), "device 0 has a delay of -0.1");
    assert_refused(of(&|s| s.delays_symbols[0] = f64::NAN), "device 0 has a delay of NaN");
    assert_refused(of(&|s| s.delays_symbols.clear()), "no device");
    assert_refused(of(&|s| s.gains.truncate(1)), "gains holds 1 devices, but there are 2");
    assert_refused(of(&|s| s.gains[1] = 0.0.into()), "device 1 has a channel of magnitude 0");
    assert_refused(of(&|s| s.noise_power = -1.0), "noise power is -1");
    assert_refused(of(&|s| s.symbols = 0), "0 symbols");
    assert_refused(of(&|s| s.symbols = 1 << 40), "use shorter frames");
}

#[test]
fn rounds_out_of_range_are_refused() {
    let one = Complex32::new(1.0, 0.0);
    let good = plan((&[0.0, 0.5], &[0.0; 2]), 0.1, 100, Receiver::Lmmse);
    assert!(MisalignedRound::new(&good, 0, &[one; 2]).is_ok());
    assert_refused(MisalignedRound::new(&good, 0, &[one; 3]).map(|_| ()), "gains holds 3 devices");
    assert_refused(MisalignedRound::new(&good, 0, &[one, one * 0.0]).map(|_| ()), "device 1 has a channel");
    let mut bad = good.clone();
    bad.phases_rad[0] = f64::INFINITY;
    assert_refused(MisalignedRound::new(&bad, 0, &[one; 2]).map(|_| ()), "device 0 has a phase of inf");
    let mut bad = good.clone();
    bad.symbols_per_frame = 0;
    assert_refused(MisalignedRound::new(&bad, 0, &[one; 2]).map(|_| ()), "0 symbols");
    let mut bad = good.clone();
    bad.budget.power[1] = 0.0;
    assert_refused(MisalignedRound::new(&bad, 0, &[one; 2]).map(|_| ()), "power budget of 0");
}

#[test]
fn delays_between_samples_are_refused() {
    let of = |delays: &[f64], oversampling| {
        let bank = setting(delays, &vec![0.0; delays.len()], 0.1, 4).bank().unwrap();
        SampleGrid::new(&bank, oversampling)
    };
    assert!(of(&[0.0, 0.3, 0.6, 0.9], 10).is_ok());
    assert!(of(&[0.333_333_3, 0.0], 3).is_ok());
    assert_refused(of(&[0.0, 0.3], 8), "a delay of 0.3 symbols does not fall on its own sample at 8");
    assert_refused(of(&[0.0, 0.3], 8), "the nearest is 0.25");
    assert_refused(of(&[0.0, 0.999_999_9], 8), "own sample");
    assert_refused(of(&[0.0], 0), "oversampling factor is 0");
}

#[test]
fn extremes_give_numbers_or_errors() {
    for receiver in super::RECEIVERS {
        for noise_power in [0.0, 1e-300, 1e30] {
            for delays in [[0.0, 0.0], [1e-7, 0.5], [2e-6, 4e-6], [0.0, 1.0 - 1e-9]] {
                let setting = setting(&delays, &[0.0, 1.0], noise_power, 40);
                match super::super::mean_square_error(&setting, receiver) {
                    Ok(error) => {
                        assert!(error >= 0.0 && error.is_finite(), "{setting:?} {receiver:?} {error}")
                    }
                    Err(error) => assert!(matches!(error, MisalignedError::IllConditioned)),
                }
            }
        }
    }
}
