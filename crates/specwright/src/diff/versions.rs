//! Versions in paths.

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

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn versions_are_whole_segments() {
        assert_eq!(without("/licence/v1.1/licence"), "/licence/licence");
        assert_eq!(without("/v2/pets/{}"), "/pets/{}");
        assert_eq!(without("/vets/v/v1a/v1."), "/vets/v/v1a/v1.");
    }
}
