//! Versions, in paths and of contracts.

use std::cmp::Ordering;

/// The path without segments that say a version, such as `v1` and `v1.2`.
pub(super) fn without(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !is_version(segment));
    segments.collect::<Vec<_>>().join("/")
}

fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix(['v', 'V']) else {
        return false;
    };
    number
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a contract's version is below another one, where both are numbers such as `1.2.0`.
pub(super) fn is_lower(version: &str, than: &str) -> bool {
    let (Some(one), Some(other)) = (numbers(version), numbers(than)) else {
        return false;
    };
    let longest = one.len().max(other.len());
    let padded = |numbers: Vec<u64>| {
        let zeros = std::iter::repeat(0);
        numbers.into_iter().chain(zeros).take(longest)
    };
    padded(one).cmp(padded(other)) == Ordering::Less
}

/// Whether two versions promise that nothing breaks from one to the other: semantic versioning
/// 2.0.0, item 8; before 1.0 the second number is what the first one is later (item 4).
pub(super) fn are_of_one_major(one: &str, other: &str) -> bool {
    let major = |version: &str| {
        let numbers = numbers(version)?;
        let count = if numbers[0] == 0 { 2 } else { 1 };
        Some(numbers.into_iter().take(count).collect::<Vec<_>>())
    };
    major(one).is_some_and(|one| Some(one) == major(other))
}

/// The numbers of a version, at least one, without what follows a `-` or `+`; `None` for a day and
/// whatever else is no such version.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let end = version.find(['-', '+']).unwrap_or(version.len());
    let (numbers, rest) = version.split_at(end);
    let is_day = rest.starts_with('-') && rest[1..].starts_with(|it: char| it.is_ascii_digit());
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = numbers.split('.');
    let numbers = numbers.map(|part| part.parse().ok().filter(|_| digits(part)));
    numbers.collect::<Option<Vec<u64>>>().filter(|_| !is_day)
}

#[cfg(test)]
mod tests {
    use super::{are_of_one_major, is_lower, without};

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (lower, higher) in [
            ("1.9", "1.10"),
            ("1", "1.0.1"),
            ("v1.2.0", "2"),
            ("0.9", "1.0-rc"),
        ] {
            assert!(is_lower(lower, higher), "{lower} {higher}");
            assert!(!is_lower(higher, lower), "{higher} {lower}");
        }
        for (one, other) in [
            ("1.0", "1"),
            ("1.0-rc", "1.0"),
            ("2026-01-31", "2025-01-31"),
        ] {
            assert!(!is_lower(one, other), "{one} {other}");
            assert!(!is_lower(other, one), "{other} {one}");
        }
    }

    #[test]
    fn the_first_number_counts_and_before_one_the_second() {
        assert!(are_of_one_major("1.1", "v1.2"));
        assert!(are_of_one_major("0.1.0", "0.1.9"));
        for (one, other) in [
            ("1.9", "2.0"),
            ("0.1", "0.2"),
            ("latest", "latest-1"),
            ("", ""),
        ] {
            assert!(!are_of_one_major(one, other), "{one} {other}");
        }
    }

    #[test]
    fn versions_are_whole_segments() {
        assert_eq!(without("/licence/v1.1/licence"), "/licence/licence");
        assert_eq!(without("/v2/pets/{}"), "/pets/{}");
        assert_eq!(without("/vets/v/v1a/v1."), "/vets/v/v1a/v1.");
    }
}
