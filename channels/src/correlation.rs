//! Correlation between the antennas of one end of a link.

use airloop_baseband::Complex64;
use airloop_baseband::linear::{eigen, factor};

/// Largest deviation from a Hermitian matrix of unit diagonal that counts as rounding.
const TOLERANCE: f64 = 1e-9;

/// Returns whether two entries differ by rounding only; one that is not a number differs from all.
fn near(a: Complex64, b: Complex64) -> bool {
    (a - b).norm() <= TOLERANCE
}

/// Correlation between the `n` antennas of one end, and its Cholesky factor.
///
/// ```text
/// R = L L^H,   R Hermitian, positive definite, of unit diagonal
/// ```
///
/// [`Fading::with_correlation`](crate::Fading::with_correlation) takes one for each end.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    antennas: usize,
    /// None where no two antennas are correlated.
    factored: Option<Factored>,
}

/// A matrix and its Cholesky factor, row by row.
#[derive(Clone, Debug, PartialEq)]
struct Factored {
    matrix: Vec<Complex64>,
    lower: Vec<Complex64>,
}

/// What is wrong with a correlation, and what would be right.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CorrelationError {
    /// A coefficient outside its range.
    #[error("{coefficient} is out of range: 0 or more and below 1 is expected")]
    Coefficient {
        /// The coefficient.
        coefficient: f64,
    },
    /// A number of antennas for which the standard has no matrix.
    #[error("the standard has matrices for 1, 2 and 4 antennas, not for {antennas}")]
    NoStandard {
        /// The number of antennas.
        antennas: usize,
    },
    /// A matrix of another size than the array.
    #[error("is {rows} by {columns}; {antennas} by {antennas} is expected, one row an antenna")]
    Size {
        /// Antennas of the array.
        antennas: usize,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of its first row that has another length than expected.
        columns: usize,
    },
    /// An entry of the diagonal that is not 1.
    #[error("entry ({index}, {index}) is {value}; 1 is expected on the diagonal (counted from 0)")]
    Diagonal {
        /// Row and column, from 0.
        index: usize,
        /// The entry.
        value: Complex64,
    },
    /// Two entries that are not conjugates of each other.
    #[error(
        "entry ({row}, {column}) is {value}, but entry ({column}, {row}) is {mirrored}; each is expected to be the \
         conjugate of the other (counted from 0)"
    )]
    NotHermitian {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: Complex64,
        /// The entry across the diagonal.
        mirrored: Complex64,
    },
    /// A matrix that no antennas can have, or only antennas of which one is a sum of others.
    #[error(
        "the matrix of {antennas} by {antennas} is not positive definite: its smallest eigenvalue is {smallest:.3e}, and one \
         clearly above 0 (more than rounding) is expected"
    )]
    NotPositiveDefinite {
        /// Antennas of the array.
        antennas: usize,
        /// The smallest eigenvalue.
        smallest: f64,
    },
}

/// How strongly antennas are correlated, by the standard.
///
/// Source: 3GPP TS 36.101, table B.2.3.2-1, which is for the downlink. For the uplink TS 36.104, table B.5.2-1, has the medium
/// level the other way round, 0.9 at the base station and 0.3 at the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrelationLevel {
    /// None at either end.
    Low,
    /// 0.3 at the base station, 0.9 at the device.
    Medium,
    /// 0.9 at both ends.
    High,
}

impl CorrelationLevel {
    /// Returns the coefficients between the outermost antennas of the base station, `alpha`, and of the device, `beta`.
    pub const fn coefficients(self) -> (f64, f64) {
        match self {
            Self::Low => (0.0, 0.0),
            Self::Medium => (0.3, 0.9),
            Self::High => (0.9, 0.9),
        }
    }
}

impl Correlation {
    /// Returns the correlation of antennas that know nothing of each other.
    pub fn identity(antennas: usize) -> Self {
        Self { antennas, factored: None }
    }

    /// Returns the exponential correlation.
    ///
    /// ```text
    /// R_ij = coefficient^|i - j|
    /// ```
    ///
    /// # Errors
    /// When the coefficient is below 0, or not below 1.
    pub fn exponential(coefficient: f64, antennas: usize) -> Result<Self, CorrelationError> {
        Self::of_distance(coefficient, antennas, |distance| distance)
    }

