//! Serves the APIs of `openapi/`: arguments, configuration, database, migrations, serve.

use std::process::ExitCode;

use clap::Parser;
use specwright_server::config::{self, Arguments, Command, ConfigCommand};
use specwright_server::serve;
use specwright_server::telemetry;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    if let Some(Command::Config {
        command: ConfigCommand::Schema,
    }) = arguments.command
    {
        println!("{}", serde_json::to_string_pretty(&config::schema())?);
        return Ok(());
    }
    let config = arguments.resolve()?;
    telemetry::start_log(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve::serve(config))
}
