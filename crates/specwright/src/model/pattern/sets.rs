//! What escapes of ECMA-262 stand for, written out for the engine that serves them.

/// Every character, and none.
pub(super) const ANYTHING: &str = "(?s:.)";
pub(super) const NOTHING: &str = r"[^\x{0}-\x{10ffff}]";

/// ECMA-262, CharacterClassEscape, without a flag that changes it.
const DIGIT: &str = "0-9";
const NO_DIGIT: &str = r"\x{0}-\x{2f}\x{3a}-\x{10ffff}";
const WORD: &str = "A-Za-z0-9_";
const NO_WORD: &str = r"\x{0}-\x{2f}\x{3a}-\x{40}\x{5b}-\x{5e}\x{60}\x{7b}-\x{10ffff}";
/// ECMA-262, WhiteSpace and LineTerminator.
const SPACE: &str = r"\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
const NO_SPACE: &str = r"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}";

/// Every character but a LineTerminator.
pub(super) const DOT: &str = r"[^\n\r\x{2028}\x{2029}]";

/// `\b` and `\B`: between a character of `\w` and another one, and anywhere else. The engine's own
/// know letters of every script.
pub(super) const BOUNDARY: &str =
    "(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))";
pub(super) const NO_BOUNDARY: &str =
    "(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))";

/// The members of the class that a text begins with.
pub(super) fn class_escape(text: &str) -> Option<&'static str> {
    let mut chars = text.chars();
    if chars.next() != Some('\\') {
        return None;
    }
    Some(match chars.next()? {
        'd' => DIGIT,
        'D' => NO_DIGIT,
        'w' => WORD,
        'W' => NO_WORD,
        's' => SPACE,
        'S' => NO_SPACE,
        _ => return None,
    })
}
