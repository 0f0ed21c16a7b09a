//! The records of a CSV file (RFC 4180), each whole and of bounded length. A quotation mark that
//! nothing closes would make one record of all that follows; here it costs its own line.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// The longest record that is read, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// What UTF-8 files of some programs begin with.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a file with the records that can be read, one after the other.
pub struct Records<R: Read> {
    file: BufReader<R>,
    /// Lines that were read and belong to no record yet.
    ahead: VecDeque<Vec<u8>>,
    /// How many lines came before those.
    line: u64,
    /// The record that is handed on, and how much of it was.
    record: Vec<u8>,
    given: usize,
    /// The first lines of the records that were handed on.
    numbers: VecDeque<u64>,
    /// Lines that begin no record, with the reason.
    refused: VecDeque<(u64, &'static str)>,
}

/// Where a record stands after some of its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a field.
    Start,
    /// In a field without quotation marks around it.
    Plain,
    /// Within quotation marks.
    Quoted,
    /// After a quotation mark, which is the end or, with another one, stands for itself.
    Quote,
}

impl State {
    fn after(self, bytes: &[u8]) -> Self {
        if self != Self::Quoted && !bytes.contains(&b'"') {
            return Self::Plain;
        }
        bytes.iter().fold(self, |state, byte| match (state, byte) {
            (Self::Start, b'"') | (Self::Quote, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) => Self::Quoted,
            (_, b',' | b'\n') => Self::Start,
            _ => Self::Plain,
        })
    }
}

impl<R: Read> Records<R> {
    /// The records of a file.
    pub fn new(file: R) -> Self {
        Self {
            file: BufReader::with_capacity(1 << 16, file),
            ahead: VecDeque::new(),
            line: 0,
            record: Vec::new(),
            given: 0,
            numbers: VecDeque::new(),
            refused: VecDeque::new(),
        }
    }

    /// The first line of the next record that was handed on.
    pub fn next_number(&mut self) -> Option<u64> {
        self.numbers.pop_front()
    }

    /// The next line before this one that begins no record, with the reason.
    pub fn next_refused(&mut self, before: u64) -> Option<(u64, &'static str)> {
        let is_before = self.refused.front().is_some_and(|(line, _)| *line < before);
        is_before.then(|| self.refused.pop_front()).flatten()
    }

    /// Finds the next record; whether there is one.
    fn advance(&mut self) -> io::Result<bool> {
        self.given = 0;
        loop {
            self.record.clear();
            let Some(mut line) = self.next_line()? else {
                return Ok(false);
            };
            self.line += 1;
            if self.line == 1 && line.starts_with(MARK) {
                line.drain(..MARK.len());
            }
            if matches!(line.as_slice(), b"\n" | b"\r\n") {
                continue;
            }
            if line.len() > LONGEST {
                self.refuse("is longer than 65536 bytes");
            } else if self.complete(line)? {
                self.numbers.push_back(self.line);
                // Lines within the record follow its first one.
                let ends = self.record.iter().filter(|byte| **byte == b'\n').count();
                self.line += ends.saturating_sub(1) as u64;
                return Ok(true);
            } else {
                self.refuse("has a quotation mark that nothing closes within 65536 bytes");
            }
        }
    }

    fn refuse(&mut self, reason: &'static str) {
        self.refused.push_back((self.line, reason));
    }

    /// Adds to the first line of a record those that its quotation marks reach over; whether it is
    /// whole then. Otherwise the lines after the first are read again.
    fn complete(&mut self, first: Vec<u8>) -> io::Result<bool> {
        let mut state = State::Start.after(&first);
        self.record = first;
        let mut more: Vec<Vec<u8>> = Vec::new();
        while state == State::Quoted {
            let Some(line) = self.next_line()? else {
                break;
            };
            let is_long = self.record.len() + line.len() > LONGEST;
            state = state.after(&line);
            if !is_long {
                self.record.extend_from_slice(&line);
            }
            more.push(line);
            if is_long {
                state = State::Quoted;
                break;
            }
        }
        if state != State::Quoted {
            return Ok(true);
        }
        more.into_iter()
            .rev()
            .for_each(|line| self.ahead.push_front(line));
        Ok(false)
    }

    /// The next line with its end; of a line that is too long only so much as to tell.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Vec::with_capacity(256);
        let mut limited = (&mut self.file).take(LONGEST as u64 + 1);
        limited.read_until(b'\n', &mut line)?;
        if line.len() > LONGEST && !line.ends_with(b"\n") {
            self.file.skip_until(b'\n')?;
        }
        Ok((!line.is_empty()).then_some(line))
    }
}

impl<R: Read> Read for Records<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.record.len() && !self.advance()? {
            self.record.clear();
            self.given = 0;
            return Ok(0);
        }
        let rest = &self.record[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}
