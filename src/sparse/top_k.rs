//! The largest entries of a vector, and what they leave.

/// A vector of mostly zeros: its length and the entries that are not zero, in ascending order of index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseVector {
    length: usize,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl SparseVector {
    /// Returns the nonzero entries of a vector.
    ///
    /// # Panics
    ///
    /// Panics if the vector is longer than 2^32.
    pub fn nonzeros_of(vector: &[f32]) -> Self {
        let mut sparse = Self::default();
        sparse.assign_nonzeros(vector);
        sparse
    }

    /// Takes over the nonzero entries of a vector, in the memory that is there.
    ///
    /// # Panics
    ///
    /// As [`nonzeros_of`](Self::nonzeros_of).
    pub fn assign_nonzeros(&mut self, vector: &[f32]) {
        self.begin(vector.len());
        for (index, value) in vector.iter().enumerate() {
            if *value != 0.0 {
                self.push(index, *value);
            }
        }
    }

    fn begin(&mut self, length: usize) {
        assert!(length as u64 <= 1 << 32, "indices of 32 bits reach 2^32 entries, not {length}");
        self.length = length;
        self.indices.clear();
        self.values.clear();
    }

    fn push(&mut self, index: usize, value: f32) {
        self.indices.push(index as u32);
        self.values.push(value);
    }

    /// Returns the number of entries, zeros included.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Returns where the entries are, ascending.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// Returns the entries at [`indices`](Self::indices).
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Adds the vector, times a factor, to a dense one.
    ///
    /// ```text
    /// sum[i] = sum[i] + factor x[i]
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `sum` is shorter than the last index.
    pub fn add_to(&self, factor: f32, sum: &mut [f32]) {
        for (index, value) in self.indices.iter().zip(&self.values) {
            sum[*index as usize] += factor * value;
        }
    }
}

/// Moves the `count` entries of largest magnitude out of a vector, which keeps the residual.
///
/// ```text
/// kept = top_k(vector);   vector' = vector - kept
/// ```
///
/// Of equal magnitudes the lower index goes first; a NaN counts as larger than any number. Fewer are moved where fewer
/// are not zero. The sum of both is the old vector, exactly. This is the sparsification with memory of A-DSGD: M. Amiri,
/// D. Gunduz, "Machine learning at the wireless edge: distributed stochastic gradient descent over-the-air", IEEE Trans.
/// Signal Process. 68 (2020).
///
/// # Panics
///
/// Panics if the vector is longer than 2^32.
pub fn take_largest(vector: &mut [f32], count: usize) -> SparseVector {
    let mut kept = SparseVector::default();
    kept.begin(vector.len());
    let count = count.min(vector.len());
    if count == 0 {
        return kept;
    }
    // Bits of magnitudes are in the order of the magnitudes.
    let mut magnitudes: Vec<u32> = vector.iter().map(|value| value.abs().to_bits()).collect();
    let (above, least, _) = magnitudes.select_nth_unstable_by(count - 1, |a, b| b.cmp(a));
    let least = *least;
    let mut ties = count - above.iter().filter(|magnitude| **magnitude > least).count();
    for (index, value) in vector.iter_mut().enumerate() {
        let magnitude = value.abs().to_bits();
        let tied = magnitude == least && ties > 0;
        ties -= usize::from(tied);
        if (magnitude > least || tied) && magnitude > 0 {
            kept.push(index, std::mem::take(value));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::{Purpose, Seeds};

    /// Sorts all entries, the largest first and equal ones in their order.
    fn sorted(vector: &[f32], count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..vector.len() as u32).collect();
        order.sort_by(|a, b| vector[*b as usize].abs().total_cmp(&vector[*a as usize].abs()));
        order.truncate(count);
        order.retain(|index| vector[*index as usize] != 0.0);
        order.sort_unstable();
        order
    }

    #[test]
    fn largest_entries_are_those_of_a_sort() {
        let mut vector = vec![0.0; 1_000];
        Seeds::new(1).stream(Purpose::Payload, 0, 0).fill_gaussian(0, &mut vector);
        // Steps of a half give ties and zeros.
        let coarse: Vec<f32> = vector.iter().map(|value| (2.0 * value).round() / 2.0).collect();
        for vector in [vector, coarse] {
            for count in [0, 1, 7, 100, 500, 999, 1_000, 2_000] {
                let mut residual = vector.clone();
                let kept = take_largest(&mut residual, count);
                assert_eq!(kept.indices(), sorted(&vector, count), "{count}");
                assert_eq!(kept.length(), vector.len());
                assert!(kept.indices().iter().all(|index| residual[*index as usize] == 0.0));
                kept.add_to(1.0, &mut residual);
                assert_eq!(residual, vector);
            }
        }
    }

    #[test]
    fn ties_go_to_the_lower_index() {
        let mut vector = [1.0, -2.0, 2.0, -2.0, f32::NAN, 0.0];
        let kept = take_largest(&mut vector, 3);
        assert_eq!(kept.indices(), [1, 2, 4]);
        assert!(kept.values()[..2] == [-2.0, 2.0] && kept.values()[2].is_nan());
        assert_eq!(vector, [1.0, 0.0, 0.0, -2.0, 0.0, 0.0]);
        assert_eq!(SparseVector::nonzeros_of(&vector).indices(), [0, 3]);
        assert_eq!(take_largest(&mut [], 3), SparseVector::default());
    }
}
