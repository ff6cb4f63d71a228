//! Least squares: what each received pilot says of its layer.

use super::planes::Planes;
use crate::link::reference_signals::ReferenceSignals;
use crate::link::slot_layout::SlotLayout;
use airloop_baseband::Complex32;

/// Where the observations of a layer lie on the subcarriers, and how they come about.
///
/// ```text
/// alone in its group:   z_i = y(2 i + g) r(i)^* / boost                                              at k = 2 i + g
/// one of two layers:    z_i = (y(4 i + g) r(2 i)^* + w y(4 i + 2 + g) r(2 i + 1)^*) / (2 boost)      at k = 4 i + g + 1
/// ```
///
/// with the group `g = layer / 2` (rounded down) and the layer's sign `w`. The noise of an observation has the variance
/// `noise / boost^2`, or half of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comb {
    /// The group of the layer, 0 or 1.
    pub group: usize,
    /// Whether another layer shares the pilots.
    pub shared: bool,
    /// How many observations.
    pub count: usize,
}

impl Comb {
    /// Returns the comb of a layer.
    pub fn of(layout: &SlotLayout, layer: usize) -> Self {
        let group = layer / 2;
        let shared = layout.layers() > 2 * group + 1;
        let spacing = if shared { 4 } else { 2 };
        Self { group, shared, count: layout.subcarriers() / spacing }
    }

    /// Returns the distance of observations in subcarriers.
    pub fn spacing(&self) -> usize {
        if self.shared { 4 } else { 2 }
    }

    /// Returns the subcarrier of an observation.
    pub fn position(&self, index: usize) -> usize {
        self.group + usize::from(self.shared) + index * self.spacing()
    }

    /// Returns the variance of the noise of an observation over that of an element.
    pub fn noise_share(&self, boost: f64) -> f64 {
        1.0 / (boost * boost * if self.shared { 2.0 } else { 1.0 })
    }
}

/// Writes the observations of a layer at one antenna, one row a pilot symbol from `first_row` on.
pub fn observe(
    (layout, signals): (&SlotLayout, &ReferenceSignals),
    layer: usize,
    received: &[Complex32],
    (out, first_row): (&mut Planes, usize),
) {
    let comb = Comb::of(layout, layer);
    let used = layout.subcarriers();
    let scale = 1.0 / (signals.boost() * if comb.shared { 2.0 } else { 1.0 });
    let sign = if layer % 2 == 1 { -1.0 } else { 1.0 };
    for (index, symbol) in layout.pilot_symbols().iter().enumerate() {
        let (pairs, _) = received[symbol * used..(symbol + 1) * used].as_chunks::<2>();
        let sequence = signals.sequence(index);
        let (re, im) = out.row_mut(first_row + index);
        let mut write = |i: usize, z: Complex32| (re[i], im[i]) = (z.re * scale, z.im * scale);
        if comb.shared {
            let fours = pairs.as_chunks::<2>().0.iter().zip(sequence.as_chunks::<2>().0);
            for (i, ([y, later], [r, next])) in fours.enumerate() {
                write(i, y[comb.group] * r.conj() + later[comb.group] * next.conj() * sign);
            }
        } else {
            for (i, (y, r)) in pairs.iter().zip(sequence).enumerate() {
                write(i, y[comb.group] * r.conj());
            }
        }
    }
}
