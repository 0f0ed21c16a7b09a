//! The functions of template parameters (RAML 1.0, Resource Type and Trait Parameters).

/// Every function, as it is written.
pub(super) const FUNCTIONS: [&str; 10] = [
    "!singularize",
    "!pluralize",
    "!uppercase",
    "!lowercase",
    "!lowercamelcase",
    "!uppercamelcase",
    "!lowerunderscorecase",
    "!upperunderscorecase",
    "!lowerhyphencase",
    "!upperhyphencase",
];

/// Applies a function to a text; `None` when there is no such function.
pub(super) fn apply(function: &str, text: &str) -> Option<String> {
    Some(match function {
        "!singularize" => last_word(text, singular),
        "!pluralize" => last_word(text, plural),
        "!uppercase" => text.to_uppercase(),
        "!lowercase" => text.to_lowercase(),
        "!lowercamelcase" => lower_camel_case(text),
        "!uppercamelcase" => upper_camel_case(text),
        "!lowerunderscorecase" => words(text).join("_").to_lowercase(),
        "!upperunderscorecase" => words(text).join("_").to_uppercase(),
        "!lowerhyphencase" => words(text).join("-").to_lowercase(),
        "!upperhyphencase" => words(text).join("-").to_uppercase(),
        _ => return None,
    })
}

/// `user-id list` → `userIdList`
pub(super) fn lower_camel_case(text: &str) -> String {
    let upper = upper_camel_case(text);
    let first = words(text).first().map_or(0, |word| word.len());
    match upper.split_at_checked(first) {
        Some((first, rest)) => first.to_lowercase() + rest,
        None => upper,
    }
}

/// `user-id list` → `UserIdList`
pub(super) fn upper_camel_case(text: &str) -> String {
    let words = words(text).into_iter().map(|word| {
        let mut characters = word.chars();
        match characters.next() {
            Some(first) => first.to_uppercase().chain(characters).collect::<String>(),
            None => String::new(),
        }
    });
    words.collect()
}

/// The words of a compound: separated by anything but letters and digits, or by a capital.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in text.split(|character: char| !character.is_alphanumeric()) {
        let mut start = 0;
        let characters = part.char_indices().collect::<Vec<_>>();
        for (at, window) in characters.windows(2).enumerate() {
            let [(_, left), (position, right)] = [window[0], window[1]];
            // `userId` has a word from `I` on; so has `HTTPServer` from `S` on.
            let next_is_lower = characters
                .get(at + 2)
                .is_some_and(|(_, next)| next.is_lowercase());
            if right.is_uppercase() && (!left.is_uppercase() || next_is_lower) {
                words.push(&part[start..position]);
                start = position;
            }
        }
        words.push(&part[start..]);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Changes the last word of a compound and keeps its case: `userAddresses` → `userAddress`.
fn last_word(text: &str, change: fn(&str) -> String) -> String {
    let Some(last) = words(text).pop() else {
        return text.to_owned();
    };
    let start = text.rfind(last).unwrap_or_default();
    let (before, rest) = text.split_at(start);
    let after = &rest[last.len()..];
    let changed = change(&last.to_lowercase());
    let changed = if last.len() > 1 && last.chars().all(char::is_uppercase) {
        changed.to_uppercase()
    } else if last.starts_with(char::is_uppercase) {
        upper_camel_case(&changed)
    } else {
        changed
    };
    format!("{before}{changed}{after}")
}