    /// Returns the correlation of a uniform linear array by the standard.
    ///
    /// ```text
    /// R_ij = coefficient^((i - j)^2 / (n - 1)^2),   n = 1, 2 or 4 antennas
    /// ```
    ///
    /// The matrices that the standard prints are these, rounded to four digits and, where rounding leaves them without a square
    /// root, with up to 1.2e-4 added to the diagonal before they are normalised again.
    ///
    /// Source: 3GPP TS 36.101, tables B.2.3.1-1 and B.2.3.1-2 (exponents 1/9, 4/9 and 1 for four antennas).
    ///
    /// # Errors
    /// When the coefficient is below 0, or not below 1, or the standard has no matrix for so many antennas.
    pub fn standard(coefficient: f64, antennas: usize) -> Result<Self, CorrelationError> {
        if !matches!(antennas, 1 | 2 | 4) {
            return Err(CorrelationError::NoStandard { antennas });
        }
        let farthest = (antennas as f64 - 1.0).max(1.0);
        Self::of_distance(coefficient, antennas, |distance| (distance / farthest).powi(2))
    }

    fn of_distance(
        coefficient: f64,
        antennas: usize,
        exponent: impl Fn(f64) -> f64,
    ) -> Result<Self, CorrelationError> {
        if !(0.0..1.0).contains(&coefficient) {
            return Err(CorrelationError::Coefficient { coefficient });
        }
        let entry = |at: usize| coefficient.powf(exponent((at / antennas).abs_diff(at % antennas) as f64));
        Self::factored(antennas, (0..antennas * antennas).map(|at| entry(at).into()).collect())
    }

    /// Returns the correlation that a matrix says, one row an antenna.
    ///
    /// Validity: Hermitian and of unit diagonal to 1e-9; what deviates by less is taken from the lower triangle.
    ///
    /// # Errors
    /// When the matrix is not of that size, not Hermitian, not of unit diagonal, or not positive definite.
    pub fn from_rows(antennas: usize, rows: &[Vec<Complex64>]) -> Result<Self, CorrelationError> {
        let odd = rows.iter().find(|row| row.len() != antennas).or_else(|| rows.first());
        let columns = odd.map_or(0, Vec::len);
        if rows.len() != antennas || columns != antennas {
            return Err(CorrelationError::Size { antennas, rows: rows.len(), columns });
        }
        let mut matrix: Vec<Complex64> = rows.concat();
        for row in 0..antennas {
            let value = matrix[row * antennas + row];
            if !near(value, 1.0.into()) {
                return Err(CorrelationError::Diagonal { index: row, value });
            }
            matrix[row * antennas + row] = 1.0.into();
            for column in 0..row {
                let (value, mirrored) = (matrix[row * antennas + column], matrix[column * antennas + row]);
                if !near(value, mirrored.conj()) {
                    return Err(CorrelationError::NotHermitian { row, column, value, mirrored });
                }
                matrix[column * antennas + row] = value.conj();
            }
        }
        Self::factored(antennas, matrix)
    }

    fn factored(antennas: usize, matrix: Vec<Complex64>) -> Result<Self, CorrelationError> {
        let across = |at: &usize| at / antennas != at % antennas;
        if (0..matrix.len()).filter(across).all(|at| matrix[at] == Complex64::default()) {
            return Ok(Self::identity(antennas));
        }
        let mut lower = matrix.clone();
        if !factor(antennas, &mut lower) {
            let smallest = eigen(antennas, &matrix).values.last().copied().unwrap_or(0.0);
            return Err(CorrelationError::NotPositiveDefinite { antennas, smallest });
        }
        Ok(Self { antennas, factored: Some(Factored { matrix, lower }) })
    }

    /// Returns the number of antennas.
    pub fn antennas(&self) -> usize {
        self.antennas
    }

    /// Returns the correlation of two antennas: `E[h_row h_column^*]` for unit mean power.
    ///
    /// # Panics
    /// When there is no such antenna.
    pub fn entry(&self, row: usize, column: usize) -> Complex64 {
        assert!(row < self.antennas && column < self.antennas, "antennas are those of the array");
        match &self.factored {
            Some(of) => of.matrix[row * self.antennas + column],
            None => f64::from(row == column).into(),
        }
    }

    /// Returns whether no two antennas are correlated.
    pub fn is_identity(&self) -> bool {
        self.factored.is_none()
    }

