//! Streams of devices may be cut anywhere, and ether's room may be small: samples are the same bytes.

use super::air::{Local, RATE_HZ, UNIT, attach, signal};
use super::devices::{AIR_HZ, PATIENCE, apart, ether, ideal, read, set, write};
use airloop_baseband::{Burst, Complex32, Seeds, Transport, Window};
use airloop_channels::StreamedAir;
use airloop_hil::Direction::{Receive, Transmit};
use airloop_hil::ether::Attachment;
use airloop_hil::{
    Device, DeviceConfig, Ether, EtherConfig, HardwareSetting, Persona, Radio, RadioAir, RadioAirConfig,
    Seat, VirtualRadio,
};
use std::time::Duration;

/// Makes a B210 with hardware of its own.
fn b210(
    ether: &Ether<StreamedAir>,
    (name, number): (&str, u64),
    ports: (&[usize], &[usize]),
) -> Device<Local> {
    let place = attach(ether, name, ports);
    let setting = HardwareSetting::at(place.info(), Seeds::new(5), number, 0.0);
    let config = DeviceConfig::draw(Persona::named("b210").unwrap(), &setting).unwrap();
    Device::new(place, config).unwrap()
}

/// What a device hears of another, both off by their clocks, rates and centres, and tuned anew on their way.
fn run(written: usize, heard: usize) -> Vec<Complex32> {
    let ether = ether();
    let mut sender = b210(&ether, ("a", 1), (&[0], &[]));
    let mut listener = b210(&ether, ("b", 2), (&[], &[0]));
    set(&mut sender, Transmit, (0.5, 0.1 * RATE_HZ, 60.0));
    set(&mut listener, Receive, (0.75, 0.05 * RATE_HZ, 46.0));
    sender.activate(Transmit, Some(0)).unwrap();
    listener.activate(Receive, Some(0)).unwrap();
    write(&mut sender, 500, &signal(0, 10_000), written);
    set(&mut sender, Transmit, (0.5, -0.2 * RATE_HZ, 57.0));
    write(&mut sender, 10_500, &signal(1, 3000), written);
    write(&mut sender, 13_510, &signal(2, 1), written);
    write(&mut sender, 15_000, &signal(3, 2000), written);
    sender.silent_until(30_000).unwrap();
    let mut all = read(&mut listener, 16_000, heard);
    set(&mut listener, Receive, (0.75, -0.1 * RATE_HZ, 40.0));
    all.extend(read(&mut listener, 10_000, heard));
    all
}

#[test]
fn cuts_of_what_is_written_and_read_change_no_byte() {
    let whole = run(1 << 20, 1 << 20);
    for (written, heard) in [(1, 4096), (333, 1), (8192, 997), (10_000, 8193)] {
        assert!(run(written, heard) == whole, "{written} {heard}");
    }
    // Each of the bursts is there, and nothing long after them.
    let quiet = |range: std::ops::Range<usize>| whole[range].iter().all(|x| x.norm() < 2e-2);
    assert!(quiet(0..600) && !quiet(700..800) && !quiet(16_000..19_000) && quiet(26_000 - 300..26_000));
}

#[test]
fn radios_of_a_transport_are_cut_as_it_pleases() {
    let run = |cut: usize| {
        let ether = ether();
        let device = |name, number, ports| Box::new(VirtualRadio::new(b210(&ether, (name, number), ports)));
        let radios: Vec<Box<dyn Radio>> = vec![device("a", 1, (&[0], &[])), device("server", 2, (&[], &[0]))];
        let config = RadioAirConfig {
            sample_rate_hz: RATE_HZ,
            // Filters of both, and clocks that drift by some samples.
            lead_samples: 400,
            transmit: vec![Some(Seat { radio: 0, channel: 0 })],
            receive: vec![Some(Seat { radio: 1, channel: 0 })],
        };
        let mut air = RadioAir::new(config, radios).unwrap();
        let mut heard = Vec::new();
        for round in 0..3u64 {
            let (start, samples) = (round * 9000 + 1000, signal(round, 5000));
            for (i, piece) in samples.chunks(cut).enumerate() {
                let burst = Burst { start: start + (i * cut) as u64, samples: piece.to_vec() };
                air.transmit(0, &burst).unwrap();
            }
            let window = Window { start: round * 9000, length_samples: 9000 - 800 };
            air.skip(0, window.start).unwrap();
            heard.extend(air.receive(0, window).unwrap().samples);
        }
        assert!(air.status().is_clean());
        heard
    };
    let whole = run(5000);
    assert!(run(1) == whole && run(777) == whole);
    assert!(whole.iter().any(|x| x.norm() > 1.0));
}

