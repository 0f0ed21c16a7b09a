//! From the path of a request to an operation.
//!
//! It works on the path as it was sent and decodes segment by segment, so that `%2F` stays inside
//! its segment. Concrete segments go before templated ones (OAS 3.1, Paths Object), templates with
//! more literal text before those with less.

use std::borrow::Cow;
use std::ops::Range;

use crate::operation::{Api, Operation};
use crate::params::decode;

/// The paths of an API.
#[derive(Debug, Default)]
pub struct Router {
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
    /// Whether literal text is matched without regard to case; it is kept in lower case then.
    ignores_case: bool,
}

#[derive(Debug, Default)]
struct Node {
    /// The literal segments that may follow, decoded, in their order.
    fixed: Vec<(String, usize)>,
    templates: Vec<(Template, usize)>,
    leaf: Option<usize>,
}

impl Node {
    /// The node behind a literal segment, or the place where it would have to stand.
    fn child(&self, literal: &str) -> Result<usize, usize> {
        let place = self
            .fixed
            .binary_search_by(|(known, _)| known.as_str().cmp(literal))?;
        self.fixed.get(place).map(|(_, child)| *child).ok_or(place)
    }
}

/// Everything at one path template.
#[derive(Debug, Default)]
pub struct Leaf {
    /// The operations, with the index that each has in the API and the names of its parameters.
    pub operations: Vec<(usize, &'static Operation, Vec<&'static str>)>,
    /// The value of the header `Allow`, sorted.
    pub allow: String,
}

/// A segment with parameters in it: `{id}`, `{id}.json`, `{a}-{b}`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Template {
    /// Literal text before each parameter, and after the last one.
    literals: Vec<String>,
}

/// A path that is known.
#[derive(Debug)]
pub struct Found {
    /// What is there, for [`Router::leaf`].
    pub leaf: usize,
    /// Where the values of its parameters are in the path, from left to right.
    pub values: Vec<Range<usize>>,
}

impl Router {
    /// The paths of this API below each of its bases.
    pub fn new(api: &'static Api, ignores_case: bool) -> Self {
        let mut router = Self {
            nodes: vec![Node::default()],
            ignores_case,
            ..Self::default()
        };
        for base in api.bases {
            for (index, operation) in api.operations.iter().enumerate() {
                router.add(base, index, operation);
            }
        }
        for leaf in &mut router.leaves {
            leaf.name_methods();
        }
        router
    }

    fn add(&mut self, base: &str, index: usize, operation: &'static Operation) {
        let base = base.trim_end_matches('/');
        let mut at = 0;
        let segments = base
            .split('/')
            .skip(1)
            .chain(operation.path.split('/').skip(1));
        for segment in segments {
            at = match Template::parse(segment, self.ignores_case) {
                Some(template) => self.template_child(at, template),
                None => self.fixed_child(at, segment),
            };
        }
        let leaf = self.leaf_at(at);
        if let Some(leaf) = self.leaves.get_mut(leaf) {
            let known = leaf.operations.iter().any(|(known, ..)| *known == index);
            if !known {
                leaf.operations
                    .push((index, operation, names(operation.path)));
            }
        }
    }

    fn leaf_at(&mut self, at: usize) -> usize {
        let fresh = self.leaves.len();
        let Some(node) = self.nodes.get_mut(at) else {
            return fresh;
        };
        let leaf = *node.leaf.get_or_insert(fresh);
        if leaf == fresh {
            self.leaves.push(Leaf::default());
        }
        leaf
    }

    fn fixed_child(&mut self, at: usize, segment: &str) -> usize {
        let fresh = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else {
            return at;
        };
        let literal = plain(segment, self.ignores_case);
        match node.child(&literal) {
            Ok(child) => child,
            Err(place) => {
                node.fixed.insert(place, (literal, fresh));
                self.nodes.push(Node::default());
                fresh
            }
        }
    }

    fn template_child(&mut self, at: usize, template: Template) -> usize {
        let fresh = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else {
            return at;
        };
        if let Some((_, child)) = node.templates.iter().find(|(known, _)| *known == template) {
            return *child;
        }
        let place = node
            .templates
            .partition_point(|(known, _)| known.weight() >= template.weight());
        node.templates.insert(place, (template, fresh));
        self.nodes.push(Node::default());
        fresh
    }

    /// What is at a path, as it was sent.
    pub fn find(&self, path: &str) -> Option<Found> {
        let rest = path.strip_prefix('/')?;
        let mut values = Vec::new();
        let leaf = self.descend(0, Some(rest), &mut values)?;
        let range = |value: &str| {
            let start = value.as_ptr() as usize - path.as_ptr() as usize;
            start..start + value.len()
        };
        Some(Found {
            leaf,
            values: values.into_iter().map(range).collect(),
        })
    }

