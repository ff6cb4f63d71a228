//! A full grid over numeric coordinates, and straight lines between its points.

use super::error::LinkTableError;

/// Most coordinates with more than one value.
const MOST: usize = 8;

/// Planes of numbers over a grid; what is not defined is NaN.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid<const PLANES: usize> {
    names: Vec<String>,
    axes: Vec<Vec<f64>>,
    /// The last axis runs fastest.
    points: Vec<[f64; PLANES]>,
}

impl<const PLANES: usize> Grid<PLANES> {
    /// Makes a grid of points anywhere in it; each must be there once.
    ///
    /// # Errors
    /// When points are missing or twice, or more coordinates vary than tables interpolate over.
    pub fn new(names: Vec<String>, points: &[(Vec<f64>, [f64; PLANES])]) -> Result<Self, LinkTableError> {
        let values = |axis: usize| {
            let mut values: Vec<f64> = points.iter().map(|point| point.0[axis]).collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            values
        };
        let axes: Vec<Vec<f64>> = (0..names.len()).map(values).collect();
        let coordinate = |problem: String| LinkTableError::Coordinate { name: names.join(", "), problem };
        if axes.iter().filter(|axis| axis.len() > 1).count() > MOST {
            return Err(coordinate(format!(
                "more than {MOST} of them vary; tables interpolate over {MOST} at most"
            )));
        }
        let whole = axes.iter().try_fold(1usize, |product, axis| product.checked_mul(axis.len()));
        let found = points.len();
        let whole = whole.filter(|whole| *whole == found).ok_or_else(|| {
            let counts: Vec<String> = axes.iter().map(|axis| axis.len().to_string()).collect();
            coordinate(format!(
                "{found} entries do not fill the grid of {} values once each",
                counts.join(" x ")
            ))
        })?;
        let mut placed = vec![None; whole];
        for (at, planes) in points {
            let index = at
                .iter()
                .zip(&axes)
                .fold(0, |index, (x, axis)| index * axis.len() + axis.partition_point(|value| value < x));
            placed[index] = Some(*planes);
        }
        let twice = || coordinate("two entries lie at the same point".into());
        let points = placed.into_iter().map(|point| point.ok_or_else(twice)).collect::<Result<_, _>>()?;
        Ok(Self { names, axes, points })
    }

    /// Returns the coordinates: names and ascending values.
    pub fn coordinates(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.names.iter().map(String::as_str).zip(self.axes.iter().map(Vec::as_slice))
    }

    /// Returns the planes at a point, by straight lines along each axis; what takes part in them must be defined.
    ///
    /// # Errors
    /// When there are not as many values as coordinates, or one lies outside.
    pub fn at(&self, values: &[f64]) -> Result<[f64; PLANES], LinkTableError> {
        if values.len() != self.axes.len() {
            let (given, expected) = (values.len(), self.axes.len());
            return Err(LinkTableError::Values { given, expected, names: self.names.join(", ") });
        }
        // Axes between whose values the point lies: stride and weight of the upper one.
        let (mut slanted, mut count) = ([(0usize, 0.0f64); MOST], 0);
        let (mut base, mut stride) = (0, 1);
        for (axis, (x, at)) in self.axes.iter().zip(values).enumerate().rev() {
            let above = x.partition_point(|value| value < at);
            let exact = x.get(above).is_some_and(|value| value == at);
            if !exact && (above == 0 || above == x.len() || at.is_nan()) {
                let (name, given) = (self.names[axis].clone(), *at);
                return Err(LinkTableError::Outside { name, given, least: x[0], most: x[x.len() - 1] });
            }
            base += stride * if exact { above } else { above - 1 };
            if !exact {
                slanted[count] = (stride, (at - x[above - 1]) / (x[above] - x[above - 1]));
                count += 1;
            }
            stride *= x.len();
        }
        let mut sums = [0.0; PLANES];
        for corner in 0..1usize << count {
            let (mut index, mut weight) = (base, 1.0);
            for (bit, (stride, share)) in slanted[..count].iter().enumerate() {
                let upper = corner >> bit & 1;
                index += stride * upper;
                weight *= if upper == 1 { *share } else { 1.0 - share };
            }
            for (sum, plane) in sums.iter_mut().zip(self.points[index]) {
                *sum += weight * plane;
            }
        }
        Ok(sums)
    }
}