/// Words whose plural no rule gives: singular, plural.
const IRREGULAR: [(&str, &str); 38] = [
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("goose", "geese"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("datum", "data"),
    ("medium", "media"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("curriculum", "curricula"),
    ("index", "indices"),
    ("vertex", "vertices"),
    ("matrix", "matrices"),
    ("appendix", "appendices"),
    ("analysis", "analyses"),
    ("basis", "bases"),
    ("crisis", "crises"),
    ("thesis", "theses"),
    ("hypothesis", "hypotheses"),
    ("axis", "axes"),
    ("quiz", "quizzes"),
    ("knife", "knives"),
    ("life", "lives"),
    ("wife", "wives"),
    ("leaf", "leaves"),
    ("half", "halves"),
    ("shelf", "shelves"),
    ("wolf", "wolves"),
    ("self", "selves"),
    ("hero", "heroes"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("movie", "movies"),
    ("cookie", "cookies"),
];

/// Words that are the same in both numbers.
const UNCOUNTABLE: [&str; 20] = [
    "series",
    "species",
    "sheep",
    "fish",
    "deer",
    "news",
    "information",
    "equipment",
    "software",
    "hardware",
    "metadata",
    "feedback",
    "staff",
    "money",
    "music",
    "traffic",
    "weather",
    "status",
    "mathematics",
    "logistics",
];

fn plural(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) && word != "status" {
        return word.to_owned();
    }
    if let Some((_, plural)) = IRREGULAR
        .iter()
        .find(|(one, many)| *one == word || *many == word)
    {
        return (*plural).to_owned();
    }
    if singular(word) != word {
        return word.to_owned();
    }
    let before = |end: &str| word.strip_suffix(end);
    if ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| word.ends_with(end))
    {
        return format!("{word}es");
    }
    match before("y") {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

fn singular(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) {
        return word.to_owned();
    }
    if let Some((one, _)) = IRREGULAR
        .iter()
        .find(|(one, many)| *one == word || *many == word)
    {
        return (*one).to_owned();
    }
    let ends = |end: &str| word.strip_suffix(end).filter(|stem| !stem.is_empty());
    if let Some(stem) = ends("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for end in ["sses", "xes", "zes", "ches", "shes", "uses"] {
        // `uses` is of `statuses` and `buses`, while `houses` and `causes` only lose an `s`.
        let vowel = word.ends_with("ouses") || word.ends_with("auses");
        if let Some(stem) = ends(end).filter(|_| !(end == "uses" && vowel)) {
            return format!("{stem}{}", &end[..end.len() - 2]);
        }
    }
    match ends("s") {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::apply;

    #[test]
    fn functions_do_what_the_specification_shows() {
        let shown = [
            ("!singularize", "users", "user"),
            ("!pluralize", "user", "users"),
            ("!uppercase", "userId", "USERID"),
            ("!lowercase", "userId", "userid"),
            ("!lowercamelcase", "UserId", "userId"),
            ("!lowercamelcase", "user-id", "userId"),
            ("!uppercamelcase", "userId", "UserId"),
            ("!lowerunderscorecase", "userId", "user_id"),
            ("!upperunderscorecase", "userId", "USER_ID"),
            ("!lowerhyphencase", "userId", "user-id"),
            ("!upperhyphencase", "userId", "USER-ID"),
            ("!lowerunderscorecase", "user_id", "user_id"),
            ("!uppercamelcase", "", ""),
        ];
        for (function, from, to) in shown {
            assert_eq!(
                apply(function, from).as_deref(),
                Some(to),
                "{function} {from}"
            );
        }
        assert_eq!(apply("!shout", "a"), None);
    }

    #[test]
    fn numbers_of_english_words() {
        let pairs = [
            ("user", "users"),
            ("category", "categories"),
            ("address", "addresses"),
            ("box", "boxes"),
            ("branch", "branches"),
            ("status", "statuses"),
            ("child", "children"),
            ("userAddress", "userAddresses"),
            ("Person", "People"),
            ("key", "keys"),
            ("house", "houses"),
            ("series", "series"),
            ("URL", "URLS"),
            ("analysis", "analyses"),
            ("movie", "movies"),
        ];
        for (one, many) in pairs {
            assert_eq!(apply("!pluralize", one).as_deref(), Some(many));
            assert_eq!(apply("!singularize", many).as_deref(), Some(one));
            assert_eq!(apply("!pluralize", many).as_deref(), Some(many));
            assert_eq!(apply("!singularize", one).as_deref(), Some(one));
        }
    }
}
