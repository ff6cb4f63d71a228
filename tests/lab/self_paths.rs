//! What radios hear of themselves: delays against those of the paths that the air has.

use super::air::{PathOf, RATE_HZ, Stand, air, lab, name, number, print};
use airloop::hil::Persona;
use airloop::lab::{Log, check};

/// Radios 0 and 1 hear themselves after these delays, in samples of the air; radio 2 does not.
const OWN: [f64; 2] = [12.3, 3.7];

/// Largest error of a delay, in samples.
const DELAY_SAMPLES: f64 = 0.05;

/// By radio: the delay that was measured, and the true one.
fn delays(persona: &Persona, sample_rate_hz: f64, longer: f64) -> Vec<(f64, f64)> {
    let between = [(0, 1, 0.0), (1, 0, 0.0), (0, 2, 0.0), (2, 0, 0.0)];
    let own = |(radio, delay): (usize, &f64)| -> PathOf { (radio, radio, delay + longer) };
    let paths: Vec<PathOf> = between.into_iter().chain(OWN.iter().enumerate().map(own)).collect();
    let mut stand = Stand::new(&air(&paths, 1e-3, vec![]), persona, lab(3, persona.name, ""), sample_rate_hz);
    let mut log = Log::default();
    let checked = check(&stand.config, &mut stand.bench, &mut log);
    print(&log);
    checked.unwrap();
    let told = |radio: usize, quantity| number(&log, "loopback", &name(radio), quantity);
    assert_eq!((told(2, "hears_itself"), told(2, "delay_samples")), (Some(0.0), None));
    let ratio = RATE_HZ / sample_rate_hz;
    let both = |(radio, delay): (usize, &f64)| {
        assert_eq!(told(radio, "hears_itself"), Some(1.0));
        assert!(told(radio, "snr_db").unwrap() > 10.0);
        let truth = stand.truth(radio);
        let (own, heard) = (truth.transmit.origin.unwrap(), truth.receive.origin.unwrap());
        // The path is by the air's clock, origins are by the radio's.
        let path = delay * (1.0 + 1e-6 * truth.oscillator_ppm);
        (told(radio, "delay_samples").unwrap(), (own as f64 - heard as f64 + path) / ratio)
    };
    OWN.iter().enumerate().map(both).collect()
}

fn named(name: &str) -> Persona {
    Persona::named(name).unwrap()
}

/// A radio of this kind whose samples have no times, and whose counts begin up to 10 ms late.
fn without_times(persona: Persona) -> Persona {
    Persona { timestamps: false, timed_bursts: false, start_offset_s: 0.01, ..persona }
}

#[test]
fn radios_hear_themselves_after_the_true_delay() {
    let kinds = [named("ideal"), named("b210"), without_times(named("b210")), named("pluto")];
    for persona in kinds {
        // The second rate is a fraction of the air's: filters are between.
        for rate_hz in [RATE_HZ, RATE_HZ / 2.0] {
            for (measured, truth) in delays(&persona, rate_hz, 0.0) {
                println!("{} at {rate_hz} Hz: {measured} samples measured, {truth} true", persona.name);
                assert!((measured - truth).abs() < DELAY_SAMPLES, "{}", persona.name);
            }
        }
    }
}

#[test]
fn a_path_that_is_a_tenth_of_a_sample_longer_is_another_delay() {
    for (measured, truth) in delays(&named("b210"), RATE_HZ, 0.1) {
        assert!((measured - truth - 0.1).abs() < DELAY_SAMPLES && (measured - truth).abs() > DELAY_SAMPLES);
    }
}

#[test]
fn counts_of_one_time_source_are_a_path_apart() {
    let shared = |source: &str| {
        let mut config = lab(2, "ideal", "");
        config.radios.iter_mut().for_each(|radio| radio.time_source = Some(source.into()));
        let ether = air(&[(0, 1, 5.3), (1, 0, 5.3)], 1e-3, vec![]);
        let mut stand = Stand::new(&ether, &named("ideal"), config, RATE_HZ);
        let mut log = Log::default();
        check(&stand.config, &mut stand.bench, &mut log).unwrap();
        number(&log, "loopback", "device-0", "count_offset_samples")
    };
    let told = shared("external").unwrap();
    assert!((told - 5.3).abs() < DELAY_SAMPLES, "{told}");
    assert_eq!(shared("internal"), None);
}
