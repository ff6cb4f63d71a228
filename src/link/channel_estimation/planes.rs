//! Complex rows with real and imaginary parts apart, as vectorised loops like them.

use airloop_baseband::Complex32;

/// Elements worked on at once.
pub const LANES: usize = 16;

/// The widest vectors that loops are compiled for.
macro_rules! vectorised {
    ($($item:tt)*) => {
        #[multiversion::multiversion(targets(
            "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
            "x86_64+avx2",
            "aarch64+neon"
        ))]
        $($item)*
    };
}
pub(in crate::link) use vectorised;

/// Rows of complex values, real parts apart from imaginary ones, each row padded so that whole lanes can be read from anywhere
/// in it.
///
/// The padding of `re` and `im` holds finite values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planes {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
    rows: usize,
    columns: usize,
}

impl Planes {
    /// Makes rows of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        let mut planes = Self::default();
        planes.reset(rows, columns);
        planes
    }

    /// Sets the shape, keeping the memory; fills with zeros where the shape is another.
    pub fn reset(&mut self, rows: usize, columns: usize) {
        if (rows, columns) == (self.rows, self.columns) {
            return;
        }
        (self.rows, self.columns) = (rows, columns);
        for part in [&mut self.re, &mut self.im] {
            part.clear();
            part.resize(rows * stride(columns), 0.0);
        }
    }

    /// Returns the distance of rows.
    pub fn stride(&self) -> usize {
        stride(self.columns)
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns one row with its padding.
    pub fn row(&self, row: usize) -> (&[f32], &[f32]) {
        self.rows_in(row, 1)
    }

    /// Returns one row with its padding, to be changed.
    pub fn row_mut(&mut self, row: usize) -> (&mut [f32], &mut [f32]) {
        let range = row * self.stride()..(row + 1) * self.stride();
        (&mut self.re[range.clone()], &mut self.im[range])
    }

    /// Returns `count` rows with their padding.
    pub fn rows_in(&self, first: usize, count: usize) -> (&[f32], &[f32]) {
        let range = first * self.stride()..(first + count) * self.stride();
        (&self.re[range.clone()], &self.im[range])
    }

    /// Returns one value.
    pub fn at(&self, row: usize, column: usize) -> Complex32 {
        let at = row * self.stride() + column;
        Complex32::new(self.re[at], self.im[at])
    }

    /// Writes one row.
    pub fn set_row(&mut self, row: usize, values: &[Complex32]) {
        split(values, self.row_mut(row));
    }
}

fn stride(columns: usize) -> usize {
    columns.next_multiple_of(LANES) + LANES
}

vectorised! {
    /// Writes real and imaginary parts of values to the start of two slices.
    pub fn split(values: &[Complex32], (re, im): (&mut [f32], &mut [f32])) {
        for ((re, im), value) in re.iter_mut().zip(im).zip(values) {
            (*re, *im) = (value.re, value.im);
        }
    }
}

vectorised! {
    /// Adds a row times a complex factor.
    pub fn add_scaled(factor: Complex32, (x, y): (&[f32], &[f32]), (re, im): (&mut [f32], &mut [f32])) {
        for (((re, im), x), y) in re.iter_mut().zip(im).zip(x).zip(y) {
            *re += factor.re * x - factor.im * y;
            *im += factor.re * y + factor.im * x;
        }
    }
}
