//! CommonMark of the contract → doc comments.
//!
//! What the text says stays; what rustdoc or clippy would take for something else is escaped:
//! links to nowhere, HTML, code that would run as a test, list items that run on.

use super::layout::Out;

impl Out {
    /// The text as a doc comment; nothing for an empty text.
    pub(super) fn docs(&mut self, level: usize, text: &str) {
        for line in comment_lines(text) {
            self.doc_line(level, &line);
        }
    }

    /// One line of a doc comment, taken as it is.
    pub(super) fn doc_line(&mut self, level: usize, line: &str) {
        if line.is_empty() {
            self.line(level, "///");
        } else {
            self.line(level, &format!("/// {line}"));
        }
    }

    /// The text, or what stands for a text that the contract does not give.
    pub(super) fn docs_or(&mut self, level: usize, text: &str, fallback: &str) {
        let mut lines = comment_lines(text);
        if lines.iter().all(|line| line.trim().is_empty()) {
            lines = comment_lines(fallback);
        }
        for line in lines {
            self.doc_line(level, &line);
        }
    }
}

/// The lines of a doc comment.
fn comment_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut in_code = false;
    let mut after_item = false;
    let text = text.trim().replace("\r\n", "\n");
    for raw in text.split(['\n', '\r']) {
        let line = raw.replace('\t', " ");
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            in_code = !in_code;
            if in_code && lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
            lines.push(if in_code {
                "```text".to_owned()
            } else {
                "```".to_owned()
            });
            after_item = true;
            continue;
        }
        if in_code {
            lines.push(visible(raw.trim_end()));
            continue;
        }
        let item = is_item(line);
        let repeated_blank = line.is_empty() && lines.last().is_none_or(String::is_empty);
        if repeated_blank {
            continue;
        }
        if after_item && !item && !line.is_empty() {
            lines.push(String::new());
        }
        after_item = item || (after_item && line.is_empty());
        lines.push(escape(line));
        if line.is_empty() {
            after_item = false;
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if in_code {
        lines.push("```".to_owned());
    }
    lines
}

fn is_item(line: &str) -> bool {
    let bullet = ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark));
    let digits = line.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbered =
        digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") "));
    bullet || numbered || line.starts_with('|')
}

/// Escapes what is no plain text, outside code spans; addresses become autolinks.
fn escape(line: &str) -> String {
    let mut out = String::new();
    let mut in_span = false;
    let spans_balance = line.matches('`').count().is_multiple_of(2);
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let address = (rest.starts_with("http://") || rest.starts_with("https://")) && !in_span;
        if address {
            let end = rest
                .find(|end: char| end.is_whitespace() || "<>()[]\"'`|,\\".contains(end))
                .unwrap_or(rest.len());
            let link = rest[..end].trim_end_matches(['.', ':', ';', '!', '?', '*', '_']);
            let bare = link.len() <= "https://".len();
            out.push_str(&if bare {
                format!("`{link}`")
            } else {
                format!("<{link}>")
            });
            rest = &rest[link.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '`' if spans_balance => {
                in_span = !in_span;
                out.push('`');
            }
            '`' => out.push_str("\\`"),
            '[' | ']' | '<' if !in_span => {
                out.push('\\');
                out.push(character);
            }
            '>' if out.is_empty() => out.push_str("\\>"),
            '=' | '-' | '_' | '*' if is_rule(line) => {
                out.push('\\');
                out.push(character);
            }
            control if is_unseen(control) => {}
            other => out.push(other),
        }
    }
    out
}

/// A line of dashes or equal signs would turn the line before it into a heading.
fn is_rule(line: &str) -> bool {
    line.len() > 1
        && line
            .chars()
            .all(|character| matches!(character, '=' | '-' | '_' | '*' | ' '))
}

fn visible(line: &str) -> String {
    line.chars()
        .filter(|character| !is_unseen(*character))
        .collect()
}

/// Control characters, and the ones that change the direction of text: rustc refuses those in
/// comments, rightly.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_a_comment() {
        assert_eq!(
            comment_lines("a\r\n*/ fn main() {}\rb"),
            ["a", "*/ fn main() {}", "b"]
        );
        assert_eq!(
            comment_lines("see [Pet] and <b>"),
            ["see \\[Pet\\] and \\<b>"]
        );
    }

    #[test]
    fn code_is_never_a_test() {
        assert_eq!(
            comment_lines("```rust\nfn main() {}"),
            ["```text", "fn main() {}", "```"]
        );
        assert_eq!(comment_lines("    indented"), ["indented"]);
    }

    #[test]
    fn addresses_are_links() {
        assert_eq!(
            comment_lines("At https://example.com/a."),
            ["At <https://example.com/a>."]
        );
    }

    #[test]
    fn what_follows_a_list_is_a_paragraph() {
        assert_eq!(comment_lines("- a\n- b\nc"), ["- a", "- b", "", "c"]);
    }
}
