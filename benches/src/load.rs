//! A keep-alive HTTP/1.1 load generator, small enough to outrun the servers it measures.

use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What one run of load found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Requests answered with the expected status.
    pub requests: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Each request's time in microseconds, sorted.
    pub latencies_us: Vec<u32>,
}

impl Outcome {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency in microseconds that `share` (0 to 1) of the requests stay under.
    pub fn latency_us(&self, share: f64) -> u32 {
        let last = self.latencies_us.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        self.latencies_us.get(at).copied().unwrap_or(0)
    }
}

/// Sends the request over and over on `connections` connections for `duration`.
///
/// # Errors
///
/// A connection fails, or an answer has another status than 200: a rate of
/// failures says nothing.
pub async fn run(
    address: SocketAddr,
    request: &[u8],
    connections: usize,
    duration: Duration,
) -> Result<Outcome> {
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    let end = started + duration;
    for _ in 0..connections {
        let request = request.to_vec();
        tasks.spawn(async move {
            let mut client = Client::connect(address).await?;
            let mut latencies_us = Vec::with_capacity(1 << 16);
            let mut sent = Instant::now();
            while sent < end {
                client.exchange(&request).await?;
                let now = Instant::now();
                latencies_us.push((now - sent).as_micros().try_into().unwrap_or(u32::MAX));
                sent = now;
            }
            anyhow::Ok(latencies_us)
        });
    }
    let mut latencies_us = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies_us.extend(done??);
    }
    let elapsed = started.elapsed();
    latencies_us.sort_unstable();
    Ok(Outcome {
        requests: latencies_us.len() as u64,
        elapsed,
        latencies_us,
    })
}

/// One keep-alive connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    ///
    /// Nobody listens there.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and reads its answer, whose body it returns.
    ///
    /// # Errors
    ///
    /// The connection ends early, or the status is not 200.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(
                read > 0,
                "the server closed the connection in the middle of an answer"
            );
            if let Some(frame) = Frame::find(&self.buffer)? {
                return Ok(&self.buffer[frame.body_start..frame.body_end]);
            }
        }
    }
}

/// Where the body of a whole answer lies.
pub struct Frame {
    body_start: usize,
    body_end: usize,
}

impl Frame {
    /// Finds a whole answer at the start of the buffer; `None` while some of it is missing.
    ///
    /// # Errors
    ///
    /// The status is not 200.
    pub fn find(buffer: &[u8]) -> Result<Option<Self>> {
        let Some(head_end) = find(buffer, b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = &buffer[..head_end];
        if head.get(9..12) != Some(b"200") {
            bail!("unexpected answer: {}", String::from_utf8_lossy(buffer));
        }
        let body_start = head_end + 4;
        match content_length(head) {
            Some(length) if buffer.len() >= body_start + length => Ok(Some(Self {
                body_start,
                body_end: body_start + length,
            })),
            Some(_) => Ok(None),
            // A chunked answer, as the original service sends them, ends with an empty chunk.
            None if buffer.ends_with(b"0\r\n\r\n") => Ok(Some(Self {
                body_start,
                body_end: buffer.len(),
            })),
            None => Ok(None),
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn content_length(head: &[u8]) -> Option<usize> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        if !line[..colon].eq_ignore_ascii_case(b"content-length") {
            return None;
        }
        std::str::from_utf8(&line[colon + 1..])
            .ok()?
            .trim()
            .parse()
            .ok()
    })
}