/// Sends at half the rate into an ether with little room, never waiting, and hears all of it.
fn through_little_room(ahead_samples: usize, cut: usize) -> Vec<Complex32> {
    let config = EtherConfig { centre_hz: Some(AIR_HZ), block_samples: 256, ..UNIT.config() };
    let config = EtherConfig { ahead_samples, unheard_samples: ahead_samples, ..config };
    let ether = UNIT.ether(config);
    let mut sender = ideal(&ether, "a", (&[0], &[]));
    let mut listener = attach(&ether, "b", (&[], &[0]));
    set(&mut sender, Transmit, (0.5, 0.0, 0.0));
    sender.activate(Transmit, Some(0)).unwrap();
    listener.activate(Receive, Some(0)).unwrap();
    let (samples, mut sent, mut heard) = (signal(0, 30_000), 0, Vec::new());
    let mut refused = 0;
    while heard.len() < 50_000 {
        let end = samples.len().min(sent + cut);
        // A place where the stream stands is the same as its index.
        let at = (sent % 2 == 0).then_some(sent as u64);
        let taken = sender.write(0, (at, &samples[sent..end], false), Duration::ZERO).unwrap();
        refused += usize::from(taken < end - sent);
        sent += taken;
        let mut out = [Complex32::default(); 100];
        let got = listener.read(0, &mut out, Duration::ZERO).unwrap();
        assert!(got.lost == 0 && (got.count == 0 || got.start == heard.len() as u64));
        heard.extend_from_slice(&out[..got.count]);
    }
    assert!(refused > 100 || ahead_samples > 60_000, "{refused}");
    heard
}

#[test]
fn what_was_taken_is_sent_once_however_little_room_there_is() {
    let whole = through_little_room(1 << 20, 30_000);
    for (ahead, cut) in [(300, 30_000), (300, 400), (1000, 77)] {
        assert!(through_little_room(ahead, cut)[..40_000] == whole[..40_000], "{ahead} {cut}");
    }
}

#[test]
fn after_a_finish_a_burst_loses_what_had_been_sent_and_no_more() {
    let run = |finishes: bool| {
        let ether = ether();
        let mut sender = ideal(&ether, "a", (&[0], &[]));
        let mut listener = attach(&ether, "b", (&[], &[0]));
        set(&mut sender, Transmit, (0.5, 0.0, 0.0));
        sender.activate(Transmit, Some(0)).unwrap();
        listener.activate(Receive, Some(0)).unwrap();
        write(&mut sender, 1000, &signal(0, 1000), 1000);
        if finishes {
            sender.finish(0).unwrap();
        }
        write(&mut sender, 2000, &signal(1, 1000), 1000);
        sender.silent_until(5000).unwrap();
        read(&mut listener, 8000, 8000)
    };
    let (exact, cut) = (run(false), run(true));
    let differ: Vec<usize> = (0..8000).filter(|n| exact[*n] != cut[*n]).collect();
    // Half a filter on either side of sample 4000 of the air, of which the latter half had not been heard of.
    let (first, last) = (differ[0], differ[differ.len() - 1]);
    assert!(first > 3960 && last < 4040 && last - first > 20, "{first} {last}");
    // Control: what is lost is heard otherwise.
    assert!(apart(&exact[first..=last], &cut[first..=last]) > 1e-3);
}

#[test]
fn a_device_that_does_nothing_is_the_place_itself() {
    let run = |by_device: bool| {
        let ether = ether();
        let place = attach(&ether, "a", (&[0], &[0]));
        let mut both: Box<dyn Attachment> =
            if by_device { Box::new(Device::ideal(place).unwrap()) } else { Box::new(place) };
        both.activate(Transmit, None).unwrap();
        both.activate(Receive, None).unwrap();
        let mut heard = Vec::new();
        for n in 0..20u64 {
            let taken = both.write(0, (Some(n * 1500 + 5000), &signal(n, 900), true), PATIENCE).unwrap();
            let mut out = vec![Complex32::default(); 1500];
            let got = both.read(0, &mut out, PATIENCE).unwrap();
            heard.push((taken, got, both.now().unwrap(), out));
        }
        heard
    };
    assert!(run(true) == run(false));
}
