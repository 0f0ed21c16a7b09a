//! Patterns such as `^[a-z][a-z0-9-]{0,62}$`, matched byte by byte.

/// A set of ASCII characters, one bit each.
type Set = u128;

const DIGITS: Set = range(b'0', b'9');
const WORD: Set = DIGITS | range(b'a', b'z') | range(b'A', b'Z') | (1 << b'_');

/// Counts above this are left to the regular expression engine, which knows its own limits.
const MAX_COUNT: usize = 1_000_000;

const fn range(from: u8, to: u8) -> Set {
    let mut set = 0;
    let mut byte = from;
    while byte <= to {
        set |= 1 << byte;
        byte += 1;
    }
    set
}

/// Characters of one set, repeated.
#[derive(Clone, Debug)]
struct Run {
    set: Set,
    /// Which bytes are in the set: looking one up costs less than a shift of so wide a number.
    table: Box<[bool; 256]>,
    min: usize,
    max: usize,
}

impl Run {
    fn new(set: Set, min: usize, max: usize) -> Self {
        let mut table = Box::new([false; 256]);
        for (byte, member) in table.iter_mut().enumerate().take(128) {
            *member = set >> byte & 1 == 1;
        }
        Self {
            set,
            table,
            min,
            max,
        }
    }

    /// How many of the first bytes it takes.
    #[inline]
    fn taken(&self, text: &[u8]) -> usize {
        let text = text.get(..self.max).unwrap_or(text);
        let stops = |&byte: &u8| !self.table[usize::from(byte)];
        text.iter().position(stops).unwrap_or(text.len())
    }
}

/// An expression anchored at the start that never needs to go back: what may follow a run of
/// variable length begins with characters that the run does not take.
#[derive(Debug)]
pub(crate) struct Simple {
    runs: Vec<Run>,
    /// Whether the expression is anchored at the end too.
    whole: bool,
}

impl Simple {
    /// Compiles `source`, if it is of this simple kind.
    pub(crate) fn parse(source: &str) -> Option<Self> {
        let mut rest = source.strip_prefix('^')?.as_bytes();
        let mut runs = Vec::new();
        let mut whole = false;
        while let Some((&first, after)) = rest.split_first() {
            if first == b'$' {
                whole = true;
                if !after.is_empty() {
                    return None;
                }
                break;
            }
            let (set, after) = atom(first, after)?;
            let (min, max, after) = quantifier(after)?;
            runs.push(Run::new(set, min, max));
            rest = after;
        }
        goes_forward_only(&runs).then_some(Self { runs, whole })
    }

    /// Whether the expression matches `text`.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        let mut rest = text;
        for run in &self.runs {
            let count = run.taken(rest);
            if count < run.min {
                return false;
            }
            rest = rest.get(count..).unwrap_or_default();
        }
        !self.whole || rest.is_empty()
    }
}

fn goes_forward_only(runs: &[Run]) -> bool {
    runs.iter().enumerate().all(|(at, run)| {
        if run.min == run.max {
            return true;
        }
        let mut following: Set = 0;
        for next in runs.iter().skip(at + 1) {
            following |= next.set;
            if next.min > 0 {
                break;
            }
        }
        run.set & following == 0
    })
}

fn atom(first: u8, rest: &[u8]) -> Option<(Set, &[u8])> {
    match first {
        b'[' => class(rest),
        b'\\' => {
            let (&escaped, rest) = rest.split_first()?;
            Some((escape(escaped)?, rest))
        }
        b'.' | b'(' | b')' | b'|' | b'*' | b'+' | b'?' | b'{' | b'}' | b']' | b'^' | b'$' => None,
        0x20..=0x7e => Some((1 << first, rest)),
        _ => None,
    }
}

/// What `\d`, `\w` or an escaped punctuation mark stands for.
fn escape(byte: u8) -> Option<Set> {
    match byte {
        b'd' => Some(DIGITS),
        b'w' => Some(WORD),
        _ if byte.is_ascii_punctuation() => Some(1 << byte),
        _ => None,
    }
}

/// The class whose opening bracket has been read.
fn class(mut rest: &[u8]) -> Option<(Set, &[u8])> {
    let mut set = 0;
    if rest.first() == Some(&b'^') {
        return None;
    }
    loop {
        let (&byte, after) = rest.split_first()?;
        if byte == b']' {
            return (set != 0).then_some((set, after));
        }
        let (low, after) = member(byte, after)?;
        rest = after;
        match rest {
            [b'-', b']', ..] => set |= low,
            [b'-', high, after @ ..] => {
                let (high, after) = member(*high, after)?;
                let one = |set: Set| (set.count_ones() == 1).then(|| set.trailing_zeros() as u8);
                let (low, high) = (one(low)?, one(high)?);
                if low > high {
                    return None;
                }
                set |= range(low, high);
                rest = after;
            }
            _ => set |= low,
        }
    }
}

/// One member of a class. Engines differ over doubled punctuation, so brackets, `&` and `~` are
/// left to them.
fn member(byte: u8, rest: &[u8]) -> Option<(Set, &[u8])> {
    match byte {
        b'\\' => {
            let (&escaped, rest) = rest.split_first()?;
            Some((escape(escaped)?, rest))
        }
        b'[' | b'&' | b'~' => None,
        0x20..=0x7e => Some((1 << byte, rest)),
        _ => None,
    }
}

fn quantifier(rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (min, max, after) = match rest {
        [b'*', after @ ..] => (0, usize::MAX, after),
        [b'+', after @ ..] => (1, usize::MAX, after),
        [b'?', after @ ..] => (0, 1, after),
        [b'{', after @ ..] => counts(after)?,
        _ => return Some((1, 1, rest)),
    };
    // `+?` is lazy, and `++` is no ECMA-262.
    match after.first() {
        Some(b'*' | b'+' | b'?' | b'{') => None,
        _ => Some((min, max, after)),
    }
}

fn counts(rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let end = rest.iter().position(|&byte| byte == b'}')?;
    let inner = std::str::from_utf8(rest.get(..end)?).ok()?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| text.parse().ok())?
            .filter(|&count: &usize| count <= MAX_COUNT)
    };
    let (min, max) = match inner.split_once(',') {
        None => (number(inner)?, number(inner)?),
        Some((min, "")) => (number(min)?, usize::MAX),
        Some((min, max)) => (number(min)?, number(max)?),
    };
    (min <= max).then_some((min, max, rest.get(end + 1..)?))
}
