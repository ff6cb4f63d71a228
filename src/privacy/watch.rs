//! What receivers could tell of each device: the largest amplitude at which one of its elements arrived.

use crate::medium::{GridGains, LinkState};
use crate::ofdm::SlotShape;
use airloop_baseband::Complex32;

/// Watches a round: at the server, and at an eavesdropper with channels of its own.
#[derive(Clone, Debug)]
pub struct Watch {
    server: Vec<f64>,
    eavesdropper: Option<(GridGains, Vec<f64>)>,
    row: Vec<Complex32>,
}

impl Watch {
    /// Begins to watch a round; `eavesdropper` holds its channels to the devices.
    pub fn new(devices: usize, eavesdropper: Option<GridGains>) -> Self {
        let nothing = vec![0.0; devices];
        let eavesdropper = eavesdropper.map(|gains| (gains, nothing.clone()));
        Self { server: nothing, eavesdropper, row: Vec::new() }
    }

    /// Sees a device send with the given precoder amplitudes `|b|`, one an element of the slot, over its true channel.
    pub fn see(&mut self, device: usize, shape: SlotShape, precoders: &[f32], truth: LinkState<'_>) {
        self.server[device] = self.server[device].max(largest(precoders, truth));
        if let Some((gains, amplitudes)) = &mut self.eavesdropper {
            gains.respond(device, shape, &mut self.row);
            let heard = LinkState::new(&self.row, truth.subcarriers(), shape.symbols);
            amplitudes[device] = amplitudes[device].max(largest(precoders, heard));
        }
    }

    /// Returns each device's largest amplitude `|h b|` at the server.
    pub fn server(&self) -> &[f64] {
        &self.server
    }

    /// Returns each device's largest amplitude `|g b|` at the eavesdropper, if there is one.
    pub fn eavesdropper(&self) -> Option<&[f64]> {
        self.eavesdropper.as_ref().map(|(_, amplitudes)| &amplitudes[..])
    }
}

/// Returns the largest `|h| |b|` of any element.
fn largest(precoders: &[f32], channel: LinkState<'_>) -> f64 {
    let mut largest = 0.0f32;
    for (symbol, precoders) in precoders.chunks(channel.subcarriers()).enumerate() {
        for (b, h) in precoders.iter().zip(channel.row(symbol)) {
            largest = largest.max(b * b * h.norm_sqr());
        }
    }
    f64::from(largest).sqrt()
}