    /// Whether a segment is this literal text.
    pub fn is_text(&self, literal: &str, segment: &str) -> bool {
        literal == segment || self.ignores_case && literal.eq_ignore_ascii_case(segment)
    }

    /// Everything at a path that was found.
    pub fn leaf(&self, found: &Found) -> Option<&Leaf> {
        self.leaves.get(found.leaf)
    }

    fn descend<'p>(
        &self,
        at: usize,
        rest: Option<&'p str>,
        values: &mut Vec<&'p str>,
    ) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let Some(rest) = rest else {
            return node.leaf;
        };
        let (segment, rest, is_encoded) = first_segment(rest);
        let mut literal = match is_encoded {
            true => decode(segment, false).unwrap_or(Cow::Borrowed(segment)),
            false => Cow::Borrowed(segment),
        };
        if self.ignores_case && literal.bytes().any(|byte| byte.is_ascii_uppercase()) {
            literal = Cow::Owned(literal.to_ascii_lowercase());
        }
        if let Ok(child) = node.child(&literal)
            && let Some(leaf) = self.descend(child, rest, values)
        {
            return Some(leaf);
        }
        let mark = values.len();
        for (template, child) in &node.templates {
            if template.matches(segment, is_encoded, self.ignores_case, values)
                && let Some(leaf) = self.descend(*child, rest, values)
            {
                return Some(leaf);
            }
            values.truncate(mark);
        }
        None
    }
}

impl Leaf {
    /// The operation for a method. `HEAD` is `GET` without the body, unless declared itself.
    pub fn operation(&self, method: &str) -> Option<(usize, &'static Operation, &[&'static str])> {
        let find = |method: &str| {
            let mut operations = self.operations.iter();
            operations.find(|(_, operation, _)| operation.method.as_str() == method)
        };
        let found = find(method).or_else(|| if method == "HEAD" { find("GET") } else { None });
        found.map(|(index, operation, names)| (*index, *operation, names.as_slice()))
    }

    fn name_methods(&mut self) {
        let mut methods: Vec<&str> = self
            .operations
            .iter()
            .map(|(_, operation, _)| operation.method.as_str())
            .collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        methods.dedup();
        self.allow = methods.join(", ");
    }
}

/// What stands before the first slash, what stands behind it, and whether the segment has a `%`.
fn first_segment(path: &str) -> (&str, Option<&str>, bool) {
    let mut is_encoded = false;
    for (at, byte) in path.bytes().enumerate() {
        if byte == b'/' {
            let (segment, rest) = path.split_at(at);
            return (segment, rest.get(1..), is_encoded);
        }
        is_encoded |= byte == b'%';
    }
    (path, None, is_encoded)
}

/// The names of the parameters in a path template, from left to right.
fn names(path: &'static str) -> Vec<&'static str> {
    let parts = path.split('{').skip(1);
    parts
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

impl Template {
    fn parse(segment: &str, lower: bool) -> Option<Self> {
        let mut parts = segment.split('{');
        let mut literals = vec![plain(parts.next()?, lower)];
        for part in parts {
            let (_, literal) = part.split_once('}')?;
            literals.push(plain(literal, lower));
        }
        (literals.len() > 1).then_some(Self { literals })
    }

    fn weight(&self) -> usize {
        self.literals.iter().map(String::len).sum()
    }

    /// Whether one parameter is all of the segment.
    fn is_whole(&self) -> bool {
        self.literals.len() == 2 && self.literals.iter().all(String::is_empty)
    }

    /// Whether a segment fits; the values of its parameters are appended as they were sent, none
    /// of them empty.
    fn matches<'p>(
        &self,
        segment: &'p str,
        is_encoded: bool,
        ignores_case: bool,
        values: &mut Vec<&'p str>,
    ) -> bool {
        if self.is_whole() {
            // The most common template by far: the segment is the value.
            if !segment.is_empty() {
                values.push(segment);
            }
            return !segment.is_empty();
        }
        // Lower case changes no length, so that places in one are places in the other.
        let lower = ignores_case.then(|| segment.to_ascii_lowercase());
        let as_sent = lower.as_deref().unwrap_or(segment).as_bytes();
        // What is encoded is part of a value where that fits (RFC 3986, section 2.2).
        let found = self.ranges(as_sent).or_else(|| {
            let decoded = is_encoded.then(|| Decoded::new(segment, ignores_case))?;
            let ranges = self.ranges(&decoded.bytes)?.into_iter();
            ranges.map(|range| decoded.sent(range)).collect()
        });
        let Some(ranges) = found else {
            return false;
        };
        values.extend(ranges.into_iter().filter_map(|range| segment.get(range)));
        true
    }

    /// Where the values of the parameters are in a segment that fits.
    fn ranges(&self, segment: &[u8]) -> Option<Vec<Range<usize>>> {
        let (first, rest) = self.literals.split_first()?;
        let (last, middle) = rest.split_last()?;
        let mut start = first.len();
        let mut left = segment.strip_prefix(first.as_bytes())?;
        let mut ranges = Vec::with_capacity(rest.len());
        for literal in middle {
            // A value has at least one byte, so the search starts behind it.
            let at = 1 + find(left.get(1..)?, literal.as_bytes())?;
            ranges.push(start..start + at);
            start += at + literal.len();
            left = left.get(at + literal.len()..)?;
        }
        let value = left.strip_suffix(last.as_bytes())?;
        ranges.push(start..start + value.len());
        (!value.is_empty()).then_some(ranges)
    }
}

/// Where the second text first stands in the first one.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    (0..=text.len()).find(|&at| text.get(at..).is_some_and(|rest| rest.starts_with(wanted)))
}

