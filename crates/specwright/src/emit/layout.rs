//! Layout as rustfmt's defaults have it, for the few forms that generated code is made of.

/// rustfmt: `max_width`.
const WIDTH: usize = 100;
/// rustfmt: `fn_call_width`.
const CALL_WIDTH: usize = 60;
/// rustfmt: `array_width`.
const ARRAY_WIDTH: usize = 60;
/// rustfmt: `short_array_element_width_threshold`.
const SHORT_ITEM: usize = 10;

/// Source text under construction.
#[derive(Debug, Default)]
pub(super) struct Out {
    pub(super) text: String,
}

impl Out {
    /// One line, `level` steps of four spaces in.
    pub(super) fn line(&mut self, level: usize, text: &str) {
        self.indent(level);
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// `head(args)tail`, on one line or with one argument a line.
    pub(super) fn call(&mut self, level: usize, head: &str, args: &[&str], tail: &str) {
        let flat = args.join(", ");
        if flat.len() <= CALL_WIDTH && fits(level, &[head, "(", &flat, ")", tail]) {
            return self.line(level, &format!("{head}({flat}){tail}"));
        }
        self.line(level, &format!("{head}("));
        for arg in args {
            self.line(level + 1, &format!("{arg},"));
        }
        self.line(level, &format!("){tail}"));
    }

    /// `fn name(args) -> ret end`, on one line or with one argument a line.
    pub(super) fn signature(&mut self, level: usize, head: &str, args: &[&str], tail: &str) {
        let flat = args.join(", ");
        if fits(level, &[head, "(", &flat, ")", tail]) {
            return self.line(level, &format!("{head}({flat}){tail}"));
        }
        self.line(level, &format!("{head}("));
        for arg in args {
            self.line(level + 1, &format!("{arg},"));
        }
        self.line(level, &format!("){tail}"));
    }

    /// `pattern => body,`, the body in a block of its own when the line is too long.
    pub(super) fn arm(&mut self, level: usize, pattern: &str, body: &str) {
        if fits(level, &[pattern, " => ", body, ","]) {
            return self.line(level, &format!("{pattern} => {body},"));
        }
        self.line(level, &format!("{pattern} => {{"));
        self.assignment(level + 1, body, "");
        self.line(level, "}");
    }

    /// `left = right end`, broken behind the sign when the line is too long.
    pub(super) fn assignment(&mut self, level: usize, text: &str, end: &str) {
        match text.split_once(" = ") {
            Some((left, right)) if !fits(level, &[text, end]) => {
                self.line(level, &format!("{left} ="));
                self.line(level + 1, &format!("{right}{end}"));
            }
            _ => self.line(level, &format!("{text}{end}")),
        }
    }

    /// `head[items]tail`: flat, short items filled, or one item a line.
    pub(super) fn array(&mut self, level: usize, head: &str, items: &[String], tail: &str) {
        let flat = items.join(", ");
        if flat.len() <= ARRAY_WIDTH && fits(level, &[head, "[", &flat, "]", tail]) {
            return self.line(level, &format!("{head}[{flat}]{tail}"));
        }
        self.line(level, &format!("{head}["));
        if items.iter().all(|item| item.len() <= SHORT_ITEM) {
            self.fill(level + 1, items);
        } else {
            for item in items {
                self.line(level + 1, &format!("{item},"));
            }
        }
        self.line(level, &format!("]{tail}"));
    }

    /// `use path::{names};`
    pub(super) fn import_list(&mut self, path: &str, names: &[&str]) {
        let flat = names.join(", ");
        match names {
            [] => {}
            [only] => self.line(0, &format!("use {path}::{only};")),
            _ if fits(0, &["use ", path, "::{", &flat, "};"]) => self.line(0, &format!("use {path}::{{{flat}}};")),
            _ => {
                self.line(0, &format!("use {path}::{{"));
                let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
                self.fill(1, &names);
                self.line(0, "};");
            }
        }
    }

    fn fill(&mut self, level: usize, items: &[String]) {
        let mut line = String::new();
        for item in items {
            let piece = if line.is_empty() { format!("{item},") } else { format!(" {item},") };
            if !line.is_empty() && 4 * level + line.len() + piece.len() > WIDTH {
                self.line(level, &line);
                line = format!("{item},");
            } else {
                line.push_str(&piece);
            }
        }
        self.line(level, &line);
    }

    fn indent(&mut self, level: usize) {
        self.text.extend(std::iter::repeat_n("    ", level));
    }
}

/// Whether the parts fit on one line.
pub(super) fn fits(level: usize, parts: &[&str]) -> bool {
    // rustfmt counts the columns of wide characters; counting characters is near enough, because
    // only string literals hold them and those cannot be broken anyway.
    4 * level + parts.iter().map(|part| part.chars().count()).sum::<usize>() <= WIDTH
}

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}
