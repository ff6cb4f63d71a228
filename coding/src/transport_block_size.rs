//! Transport block sizes (3GPP TS 38.214 clause 5.1.3.2).

use crate::error::CodingError;
use crate::transport_block::HIGHEST_RATE;
use std::sync::OnceLock;

/// The most resource elements of a resource block that count.
const MOST_ELEMENTS: usize = 156;

/// The largest size that the table has.
const TABLED: f64 = 3824.0;

/// The resources of a transport block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allocation {
    /// Resource elements for data in one resource block, `N'_RE`: pilots and overhead taken off; above 156 counts as 156.
    pub elements_per_block: usize,
    /// Resource blocks.
    pub resource_blocks: usize,
    /// Layers.
    pub layers: usize,
    /// Bits a constellation point.
    pub modulation_order: usize,
    /// Target code rate.
    pub code_rate: f64,
    /// Scaling of table 5.1.3.2-2: 1, 0.5 or 0.25; 1 but for paging and random access.
    pub scaling: f64,
}

impl Allocation {
    /// Returns the unquantised number of information bits, `N_info`.
    ///
    /// ```text
    /// N_info = scaling min(156, elements) resource_blocks code_rate modulation_order layers
    /// ```
    pub fn information_bits(&self) -> f64 {
        let elements = self.elements_per_block.min(MOST_ELEMENTS) * self.resource_blocks;
        // Rates are whole or half 1024ths: every product is exact.
        self.scaling * (elements * self.modulation_order * self.layers) as f64 * self.code_rate
    }

    /// Returns the coded bits that the resources carry, all elements counted.
    pub fn coded_bits(&self) -> usize {
        self.elements_per_block * self.resource_blocks * self.modulation_order * self.layers
    }

    /// Returns the transport block size, CRC not counted.
    ///
    /// # Errors
    /// When there are no resources, or a number is not allowed: layers from 1 to 4, code rate in (0, 0.95], scaling in (0, 1].
    pub fn transport_block_size(&self) -> Result<usize, CodingError> {
        self.check()?;
        let bits = self.information_bits();
        if bits <= TABLED { Ok(tabled(bits)) } else { Ok(computed(bits, self.code_rate)) }
    }

    fn check(&self) -> Result<(), CodingError> {
        let counts = [
            ("resource elements of a resource block", self.elements_per_block, 1, 168),
            ("resource blocks", self.resource_blocks, 1, 275),
            ("layers", self.layers, 1, 4),
        ];
        for (what, given, least, most) in counts {
            if !(least..=most).contains(&given) {
                return Err(CodingError::Range { what, given, least, most });
            }
        }
        if !crate::rate_matching::MODULATION_ORDERS.contains(&self.modulation_order) {
            return Err(CodingError::ModulationOrder { given: self.modulation_order });
        }
        if !(self.code_rate > 0.0 && self.code_rate <= HIGHEST_RATE) {
            return Err(CodingError::CodeRate { given: self.code_rate, most: HIGHEST_RATE });
        }
        if !(self.scaling > 0.0 && self.scaling <= 1.0) {
            return Err(CodingError::Scaling { given: self.scaling });
        }
        Ok(())
    }
}

/// Returns a size for at most 3824 bits: the least one of the table that holds the bits rounded down.
///
/// ```text
/// n = max(3, floor(log2(bits)) - 6),   quantised = max(24, 2^n floor(bits / 2^n))
/// ```
fn tabled(bits: f64) -> usize {
    let whole = bits as usize;
    let n = whole.max(1).ilog2().saturating_sub(6).max(3);
    let quantised = (whole >> n << n).max(24);
    let sizes = sizes();
    sizes[sizes.partition_point(|size| *size < quantised).min(sizes.len() - 1)]
}

/// Returns a size for more than 3824 bits.
///
/// ```text
/// n = floor(log2(bits - 24)) - 5,   quantised = max(3840, 2^n round((bits - 24) / 2^n)),   ties up
/// blocks = ceil((quantised + 24) / 3816) if rate <= 1/4, else ceil((quantised + 24) / 8424) if quantised > 8424, else 1
/// size = 8 blocks ceil((quantised + 24) / (8 blocks)) - 24
/// ```
fn computed(bits: f64, code_rate: f64) -> usize {
    let bits = bits - 24.0;
    let n = (bits as usize).ilog2() - 5;
    let unit = f64::from(1u32 << n);
    let quantised = (((bits / unit + 0.5).floor() * unit) as usize).max(3840);
    let blocks = if code_rate <= 0.25 {
        (quantised + 24).div_ceil(3816)
    } else if quantised > 8424 {
        (quantised + 24).div_ceil(8424)
    } else {
        1
    };
    (quantised + 24).next_multiple_of(8 * blocks) - 24
}

/// Returns the sizes of table 5.1.3.2-1.
fn sizes() -> &'static [usize] {
    static SIZES: OnceLock<Vec<usize>> = OnceLock::new();
    SIZES.get_or_init(|| {
        let lines = include_str!("data/ts38214_tbs.csv").lines();
        let rows = lines.filter(|line| !line.starts_with('#')).skip(1);
        rows.filter_map(|line| line.split_once(',')?.1.parse().ok()).collect()
    })
}
