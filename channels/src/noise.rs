//! Noise of a receive port, added and measured.

use airloop_baseband::{Complex32, SampleIndex, Stream};

/// What was added at one port so far, and working memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddedNoise {
    drawn: Vec<Complex32>,
    energy: f64,
    samples: u64,
}

impl AddedNoise {
    /// Adds noise of a stream and a power to samples that begin at an absolute index; power 0 adds and counts nothing.
    pub fn add(&mut self, (stream, power): (Stream, f64), start: SampleIndex, samples: &mut [Complex32]) {
        if power <= 0.0 {
            return;
        }
        self.drawn.resize(samples.len(), Complex32::default());
        stream.fill_complex_gaussian(start, power as f32, &mut self.drawn);
        for (block, noise) in samples.chunks_mut(256).zip(self.drawn.chunks(256)) {
            let mut energy = [0.0f32; 16];
            for (i, (x, z)) in block.iter_mut().zip(noise).enumerate() {
                *x += z;
                energy[i % 16] += z.norm_sqr();
            }
            self.energy += f64::from(energy.iter().sum::<f32>());
        }
        self.samples += samples.len() as u64;
    }

    /// Returns the energy and the number of the samples.
    pub fn measured(&self) -> (f64, u64) {
        (self.energy, self.samples)
    }
}
