//! Devices, signals and ways to send and hear them that the tests share.

use super::air::{Local, RATE_HZ, UNIT, attach};
use airloop_baseband::{Complex32, Complex64};
use airloop_channels::StreamedAir;
use airloop_hil::ether::Attachment;
use airloop_hil::{Device, Direction, Ether, EtherConfig, Tuning};
use std::f64::consts::TAU;
use std::time::Duration;

/// Centre frequency of the air, in hertz.
pub const AIR_HZ: f64 = 2.4e9;

/// What the filters of devices leave of images, and their ripple: each below their stop band of -80 dB; four of them together.
pub const FILTERS: f64 = 4e-4;

/// No test waits for longer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Makes an ether of a unit channel whose air has a centre frequency.
pub fn ether() -> Ether<StreamedAir> {
    UNIT.ether(EtherConfig { centre_hz: Some(AIR_HZ), ..UNIT.config() })
}

/// Stands an ideal device in an ether.
pub fn ideal(ether: &Ether<StreamedAir>, name: &str, ports: (&[usize], &[usize])) -> Device<Local> {
    Device::ideal(attach(ether, name, ports)).unwrap()
}

/// Sets the first channel of a direction: the rate as a share of the air's, the centre as hertz above the air's, and the gain.
pub fn set(
    device: &mut impl Attachment,
    direction: Direction,
    (share, above_hz, gain_db): (f64, f64, f64),
) -> Tuning {
    let tuning = Tuning { centre_hz: AIR_HZ + above_hz, sample_rate_hz: share * RATE_HZ, gain_db };
    assert_eq!(device.tune(direction, 0, &tuning).unwrap(), tuning);
    tuning
}

/// Returns `amplitude exp(j 2 pi (cycles n + turns))` from an index on.
pub fn tone(cycles: f64, (amplitude, turns): (f64, f64), start: u64, count: usize) -> Vec<Complex32> {
    let at = |n: u64| Complex64::from_polar(amplitude, TAU * ((cycles * n as f64).fract() + turns));
    (start..start + count as u64).map(at).map(|z| Complex32::new(z.re as f32, z.im as f32)).collect()
}

/// Writes all samples in pieces of a length, the last of them as the end of a burst.
pub fn write(device: &mut impl Attachment, start: u64, samples: &[Complex32], cut: usize) {
    let mut sent = 0;
    while sent < samples.len() {
        let piece = &samples[sent..samples.len().min(sent + cut)];
        let last = sent + piece.len() == samples.len();
        let taken = device.write(0, (Some(start + sent as u64), piece, last), PATIENCE).unwrap();
        assert!(taken > 0);
        sent += taken;
    }
}

/// Reads so many samples, at most `cut` at once; none may be lost.
pub fn read(device: &mut impl Attachment, count: usize, cut: usize) -> Vec<Complex32> {
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); cut]);
    let mut position = None;
    while heard.len() < count {
        let most = cut.min(count - heard.len());
        let got = device.read(0, &mut out[..most], PATIENCE).unwrap();
        assert!(got.count > 0 && got.lost == 0);
        assert!(position.is_none_or(|position| position == got.start));
        position = Some(got.start + got.count as u64);
        heard.extend_from_slice(&out[..got.count]);
    }
    heard
}

/// Returns the largest distance between samples.
pub fn apart(a: &[Complex32], b: &[Complex32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from((a - b).norm())).fold(0.0, f64::max)
}

/// Returns the amplitude of a frequency, in cycles a sample, over all samples.
pub fn amplitude(samples: &[Complex32], cycles: f64) -> f64 {
    let turned = |(n, x): (usize, &Complex32)| {
        Complex64::new(x.re.into(), x.im.into()) * Complex64::cis(-TAU * (cycles * n as f64).fract())
    };
    samples.iter().enumerate().map(turned).sum::<Complex64>().norm() / samples.len() as f64
}