    /// Returns the Cholesky factor, row by row; none where no two antennas are correlated.
    pub(crate) fn factor(&self) -> Option<&[Complex64]> {
        self.factored.as_ref().map(|of| &of.lower[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(entries: &[&[f64]]) -> Vec<Vec<Complex64>> {
        entries.iter().map(|row| row.iter().map(|x| Complex64::from(*x)).collect()).collect()
    }

    #[test]
    fn factors_give_their_matrix_back() {
        let phased = |i: usize, j: usize| {
            Complex64::from_polar(0.7f64.powi(i.abs_diff(j) as i32), i as f64 - j as f64)
        };
        let complex: Vec<Vec<Complex64>> = (0..3).map(|i| (0..3).map(|j| phased(i, j)).collect()).collect();
        let all = [
            Correlation::identity(3),
            Correlation::exponential(0.8, 5).unwrap(),
            Correlation::standard(0.9, 4).unwrap(),
            Correlation::from_rows(3, &complex).unwrap(),
        ];
        for of in &all {
            let n = of.antennas();
            let identity: Vec<Complex64> = (0..n * n).map(|at| f64::from(at / n == at % n).into()).collect();
            let lower = |i: usize, j: usize| of.factor().unwrap_or(&identity)[i * n + j];
            for i in 0..of.antennas() {
                for j in 0..of.antennas() {
                    let product: Complex64 = (0..=i.min(j)).map(|k| lower(i, k) * lower(j, k).conj()).sum();
                    assert!((product - of.entry(i, j)).norm() < 1e-14, "{of:?}");
                }
            }
        }
        assert!((all[3].entry(2, 0) - Complex64::from_polar(0.49, 2.0)).norm() < 1e-15);
        assert!(all[0].is_identity() && !all[1].is_identity());
        assert!(Correlation::standard(0.0, 4).unwrap().is_identity());
    }

    #[test]
    fn levels_and_exponents_are_those_of_the_standard() {
        // TS 36.101 table B.2.3.2-1, and the first rows of the 2 by 2 matrices that follow from it.
        let product = |level: CorrelationLevel, at: usize| {
            let (alpha, beta) = level.coefficients();
            let of =
                |coefficient: f64, at: usize| Correlation::standard(coefficient, 2).unwrap().entry(0, at).re;
            of(alpha, at / 2) * of(beta, at % 2)
        };
        for (level, row) in [
            (CorrelationLevel::High, [1.0, 0.9, 0.9, 0.81]),
            (CorrelationLevel::Medium, [1.0, 0.9, 0.3, 0.27]),
            (CorrelationLevel::Low, [1.0, 0.0, 0.0, 0.0]),
        ] {
            for (at, value) in row.into_iter().enumerate() {
                assert!((product(level, at) - value).abs() < 1e-12, "{level:?} {at}");
            }
        }
        // Neighbours of four antennas have the ninth root, the next ones its fourth power, the outermost the coefficient.
        let four = Correlation::standard(0.9, 4).unwrap();
        let ninth_powers = [1.0, 0.9, 0.6561, 0.9f64.powi(9)];
        for (at, power) in ninth_powers.into_iter().enumerate() {
            assert!((four.entry(0, at).re.powi(9) - power).abs() < 1e-12, "{at}: {}", four.entry(0, at));
        }
    }

    #[test]
    fn what_no_antennas_can_have_is_refused() {
        let said = |rows: &[Vec<Complex64>]| Correlation::from_rows(2, rows).unwrap_err().to_string();
        let of = |entries: &[&[f64]]| said(&rows(entries));
        assert!(of(&[&[1.0, 0.5]]).contains("is 1 by 2; 2 by 2 is expected"));
        assert!(of(&[&[1.0, 0.5], &[0.5]]).contains("is 2 by 1; 2 by 2 is expected"));
        assert!(of(&[]).contains("is 0 by 0; 2 by 2 is expected"));
        assert!(
            of(&[&[1.0, 0.5], &[0.5, 2.0]]).contains("entry (1, 1) is 2+0i; 1 is expected on the diagonal")
        );
        assert!(
            of(&[&[1.0, 0.5], &[0.4, 1.0]]).contains("entry (1, 0) is 0.4+0i, but entry (0, 1) is 0.5+0i")
        );
        assert!(of(&[&[1.0, f64::NAN], &[f64::NAN, 1.0]]).contains("NaN"));
        assert!(of(&[&[1.0, 1.5], &[1.5, 1.0]]).contains("its smallest eigenvalue is -5.000e-1"));
        assert!(of(&[&[1.0, 1.0], &[1.0, 1.0]]).contains("not positive definite"));
        assert!(Correlation::exponential(1.0, 2).is_err() && Correlation::exponential(-0.1, 2).is_err());
        let said = Correlation::standard(0.9, 3).unwrap_err().to_string();
        assert!(said.contains("for 1, 2 and 4 antennas, not for 3"));
    }
}
