//! The groups of an expression, which references lead back to.

use super::length;

/// What captures, and whether all of it always takes part.
#[derive(Debug, Default)]
pub(super) struct Groups<'s> {
    /// Each group's name, where it has one, and where it ends, in bytes.
    captures: Vec<(Option<&'s str>, usize)>,
    /// Whether a group may be passed over, so that what refers to it refers to nothing.
    pub is_optional: bool,
    /// Whether the expression looks around, refers back or asks for the boundaries of words.
    pub goes_back: bool,
}

impl<'s> Groups<'s> {
    pub fn of(source: &'s str) -> Self {
        let mut groups = Groups::default();
        let mut open: Vec<Option<usize>> = Vec::new();
        let mut in_class = false;
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let (token, after) = rest.split_at(length(rest, first));
            match token {
                "[" => in_class = true,
                "]" => in_class = false,
                _ if in_class => {}
                "(" => open.push(groups.open(after)),
                ")" => {
                    groups.is_optional |= after.starts_with(['?', '*', '{']);
                    if let Some(Some(index)) = open.pop()
                        && let Some((_, end)) = groups.captures.get_mut(index)
                    {
                        *end = source.len() - rest.len();
                    }
                }
                "|" => groups.is_optional = true,
                r"\b" | r"\B" | r"\k" => groups.goes_back = true,
                _ => {
                    let digit = token.strip_prefix('\\');
                    groups.goes_back |= digit.is_some_and(|it| it.starts_with(is_reference));
                }
            }
            rest = after;
        }
        groups
    }

    /// Takes in the group that a parenthesis opens; answers its place when it captures.
    fn open(&mut self, after: &'s str) -> Option<usize> {
        let name = after
            .strip_prefix("?<")
            .filter(|rest| !rest.starts_with(['=', '!']))
            .and_then(|rest| rest.split_once('>'));
        if name.is_none() && after.starts_with('?') {
            let looks = ["?=", "?!", "?<=", "?<!"];
            self.goes_back |= looks.iter().any(|look| after.starts_with(look));
            // What a negative one has captured is forgotten.
            self.is_optional |= after.starts_with("?!") || after.starts_with("?<!");
            return None;
        }
        let name = name.map(|(name, _)| name);
        self.captures.push((name, usize::MAX));
        Some(self.captures.len() - 1)
    }

    /// Whether there is a group of this number.
    pub fn has(&self, number: usize) -> bool {
        (1..=self.captures.len()).contains(&number)
    }

    /// The number of the group of this name.
    pub fn named(&self, name: &str) -> Option<usize> {
        let mut captures = self.captures.iter();
        captures
            .position(|(known, _)| *known == Some(name))
            .map(|index| index + 1)
    }

    /// Whether any group has a name.
    pub fn has_names(&self) -> bool {
        self.captures.iter().any(|(name, _)| name.is_some())
    }

    /// A reference to a group. To one that took no part, which one that is still open or begins
    /// later has not, it matches nothing at all (ECMA-262, BackreferenceMatcher).
    pub fn reference(&self, number: usize, at: usize) -> String {
        let end = number
            .checked_sub(1)
            .and_then(|index| self.captures.get(index));
        match end {
            Some((_, end)) if *end < at && self.is_optional => format!(r"(?({number})\{number}|)"),
            Some((_, end)) if *end < at => format!(r"(?:\{number})"),
            _ => "(?:)".to_owned(),
        }
    }
}

fn is_reference(character: char) -> bool {
    ('1'..='9').contains(&character)
}
