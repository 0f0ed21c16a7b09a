use std::path::PathBuf;

use clap::Subcommand;

use crate::operate::{AuditArguments, ClientArguments};

/// What the program does besides serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Works with the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Works with the clients of an API.
    Client(ClientArguments),
    /// Lists who changed what, newest first.
    Audit(AuditArguments),
    /// Reads data into the databases of an API.
    Import {
        /// Which API.
        #[command(subcommand)]
        command: ImportCommand,
    },
}

/// Whose data can be read in.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Reads CSV files into MEPS, OEPS and CAMS: all of them, or nothing.
    ///
    /// The first line of a file names its columns, and they tell what is in it:
    ///
    /// - businessStreamId, qualificationId, name, level
    /// - businessStreamId, assessmentId, qualificationId, componentCode
    /// - businessStreamId, centreNumber, name
    /// - businessStreamId, sessionId, name, sessionType, startDate, endDate, status
    /// - businessStreamId, sessionId, assessmentId, centreNumber, candidates
    /// - sessionId, name, periodType, qualificationGroup, startDate, endDate, status
    ///
    /// What is there already is replaced, so that the same files can be read again.
    #[command(verbatim_doc_comment)]
    ExamSessions {
        /// The files, in any order.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prints the JSON Schema of the configuration file.
    Schema,
}
