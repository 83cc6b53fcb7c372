//! Rectangles of given areas that fill a room, as square as can be (Bruls, Huizing, van Wijk:
//! squarified treemaps).

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    fn area(&self) -> f64 {
        self.width * self.height
    }

    fn shorter(&self) -> f64 {
        self.width.min(self.height)
    }
}

/// One for each weight, in their order, which should be from the largest down. Weights that are not
/// above zero get nothing.
pub fn fill(room: Rect, weights: &[f64]) -> Vec<Rect> {
    let total: f64 = weights.iter().filter(|weight| **weight > 0.0).sum();
    let scale = if total > 0.0 {
        room.area() / total
    } else {
        0.0
    };
    let areas: Vec<f64> = weights
        .iter()
        .map(|weight| weight.max(0.0) * scale)
        .collect();
    let mut rects = Vec::with_capacity(areas.len());
    let mut left = room;
    let mut rest = areas.as_slice();
    while !rest.is_empty() {
        let n = row(rest, left.shorter());
        let (row, after) = rest.split_at(n);
        left = place(row, left, &mut rects);
        rest = after;
    }
    rects
}

/// How many of the next areas make the best row along a side.
fn row(areas: &[f64], side: f64) -> usize {
    let mut n = 1;
    while n < areas.len() && worst(&areas[..=n], side) <= worst(&areas[..n], side) {
        n += 1;
    }
    n
}

/// The longest of a row's rectangles, as length by width.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    if sum <= 0.0 || side <= 0.0 {
        return f64::MAX;
    }
    let thickness = sum / side;
    row.iter()
        .map(|area| {
            let length = area / thickness;
            (length / thickness).max(thickness / length.max(f64::EPSILON))
        })
        .fold(0.0, f64::max)
}

/// Puts a row along the shorter side; what is left of the room.
fn place(row: &[f64], room: Rect, rects: &mut Vec<Rect>) -> Rect {
    let sum: f64 = row.iter().sum();
    let is_upright = room.width >= room.height;
    let side = room.shorter();
    let thickness = if side > 0.0 { sum / side } else { 0.0 };
    let mut at = 0.0;
    for area in row {
        let length = if thickness > 0.0 {
            area / thickness
        } else {
            0.0
        };
        rects.push(match is_upright {
            true => Rect {
                x: room.x,
                y: room.y + at,
                width: thickness,
                height: length,
            },
            false => Rect {
                x: room.x + at,
                y: room.y,
                width: length,
                height: thickness,
            },
        });
        at += length;
    }
    match is_upright {
        true => Rect {
            x: room.x + thickness,
            width: (room.width - thickness).max(0.0),
            ..room
        },
        false => Rect {
            y: room.y + thickness,
            height: (room.height - thickness).max(0.0),
            ..room
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Rect = Rect {
        x: 0.0,
        y: 0.0,
        width: 320.0,
        height: 180.0,
    };

    fn check(weights: &[f64]) -> Vec<Rect> {
        let rects = fill(ROOM, weights);
        assert_eq!(rects.len(), weights.len());
        let total: f64 = weights.iter().sum();
        for (rect, weight) in rects.iter().zip(weights) {
            let expect = ROOM.area() * weight / total;
            assert!((rect.area() - expect).abs() < 0.5, "{rect:?} {expect}");
            assert!(rect.x >= -0.01 && rect.x + rect.width <= ROOM.width + 0.01);
            assert!(rect.y >= -0.01 && rect.y + rect.height <= ROOM.height + 0.01);
        }
        for (n, one) in rects.iter().enumerate() {
            for other in &rects[n + 1..] {
                let across = (one.x + one.width).min(other.x + other.width) - one.x.max(other.x);
                let down = (one.y + one.height).min(other.y + other.height) - one.y.max(other.y);
                assert!(across < 0.01 || down < 0.01, "{one:?} over {other:?}");
            }
        }
        rects
    }

    #[test]
    fn a_room_is_filled_without_overlaps() {
        check(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0]);
        check(&[1.0]);
        check(&[100.0, 1.0, 1.0, 1.0]);
        check(&[1.0; 40]);
    }

    #[test]
    fn blocks_are_nearly_square() {
        for rect in check(&[1.0; 12]) {
            let ratio = rect.width / rect.height;
            assert!((0.4..2.5).contains(&ratio), "{rect:?}");
        }
    }

    #[test]
    fn nothing_fills_nothing() {
        assert!(fill(ROOM, &[]).is_empty());
        let flat = fill(ROOM, &[0.0, 0.0]);
        assert!(flat.iter().all(|rect| rect.area() == 0.0));
    }
}
