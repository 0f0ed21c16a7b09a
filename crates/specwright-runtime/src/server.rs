//! Connections: taking them, giving each its requests, ending them.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use poem::listener::Acceptor;
use poem::{Endpoint, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use crate::connection::{Answer, Usage, Watched, live};
use crate::ids::RequestIds;
use crate::named_host;

/// How long to wait when a connection could not be taken, so that a lack of file descriptors is
/// not met with a storm of attempts.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// How often the other end of an HTTP/2 connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

/// Takes connections and answers their requests, over HTTP/1.1 and HTTP/2.
///
/// An operation ends when its client goes away. A connection ends when its next request, the first
/// one included, does not come, or does not come whole, within the idle timeout, which a TLS
/// handshake is a part of, and when the client does not take its answer for as long.
#[derive(Debug)]
pub struct Server<A> {
    acceptor: A,
    idle_timeout: Duration,
    grace: Duration,
}

impl<A: Acceptor + 'static> Server<A> {
    /// With an idle timeout of 75 seconds and 10 seconds of grace.
    pub fn new(acceptor: A) -> Self {
        Self {
            acceptor,
            idle_timeout: Duration::from_secs(75),
            grace: Duration::from_secs(10),
        }
    }

    /// Ends connections that are idle for this long.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Gives requests under way this long to finish when the server stops.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Serves until `stop` ends; then no connection is taken any more, and requests under way
    /// finish within the grace period.
    pub async fn run(
        mut self,
        endpoint: impl Endpoint<Output = Response> + 'static,
        stop: impl Future<Output = ()>,
    ) {
        let endpoint = Arc::new(endpoint);
        let builder = builder(self.idle_timeout);
        let (stopping, told) = watch::channel(());
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                accepted = self.acceptor.accept() => match accepted {
                    Ok((io, local, remote, scheme)) => {
                        let endpoint = Arc::clone(&endpoint);
                        let usage = Arc::new(Usage::default());
                        let used = Arc::clone(&usage);
                        let service = service_fn(move |request: http::Request<Incoming>| {
                            let endpoint = Arc::clone(&endpoint);
                            let under_way = used.begin();
                            let (local, remote) = (local.clone(), remote.clone());
                            let fault = named_host::fault(&request);
                            let request: Request =
                                (request, local, remote, scheme.clone()).into();
                            async move {
                                let response = match fault {
                                    Some(fault) => refuse(&request, fault),
                                    None => endpoint.get_response(request).await,
                                };
                                let response: http::Response<_> = response.into();
                                Ok::<_, Infallible>(
                                    response.map(|body| Answer::new(body, under_way)),
                                )
                            }
                        });
                        let io = impatient(io, self.idle_timeout);
                        let io = TokioIo::new(Watched::new(io, Arc::clone(&usage)));
                        let connection = builder.serve_connection_with_upgrades(io, service);
                        let connection = connection.into_owned();
                        connections.spawn(live(connection, usage, self.idle_timeout, told.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection cannot be taken");
                        tokio::time::sleep(AFTER_FAILURE).await;
                    }
                },
            }
        }
        drop(self.acceptor);
        // Without any connection there is nobody to tell.
        let _ = stopping.send(());
        let ended = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.grace, ended).await.is_err() {
            tracing::warn!("requests were still under way when the grace period ended");
        }
        connections.shutdown().await;
    }
}

/// Answers a request that does not say rightly whom it is for.
fn refuse(request: &Request, fault: &'static str) -> Response {
    let request_id = RequestIds::default().of(request);
    tracing::info!(request_id = &*request_id, status = 400, fault, "answered");
    named_host::refused(fault, request.version(), &request_id)
}

fn builder(idle_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

/// A connection on which a write that makes no progress fails.
fn impatient<T: AsyncRead + AsyncWrite>(io: T, timeout: Duration) -> Pin<Box<TimeoutStream<T>>> {
    let mut io = TimeoutStream::new(io);
    io.set_write_timeout(Some(timeout));
    Box::pin(io)
}
