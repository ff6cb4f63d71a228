//! What the channels of a slot are good for.

use super::{Allocation, LinkRound};
use crate::link::adaptation::Quality;
use crate::link::channel_estimation::Responses;
use crate::link::equalisation::Noise;
use crate::link::precoding::Precoder;
use crate::link::traffic::Traffic;
use airloop_baseband::Complex32;
use std::ops::Range;
use std::sync::Arc;

impl<T: Traffic> LinkRound<T> {
    /// Measures what the channel of a device is good for in this slot.
    pub(super) fn measure(&mut self, device: usize, channel: &Responses<'_>, precoder: &Precoder) {
        let row = channel.rows() / 2;
        let sinrs = self.sinrs(device, channel, precoder, row..row + 1);
        self.adapters[device].measure(self.slot, Quality::of(&sinrs));
    }

    /// Returns the SINRs of a channel's elements for a receiver that knows it: in these rows, where one antenna sends.
    fn sinrs(
        &mut self,
        device: usize,
        channel: &Responses<'_>,
        precoder: &Precoder,
        mut rows: Range<usize>,
    ) -> Vec<f32> {
        let noise = self.plan.noise[device] as f32;
        if channel.transmit() > 1 {
            self.truth.fill_perfect(channel, precoder);
            let silence = vec![Complex32::default(); channel.receive() * self.plan.layout.elements()];
            let mut equaliser = self.plan.equaliser.clone();
            equaliser.equalise(&silence, &self.truth, Noise::White(noise), &mut self.quality);
            let layers = 0..self.quality.layers();
            return layers.flat_map(|l| self.quality.sinrs(l)).map(|sinr| sinr as f32).collect();
        }
        if channel.rows() == 1 {
            rows = 0..1;
        }
        let gain = |row: usize, s: usize| -> f32 {
            (0..channel.receive()).map(|r| channel.row(r, 0, row)[s].norm_sqr()).sum()
        };
        rows.flat_map(|row| (0..channel.subcarriers()).map(move |s| gain(row, s) / noise)).collect()
    }

    /// Appraises what is to be sent over a channel.
    pub(super) fn appraise(&mut self, allocation: &Allocation, channel: &Responses<'_>) -> f64 {
        let Some(appraisal) = self.appraisal.clone() else { return 0.0 };
        let plan = Arc::clone(&self.plan);
        let block = &plan.blocks[self.processes[allocation.device][allocation.process].block];
        let rows = 0..channel.rows().min(plan.layout.symbols());
        let sinrs = self.sinrs(allocation.device, channel, &allocation.precoder, rows);
        appraisal.effective_sinr(block, &sinrs)
    }
}
