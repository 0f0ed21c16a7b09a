//! One API as a whole program.

use std::io::{self, Write as _};

use poem::listener::{Acceptor as _, Listener as _, TcpListener};

use crate::host::Host;
use crate::mount::mount;
use crate::openapi::{Contract, OpenApi};
use crate::server::Server;

/// Serves an API, with its contract at `/openapi.json` and `/openapi.yaml`, until the program is
/// told to stop; then requests under way are finished.
///
/// # Errors
///
/// The address cannot be listened on.
pub async fn serve<T: OpenApi + Contract>(api: T, address: &str) -> io::Result<()> {
    let contract = T::API;
    let host = Host::new()
        .page("/openapi.json", "application/json", contract.document_json)
        .page("/openapi.yaml", "application/yaml", contract.document_yaml)
        .add(mount(api));
    let acceptor = TcpListener::bind(address.to_owned())
        .into_acceptor()
        .await?;
    let mut out = io::stdout();
    for address in acceptor.local_addr() {
        let address = match address.as_socket_addr() {
            Some(address) => format!("http://{address}"),
            None => address.to_string(),
        };
        // Nobody may be reading; that is no reason to stop.
        let _ = writeln!(out, "Serving {} on {address}", contract.title);
    }
    let _ = out.flush();
    Server::new(acceptor).run(host, stopped()).await;
    Ok(())
}

#[cfg(unix)]
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn stopped() {
    let _ = tokio::signal::ctrl_c().await;
}
