//! Block error rates by scheme, block size and SINR.

use super::curve::ErrorRateCurve;
use super::entry::BlerEntry;
use super::error::LinkTableError;
use super::file::{FileKind, read};
use airloop_baseband::special::{normal_quantile, q_function};
use airloop_coding::CodingError;
use airloop_coding::crc::Crc;
use airloop_coding::ldpc::BaseGraph;
use airloop_coding::mcs::Mcs;
use airloop_coding::segmentation::Segmentation;
use std::collections::BTreeMap;
use std::path::Path;

/// Tables and indices that a scheme may have, those of the standard and reserved ones.
const PLACES: (usize, usize) = (4, 32);

/// MCS table, MCS index and block size of a curve.
type Name = (u8, u8, usize);

/// A table of block error rates that answers without allocation.
///
/// ```text
/// BLER = Q(-u),   u linear in dB between the points of a size (see ErrorRateCurve),
///                 u = (1 - w) u_low + w u_high,  w = log2(K/K_low)/log2(K_high/K_low)  between two sizes
/// ```
///
/// SINRs are those of a resource element with one layer in white noise; what stands for a channel that is not white there is its
/// effective SINR. Block sizes count the CRC of a code block as information.
#[derive(Clone, Debug, PartialEq)]
pub struct BlerTable {
    entries: Vec<BlerEntry>,
    /// First size of each scheme, and how many.
    places: [[(u32, u32); PLACES.1]; PLACES.0],
    sizes: Vec<Size>,
}

#[derive(Clone, Debug, PartialEq)]
struct Size {
    bits: usize,
    log2_bits: f64,
    curve: ErrorRateCurve,
}

/// Two curves with the weight of the second.
#[derive(Clone, Copy)]
struct Between<'a> {
    low: &'a ErrorRateCurve,
    high: &'a ErrorRateCurve,
    weight: f64,
}

impl Between<'_> {
    #[inline]
    fn quantile(&self, sinr_db: f64) -> f64 {
        // A weight of 0 must not meet an infinite quantile.
        if self.weight == 0.0 {
            return self.low.quantile(sinr_db);
        }
        let (low, high) = (self.low.quantile(sinr_db), self.high.quantile(sinr_db));
        low + (high - low) * self.weight
    }

    /// Returns the next point of either curve below a SINR.
    fn next_below(&self, sinr_db: f64) -> Option<f64> {
        let below = |points: &[f64]| points[..points.partition_point(|x| *x < sinr_db)].last().copied();
        match (below(self.low.sinr_db()), below(self.high.sinr_db())) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}

impl BlerTable {
    /// Reads a table that `airloop link-table` wrote, JSON or (by its ending) CSV.
    ///
    /// # Errors
    /// When the file cannot be read, its schema or version is unknown, or an entry is not as it must be.
    pub fn read(path: &Path) -> Result<Self, LinkTableError> {
        let entries = read(path, FileKind::Bler, BlerEntry::read)?;
        Self::checked(entries, path)
    }

    /// Makes a table of entries; those of one scheme and block size have ascending SNRs.
    ///
    /// # Errors
    /// When there are none, or their SNRs do not ascend.
    pub fn new(entries: Vec<BlerEntry>) -> Result<Self, LinkTableError> {
        Self::checked(entries, Path::new("link table"))
    }

    fn checked(entries: Vec<BlerEntry>, path: &Path) -> Result<Self, LinkTableError> {
        let wrong = |field: String, found: String, expected: String| LinkTableError::Field {
            path: path.to_path_buf(),
            field,
            found,
            expected,
        };
        if entries.is_empty() {
            return Err(wrong("entries".into(), "empty".into(), "one entry or more are expected".into()));
        }
        let mut curves: BTreeMap<Name, Vec<(f64, f64, u64)>> = BTreeMap::new();
        for (i, entry) in entries.iter().enumerate() {
            if Mcs::new(entry.mcs_table, entry.mcs).is_err() {
                let expected = format!("an index of table {} of TS 38.214 is expected", entry.mcs_table);
                return Err(wrong(format!("entries[{i}].mcs"), entry.mcs.to_string(), expected));
            }
            let curve = curves.entry((entry.mcs_table, entry.mcs, entry.block_bits)).or_default();
            if let Some(last) = curve.last().filter(|last| last.0 >= entry.snr_db) {
                let expected = format!(
                    "more than {}, the entry before it of the same scheme and size, is expected",
                    last.0
                );
                return Err(wrong(format!("entries[{i}].snr_db"), entry.snr_db.to_string(), expected));
            }
            curve.push((entry.snr_db, entry.bler, entry.blocks));
        }
        let mut places = [[(0, 0); PLACES.1]; PLACES.0];
        let mut sizes = Vec::with_capacity(curves.len());
        for ((table, index, bits), points) in curves {
            let place = &mut places[usize::from(table) - 1][usize::from(index)];
            if place.1 == 0 {
                place.0 = sizes.len() as u32;
            }
            place.1 += 1;
            sizes.push(Size { bits, log2_bits: (bits as f64).log2(), curve: ErrorRateCurve::new(&points) });
        }
        Ok(Self { entries, places, sizes })
    }

    /// Returns the entries, in the order of the file.
    pub fn entries(&self) -> &[BlerEntry] {
        &self.entries
    }

    /// Returns the block sizes of a scheme, ascending; none of a scheme that the table does not have.
    pub fn block_bits(&self, mcs: Mcs) -> impl Iterator<Item = usize> {
        self.of(mcs).iter().map(|size| size.bits)
    }

