//! The standard's codebook, and the choice from it.

use crate::common::{Paths, inverse, wide};
use airloop::baseband::{Complex32, Complex64};
use airloop::link::channel_estimation::Responses;
use airloop::link::precoding::{Codebook, Precoder, PrecodingError, select};

const USED: usize = 24;

fn column(precoder: &Precoder, layer: usize) -> Vec<Complex64> {
    (0..precoder.antennas()).map(|t| wide(precoder.weight(0, t, layer))).collect()
}

#[test]
fn layers_are_orthogonal_and_share_the_power() {
    // Counts by the tables: i_1,1 times i_1,3 times i_2.
    for (antennas, layers, count) in
        [(1, 1, 1), (2, 1, 4), (2, 2, 2), (4, 1, 32), (4, 2, 32), (4, 3, 16), (4, 4, 16)]
    {
        let codebook = Codebook::new(antennas).unwrap();
        let entries = codebook.entries(layers);
        assert_eq!(entries.len(), count, "{antennas} {layers}");
        for (at, entry) in entries.iter().enumerate() {
            for a in 0..layers {
                for b in 0..layers {
                    let inner: Complex64 = column(&entry.precoder, a)
                        .iter()
                        .zip(column(&entry.precoder, b))
                        .map(|(x, y)| x.conj() * y)
                        .sum();
                    let expected = if a == b { 1.0 / layers as f64 } else { 0.0 };
                    assert!((inner - expected).norm() < 1e-6, "{antennas} {layers} {at}: {inner}");
                }
            }
            let same = |other: &&airloop::link::precoding::CodebookEntry| other.precoder == entry.precoder;
            assert_eq!(entries.iter().filter(same).count(), 1, "no matrix comes twice");
        }
        assert!(codebook.entries(layers + 4).is_empty() && codebook.entries(0).is_empty());
    }
    assert_eq!(Codebook::new(3).unwrap_err(), PrecodingError::NoCodebook { antennas: 3 });
}

#[test]
fn entries_are_those_of_the_tables() {
    let j = Complex64::i();
    let one = Complex64::from(1.0);
    let eighth = Complex64::cis(std::f64::consts::FRAC_PI_4);
    let is = |antennas: usize, layers: usize, index: usize, columns: &[&[Complex64]]| {
        let codebook = Codebook::new(antennas).unwrap();
        let scale = ((antennas * layers) as f64).sqrt();
        for (layer, expected) in columns.iter().enumerate() {
            let got = column(&codebook.entries(layers)[index].precoder, layer);
            for (got, expected) in got.iter().zip(*expected) {
                assert!((got * scale - expected).norm() < 1e-6, "{antennas} {layers} {index}: {got}");
            }
        }
    };
    // Table 5.2.2.2.1-1: codebook indices 1 for one layer and for two.
    is(2, 1, 1, &[&[one, j]]);
    is(2, 2, 1, &[&[one, j], &[one, -j]]);
    // i_1,1 = 1, i_2 = 2 for one layer; i_1,1 = 1, i_1,3 = 1, i_2 = 1 for two.
    is(4, 1, 6, &[&[one, eighth, -one, -eighth]]);
    is(4, 2, 7, &[&[one, eighth, j, j * eighth], &[one, -eighth, -j, j * eighth]]);
    // i_1,1 = 2, i_2 = 0 for three; i_1,1 = 0, i_2 = 1 for four.
    is(4, 3, 4, &[&[one, j, one, j], &[one, -j, one, -j], &[one, j, -one, -j]]);
    is(4, 4, 1, &[&[one, one, j, j], &[one, -one, j, -j], &[one, one, -j, -j], &[one, -one, -j, j]]);
}

/// Returns the capacity of a precoder after an equaliser of least error, by inversion.
fn slow_capacity(channel: &Responses<'_>, precoder: &Precoder, noise: f64) -> f64 {
    let layers = precoder.layers();
    let mut bits = 0.0;
    for k in 0..USED {
        let h: Vec<Complex64> = (0..channel.receive() * layers)
            .map(|e| {
                let link = |t: usize| wide(channel.row(e / layers, t, 7)[k]);
                (0..channel.transmit()).map(|t| link(t) * wide(precoder.weight(0, t, e % layers))).sum()
            })
            .collect();
        let gram: Vec<Complex64> = (0..layers * layers)
            .map(|e| {
                let products = (0..channel.receive())
                    .map(|r| h[r * layers + e / layers].conj() * h[r * layers + e % layers]);
                products.sum::<Complex64>() + if e / layers == e % layers { noise } else { 0.0 }
            })
            .collect();
        let a = inverse(layers, &gram);
        bits -= (0..layers).map(|l| (noise * a[l * layers + l].re).log2()).sum::<f64>();
    }
    bits / USED as f64
}

#[test]
fn the_choice_is_the_best_of_all() {
    for (receive, noise) in [(1, 0.1), (2, 0.01), (4, 1.0), (4, 1e-3)] {
        let responses = Paths::new(0.0).draw(receive * 4, USED, 5);
        let channel = Responses::new(&responses, receive, 4, USED);
        let codebook = Codebook::new(4).unwrap();
        let chosen = select(&codebook, &channel, noise, 1..=receive, 1).unwrap();
        let mut best = (0.0, 0, 0);
        for layers in 1..=receive {
            for (index, entry) in codebook.entries(layers).iter().enumerate() {
                let bits = slow_capacity(&channel, &entry.precoder, noise);
                if bits > best.0 {
                    best = (bits, layers, index);
                }
            }
        }
        assert!((chosen.capacity_bits / best.0 - 1.0).abs() < 1e-3, "{} {best:?}", chosen.capacity_bits);
        assert_eq!((chosen.layers, chosen.index), (best.1, best.2));
    }
}

#[test]
fn rank_follows_the_channel() {
    // One direction only, along beam 3 with phase 0.
    let steer = |t: usize| Complex32::from_polar(1.0, -std::f32::consts::FRAC_PI_4 * 3.0 * (t % 2) as f32);
    let one: Vec<Complex32> = (0..16 * USED).map(|e| steer(e / USED % 4)).collect();
    let codebook = Codebook::new(4).unwrap();
    let chosen = select(&codebook, &Responses::new(&one, 4, 4, USED), 0.01, 1..=4, 4).unwrap();
    let entry = &codebook.entries(1)[chosen.index];
    assert_eq!((chosen.layers, entry.beam, entry.phase), (1, 3, 0));
    // The array gain is 4 at each end.
    assert!((chosen.capacity_bits - (1.0f64 + 16.0 / 0.01).log2()).abs() < 1e-3);
    let unit = |e: usize| Complex32::new(f32::from(u8::from(e / USED / 4 == e / USED % 4)), 0.0);
    let full: Vec<Complex32> = (0..16 * USED).map(unit).collect();
    assert_eq!(select(&codebook, &Responses::new(&full, 4, 4, USED), 1e-3, 1..=4, 4).unwrap().layers, 4);
    let wrong = select(&codebook, &Responses::new(&full[..4 * USED], 2, 2, USED), 0.1, 1..=2, 4);
    assert!(matches!(wrong, Err(PrecodingError::NoCodebook { antennas: 2 })));
}
