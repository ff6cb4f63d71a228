//! Small Hermitian matrices in double precision: Cholesky factors and eigenvectors.
//!
//! Matrices are slices, row by row: entry `(i, j)` of an `n` by `n` matrix lies at `i n + j`.

mod cholesky;
mod eigen;

pub use cholesky::{factor, solve_factored};
pub use eigen::{Eigen, eigen};
