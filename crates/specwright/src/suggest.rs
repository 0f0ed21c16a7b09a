//! Did you mean …?

/// The candidate that `word` was probably meant to be.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| Some((distance(word, candidate, limit)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edits, swaps included, from one word to the other without regard to case; `None` beyond `limit`.
fn distance(one: &str, other: &str, limit: usize) -> Option<usize> {
    let one = one.to_lowercase().chars().collect::<Vec<_>>();
    let other = other.to_lowercase().chars().collect::<Vec<_>>();
    if one.len().abs_diff(other.len()) > limit || one.len() > 100 {
        return None;
    }
    let mut before = Vec::new();
    let mut row = (0..=other.len()).collect::<Vec<_>>();
    for (i, left) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, right) in other.iter().enumerate() {
            let mut best = (row[j] + usize::from(left != right))
                .min(row[j + 1] + 1)
                .min(next[j] + 1);
            if i > 0 && j > 0 && Some(left) == other.get(j - 1) && one.get(i - 1) == Some(right) {
                let swapped: &Vec<usize> = &before;
                best = best.min(swapped[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_words_are_found() {
        let keys = ["operationId", "responses", "parameters", "get"];
        assert_eq!(closest("operationID", keys), Some("operationId"));
        assert_eq!(closest("reponses", keys), Some("responses"));
        assert_eq!(closest("paramteers", keys), Some("parameters"));
        assert_eq!(closest("gte", keys), Some("get"));
        assert_eq!(closest("callbacks", keys), None);
    }
}
