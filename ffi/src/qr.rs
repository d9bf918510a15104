//! The modules of a QR code, so that no other language needs a library for them.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::TillError;
use crate::event::Event;

/// Draws a text; a quarter of it may be unreadable, as behind a scratched screen, if it fits.
pub(crate) fn draw(text: &str) -> Event {
    let drawn = [EcLevel::Q, EcLevel::M, EcLevel::L]
        .into_iter()
        .find_map(|level| QrCode::with_error_correction_level(text, level).ok());
    let sized = drawn.and_then(|code| Some((i32::try_from(code.width()).ok()?, code)));
    let Some((side, code)) = sized else {
        let what = format!("a text of {} bytes is too long for a QR code", text.len());
        return Event::Failed { error: TillError::CallSupport { what } };
    };
    let modules = code.to_colors().into_iter().map(|colour| u8::from(colour == Color::Dark));
    Event::Drawn { side, modules: modules.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_square_with_its_finder_patterns() {
        let Event::Drawn { side, modules } = draw("https://qr.example/281006") else { panic!() };
        let side = usize::try_from(side).unwrap();
        assert_eq!(modules.len(), side * side);
        let corner = |x: usize, y: usize| modules[y * side + x];
        for (x, y) in [(0, 0), (side - 7, 0), (0, side - 7)] {
            let ring: Vec<u8> = (0..7).map(|at| corner(x + at, y + 1)).collect();
            assert_eq!(ring, [1, 0, 0, 0, 0, 0, 1]);
        }
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_said_to_be_too_long() {
        assert!(matches!(draw(&"x".repeat(3_000)), Event::Failed { .. }));
        assert!(matches!(draw(&"x".repeat(2_900)), Event::Drawn { side: 177, .. }));
    }
}
