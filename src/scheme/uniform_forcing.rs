//! Uniform forcing: the server listens through aggregation beams, and every device inverts its channel as seen through them.
//!
//! ```text
//! x_k = B_k u_k;   y = sum_k H_k x_k + z over the antennas;   s_hat = A^H y,   A^H H_k B_k = I
//! ```
//!
//! With one beam the server of several antennas hears one value a subcarrier and quadrature with the least noise; with `L` beams and
//! devices of at least `L` antennas it hears the sum of vectors, `L` times as many values an element (MIMO AirComp). The beams and
//! the precoders are those of [`crate::beamforming::AggregationBeamformer`] for what is known of the channels; `|B_k|^2 <= P_k` in
//! every element.

use super::alignment::Spent;
use super::analog::AnalogPlan;
use super::expenses::Expenses;
use super::placement::Placement;
use super::{Outcome, Received, Round};
use crate::beamforming::slot::wide;
use crate::beamforming::{AggregationBeamformer, SlotBeams};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;
use airloop_baseband::{Complex32, Complex64};

/// One round of uniform forcing. Values fill a symbol beam after beam: the segments of the plan have as many elements a symbol as
/// there are used subcarriers times beams.
pub struct UniformForcingRound {
    plan: AnalogPlan,
    placement: Placement,
    expenses: Expenses,
    beams: SlotBeams,
    subcarriers: usize,
    /// Aligned powers over elements: sum and count.
    aligned: (f64, u64),
    combined: Vec<Complex32>,
}

impl UniformForcingRound {
    /// Begins a round.
    pub fn new(plan: AnalogPlan, design: AggregationBeamformer, index: u64) -> Self {
        Self {
            placement: plan.placement(index),
            expenses: Expenses::default(),
            beams: SlotBeams::new(design),
            subcarriers: 1,
            aligned: (0.0, 0),
            combined: Vec::new(),
            plan,
        }
    }
}

/// Elements of one precoder: it holds at `subcarrier` of all `symbols`.
#[derive(Clone, Copy)]
struct Column {
    subcarrier: usize,
    subcarriers: usize,
    streams: usize,
    first_symbol: usize,
    symbols: usize,
}

impl Column {
    /// Adds the precoded values to the grids of the antennas, each of `stride` elements; returns the energy and the pairs sent.
    fn send(
        self,
        precoder: &[Complex64],
        values: &[f32],
        grid: &mut [Complex32],
        stride: usize,
    ) -> (f64, u64) {
        let (mut energy, mut active) = (0.0, 0);
        let factor = std::f64::consts::FRAC_1_SQRT_2;
        for symbol in self.first_symbol..self.first_symbol + self.symbols {
            let first = symbol * self.streams * self.subcarriers + self.subcarrier;
            let pair = |stream: usize| {
                let at = 2 * (first + stream * self.subcarriers);
                values.get(at..at + 2).map(|u| Complex64::new(u[0].into(), u[1].into()) * factor)
            };
            active += (0..self.streams).filter(|l| pair(*l).is_some()).count() as u64;
            for (antenna, row) in precoder.chunks_exact(self.streams).enumerate() {
                let x: Complex64 = row.iter().enumerate().filter_map(|(l, b)| Some(b * pair(l)?)).sum();
                energy += x.norm_sqr();
                grid[antenna * stride + symbol * self.subcarriers + self.subcarrier] =
                    Complex32::new(x.re as f32, x.im as f32);
            }
        }
        (energy, active)
    }
}

impl Round for UniformForcingRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.placement.next_slot()
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        self.subcarriers = known.subcarriers();
        self.beams.update(known, &self.plan.budget.power);
    }

    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError> {
        let (antennas, streams, subcarriers) =
            (self.beams.antennas(), self.beams.streams(), self.subcarriers);
        let power = self.plan.budget.power[device];
        let values = self.placement.read(device)?;
        let stride = grid.len() / antennas.device;
        let symbols = stride / subcarriers;
        let links: Vec<LinkState<'_>> =
            (0..antennas.links()).map(|link| known.link(link, antennas.links())).collect();
        let at_once = if known.is_static(antennas.links()) { symbols } else { 1 };
        let (mut channel, mut precoder, mut spent) = (Vec::new(), Vec::new(), Spent::default());
        let mut rows: Vec<&[Complex32]> = Vec::with_capacity(links.len());
        for first_symbol in (0..symbols).step_by(at_once) {
            rows.clear();
            rows.extend(links.iter().map(|link| link.row(first_symbol)));
            for subcarrier in 0..subcarriers {
                let place = (first_symbol, subcarrier);
                if self.beams.at(place).noise_factor.is_infinite() {
                    continue;
                }
                channel.clear();
                channel.extend(rows.iter().map(|row| wide(row[subcarrier])));
                let peak = self.beams.precoder(&channel, place, &mut precoder);
                let column = Column { subcarrier, subcarriers, streams, first_symbol, symbols: at_once };
                let (energy, active) = column.send(&precoder, values, grid, stride);
                spent.energy += energy;
                spent.active += active;
                spent.peak = spent.peak.max(peak as f32);
            }
        }
        // Beams share an element's budget.
        let nominal = power * self.plan.payload.budget_power(device) / streams as f64;
        self.expenses.add(spent, (nominal, power));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let (elements, streams) = (self.placement.elements(), self.beams.streams());
        let (receive, width) = (self.beams.antennas().receive, self.subcarriers * streams);
        self.combined.clear();
        for element in 0..elements {
            let (symbol, inside) = (element / width, element % width);
            let (stream, subcarrier) = (inside / self.subcarriers, inside % self.subcarriers);
            let of = self.beams.at((symbol, subcarrier));
            if of.noise_factor.is_infinite() {
                self.combined.push(Complex32::default());
                continue;
            }
            let beam = &of.beams[stream * receive..(stream + 1) * receive];
            let at = symbol * self.subcarriers + subcarrier;
            let sum: Complex64 =
                beam.iter().enumerate().map(|(port, f)| f.conj() * wide(received.port(port)[at])).sum();
            let sum = sum * of.noise_factor.sqrt();
            self.combined.push(Complex32::new(sum.re as f32, sum.im as f32));
            self.aligned.0 += 1.0 / of.noise_factor;
        }
        self.aligned.1 += elements as u64;
        self.placement.add(&self.combined, &[1.0]);
    }

    fn restart(&mut self, index: u64) {
        self.placement = self.plan.placement(index);
        self.expenses = Expenses::default();
        self.aligned = (0.0, 0);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let (estimate, truth) = self.placement.finish();
        let receive_snr = self.aligned.0 / self.aligned.1 as f64 / self.plan.budget.noise_power;
        let account =
            self.expenses.account(&self.plan.segments, self.plan.budget.devices(), Some(receive_snr));
        Ok(Outcome { estimate, truth, account })
    }
}
