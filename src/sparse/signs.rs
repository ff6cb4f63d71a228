//! The kernels of the projection: sign words by Philox, and sums of values under those signs.
//!
//! The loops over lanes index arrays: with iterators or closures inside, compilers do not turn them into vectors and they
//! take five to fifty times as long, in some profiles only. `benches/sparse.rs` shows it.

use airloop_baseband::philox::philox4x32_10;

/// Rows worked on at once.
pub(super) const LANES: usize = 16;
/// Columns whose signs share a word.
pub(super) const BLOCK: usize = u32::BITS as usize;
/// Groups of [`LANES`] rows that one counter for each lane gives words to.
const WORDS: usize = 4;
/// Groups of rows whose sign words are held at once; a multiple of [`WORDS`].
const STRIPE: usize = 32;
/// Columns whose sums stay in registers.
const PART: usize = 8;
/// Columns that are added to a row at once.
const QUAD: usize = 4;
/// The sign bit of a number.
const SIGN: u32 = 1 << 31;

/// Where the signs come from.
///
/// ```text
/// row = 16 (4 tile + word) + lane
/// philox(key, (16 tile + lane, block, 0, 0))[word] holds the rows' signs in columns 32 block + 0..32, highest bit first
/// ```
///
/// A set bit is a negative entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) key: [u32; 2],
}

impl Signs {
    /// Returns the sign words of a stripe of rows in a block of columns; words of whole tiles only, at least `groups`.
    #[inline(always)]
    fn stripe(self, stripe: usize, block: u32, groups: usize, words: &mut [[u32; LANES]; STRIPE]) {
        let (tiles, _) = words.as_chunks_mut::<WORDS>();
        let used = groups.div_ceil(WORDS);
        for (number, tile) in tiles[..used].iter_mut().enumerate() {
            let first = (LANES * (stripe * STRIPE / WORDS + number)) as u32;
            let [zero, one, two, three] = tile;
            for lane in 0..LANES {
                let drawn = philox4x32_10(self.key, [first.wrapping_add(lane as u32), block, 0, 0]);
                [zero[lane], one[lane], two[lane], three[lane]] = drawn;
            }
        }
    }
}

/// Sets `x` to the unscaled adjoint of `y`, given as groups of rows, zero past the last row.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub(super) fn adjoint(signs: Signs, y: &[[f32; LANES]], x: &mut [f32]) {
    let mut words = [[0; LANES]; STRIPE];
    for (block, x) in x.chunks_mut(BLOCK).enumerate() {
        let mut sums = [[0.0; LANES]; BLOCK];
        for (stripe, y) in y.chunks(STRIPE).enumerate() {
            signs.stripe(stripe, block as u32, y.len(), &mut words);
            let (parts, _) = sums.as_chunks_mut::<PART>();
            for (part, sums) in parts.iter_mut().enumerate() {
                *sums = signed_sums(*sums, &words, (part * PART) as u32, y);
            }
        }
        for (x, sums) in x.iter_mut().zip(sums) {
            *x = total(sums);
        }
    }
}

/// Returns `sums` with the rows `y` added under the signs of [`PART`] columns from `first` of the block on.
#[inline(always)]
fn signed_sums(
    mut sums: [[f32; LANES]; PART],
    words: &[[u32; LANES]; STRIPE],
    first: u32,
    y: &[[f32; LANES]],
) -> [[f32; LANES]; PART] {
    for (words, y) in words.iter().zip(y) {
        let mut words = *words;
        for word in &mut words {
            *word = word.wrapping_shl(first);
        }
        for sums in &mut sums {
            for lane in 0..LANES {
                sums[lane] += f32::from_bits(y[lane].to_bits() ^ (words[lane] & SIGN));
                words[lane] <<= 1;
            }
        }
    }
    sums
}

/// Returns the sum of the lanes, halves onto halves.
#[inline(always)]
fn total(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// Adds to the rows `y` the unscaled image of the vector that has `values` at the ascending `indices`.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub(super) fn forward(signs: Signs, indices: &[u32], values: &[f32], y: &mut [[f32; LANES]]) {
    let mut words = [[0; LANES]; STRIPE];
    let (mut columns, mut entries) = ([0; BLOCK], [0.0; BLOCK]);
    let mut begin = 0;
    while begin < indices.len() {
        let block = indices[begin] / BLOCK as u32;
        let mut count = 0;
        while let Some(index) = indices.get(begin + count).filter(|index| **index / BLOCK as u32 == block) {
            columns[count] = index % BLOCK as u32;
            entries[count] = values[begin + count];
            count += 1;
        }
        begin += count;
        // Zeros fill the last quad: they change no sum.
        let filled = count.next_multiple_of(QUAD);
        entries[count..filled].fill(0.0);
        let (columns, _) = columns[..filled].as_chunks::<QUAD>();
        let (entries, _) = entries[..filled].as_chunks::<QUAD>();
        for (stripe, y) in y.chunks_mut(STRIPE).enumerate() {
            signs.stripe(stripe, block, y.len(), &mut words);
            for (columns, entries) in columns.iter().zip(entries) {
                add_quad(*columns, *entries, &words, y);
            }
        }
    }
}

/// Adds [`QUAD`] columns of a block, times their entries, to the rows.
#[inline(always)]
fn add_quad(
    columns: [u32; QUAD],
    entries: [f32; QUAD],
    words: &[[u32; LANES]; STRIPE],
    y: &mut [[f32; LANES]],
) {
    for (words, y) in words.iter().zip(y) {
        let mut sums = *y;
        for quad in 0..QUAD {
            for lane in 0..LANES {
                let sign = words[lane].wrapping_shl(columns[quad]) & SIGN;
                sums[lane] += f32::from_bits(entries[quad].to_bits() ^ sign);
            }
        }
        *y = sums;
    }
}
