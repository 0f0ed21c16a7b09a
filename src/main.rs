//! Serves the APIs of `openapi/`: arguments, configuration, database, migrations, serve.

use std::process::ExitCode;

use clap::Parser;
use specwright_server::config::{
    self, Arguments, Command, ConfigCommand, GenerateCommand, ImportCommand,
};
use specwright_server::{commands, operate, serve, telemetry};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// What went wrong and why; what a text says already of its cause is not said again.
fn told(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |told, cause| match told.as_str() {
            "" => cause,
            said if said.contains(&cause) => told,
            said => format!("{said}: {cause}"),
        })
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
    if let Some(Command::Generate {
        command:
            GenerateCommand::Licences {
                count,
                seed,
                format,
            },
    }) = command
    {
        return commands::licences::generate(count, seed, format);
    }
    let mut config = arguments.resolve()?;
    if command.is_some() {
        // Nobody waits for an answer, and much may be stored at once.
        config.database_options.patience = None;
        config.database_options.writer_cache_bytes = 64 << 20;
    }
    telemetry::start_log(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match command {
            Some(Command::Client(client)) => operate::client(&config, client).await,
            Some(Command::Audit(audit)) => operate::audit(&config, audit).await,
            Some(Command::Backfill(backfill)) => operate::backfill(&config, backfill).await,
            Some(Command::Subjects(subjects)) => operate::subjects(&config, subjects).await,
            Some(Command::Import {
                command: ImportCommand::ExamSessions { files },
            }) => commands::import_exam_sessions(&config, &files).await,
            Some(Command::Import {
                command: ImportCommand::Subjects { files },
            }) => commands::import_subjects(&config, &files).await,
            Some(Command::Import {
                command: ImportCommand::Licences { files, format },
            }) => commands::licences::import(&config, &files, format).await,
            Some(Command::Config { .. } | Command::Generate { .. }) | None => {
                serve::serve(config).await
            }
        }
    })
}
