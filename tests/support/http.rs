//! A small HTTP client over a plain connection, for tests that start the program itself.

use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One connection, used again and again.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects.
    pub fn new(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Posts JSON, and gives the status and the body of the answer.
    pub fn post(&mut self, path: &str, body: &str) -> Result<(u16, String)> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.exchange(&request)
    }

    /// Gets, and gives the status and the body of the answer.
    pub fn get(&mut self, path: &str) -> Result<(u16, String)> {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
    }

    /// Sends any request with a body, and gives the status and the body of the answer.
    pub fn send(
        &mut self,
        line: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(u16, String)> {
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        self.exchange(&format!(
            "{line} HTTP/1.1\r\nHost: test\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Gets with further header lines, each with its end, and gives status, header lines and body.
    pub fn get_with(&mut self, path: &str, headers: &[u8]) -> Result<(u16, Vec<String>, String)> {
        self.request(&format!("GET {path}"), headers)
    }

    /// Sends a request without a body, with header lines, and gives status, header lines and body.
    pub fn request(&mut self, line: &str, headers: &[u8]) -> Result<(u16, Vec<String>, String)> {
        let start = format!("{line} HTTP/1.1\r\nHost: test\r\n");
        self.round(&[start.as_bytes(), headers, b"\r\n"].concat())
    }

    /// Sends a request with these header lines, each with its end, and this body, and nothing else
    /// but the host; gives status, header lines and body.
    pub fn whole(
        &mut self,
        line: &str,
        headers: &str,
        body: &str,
    ) -> Result<(u16, Vec<String>, String)> {
        let request = format!("{line} HTTP/1.1\r\nHost: test\r\n{headers}\r\n{body}");
        self.round(request.as_bytes())
    }

    fn exchange(&mut self, request: &str) -> Result<(u16, String)> {
        let (status, _, body) = self.round(request.as_bytes())?;
        Ok((status, body))
    }

    fn round(&mut self, request: &[u8]) -> Result<(u16, Vec<String>, String)> {
        self.stream.get_mut().write_all(request)?;
        let status = self.line()?;
        let status = status
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        let mut length = 0;
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            lines.push(line);
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| ErrorKind::InvalidData)?;
            }
        }
        // The length is that of what a GET would have brought.
        if request.starts_with(b"HEAD ") {
            length = 0;
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(|_| ErrorKind::InvalidData)?;
        Ok((status, lines, body))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}
