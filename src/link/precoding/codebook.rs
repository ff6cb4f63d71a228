//! The standard's codebook for one panel of antennas.

use super::PrecodingError;
use super::precoder::Precoder;
use airloop_baseband::Complex64;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// Beams of a panel with two columns: two columns, four times oversampled.
const BEAMS: usize = 8;

/// Distance of two orthogonal beams.
const ORTHOGONAL: usize = 4;

/// One matrix of the codebook.
#[derive(Clone, Debug, PartialEq)]
pub struct CodebookEntry {
    /// The beam, `i_1,1` of the standard; 0 with two antennas.
    pub beam: usize,
    /// Which beam goes with it, `i_1,3` of the standard.
    pub companion: usize,
    /// The phase between polarisations, `i_2` of the standard.
    pub phase: usize,
    /// The precoder, of energy 1.
    pub precoder: Precoder,
}

/// The type I single-panel codebook, mode 1, for 1, 2 and 4 transmit antennas (two polarisations; four antennas in two
/// columns).
///
/// ```text
/// v_b = [1, exp(j 2 pi b / 8)],  phi_n = exp(j pi n / 2),  the first half of the antennas is one polarisation
/// layers   columns, each times 1 / sqrt(antennas layers)
/// 1        [v_b; phi v_b]
/// 2        [v_b; phi v_b], [v_b'; -phi v_b']
/// 3        [v_b; phi v_b], [v_b'; phi v_b'], [v_b; -phi v_b]
/// 4        [v_b; phi v_b], [v_b'; phi v_b'], [v_b; -phi v_b], [v_b'; -phi v_b']
/// ```
///
/// with `b' = b` or `b + 4` for two layers and `b + 4` for more. With two antennas `v = 1`. Source: TS 38.214, clause
/// 5.2.2.2.1,
/// tables 5.2.2.2.1-1 to -8.
#[derive(Clone, Debug)]
pub struct Codebook {
    antennas: usize,
    ranks: Vec<Vec<CodebookEntry>>,
}

impl Codebook {
    /// Lists all matrices for a number of transmit antennas.
    ///
    /// # Errors
    /// When there are not 1, 2 or 4.
    pub fn new(antennas: usize) -> Result<Self, PrecodingError> {
        if !matches!(antennas, 1 | 2 | 4) {
            return Err(PrecodingError::NoCodebook { antennas });
        }
        let ranks = (1..=antennas).map(|layers| entries(antennas, layers)).collect();
        Ok(Self { antennas, ranks })
    }

    /// Returns the number of transmit antennas.
    pub fn antennas(&self) -> usize {
        self.antennas
    }

    /// Returns the matrices for a number of layers, in the order of their indices; nothing for more layers than antennas.
    pub fn entries(&self, layers: usize) -> &[CodebookEntry] {
        layers.checked_sub(1).and_then(|rank| self.ranks.get(rank)).map_or(&[], Vec::as_slice)
    }
}

fn entries(antennas: usize, layers: usize) -> Vec<CodebookEntry> {
    if antennas == 1 {
        let precoder = Precoder::wideband(1, 1, &[Complex64::from(1.0)]);
        return vec![CodebookEntry { beam: 0, companion: 0, phase: 0, precoder }];
    }
    let (beams, companions): (usize, &[usize]) = match (antennas, layers) {
        (2, _) => (1, &[0]),
        (_, 1) => (BEAMS, &[0]),
        (_, 2) => (BEAMS, &[0, ORTHOGONAL]),
        _ => (BEAMS, &[ORTHOGONAL]),
    };
    let phases = if layers == 1 { 4 } else { 2 };
    let mut entries = Vec::new();
    for beam in 0..beams {
        for (companion, offset) in companions.iter().enumerate() {
            for phase in 0..phases {
                let precoder = matrix(antennas, layers, (beam, beam + offset), phase);
                entries.push(CodebookEntry { beam, companion, phase, precoder });
            }
        }
    }
    entries
}

/// Returns the matrix of two beams and a phase.
fn matrix(antennas: usize, layers: usize, (beam, other): (usize, usize), phase: usize) -> Precoder {
    let amplitude = ((antennas * layers) as f64).sqrt().recip();
    let columns = antennas / 2;
    let entry = |e: usize| {
        let (antenna, layer) = (e / layers, e % layers);
        // The second half of the layers has the other sign on the second polarisation.
        let sign = if layer >= layers.div_ceil(2) { -1.0 } else { 1.0 };
        let beam = if layer % 2 == 1 { other } else { beam };
        let steered = Complex64::cis((beam * (antenna % columns)) as f64 * FRAC_PI_4) * amplitude;
        if antenna < columns { steered } else { steered * Complex64::cis(phase as f64 * FRAC_PI_2) * sign }
    };
    let entries: Vec<Complex64> = (0..antennas * layers).map(entry).collect();
    Precoder::wideband(antennas, layers, &entries)
}
