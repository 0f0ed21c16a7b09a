//! A small TCP server in front of another one, which can stop doing what it should.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What it does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Hands everything on.
    Forward,
    /// Ends the connection when the request is there.
    Cut,
    /// Ends the connection in the middle of the answer's body.
    CutInBody,
    /// Never answers.
    Silent,
}

/// A server in front of another one.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    mode: Arc<Mutex<Mode>>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// In front of the server at this address.
    pub fn new(server: SocketAddr, mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let mode = Arc::new(Mutex::new(mode));
        let connections = Arc::new(AtomicUsize::new(0));
        let (now, count) = (Arc::clone(&mode), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::SeqCst);
                let mode = *now.lock().expect("nobody panicked");
                thread::spawn(move || serve(stream, server, mode));
            }
        });
        Self {
            address,
            mode,
            connections,
        }
    }

    /// Its address, as a setting has it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does something else with the connections that come from now on.
    pub fn set(&self, mode: Mode) {
        *self.mode.lock().expect("nobody panicked") = mode;
    }

    /// Waits until there were at least as many connections since the last look, which is no longer
    /// than a busy machine takes to accept one.
    pub fn await_connections(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.connections.load(Ordering::SeqCst) < count && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many connections there were since the last look.
    pub fn connections(&self) -> usize {
        self.connections.swap(0, Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, server: SocketAddr, mode: Mode) {
    if mode == Mode::Forward {
        let Ok(upstream) = TcpStream::connect(server) else {
            return;
        };
        return forward(&stream, &upstream);
    }
    // Whoever ends first decides; nothing here may fail the test.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => head.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    match mode {
        Mode::CutInBody => {
            let start = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                         Content-Length: 400\r\n\r\n{\"businessStreamId\":\"01\",";
            let _ = stream.write_all(start.as_bytes());
        }
        Mode::Silent => {
            // Until the other side gives up.
            let _ = stream.read(&mut piece);
        }
        Mode::Cut | Mode::Forward => {}
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn forward(one: &TcpStream, two: &TcpStream) {
    let ways = [(one, two), (two, one)];
    let pipes = ways.map(|(from, to)| {
        let from = from.try_clone().expect("a stream can be shared");
        let to = to.try_clone().expect("a stream can be shared");
        thread::spawn(move || {
            let (mut from, mut to) = (from, to);
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        })
    });
    for pipe in pipes {
        let _ = pipe.join();
    }
}
