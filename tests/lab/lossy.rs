//! Samples that a radio loses are counted in a check, and held against their limit.

use super::air::{RATE_HZ, air, lab, name, number};
use airloop::baseband::{Burst, Capture, SampleIndex, Window};
use airloop::hil::ether::Attachment;
use airloop::hil::{
    Capabilities, Device, Direction, Place, Radio, RadioError, RadioStatus, Tuning, VirtualRadio,
};
use airloop::lab::{Bench, Log, check};

/// A radio that says that it lost a sample of every window.
struct Lossy<A>(VirtualRadio<A>, u64);

impl<A: Attachment> Radio for Lossy<A> {
    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        self.0.tune(direction, channel, tuning)
    }

    fn start(&mut self, direction: Direction) -> Result<(), RadioError> {
        self.0.start(direction)
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        self.0.now()
    }

    fn transmit(&mut self, channel: usize, burst: &Burst) -> Result<(), RadioError> {
        self.0.transmit(channel, burst)
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        self.0.silent_until(index)
    }

    fn receive(&mut self, channel: usize, window: Window) -> Result<Capture, RadioError> {
        self.1 += 1;
        self.0.receive(channel, window)
    }

    fn status(&mut self) -> RadioStatus {
        RadioStatus { overflows: self.1, lost_samples: self.1, ..self.0.status() }
    }
}

#[test]
fn samples_that_are_lost_fail_a_check() {
    let run = |head: &str| {
        let ether = air(&[(0, 1, 0.0), (1, 0, 0.0)], 1e-3, vec![]);
        let config = lab(2, "ideal", head);
        let radio = |radio: usize| {
            let place = Place { name: name(radio), transmit: vec![radio], receive: vec![radio] };
            VirtualRadio::new(Device::ideal(ether.attach(place).unwrap()).unwrap())
        };
        let (server, device) = (Box::new(radio(0)), Box::new(Lossy(radio(1), 0)));
        let radios: Vec<(String, Box<dyn Radio>)> = vec![(name(0), server), (name(1), device)];
        let mut bench = Bench::new(&config, RATE_HZ, radios).unwrap();
        let mut log = Log::default();
        (check(&config, &mut bench, &mut log), log)
    };
    let (checked, log) = run("");
    let said = checked.unwrap_err().to_string();
    assert!(said.contains("losses: radio device-0: lost_samples = ") && said.contains("at most 0"), "{said}");
    assert_eq!(number(&log, "losses", "server", "lost_samples"), Some(0.0));
    let lost = number(&log, "losses", "device-0", "lost_samples").unwrap();
    let words = &log.steps.last().unwrap().words;
    assert!(lost > 0.0 && *words == format!("{lost} overflows, 0 underflows, 0 late bursts"), "{words}");
    run("[limits]\nlost_samples = 1e6").0.unwrap();
}
