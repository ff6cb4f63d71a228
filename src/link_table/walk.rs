//! The walk over the SNRs of a curve: from where the waterfall is expected to where it is.

use super::error::LinkTableError;
use std::collections::BTreeMap;

/// Most SNRs of a curve, those counted that were only passed.
pub(super) const MOST_POINTS: usize = 400;

/// Steps at once, up to the waterfall.
const STRIDE: i64 = 4;

/// Where no curve of a useful rate is any more.
const LOWEST_SNR_DB: f64 = -60.0;

/// What a walk heeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Walk {
    /// Distance of SNRs, which are its multiples.
    pub step_db: f64,
    /// Where the walk begins, rounded to the grid.
    pub start_db: f64,
    /// The curve ends above the first BLER below this.
    pub lowest_bler: f64,
    /// The curve begins at the last BLER above this.
    pub highest_bler: f64,
    /// The curve ends here in any case.
    pub highest_snr_db: f64,
}

impl Walk {
    /// Walks up until the BLER is not above the highest, down from there until it is, and up until it is below the lowest.
    ///
    /// Returns the points between, SNRs ascending, one step apart.
    ///
    /// # Errors
    /// What a point fails with; when the highest SNR or the most points are reached before the waterfall.
    pub fn points<P, E: From<LinkTableError>>(
        &self,
        bler: impl Fn(&P) -> f64,
        mut run: impl FnMut(f64) -> Result<P, E>,
    ) -> Result<Vec<P>, E> {
        let Self { step_db, highest_bler, lowest_bler, .. } = *self;
        let last = (self.highest_snr_db / step_db).floor() as i64;
        let first = (LOWEST_SNR_DB / step_db).ceil() as i64;
        let mut known: BTreeMap<i64, P> = BTreeMap::new();
        let mut at = |place: i64| -> Result<f64, E> {
            if let Some(point) = known.get(&place) {
                return Ok(bler(point));
            }
            if known.len() == MOST_POINTS {
                return Err(LinkTableError::TooManyPoints { most: MOST_POINTS, step_db }.into());
            }
            let point = run(place as f64 * step_db)?;
            let rate = bler(&point);
            known.insert(place, point);
            Ok(rate)
        };
        let mut place = ((self.start_db / step_db).round() as i64).clamp(first.min(last), last);
        loop {
            let rate = at(place)?;
            if rate <= highest_bler {
                break;
            }
            if place == last {
                return Err(LinkTableError::NoWaterfall { snr_db: last as f64 * step_db, bler: rate }.into());
            }
            place = (place + STRIDE).min(last);
        }
        let mut low = place;
        while low > first && at(low)? <= highest_bler {
            low -= 1;
        }
        // From below, so that the curve ends where it first may, however far up the walk began.
        let mut high = low;
        while high < last && at(high)? >= lowest_bler {
            high += 1;
        }
        // Both ends were asked for, so that the points between all are there.
        at(low)?;
        at(high)?;
        Ok(known
            .into_iter()
            .filter(|(place, _)| (low..=high).contains(place))
            .map(|(_, point)| point)
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A waterfall of one decade a dB below 0.5 at `middle`.
    fn waterfall(middle: f64) -> impl Fn(f64) -> f64 {
        move |snr_db| {
            if snr_db < middle {
                1.0 - 0.5 * 10f64.powf(snr_db - middle)
            } else {
                0.5 * 10f64.powf(middle - snr_db)
            }
        }
    }

    fn walk(start_db: f64, middle: f64) -> (Result<Vec<(f64, f64)>, LinkTableError>, usize) {
        let walk =
            Walk { step_db: 0.25, start_db, lowest_bler: 1e-2, highest_bler: 0.95, highest_snr_db: 20.0 };
        let (rate, mut runs) = (waterfall(middle), 0);
        let points = walk.points(
            |point: &(f64, f64)| point.1,
            |snr_db| {
                runs += 1;
                Ok((snr_db, rate(snr_db)))
            },
        );
        (points, runs)
    }

    #[test]
    fn the_same_points_from_wherever_the_walk_begins() {
        let (reference, least) = walk(3.0, 3.1);
        let reference = reference.unwrap();
        assert_eq!(reference.len(), least);
        assert!(reference.first().unwrap().1 > 0.95 && reference[1].1 <= 0.95);
        assert!(reference.last().unwrap().1 < 1e-2 && reference[reference.len() - 2].1 >= 1e-2);
        assert!(reference.windows(2).all(|pair| pair[1].0 - pair[0].0 == 0.25));
        for start_db in [-10.0, 1.9, 2.13, 4.0, 9.0, 19.0] {
            assert_eq!(walk(start_db, 3.1).0.unwrap(), reference, "{start_db}");
        }
    }

    #[test]
    fn ends_are_said() {
        assert!(
            matches!(walk(3.0, 60.0).0, Err(LinkTableError::NoWaterfall { snr_db, .. }) if snr_db == 20.0)
        );
        let cut = walk(18.0, 19.5).0.unwrap();
        assert!(cut.last().unwrap().0 == 20.0 && cut.last().unwrap().1 > 1e-2);
        let fine = Walk {
            step_db: 1.0 / 64.0,
            start_db: 3.0,
            lowest_bler: 1e-7,
            highest_bler: 0.95,
            highest_snr_db: 20.0,
        };
        let rate = waterfall(3.1);
        let outcome = fine.points(|rate: &f64| *rate, |snr_db| Ok::<_, LinkTableError>(rate(snr_db)));
        assert!(matches!(outcome, Err(LinkTableError::TooManyPoints { .. })), "{outcome:?}");
    }
}
