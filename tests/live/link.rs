//! Arrays that are sent.

use crate::{GRID, LINK, MOVING, STATIC, file, relative, values};
use airloop::live::Link;
use airloop::report::Fidelity;

const PHASES: &str = "[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.05\n";

fn own(values: &[f32]) -> Vec<f64> {
    values.iter().map(|v| f64::from(*v)).collect()
}

#[test]
fn devices_have_channels_of_their_own() {
    let mut link = Link::from_toml(&file(&[GRID, STATIC, LINK, PHASES]), Fidelity::Symbol).unwrap();
    let sent = values(1, 400, 1);
    let all = link.broadcast(3, &sent, None).unwrap();
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|d| d.received.len() == 400 && d.round == 0));
    assert!(all[0].received != all[1].received && all[1].received != all[2].received);
    // The link of device 1 alone is the same as in the broadcast.
    let mut other = Link::from_toml(&file(&[GRID, STATIC, LINK, PHASES]), Fidelity::Symbol).unwrap();
    assert_eq!(other.send(1, &sent, None).unwrap().received, all[1].received);
}

/// Carries values over the channel of the last transmission.
fn retraced(link: &mut Link, values: &[f32]) -> Vec<f64> {
    let mut out = vec![0.0; values.len()];
    link.retrace_into(0, values, &mut out).unwrap();
    out
}

#[test]
fn what_is_retraced_is_the_gain_of_the_channel() {
    // Silent below the threshold: a gain of 0 or 1 for each value, and what was received less the noise.
    let text = file(&[
        GRID,
        &MOVING.replace("100e-9", "500e-9"),
        "[link]\nsnr_db = 120.0\n",
        "[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.7\n",
    ]);
    let mut link = Link::from_toml(&text, Fidelity::Symbol).unwrap();
    let sent = values(1, 3000, 2);
    let received = link.send(0, &sent, None).unwrap().received;
    let gains = retraced(&mut link, &vec![1.0; 3000]);
    let (open, shut): (Vec<f64>, Vec<f64>) = gains.iter().partition(|g| g.abs() > 0.5);
    assert!(open.iter().all(|g| (g - 1.0).abs() < 1e-4) && shut.iter().all(|g| g.abs() < 1e-4));
    assert!(open.len() > 300 && shut.len() > 300, "{} open, {} shut", open.len(), shut.len());
    let product: Vec<f64> = gains.iter().zip(&sent).map(|(g, x)| g * f64::from(*x)).collect();
    assert!(relative(&received, &product) < 1e-8);
    // The adjoint: <A x, y> = <x, A y>.
    let (x, y) = (values(1, 3000, 3), values(1, 3000, 4));
    let (ax, ay) = (retraced(&mut link, &x), retraced(&mut link, &y));
    let dot = |a: &[f64], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * f64::from(*b)).sum::<f64>();
    assert!((dot(&ax, &y) / dot(&ay, &x) - 1.0).abs() < 1e-4);
    let mut out = vec![0.0f32; x.len()];
    assert!(Link::from_toml(&text, Fidelity::Symbol).unwrap().retrace_into(0, &x, &mut out).is_err());
    assert!(link.send_into((0, None), &x, &mut out[1..]).is_err());
}

#[test]
fn a_reliable_digital_link_delivers_what_its_quantiser_leaves() {
    let text = "[ofdm]\nbandwidth_hz = 5e6\nsubcarrier_spacing_hz = 15e3\n[channel]\nmodel = \"awgn\"\n[link]\nsnr_db = 20.0\n\
                [mcs]\nindex = 10\n[harq]\ntransmissions = 4\n[scheme]\nkind = \"digital\"\nbits = 8\n";
    let mut link = Link::from_toml(text, Fidelity::Symbol).unwrap();
    let sent = values(1, 5000, 5);
    let delivery = link.send(0, &sent, None).unwrap();
    let error = relative(&delivery.received, &own(&sent));
    // A step of (max - min)/255, uniform: an error of step^2/12 at most a half step away.
    let (low, high) = sent.iter().fold((f32::MAX, f32::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
    let step = f64::from(high - low) / 255.0;
    let power = own(&sent).iter().map(|x| x * x).sum::<f64>() / 5000.0;
    assert!(error < 3.0 * step * step / 12.0 / power, "{error}");
    assert!(delivery.report.airtime_s > Some(0.0));
}

#[test]
fn capacities_are_shannons() {
    let text = file(&[GRID, "[channel]\nmodel = \"awgn\"\n", LINK, PHASES]);
    let mut link = Link::from_toml(&text, Fidelity::Symbol).unwrap();
    let expected = 48.0 * (1.0 + 10f64.powf(1.5)).log2() / (80.0 / 1.92e6);
    for rate in link.capacities_bps(2).unwrap() {
        assert!((rate / expected - 1.0).abs() < 1e-6, "{rate} for {expected}");
    }
    // Ergodic capacity of Rayleigh fading at 15 dB: e^(1/s) E1(1/s)/ln 2 = 4.2577 bit/s/Hz (E1 by its series).
    let mut link = Link::from_toml(&file(&[GRID, STATIC, LINK, PHASES]), Fidelity::Symbol).unwrap();
    let rates = link.capacities_bps(4000).unwrap();
    let mean = rates.iter().sum::<f64>() / 4000.0 * (80.0 / 1.92e6) / 48.0;
    let x = 10f64.powf(-1.5);
    let e1 = -0.577_215_664_901_532_9 - x.ln() + x - x * x / 4.0 + x.powi(3) / 18.0;
    let ergodic = x.exp() * e1 / 2f64.ln();
    // Standard deviation of the rate of one device is below 1.9 bit/s/Hz: four standard errors are 0.12 (alpha 6e-5).
    assert!((mean - ergodic).abs() < 0.12, "{mean} for {ergodic}");
}
