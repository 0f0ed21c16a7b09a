//! Scanning the bytes of JSON strings and numbers.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const TOPS: u64 = ONES << 7;

/// The top bits of the bytes that do not stand for themselves in a string; of bytes after the
/// first of them a mark says nothing.
#[inline]
fn marks(eight: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(eight);
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    // A borrow can mark bytes after a marked one only, and the first mark counts.
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    (control | zero(quote) | zero(backslash)) & TOPS
}

/// Whether every byte stands for itself in a string.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    // The last chunk overlaps the ones before it, which costs less than single bytes do.
    if let Some(last) = bytes.last_chunk::<16>() {
        let (chunks, _) = bytes.as_chunks::<16>();
        return chunks.iter().all(is_plain_chunk) && is_plain_chunk(last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return marks(*first) | marks(*last) == 0;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let [a, b, c, d] = *first;
        let [e, f, g, h] = *last;
        return marks([a, b, c, d, e, f, g, h]) == 0;
    }
    bytes.iter().all(|byte| is_plain_byte(*byte))
}

/// Without a branch, so that it becomes a few instructions on a vector.
#[inline]
fn is_plain_chunk(chunk: &[u8; 16]) -> bool {
    let special = |found, &byte: &u8| found | !is_plain_byte(byte);
    !chunk.iter().fold(false, special)
}

#[inline]
fn is_plain_byte(byte: u8) -> bool {
    (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
}

/// The first byte from `at` on that does not stand for itself in a string: a quote, a backslash or
/// a control character. Eight bytes are looked at at once.
#[inline]
pub(crate) fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let marks = marks(eight);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| is_plain_byte(*byte)) {
        at += 1;
    }
    at
}

/// The value of the four hexadecimal digits at `at`.
pub(crate) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |value, &digit| {
        Some(value * 16 + char::from(digit).to_digit(16)?)
    })
}

fn digits(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The end of the number at `start`, or where it goes wrong (RFC 8259, section 6).
pub(crate) fn scan_number(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut at = start;
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = match bytes.get(at) {
        Some(b'0') => at + 1,
        Some(b'1'..=b'9') => digits(bytes, at),
        _ => return Err(at),
    };
    if bytes.get(at) == Some(&b'.') {
        let end = digits(bytes, at + 1);
        if end == at + 1 {
            return Err(end);
        }
        at = end;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        let end = digits(bytes, at);
        if end == at {
            return Err(end);
        }
        at = end;
    }
    match bytes.get(at) {
        Some(b'0'..=b'9' | b'.' | b'+' | b'-' | b'a'..=b'z' | b'A'..=b'Z') => Err(at),
        _ => Ok(at),
    }
}
