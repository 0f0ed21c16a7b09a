//! The `sqlite3` shell, given the same rows.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Imports the rows of a register into an empty table of the same columns and indexes with the
/// shell's `.import`, and answers how long it took; `None` where there is no shell.
///
/// # Errors
/// The shell failed, or another number of rows arrived.
pub fn import(register: &Path, folder: &Path) -> Result<Option<Duration>> {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        return Ok(None);
    }
    let rows = folder.join("rows.csv");
    let columns =
        "SELECT group_concat(name) FROM pragma_table_info('licences') WHERE name <> 'ended';\n";
    let columns = text(&shell(register, columns)?);
    let export = format!(
        ".mode csv\n.output {}\nSELECT {} FROM licences;\n",
        rows.display(),
        columns.trim()
    );
    shell(register, &export)?;
    let empty = folder.join("rival.db");
    let definitions = shell(
        register,
        "SELECT sql || ';' FROM sqlite_schema WHERE tbl_name = 'licences' AND sql IS NOT NULL;\n",
    )?;
    let definitions = standing(&text(&definitions));
    shell(
        &empty,
        &format!("PRAGMA journal_mode = WAL;\n{definitions}"),
    )?;
    let command = format!(
        "PRAGMA synchronous = FULL;\n.mode csv\n.import {} licences\n",
        rows.display()
    );
    let started = Instant::now();
    shell(&empty, &command)?;
    let elapsed = started.elapsed();
    let count = |file: &Path| -> Result<String> {
        Ok(text(&shell(file, "SELECT COUNT(*) FROM licences;\n")?))
    };
    ensure!(
        count(register)? == count(&empty)?,
        "the shell left rows out"
    );
    Ok(Some(elapsed))
}

/// The definitions without the column `ended`: the shell cannot import NULL, which all rows have in
/// it after an import. Indexes of the rows that stand are indexes of all rows then.
fn standing(definitions: &str) -> String {
    let all = definitions.split_inclusive(';').filter_map(|definition| {
        let words = definition.split_whitespace().collect::<Vec<_>>().join(" ");
        let kept = words
            .replace(", ended BIGINT", "")
            .replace(", ended)", ")")
            .replace(" WHERE ended IS NULL", "");
        (!kept.contains("ended")).then_some(kept)
    });
    all.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn shell(file: &Path, commands: &str) -> Result<Output> {
    let script = file.with_extension("commands");
    std::fs::write(&script, commands)?;
    let output = Command::new("sqlite3")
        .arg("-bail")
        .arg(file)
        .stdin(std::fs::File::open(&script)?)
        .output()
        .context("running sqlite3")?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(
        output.status.success() && errors.is_empty(),
        "sqlite3: {errors}"
    );
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::standing;

    #[test]
    fn the_rival_has_the_same_indexes_over_rows_that_stand() {
        let text = "CREATE TABLE licences (\n  a TEXT,\n    ended BIGINT\n);\n\
                    CREATE UNIQUE INDEX x ON licences (a) WHERE ended IS NULL;\n\
                    CREATE INDEX y ON licences (a, ended)\n    WHERE ended IS NULL;\n\
                    CREATE INDEX z ON licences (ended) WHERE ended IS NOT NULL;\n";
        assert_eq!(
            standing(text),
            "CREATE TABLE licences ( a TEXT );\nCREATE UNIQUE INDEX x ON licences (a);\n\
             CREATE INDEX y ON licences (a);"
        );
    }
}
