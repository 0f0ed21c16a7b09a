//! From a configuration to a running server, and to its orderly end.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use poem::listener::{Acceptor as _, AcceptorExt as _, BoxAcceptor, Listener as _, TcpListener};
use poem::listener::{RustlsCertificate, RustlsConfig};
use specwright_runtime::Server;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::config::{Config, DEMO_ID, DEMO_SECRET, Tls};
use crate::db::{Db, migrations};
use crate::effects::Effects;
use crate::routes::Readiness;
use crate::systems::Systems;
use crate::{app, licences, prepare, register, subjects};

/// Serves until SIGTERM or Ctrl-C; then readiness goes first, requests under way finish within
/// the grace period, and the database is closed last.
///
/// # Errors
/// The database or the address cannot be used, or a TLS file cannot be read.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let effects = Effects::real();
    let now_ms = effects.now().timestamp_millis();
    let location = &config.database;
    let db = migrations::open(
        location,
        &config.database_options,
        migrations::SERVER,
        now_ms,
    )
    .await
    .context("the database cannot be used")?;
    prepare(&config, &db, &effects)
        .await
        .context("the database cannot be used")?;
    if config.demo {
        let filled = subjects::demo::fill(&db, &effects).await;
        filled.context("the demo catalogue cannot be stored")?;
    }
    let systems = Systems::new(&config, &effects);
    systems.prepare(&config).await?;
    let register = register(&config, &effects);
    if config.demo {
        licences::fill_demo(register.clone(), &effects)
            .await
            .context("the database of the licences cannot be used")?;
    }
    let databases = (db.clone(), systems.clone(), register.clone());
    let app = app(&config, databases, effects)?;
    let acceptor = listen(&config).await?;
    announce(&config, &acceptor);
    let (stopping, stopped) = watch::channel(false);
    let cleanup = tokio::spawn(app.keep_clean(config.cleanup_interval, stopped));
    let signal = stop(app.readiness(), config.shutdown_delay);
    Server::new(acceptor)
        .idle_timeout(config.idle_timeout)
        .grace(config.shutdown_grace)
        .run(app, signal)
        .await;
    let _ = stopping.send(true);
    cleanup.await?;
    systems.close().await;
    register.close().await;
    close(&db).await;
    Ok(())
}

async fn close(db: &Db) {
    db.close().await;
    tracing::info!("stopped");
}

async fn listen(config: &Config) -> anyhow::Result<BoxAcceptor> {
    let listener = TcpListener::bind(config.listen);
    let acceptor = match &config.tls {
        None => listener
            .into_acceptor()
            .await
            .map(|acceptor| acceptor.boxed()),
        Some(tls) => {
            let listener = listener.rustls(certificate(tls).await?);
            listener
                .into_acceptor()
                .await
                .map(|acceptor| acceptor.boxed())
        }
    };
    acceptor.with_context(|| format!("the server cannot listen on {}", config.listen))
}

async fn certificate(tls: &Tls) -> anyhow::Result<RustlsConfig> {
    let read = async |path| {
        tokio::fs::read(path)
            .await
            .with_context(|| format!("`{}` cannot be read", std::path::Path::display(path)))
    };
    let certificate = RustlsCertificate::new()
        .cert(read(&tls.cert).await?)
        .key(read(&tls.key).await?);
    Ok(RustlsConfig::new().fallback(certificate))
}

/// Says on standard output where the server is, for people and for programs that started it.
fn announce(config: &Config, acceptor: &BoxAcceptor) {
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let mut out = std::io::stdout();
    for address in acceptor.local_addr() {
        let Some(address) = address.as_socket_addr() else {
            continue;
        };
        // Nobody may be reading; that is no reason to stop.
        let _ = writeln!(out, "Serving on {scheme}://{address}");
        let _ = writeln!(out, "Documentation at {scheme}://{address}/docs");
    }
    if config.demo {
        let _ = writeln!(out, "Demo credentials: id {DEMO_ID}, secret {DEMO_SECRET}");
    }
    let _ = out.flush();
}

async fn stop(readiness: Readiness, delay: Duration) {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping");
    readiness.stop();
    tokio::time::sleep(delay).await;
}