/// A segment with its `%` sequences resolved. It need not be UTF-8.
struct Decoded {
    bytes: Vec<u8>,
    /// Where each byte stands in the segment as it was sent, and where that ends.
    places: Vec<usize>,
}

impl Decoded {
    fn new(segment: &str, lower: bool) -> Self {
        let sent = segment.as_bytes();
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(&byte) = sent.get(at) {
            let escaped = match byte {
                b'%' => segment.get(at + 1..at + 3),
                _ => None,
            };
            // A sign is no digit, though numbers may have one.
            let escaped = escaped.filter(|digits| !digits.starts_with('+'));
            let escaped = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let decoded = escaped.unwrap_or(byte);
            bytes.push(match lower {
                true => decoded.to_ascii_lowercase(),
                false => decoded,
            });
            places.push(at);
            at += if escaped.is_some() { 3 } else { 1 };
        }
        places.push(sent.len());
        Self { bytes, places }
    }

    /// A range of the decoded bytes in the segment as it was sent.
    fn sent(&self, range: Range<usize>) -> Option<Range<usize>> {
        Some(*self.places.get(range.start)?..*self.places.get(range.end)?)
    }
}

fn plain(literal: &str, lower: bool) -> String {
    let literal = decode(literal, false).unwrap_or(Cow::Borrowed(literal));
    match lower {
        true => literal.to_ascii_lowercase(),
        false => literal.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(
        template: &str,
        segment: &'static str,
        ignores_case: bool,
    ) -> Option<Vec<&'static str>> {
        let mut values = Vec::new();
        Template::parse(template, ignores_case)?
            .matches(segment, segment.contains('%'), ignores_case, &mut values)
            .then_some(values)
    }

    fn matches(template: &str, segment: &'static str) -> Option<Vec<&'static str>> {
        fits(template, segment, false)
    }

    #[test]
    fn literal_text_has_no_case_where_that_is_asked_for() {
        assert_eq!(fits("{id}.Json", "A.JSON", true), Some(vec!["A"]));
        assert_eq!(fits("{a}-X-{b}", "P-x-Q", true), Some(vec!["P", "Q"]));
        assert_eq!(fits("{id}.json", "A.JSON", false), None);
    }

    #[test]
    fn literal_text_may_come_encoded() {
        assert_eq!(matches("{id}ä", "1%C3%A4"), Some(vec!["1"]));
        assert_eq!(matches("{id}ä", "%C3%A4%c3%a4"), Some(vec!["%C3%A4"]));
        assert_eq!(matches("ä{id}", "%C3%A41%20"), Some(vec!["1%20"]));
        assert_eq!(matches("({a},{b})", "%28x%2Cy%29"), Some(vec!["x", "y"]));
        assert_eq!(matches("{id}%2Ejson", "a%2ejson"), Some(vec!["a"]));
        assert_eq!(fits("{id}.Json", "A%2EJSO%4E", true), Some(vec!["A"]));
        // What is encoded stays part of a value where the segment fits as it is.
        assert_eq!(matches("{a};{b}", "x%3By;z"), Some(vec!["x%3By", "z"]));
        assert_eq!(matches("{id}ä", "%C3%A4"), None);
        assert_eq!(matches("{id}ä", "1%C3"), None);
        assert_eq!(matches("{id}.json", "%ff.json"), Some(vec!["%ff"]));
        assert_eq!(matches("{id}.json", "%f%2Ejson"), Some(vec!["%f"]));
    }

    #[test]
    fn templates_within_segments() {
        assert_eq!(matches("{id}", "7"), Some(vec!["7"]));
        assert_eq!(matches("{id}.json", "a.b.json"), Some(vec!["a.b"]));
        assert_eq!(matches("{id}.json", ".json"), None);
        assert_eq!(matches("{a}-{b}", "x-y-z"), Some(vec!["x", "y-z"]));
        assert_eq!(matches("v{major}", "w1"), None);
        assert_eq!(matches("{id}", ""), None);
        assert_eq!(matches("{a}-{b}", "x-"), None);
    }
}
