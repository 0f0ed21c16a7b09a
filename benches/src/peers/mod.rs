//! The same two endpoints, written six ways.

pub mod derive;
pub mod derive_patterns;
pub mod ours;
pub mod plain;
pub mod raw;
pub mod shop;
pub mod types;

use crate::in_process::Pipe;
use anyhow::{Context, Result};
use poem::listener::TcpListener;
use poem::{IntoEndpoint, Server};
use std::net::SocketAddr;

/// One way to write the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Peer {
    /// poem-openapi's derive macros, with the contract's patterns.
    DerivePatterns,
    /// poem-openapi's derive macros without the patterns.
    Derive,
    /// poem and `serde_json`; nothing is validated.
    Plain,
    /// hyper and `serde_json`; nothing is validated.
    Raw,
    /// The contract, compiled; everything is validated.
    Ours,
}

impl Peer {
    /// Every peer, in the table's order.
    pub const ALL: [Self; 5] = [
        Self::DerivePatterns,
        Self::Derive,
        Self::Plain,
        Self::Raw,
        Self::Ours,
    ];

    /// What the table calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::DerivePatterns => "poem-openapi derive, patterns",
            Self::Derive => "poem-openapi derive, no patterns",
            Self::Plain => "poem + serde_json, unvalidated",
            Self::Raw => "hyper + serde_json, unvalidated",
            Self::Ours => "specwright, validated",
        }
    }

    /// The peer's name on the command line.
    pub fn argument(self) -> &'static str {
        match self {
            Self::DerivePatterns => "derive-patterns",
            Self::Derive => "derive",
            Self::Plain => "plain",
            Self::Raw => "raw",
            Self::Ours => "ours",
        }
    }

    /// Serves the endpoints on a socket until the process ends.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on.
    pub async fn serve(self, address: SocketAddr) -> Result<()> {
        match self {
            Self::DerivePatterns => listen(address, derive_patterns::endpoint()).await,
            Self::Derive => listen(address, derive::endpoint()).await,
            Self::Plain => listen(address, plain::endpoint()).await,
            Self::Raw => raw::listen(address).await,
            Self::Ours => listen(address, ours::endpoint()).await,
        }
    }

    /// Serves the endpoints on a pipe until the process ends.
    ///
    /// # Errors
    ///
    /// The pipe breaks.
    pub async fn serve_pipe(self, pipe: Pipe) -> Result<()> {
        match self {
            Self::DerivePatterns => accept(pipe, derive_patterns::endpoint()).await,
            Self::Derive => accept(pipe, derive::endpoint()).await,
            Self::Plain => accept(pipe, plain::endpoint()).await,
            Self::Raw => raw::connection(pipe.into_inner().context("a used pipe")?).await,
            Self::Ours => accept(pipe, ours::endpoint()).await,
        }
    }
}

async fn listen<E>(address: SocketAddr, endpoint: E) -> Result<()>
where
    E: IntoEndpoint,
    E::Endpoint: 'static,
{
    Ok(Server::new(TcpListener::bind(address))
        .run(endpoint)
        .await?)
}

async fn accept<E>(pipe: Pipe, endpoint: E) -> Result<()>
where
    E: IntoEndpoint,
    E::Endpoint: 'static,
{
    Ok(Server::new_with_acceptor(pipe).run(endpoint).await?)
}
