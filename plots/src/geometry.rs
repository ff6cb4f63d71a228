//! Points and rectangles on the page, in PostScript points with y downwards.

/// A place on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub x: f64,
    pub y: f64,
}

/// Shorthand for a [`Place`].
pub(crate) fn at(x: f64, y: f64) -> Place {
    Place { x, y }
}

/// A rectangle with `left <= right` and `top <= bottom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn sized(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn grown(&self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    pub fn corners(&self) -> [Place; 4] {
        [
            at(self.left, self.top),
            at(self.right, self.top),
            at(self.right, self.bottom),
            at(self.left, self.bottom),
        ]
    }

    /// Returns whether any part of the segment lies in the rectangle (parametric clipping).
    pub fn meets_segment(&self, a: Place, b: Place) -> bool {
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (start, step, low, high) in
            [(a.x, b.x - a.x, self.left, self.right), (a.y, b.y - a.y, self.top, self.bottom)]
        {
            if step == 0.0 {
                if start < low || start > high {
                    return false;
                }
            } else {
                let (t, u) = ((low - start) / step, (high - start) / step);
                enter = enter.max(t.min(u));
                leave = leave.min(t.max(u));
            }
        }
        enter <= leave
    }

    /// Returns whether the rectangle and the closed polygon share a point.
    pub fn meets_polygon(&self, polygon: &[Place]) -> bool {
        closed(polygon).any(|(a, b)| self.meets_segment(a, b)) || inside(polygon, self.corners()[0])
    }

    /// Returns the distance in points from the rectangle to a segment, 0 where they meet.
    pub fn distance_to_segment(&self, a: Place, b: Place) -> f64 {
        if self.meets_segment(a, b) {
            return 0.0;
        }
        let from_ends = [a, b].map(|p| self.distance_to(p));
        let from_corners = self.corners().map(|c| segment_distance(c, a, b));
        from_ends.into_iter().chain(from_corners).fold(f64::INFINITY, f64::min)
    }

    fn distance_to(&self, p: Place) -> f64 {
        let dx = (self.left - p.x).max(p.x - self.right).max(0.0);
        let dy = (self.top - p.y).max(p.y - self.bottom).max(0.0);
        dx.hypot(dy)
    }
}

/// Yields the edges of a closed polygon.
pub(crate) fn closed(polygon: &[Place]) -> impl Iterator<Item = (Place, Place)> + '_ {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| (*a, *b))
}

fn inside(polygon: &[Place], p: Place) -> bool {
    closed(polygon)
        .filter(|(a, b)| (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
        .count()
        % 2
        == 1
}

fn segment_distance(p: Place, a: Place, b: Place) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (p.x - a.x - t * dx).hypot(p.y - a.y - t * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_polygons_meet_a_rectangle_where_they_should() {
        let r = Rect::sized(0.0, 0.0, 10.0, 5.0);
        assert!(r.meets_segment(at(-5.0, 2.0), at(15.0, 3.0)));
        assert!(r.meets_segment(at(1.0, 1.0), at(2.0, 2.0)));
        assert!(!r.meets_segment(at(-1.0, 4.0), at(3.0, 10.0)));
        assert!(!r.meets_segment(at(0.0, 6.0), at(10.0, 6.0)));
        let around = Rect::sized(-9.0, -9.0, 40.0, 40.0).corners();
        assert!(r.meets_polygon(&around));
        let beside = Rect::sized(11.0, 0.0, 4.0, 4.0).corners();
        assert!(!r.meets_polygon(&beside));
        assert_eq!(r.distance_to_segment(at(13.0, 9.0), at(13.0, 20.0)), 5.0);
    }
}
