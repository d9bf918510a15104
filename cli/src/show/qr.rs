//! A QR code in the characters of a terminal: two modules a character, one above the other.

use qrcode::{Color, EcLevel, QrCode};

/// The empty border, in modules; the standard wants 4, scanners take 2, and it must fit 24 lines.
const BORDER: usize = 2;

/// Draws a text as a QR code; `None` if it is too long for one.
///
/// With colours it is black on white whatever the terminal's own are; without, it is drawn for
/// light letters on a dark ground.
pub(crate) fn draw(text: &str, colour: bool) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let dark = |x: usize, y: usize| {
        let inside = |place: usize| place.checked_sub(BORDER).filter(|place| *place < width);
        let module = inside(x).zip(inside(y)).and_then(|(x, y)| modules.get(y * width + x));
        module == Some(&Color::Dark)
    };
    let side = width + 2 * BORDER;
    let line = |y: usize| {
        let drawn: String = (0..side).map(|x| glyph(dark(x, y), dark(x, y + 1), colour)).collect();
        if colour { format!("\x1b[38;5;16;48;5;231m{drawn}\x1b[0m") } else { drawn }
    };
    Some((0..side).step_by(2).map(line).collect())
}

/// Gives the character of two modules; its strokes are dark with colours, light without.
fn glyph(above: bool, below: bool, colour: bool) -> char {
    match (above == colour, below == colour) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the modules back from the characters.
    fn modules(lines: &[String], colour: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in lines {
            let bare = line.replace("\x1b[38;5;16;48;5;231m", "").replace("\x1b[0m", "");
            let half = |stroke: [char; 2]| {
                bare.chars().map(|glyph| stroke.contains(&glyph) == colour).collect()
            };
            rows.push(half(['█', '▀']));
            rows.push(half(['█', '▄']));
        }
        rows
    }

    #[test]
    fn both_ways_draw_the_same_code_with_its_border() {
        let text = "http://127.0.0.1:40001/w/ab3d5f7h9jkmnpqrstuvwxyz23";
        let (plain, colour) = (draw(text, false).unwrap(), draw(text, true).unwrap());
        let (plain, colour) = (modules(&plain, false), modules(&colour, true));
        assert_eq!(plain, colour);
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let side = code.width() + 4;
        for (y, row) in plain.iter().enumerate().take(side) {
            assert_eq!(row.len(), side);
            for (x, dark) in row.iter().enumerate() {
                let inside = (2..side - 2).contains(&x) && (2..side - 2).contains(&y);
                let right = inside && code[(x - 2, y - 2)] == Color::Dark;
                assert_eq!(*dark, right, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_code_of_the_usual_length_fits_a_small_terminal() {
        let lines = draw(&"x".repeat(80), true).unwrap();
        assert!(lines.len() <= 21, "{}", lines.len());
    }

    #[test]
    fn what_no_code_can_hold_is_not_drawn() {
        assert_eq!(draw(&"x".repeat(4_000), true), None);
    }
}
