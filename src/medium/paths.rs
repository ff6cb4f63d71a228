//! The paths that a trial drew for every link, or what is known of them with an error.

use airloop_baseband::{Complex32, Seeds};
use airloop_channels::{Fading, PathKind, Taps, TimeGrid};

/// Label of the root from which the independent copy is drawn.
pub(super) const COPY: u64 = 1;

/// Paths of all links of a trial.
#[derive(Clone, Debug)]
pub(super) struct DrawnPaths {
    own: Vec<Taps>,
    mixture: Option<Mixture>,
    count: usize,
}

/// What makes the scattered paths wrong.
#[derive(Clone, Debug)]
struct Mixture {
    /// An independent draw of the same links.
    copies: Vec<Taps>,
    /// Weights of own and copied gain, path by path.
    weights: Vec<(f32, f32)>,
}

impl DrawnPaths {
    /// Draws the paths of a trial's links.
    ///
    /// With an error the scattered paths are those of the estimate `h_hat` of `h = h_hat + e`, the error independent of
    /// the estimate, and a line of sight is known:
    ///
    /// ```text
    /// a_hat = (1 - s) a + sqrt(s (1 - s)) b,   s = E|e|^2 over the scattered power, b an independent copy of a
    /// ```
    pub fn draw(fading: &Fading, (seeds, trial): (&Seeds, u64), links: usize, share: f64) -> Self {
        let paths = fading.profile().paths();
        let mixture = (share > 0.0).then(|| {
            let weight = |kind| match kind {
                PathKind::Rayleigh => ((1.0 - share) as f32, (share * (1.0 - share)).sqrt() as f32),
                PathKind::LineOfSight => (1.0, 0.0),
            };
            Mixture {
                copies: fading.draw(&seeds.branch(COPY), trial, 0..links),
                weights: paths.iter().map(|path| weight(path.kind)).collect(),
            }
        });
        Self { own: fading.draw(seeds, trial, 0..links), mixture, count: paths.len() }
    }

    /// Returns the number of paths of a link.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Writes a link's path gains, `[instant, path]`; `other` is working memory.
    pub fn gains(&self, link: usize, grid: TimeGrid, out: &mut [Complex32], other: &mut Vec<Complex32>) {
        self.own[link].gains(grid, out);
        if let Some(Mixture { copies, weights }) = &self.mixture {
            other.resize(out.len(), Complex32::default());
            copies[link].gains(grid, other);
            for ((own, copied), (keep, mix)) in out.iter_mut().zip(&*other).zip(weights.iter().cycle()) {
                *own = *own * *keep + copied * *mix;
            }
        }
    }
}
