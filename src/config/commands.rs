use std::path::PathBuf;

use clap::Subcommand;

use crate::backfill::operate::BackfillArguments;
use crate::licences::files::Form;
use crate::operate::{AuditArguments, ClientArguments};
use crate::subjects::operate::SubjectsArguments;

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
    /// Reads the backfill queue and works it off.
    Backfill(BackfillArguments),
    /// Looks at subjects and at what became of requests.
    Subjects(SubjectsArguments),
    /// Makes data up.
    Generate {
        /// For which API.
        #[command(subcommand)]
        command: GenerateCommand,
    },
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
    /// What is there already is replaced, so that the same files can be read again. No two rows may
    /// say different things of one thing, and no qualification or assessment changes its business
    /// stream. When a database fails at its commit after others have committed, it is told which
    /// rows are stored.
    #[command(verbatim_doc_comment)]
    ExamSessions {
        /// The files, in any order.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Reads files into the catalogue of subjects: all of them, or nothing.
    ///
    /// A file is CSV, where the first line names the columns, or has one JSON object a line. The
    /// columns tell what is in it; those with a question mark may be left out:
    ///
    /// - termCode, description
    /// - subjectCode, description, departmentCode
    /// - attributeCode, description, category
    /// - gradingModeCode, description
    /// - typeCode, description
    /// - gradingModeCode, gradingModeType, isExperimental, description
    /// - ruleId, attributeCode, output, fails
    /// - controlCode, optionValue, fromTerm, thruTerm
    /// - homeInstitutionId, name
    /// - homeInstitutionId, homeSchoolId, name
    /// - notificationType, qualifier, email
    /// - configCode, configValue, description
    /// - containerId, subjectType
    /// - containerId, subjectId, title, effectiveFromTerm, effectiveThruTerm, crossListSubjects?,
    ///   description?, level?, lectureUnits?, labUnits?, preparationUnits?, gradeRule?,
    ///   attributes?, gradingModes?, homeInstitutionId?, homeSchoolId?, homeSubjectId?,
    ///   prerequisites?, corequisites?
    /// - relation, containerId, relatedContainerId, effectiveFromTerm, effectiveThruTerm
    ///
    /// Lists have spaces between their items, as in `6.AA1 18.AA1` and `L/N P/N`, or are JSON lists.
    /// Requisites are JSON. A relation is EQ or SR, in one direction or both; what is related by way
    /// of others is added.
    ///
    /// Rows of the first twelve kinds replace what is there. Containers, templates and relations go
    /// into a catalogue that has none yet.
    #[command(verbatim_doc_comment)]
    Subjects {
        /// The files, in any order.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Reads files of licences into the register: each file whole, or nothing of it.
    ///
    /// A CSV file names its columns in its first line, in any order: licenceNumber, holderNumber,
    /// surname, forename, grade (with commas between grades), licenceStatus, distributionStatus,
    /// distributionStatusDate, applicationDate, courseDate, dateIssued, dateExpires, instructor,
    /// trainingCentre. A file that ends in .json, .jsonl or .ndjson has a JSON object with these
    /// members on each line. Dates are as 2026-04-20, at the beginning of the day in UTC, or times
    /// with an offset.
    ///
    /// Every line that is wrong is told, with its number, the field and why. A licence that is there
    /// already is changed, so that the same file can be read again; licences that are not in the
    /// file stay. The server goes on meanwhile, and its lists show a file when all of it is stored.
    Licences {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What the files are [default: by their names]
        #[arg(long, value_enum)]
        format: Option<Form>,
    },
}

/// For which API data can be made up.
#[derive(Debug, Subcommand)]
pub enum GenerateCommand {
    /// Writes made-up licences to stdout: the same ones for the same count and seed.
    Licences {
        /// How many.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(..=1_000_000_000))]
        count: u64,
        /// What they are made up from.
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        seed: u64,
        /// What they are written as.
        #[arg(long, value_enum, default_value = "csv")]
        format: Form,
    },
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prints the JSON Schema of the configuration file.
    Schema,
}
