//! A short cut for documents that are plain JSON, which YAML parsers read slowly.
//!
//! It answers only when the text is faultless. Everything else goes to the YAML parser, which knows
//! how to explain it.

use super::{Entry, MAX_DEPTH, Mapping, Node, Value};
use crate::source::{FileId, Span};

/// Reads a text as a JSON object or array; `None` when it is something else or has a fault.
pub(super) fn read(file: FileId, text: &str) -> Option<Node> {
    match text.trim_start().starts_with(['{', '[']) {
        true => read_value(file, text),
        false => None,
    }
}

/// Reads a text as any JSON value (RFC 8259); `None` when it is something else or has a fault.
pub(super) fn read_value(file: FileId, text: &str) -> Option<Node> {
    let mut reader = Reader {
        file,
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
    };
    reader.space();
    let node = reader.value()?;
    reader.space();
    (reader.at == text.len()).then_some(node)
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span {
            file: self.file,
            start: start as u32,
            end: self.at as u32,
        }
    }

    /// Recursion is bounded by the depth limit.
    fn value(&mut self) -> Option<Node> {
        let start = self.at;
        let value = match self.peek()? {
            b'{' => self.nested(Self::object)?,
            b'[' => self.nested(Self::array)?,
            b'"' => Value::String(self.string()?),
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => Value::Number(self.number()?),
        };
        Some(Node {
            span: self.span(start),
            value,
            tag: None,
        })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        let value = read(self)?;
        self.depth -= 1;
        Some(value)
    }

    fn object(&mut self) -> Option<Value> {
        let mut mapping = Mapping::default();
        if self.eat(b'}').is_some() {
            return Some(Value::Mapping(mapping));
        }
        loop {
            let start = self.at;
            let key = self.string()?;
            let key_span = self.span(start);
            self.space();
            self.eat(b':')?;
            self.space();
            let value = self.value()?;
            if mapping.get(&key).is_some() {
                return None;
            }
            mapping.push(Entry {
                key,
                key_span,
                value,
            });
            self.space();
            if self.eat(b'}').is_some() {
                return Some(Value::Mapping(mapping));
            }
            self.eat(b',')?;
            self.space();
        }
    }

    fn array(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        if self.eat(b']').is_some() {
            return Some(Value::Sequence(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            if self.eat(b']').is_some() {
                return Some(Value::Sequence(items));
            }
            self.eat(b',')?;
            self.space();
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let found = self.bytes.get(self.at..)?.starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(value)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<String> {
        let start = self.at;
        let _ = self.eat(b'-');
        match self.eat(b'0') {
            Some(()) => {}
            None => self.digits()?,
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(self.text.get(start..self.at)?.to_owned())
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"')?;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.at += 1;
            }
            out.push_str(self.text.get(start..self.at)?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = *self.bytes.get(self.at + 1)?;
        self.at += 2;
        Some(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return None,
        })
    }

    /// RFC 8259, section 7: characters beyond the basic plane come as two escapes.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.eat(b'\\')?;
        self.eat(b'u')?;
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        Some(code)
    }
}
