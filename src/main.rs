//! Serves the APIs of `openapi/`: arguments, configuration, database, migrations, serve.

use std::process::ExitCode;

use clap::Parser;
use specwright_server::config::{self, Arguments, Command, ConfigCommand};
use specwright_server::{operate, serve, telemetry};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Arguments) -> anyhow::Result<()> {
    let command = arguments.command.take();
    if let Some(Command::Config {
        command: ConfigCommand::Schema,
    }) = command
    {
        println!("{}", serde_json::to_string_pretty(&config::schema())?);
        return Ok(());
    }
    let config = arguments.resolve()?;
    telemetry::start_log(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match command {
        Some(Command::Client(client)) => runtime.block_on(operate::client(&config, client)),
        Some(Command::Audit(audit)) => runtime.block_on(operate::audit(&config, audit)),
        Some(Command::Config { .. }) | None => runtime.block_on(serve::serve(config)),
    }
}
