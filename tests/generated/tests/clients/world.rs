//! Servers to call, and what they saw.

use poem::listener::{Acceptor, Listener, TcpListener};
use specwright_runtime::client::{Http, InProcess};
use specwright_runtime::private::{Contract, OpenApi};
use specwright_runtime::{Client, Mount, mount};
use std::any::Any;
use std::sync::{Arc, Mutex};

/// Runs a test.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future)
}

/// Mounts an API and serves it; gives the mount and its origin.
pub async fn serve<A: OpenApi + Contract>(api: A) -> (Arc<Mount>, String) {
    let mount = Arc::new(mount(api));
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .expect("a port is free");
    let addresses = acceptor.local_addr();
    let address = addresses[0].as_socket_addr().expect("an address");
    let origin = format!("http://{address}");
    let server = poem::Server::new_with_acceptor(acceptor);
    tokio::spawn(server.run(Arc::clone(&mount)));
    (mount, origin)
}

/// Clients of one mounted API: in process, by HTTP/1.1, and by HTTP/2.
pub async fn clients<A: OpenApi + Contract>(api: A) -> Vec<Client> {
    let (mount, origin) = serve(api).await;
    vec![
        Client::new(InProcess::new(mount)),
        Client::new(Http::new(&origin).expect("an origin")),
        Client::new(Http::http2(&origin).expect("an origin")),
    ]
}

/// The last request that a service saw.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Option<Box<dyn Any + Send>>>>);

impl Seen {
    pub fn put<T: Send + 'static>(&self, request: T) {
        *self.0.lock().expect("no test panicked") = Some(Box::new(request));
    }

    pub fn take<T: 'static>(&self) -> Option<T> {
        let seen = self.0.lock().expect("no test panicked").take()?;
        seen.downcast().ok().map(|seen| *seen)
    }
}

/// Implements a service that notes its requests and answers 204.
#[macro_export]
macro_rules! noting {
    ($service:path { $($method:ident($request:ident) $response:ident,)* }) => {
        impl $service for $crate::world::Seen {
            $(async fn $method(
                &self,
                request: $request,
                _context: &specwright_runtime::Context,
            ) -> Result<$response, specwright_runtime::Fault> {
                self.put(request);
                Ok($response::NoContent)
            })*
        }
    };
}

/// Random choices, the same in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        // xorshift64*: enough for values that only have to differ.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        mixed as usize % limit
    }

    pub fn choose<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| make(self))
    }

    pub fn list<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    /// A text that is awkward wherever it stands.
    pub fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.below(4) {
            text.push_str(AWKWARD[self.below(AWKWARD.len())]);
        }
        text
    }

    /// The same with something in it.
    pub fn some_text(&mut self) -> String {
        let text = self.text();
        if text.is_empty() {
            "x".to_owned()
        } else {
            text
        }
    }
}

const AWKWARD: &[&str] = &[
    "a",
    "B7",
    " ",
    ",",
    ";",
    "=",
    "&",
    "%",
    "%41",
    "+",
    "ä€😀",
    "/",
    "?",
    "#",
    ".",
    "..",
    "[x]",
    "'",
    "\"",
    "<>",
    "\\",
    "^`",
    "{}",
    "|",
    "\u{7f}",
    "null",
    "true",
    "12",
    "~-_",
    "\t",
    "\n",
    "\u{0}",
    ":@!$()*",
    "é",
];
