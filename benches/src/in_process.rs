//! Requests over a pipe in memory, for counting instructions: no socket, no
//! scheduler, so two runs count the same.

use crate::load::Frame;
use anyhow::{Result, ensure};
use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// An acceptor with exactly one connection.
pub struct Pipe(Option<DuplexStream>);

impl Pipe {
    /// The acceptor, and the client's end of its connection.
    pub fn new() -> (Self, DuplexStream) {
        let (client, server) = tokio::io::duplex(64 * 1024);
        (Self(Some(server)), client)
    }

    /// The server's end, for a server that takes it directly.
    pub fn into_inner(self) -> Option<DuplexStream> {
        self.0
    }
}

impl Acceptor for Pipe {
    type Io = DuplexStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        Vec::new()
    }

    async fn accept(&mut self) -> io::Result<(DuplexStream, LocalAddr, RemoteAddr, Scheme)> {
        match self.0.take() {
            Some(stream) => Ok((
                stream,
                LocalAddr::default(),
                RemoteAddr::default(),
                Scheme::HTTP,
            )),
            None => std::future::pending().await,
        }
    }
}

/// Sends the request `count` times, one after another.
///
/// Every answer is as long as the first one, so that finding its end costs next to nothing and the
/// count is the server's.
///
/// # Errors
///
/// The connection ends, or an answer is not a 200.
pub async fn drive(mut stream: DuplexStream, request: &[u8], count: usize) -> Result<()> {
    let mut buffer = Vec::with_capacity(16 * 1024);
    let mut length = None;
    for _ in 0..count {
        stream.write_all(request).await?;
        buffer.clear();
        loop {
            let read = stream.read_buf(&mut buffer).await?;
            ensure!(read > 0, "the server closed the pipe");
            match length {
                Some(length) if buffer.len() < length => {}
                Some(length) => {
                    ensure!(
                        buffer.len() == length && buffer.starts_with(b"HTTP/1.1 200"),
                        "an answer differs from the first one: {}",
                        String::from_utf8_lossy(&buffer)
                    );
                    break;
                }
                None if Frame::find(&buffer)?.is_some() => {
                    length = Some(buffer.len());
                    break;
                }
                None => {}
            }
        }
    }
    Ok(())
}
