//! Channels that are independent in every resource element.

use super::paths::COPY;
use airloop_baseband::{Complex32, Purpose, Seeds};

/// Elements of all links of a trial, or what is known of them with an error.
#[derive(Clone, Debug)]
pub(super) struct PerElement {
    /// Power of the constant part and of the random part.
    pub powers: (f64, f64),
    /// Root of the draws.
    pub seeds: Seeds,
    /// The trial.
    pub trial: u64,
    /// Share of the random part's power that is an error, independent of what is known.
    pub share: f64,
}

impl PerElement {
    /// Writes a link's gains from an element of the round on.
    pub fn write(&self, link: usize, element: usize, out: &mut [Complex32]) {
        let (constant, scattered) = self.powers;
        let draw = |seeds: &Seeds| seeds.stream(Purpose::Fading, self.trial, link as u64 + 2);
        let keep = 1.0 - self.share;
        let power = scattered * keep * keep;
        draw(&self.seeds).fill_complex_gaussian(element as u64, power as f32, out);
        if self.share > 0.0 {
            let power = scattered * self.share * keep;
            draw(&self.seeds.branch(COPY)).add_complex_gaussian(element as u64, power as f32, out);
        }
        out.iter_mut().for_each(|h| h.re += constant.sqrt() as f32);
    }
}
