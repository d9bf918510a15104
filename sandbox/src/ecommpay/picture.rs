//! QR codes as pictures: PNG, black and white, one bit a point, not compressed.

use qrcode::QrCode;
use qrcode::types::Color;

/// Points of one module's side, and modules of the quiet zone.
const SCALE: usize = 6;
const QUIET: usize = 4;

/// Draws a text as a QR code; an empty picture if it is too long for one.
pub(super) fn qr_png(text: &str) -> Vec<u8> {
    let Ok(code) = QrCode::new(text.as_bytes()) else { return Vec::new() };
    let modules = code.width();
    let side = (modules + 2 * QUIET) * SCALE;
    let colors = code.to_colors();
    let dark = |x: usize, y: usize| {
        let place = |point: usize| (point / SCALE).checked_sub(QUIET).filter(|at| *at < modules);
        let (Some(column), Some(row)) = (place(x), place(y)) else { return false };
        colors.get(row * modules + column) == Some(&Color::Dark)
    };
    let mut points = Vec::new();
    for y in 0..side {
        points.push(0);
        for start in (0..side).step_by(8) {
            let bits = (0..8).map(|bit| {
                let x = start + bit;
                u8::from(x < side && !dark(x, y)) << (7 - bit)
            });
            points.push(bits.fold(0, |byte, bit| byte | bit));
        }
    }
    let width = u32::try_from(side).unwrap_or(0).to_be_bytes();
    let mut header = [width, width].concat();
    header.extend([1, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &stored(&points));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let begin = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32(png.get(begin..).unwrap_or_default());
    png.extend(sum.to_be_bytes());
}

/// Wraps bytes as a zlib stream of stored blocks.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = bytes.chunks(usize::from(u16::MAX));
    let last = blocks.len().saturating_sub(1);
    for (place, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(place == last));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend(((high << 16) | low).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}
