//! Layout as rustfmt's defaults have it, for the few forms that generated code is made of.

/// rustfmt: `max_width`.
const WIDTH: usize = 100;
/// rustfmt: `fn_call_width`.
pub(super) const CALL_WIDTH: usize = 60;
/// rustfmt: `array_width`.
pub(super) const ARRAY_WIDTH: usize = 60;
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
        self.column(level, head, args, tail);
    }

    /// `let name = call(args)tail`: flat, the call on the next line, or one argument a line.
    pub(super) fn binding(
        &mut self,
        level: usize,
        name: &str,
        call: &str,
        args: &[&str],
        tail: &str,
    ) {
        let flat = args.join(", ");
        let right = format!("{call}({flat}){tail}");
        let left = format!("let {name} =");
        // rustfmt keeps two columns free behind a chain.
        if flat.len() > CALL_WIDTH || !fits(level + 1, &[&right, "  "]) {
            return self.column(level, &format!("{left} {call}"), args, tail);
        }
        if fits(level, &[&left, " ", &right, "  "]) {
            return self.line(level, &format!("{left} {right}"));
        }
        self.line(level, &left);
        self.line(level + 1, &right);
    }

    /// `left: object.method(args)?,`: short arguments stay together and the method moves to a line
    /// of its own, long ones stand below each other.
    pub(super) fn method(&mut self, level: usize, head: &str, args: &[&str]) {
        let flat = args.join(", ");
        let Some((object, method)) = head.rsplit_once('.') else {
            return self.call(level, head, args, "?,");
        };
        // A field keeps two columns free; three arguments stand below each other rather than move.
        let together = flat.len() <= CALL_WIDTH;
        if together && fits(level, &[head, "(", &flat, ")?,  "]) {
            return self.line(level, &format!("{head}({flat})?,"));
        }
        if !together || args.len() > 2 {
            return self.column(level, head, args, "?,");
        }
        self.line(level, object);
        self.line(level + 1, &format!(".{method}({flat})?,"));
    }

    fn column(&mut self, level: usize, head: &str, args: &[&str], tail: &str) {
        self.line(level, &format!("{head}("));
        for arg in args {
            self.line(level + 1, &format!("{arg},"));
        }
        self.line(level, &format!("){tail}"));
    }

    /// `fn name(args) -> ret end`, on one line or with one argument a line.
    pub(super) fn signature(&mut self, level: usize, head: &str, args: &[&str], tail: &str) {
        let flat = args.join(", ");
        let width = 4 * level + head.len() + flat.len() + tail.len() + 2;
        // rustfmt leaves a column for the end of a declaration, and then only moves the arrow.
        let declares = tail.ends_with(';');
        if width == WIDTH && declares {
            self.line(level, &format!("{head}({flat})"));
            return self.line(level, tail.trim_start());
        }
        if width <= WIDTH {
            return self.line(level, &format!("{head}({flat}){tail}"));
        }
        self.column(level, head, args, tail);
    }

    /// `name: Type,`, the type on the next line when it is long.
    pub(super) fn typed(&mut self, level: usize, name: &str, ty: &str) {
        if fits(level, &[name, ": ", ty, ","]) {
            return self.line(level, &format!("{name}: {ty},"));
        }
        self.line(level, &format!("{name}:"));
        self.line(level + 1, &format!("{ty},"));
    }

    /// `head[(a, b), …],`: a lone pair hugs the brackets when it is long.
    pub(super) fn pairs(&mut self, level: usize, head: &str, pairs: &[(String, String)]) {
        self.pairs_to(level, head, pairs, ",");
    }

    /// `head[(a, b), …]`, and what stands behind the bracket.
    pub(super) fn pairs_to(
        &mut self,
        level: usize,
        head: &str,
        pairs: &[(String, String)],
        tail: &str,
    ) {
        let inside = |(left, right): &(String, String)| format!("{left}, {right}");
        let long = |pair: &(String, String)| inside(pair).len() > CALL_WIDTH;
        if let [only] = pairs {
            if !long(only) && fits(level, &[head, "[(", &inside(only), ")]", tail]) {
                return self.line(level, &format!("{head}[({})]{tail}", inside(only)));
            }
            self.column(
                level,
                &format!("{head}["),
                &[&only.0, &only.1],
                &format!("]{tail}"),
            );
            return;
        }
        if !pairs.iter().any(long) {
            let items: Vec<String> = pairs
                .iter()
                .map(|pair| format!("({})", inside(pair)))
                .collect();
            return self.array(level, head, &items, tail);
        }
        self.line(level, &format!("{head}["));
        for pair in pairs {
            if long(pair) || !fits(level + 1, &["(", &inside(pair), "),"]) {
                self.column(level + 1, "", &[&pair.0, &pair.1], ",");
            } else {
                self.line(level + 1, &format!("({}),", inside(pair)));
            }
        }
        self.line(level, &format!("]{tail}"));
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
            Some((left, right)) if !fits(level, &[text, end]) => match right.strip_suffix(')') {
                Some(call) if !fits(level + 1, &[right, end]) && call.contains('(') => {
                    let (function, argument) = call.split_once('(').unwrap_or((call, ""));
                    self.column(level, &format!("{left} = {function}"), &[argument], end);
                }
                _ => {
                    self.line(level, &format!("{left} ="));
                    self.line(level + 1, &format!("{right}{end}"));
                }
            },
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
            _ if fits(0, &["use ", path, "::{", &flat, "};"]) => {
                self.line(0, &format!("use {path}::{{{flat}}};"))
            }
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
            let piece = if line.is_empty() {
                format!("{item},")
            } else {
                format!(" {item},")
            };
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
