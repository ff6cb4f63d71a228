//! Choice of a precoder and of the number of layers.

use super::PrecodingError;
use super::codebook::Codebook;
use super::precoder::{Precoder, check_layers};
use crate::link::channel_estimation::Responses;
use crate::link::channel_estimation::planes::{Planes, add_scaled};
use crate::link::equalisation::{Row, RowOut, equalise_row};
use airloop_baseband::Complex32;
use std::ops::RangeInclusive;

/// The matrix of a codebook that promises most.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Layers.
    pub layers: usize,
    /// Index among the codebook's entries for that many layers.
    pub index: usize,
    /// Mean capacity after an equaliser of least mean square error, in bit an element.
    pub capacity_bits: f64,
    /// The precoder.
    pub precoder: Precoder,
}

/// Chooses the matrix, of any number of layers in a range, with the largest capacity behind an equaliser of least mean square
/// error.
///
/// ```text
/// capacity = mean over elements of sum_l log2(1 + sinr_l)
/// ```
///
/// The mean is over every `every`-th subcarrier of the middle row. Of equal ones the first is taken, with the fewest layers.
///
/// # Errors
/// When the channel allows none of the numbers of layers, or has another number of transmit antennas than the codebook.
pub fn select(
    codebook: &Codebook,
    channel: &Responses<'_>,
    noise_variance: f64,
    layers: RangeInclusive<usize>,
    every: usize,
) -> Result<Selection, PrecodingError> {
    let (transmit, receive) = (channel.transmit(), channel.receive());
    if transmit != codebook.antennas() {
        return Err(PrecodingError::NoCodebook { antennas: transmit });
    }
    check_layers(*layers.start(), transmit, receive)?;
    check_layers(*layers.end(), transmit, receive)?;
    let samples = channel.subcarriers().div_ceil(every.max(1));
    let mut links = Planes::zeros(receive * transmit, samples);
    let mut row = Vec::with_capacity(samples);
    for link in 0..receive * transmit {
        row.clear();
        let all = channel.row(link / transmit, link % transmit, channel.rows() / 2);
        row.extend(all.iter().step_by(every.max(1)));
        links.set_row(link, &row);
    }
    let search = Search { links, receive, samples, noise: noise_variance as f32 };
    let mut best: Option<Selection> = None;
    for layers in layers {
        let mut room = Room::new(receive, layers, &search);
        for (index, entry) in codebook.entries(layers).iter().enumerate() {
            let capacity_bits = search.capacity_bits(&entry.precoder, &mut room);
            if best.as_ref().is_none_or(|best| capacity_bits > best.capacity_bits) {
                best = Some(Selection { layers, index, capacity_bits, precoder: entry.precoder.clone() });
            }
        }
    }
    best.ok_or(PrecodingError::NoCodebook { antennas: transmit })
}

/// The channel on the subcarriers that count.
struct Search {
    links: Planes,
    receive: usize,
    samples: usize,
    noise: f32,
}

/// What the search of one number of layers writes to.
struct Room {
    effective: Planes,
    silence: Planes,
    noise: Vec<f32>,
    values: Vec<Complex32>,
    variances: Vec<f32>,
}

impl Room {
    fn new(receive: usize, layers: usize, search: &Search) -> Self {
        let silence = Planes::zeros(receive, search.samples);
        Self {
            effective: Planes::zeros(receive * layers, search.samples),
            noise: vec![search.noise; silence.stride()],
            silence,
            values: vec![Complex32::default(); layers * search.samples],
            variances: vec![0.0; layers * search.samples],
        }
    }
}

impl Search {
    fn capacity_bits(&self, precoder: &Precoder, room: &mut Room) -> f64 {
        let (layers, transmit) = (precoder.layers(), precoder.antennas());
        room.effective.re.fill(0.0);
        room.effective.im.fill(0.0);
        for r in 0..self.receive {
            for t in 0..transmit {
                let link = self.links.row(r * transmit + t);
                for l in 0..layers {
                    add_scaled(precoder.weight(0, t, l), link, room.effective.row_mut(r * layers + l));
                }
            }
        }
        let row = Row {
            receive: self.receive,
            received: room.silence.rows_in(0, self.receive),
            channel: room.effective.rows_in(0, self.receive * layers),
            stride: room.silence.stride(),
            channel_stride: room.effective.stride(),
            noise: &room.noise,
        };
        let out = RowOut {
            values: &mut room.values,
            variances: &mut room.variances,
            stride: self.samples,
            count: self.samples,
        };
        equalise_row(layers, false, row, out);
        let nats: f64 = room.variances.iter().map(|variance| f64::from(1.0 / variance).ln_1p()).sum();
        nats / (std::f64::consts::LN_2 * self.samples as f64)
    }
}