    /// Returns the curve of a scheme and a block size that was measured.
    pub fn curve(&self, mcs: Mcs, block_bits: usize) -> Option<&ErrorRateCurve> {
        self.of(mcs).iter().find(|size| size.bits == block_bits).map(|size| &size.curve)
    }

    /// Returns the error rate of a code block.
    ///
    /// # Errors
    /// When the table does not have the scheme, the block size is outside those of the table, or the SINR is no number.
    #[inline]
    pub fn block_error_rate(&self, mcs: Mcs, block_bits: usize, sinr_db: f64) -> Result<f64, LinkTableError> {
        let between = self.between(mcs, block_bits)?;
        if sinr_db.is_nan() {
            return Err(LinkTableError::Sinr);
        }
        Ok(q_function(-between.quantile(sinr_db)))
    }

    /// Returns the highest measured SINR at which a code block has an error rate: the inverse of [`Self::block_error_rate`].
    ///
    /// # Errors
    /// As there, and when the rate lies outside those that were measured.
    pub fn sinr_db(&self, mcs: Mcs, block_bits: usize, bler: f64) -> Result<f64, LinkTableError> {
        let between = self.between(mcs, block_bits)?;
        let target = normal_quantile(bler);
        let ends = [between.low.sinr_db(), between.high.sinr_db()];
        let first = ends[0][0].max(ends[1][0]);
        let mut above = ends[0][ends[0].len() - 1].max(ends[1][ends[1].len() - 1]);
        let mut u_above = between.quantile(above);
        let least = q_function(-u_above);
        if target >= u_above {
            while let Some(below) = between.next_below(above).filter(|x| *x >= first) {
                let u_below = between.quantile(below);
                if u_below >= target {
                    let share =
                        if u_below > u_above { (target - u_below) / (u_above - u_below) } else { 1.0 };
                    return Ok(below + (above - below) * share);
                }
                (above, u_above) = (below, u_below);
            }
        }
        let most = between.quantile(first).max(u_above);
        Err(LinkTableError::ErrorRate { given: bler, least, most: q_function(-most) })
    }

    /// Returns the error rate of a transport block: of its code blocks one or more is wrong.
    ///
    /// ```text
    /// 1 - (1 - BLER)^C,   C code blocks of K' bits, their CRC counted (TS 38.212 clauses 5.2.2, 7.2.1 and 7.2.2)
    /// ```
    ///
    /// # Errors
    /// As [`Self::block_error_rate`], for code blocks; when the bits do not divide into equal blocks.
    pub fn transport_block_error_rate(
        &self,
        mcs: Mcs,
        transport_bits: usize,
        sinr_db: f64,
    ) -> Result<f64, LinkTableError> {
        if transport_bits == 0 {
            let what = "the bits of a transport block";
            return Err(CodingError::Range { what, given: 0, least: 1, most: usize::MAX }.into());
        }
        let graph = BaseGraph::of_block(transport_bits, mcs.code_rate);
        let with_crc = transport_bits + Crc::of_transport_block(transport_bits).width();
        let segmentation = Segmentation::new(with_crc, graph)?;
        let bler = self.block_error_rate(mcs, segmentation.block_bits(), sinr_db)?;
        Ok(-(segmentation.blocks() as f64 * (-bler).ln_1p()).exp_m1())
    }

    #[inline]
    fn of(&self, mcs: Mcs) -> &[Size] {
        let row = self.places.get(usize::from(mcs.table).wrapping_sub(1));
        let (first, count) = row.and_then(|row| row.get(usize::from(mcs.index))).copied().unwrap_or_default();
        &self.sizes[first as usize..(first + count) as usize]
    }

    #[inline]
    fn between(&self, mcs: Mcs, block_bits: usize) -> Result<Between<'_>, LinkTableError> {
        let sizes = self.of(mcs);
        let above = sizes.partition_point(|size| size.bits < block_bits);
        let Some(high) = sizes.get(above) else { return Err(self.refusal(mcs, block_bits)) };
        if high.bits == block_bits {
            return Ok(Between { low: &high.curve, high: &high.curve, weight: 0.0 });
        }
        let Some(low) = above.checked_sub(1).map(|below| &sizes[below]) else {
            return Err(self.refusal(mcs, block_bits));
        };
        let weight = ((block_bits as f64).log2() - low.log2_bits) / (high.log2_bits - low.log2_bits);
        Ok(Between { low: &low.curve, high: &high.curve, weight })
    }

    #[cold]
    fn refusal(&self, mcs: Mcs, given: usize) -> LinkTableError {
        let (table, index, sizes) = (mcs.table, mcs.index, self.of(mcs));
        if let (Some(first), Some(last)) = (sizes.first(), sizes.last()) {
            return LinkTableError::BlockBits { given, table, index, least: first.bits, most: last.bits };
        }
        let schemes = |(row, table): (usize, &[(u32, u32); PLACES.1])| {
            let there: Vec<String> =
                (0..PLACES.1).filter(|index| table[*index].1 > 0).map(|index| index.to_string()).collect();
            (!there.is_empty()).then(|| format!("{} of table {}", there.join(", "), row + 1))
        };
        let known: Vec<String> = self.places.iter().enumerate().filter_map(schemes).collect();
        LinkTableError::NoScheme { table, index, known: known.join("; ") }
    }
}
