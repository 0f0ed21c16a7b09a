//! A catalogue that comes in as files: the tables that subjects refer to, containers, templates and
//! relations. All of it is checked by the rules that requests are checked by, and stored as a whole
//! or not at all.
//!
//! Reference tables may be read in at any time: what is there already is replaced. Containers,
//! templates and relations go into a catalogue without any, and keep the ids of the files. The
//! process log tells them as one request; the queue does not, for whoever follows it has to begin
//! with the same catalogue.

mod catalogue;
mod closure;
mod reference;
mod requisites;
mod rows;
mod store;

use std::collections::BTreeMap;

use crate::db::Db;
use crate::effects::Effects;
use crate::import::{Fields, File, ImportError, Wrong, records};
use catalogue::{Catalogue, Rows, check};
use rows::{Reference, Row};

/// The line of a file, by the number of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    file: usize,
    line: u64,
}

/// Rows that are right by themselves.
#[derive(Debug)]
pub struct Files {
    names: Vec<String>,
    reference: Vec<(Place, Reference)>,
    rows: Rows,
}

/// Everything that is to be stored, checked.
#[derive(Debug)]
pub struct Plan {
    reference: Vec<Reference>,
    catalogue: Catalogue,
}

/// What was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Rows of reference tables.
    pub reference: usize,
    /// Containers.
    pub containers: usize,
    /// Templates.
    pub templates: usize,
    /// Ranges of related pairs, with those that come by way of others.
    pub relations: usize,
}

impl Files {
    /// Reads files, and finds everything that is wrong with their rows by themselves.
    ///
    /// # Errors
    /// Rows are wrong.
    pub fn read(files: &[File<'_>]) -> Result<Self, ImportError> {
        let mut read = Self {
            names: files.iter().map(|file| file.name.to_owned()).collect(),
            reference: Vec::new(),
            rows: Rows::default(),
        };
        let mut mistakes = Vec::new();
        for (file, text) in files.iter().enumerate() {
            records(text, &mut mistakes, |line, columns, record, mistakes| {
                let place = Place { file, line };
                match rows::read(columns, &Fields::new(columns, record)) {
                    Some(Ok(row)) => read.add(place, row),
                    Some(Err(wrong)) => {
                        mistakes.extend(wrong.into_iter().map(|Wrong { column, reason }| {
                            read.at(place, &format!("{column}: {reason}"))
                        }))
                    }
                    None => mistakes.push(read.at(place, &unknown(columns))),
                }
            });
        }
        match mistakes.is_empty() {
            true => Ok(read),
            false => Err(ImportError::wrong(&mistakes)),
        }
    }

    fn add(&mut self, place: Place, row: Row) {
        match row {
            Row::Reference(row) => self.reference.push((place, row)),
            Row::Container(id, subject_type) => {
                self.rows.containers.push((place, id, subject_type));
            }
            Row::Template(template) => self.rows.templates.push((place, *template)),
            Row::Related(related) => self.rows.related.push((place, related)),
        }
    }

    fn at(&self, place: Place, what: &str) -> String {
        let name = self.names.get(place.file).map_or("", String::as_str);
        format!("{name}, line {}, {what}", place.line)
    }

    /// Checks the rows against each other and against the tables that the database has.
    ///
    /// # Errors
    /// Rows are wrong, or the database failed.
    pub async fn check(mut self, db: &Db) -> Result<Plan, ImportError> {
        let mut tables = store::tables(db).await?;
        let mut mistakes = Vec::new();
        let mut keys: BTreeMap<Vec<String>, Place> = BTreeMap::new();
        for (place, row) in &self.reference {
            tables.define(row);
            if let Some(before) = keys.insert(store::key(row), *place) {
                let before = format!("it is that of line {} again", before.line);
                mistakes.push(self.at(*place, &before));
            }
        }
        tables.finish();
        for (place, row) in &self.reference {
            if let Err((column, reason)) = tables.verify(row) {
                mistakes.push(self.at(*place, &format!("{column}: {reason}")));
            }
        }
        let rows = std::mem::take(&mut self.rows);
        match check(rows, &mut tables) {
            Ok(catalogue) if mistakes.is_empty() => Ok(Plan {
                reference: self.reference.into_iter().map(|(_, row)| row).collect(),
                catalogue,
            }),
            Ok(_) => Err(ImportError::wrong(&mistakes)),
            Err(wrong) => {
                let wrong = wrong.iter().map(|(place, what)| self.at(*place, what));
                mistakes.extend(wrong);
                Err(ImportError::wrong(&mistakes))
            }
        }
    }
}

fn unknown(columns: &[String]) -> String {
    format!(
        "the columns {} are not those of any table; `import subjects --help` lists them",
        columns.join(", ")
    )
}

impl Plan {
    /// How many rows are stored, as [`Plan::store`] counts them.
    pub fn rows(&self) -> usize {
        let Stored {
            reference,
            containers,
            templates,
            relations,
        } = self.amounts();
        reference + containers + templates + relations
    }

    fn amounts(&self) -> Stored {
        let Catalogue {
            containers,
            equivalencies,
            scheduling,
        } = &self.catalogue;
        let relations = equivalencies.values().chain(scheduling.values());
        Stored {
            reference: self.reference.len(),
            containers: containers.len(),
            templates: containers.values().map(|one| one.templates.len()).sum(),
            relations: relations.map(|ranges| ranges.iter().len()).sum(),
        }
    }

    /// Stores everything or nothing. `stored` is called with the number of rows now and then.
    ///
    /// # Errors
    /// The database failed, or there are subjects already.
    pub async fn store(
        self,
        db: &Db,
        effects: &Effects,
        stored: impl Fn(usize) + Send + 'static,
    ) -> Result<Stored, ImportError> {
        let amounts = self.amounts();
        store::store(db, effects, self, amounts, stored).await?;
        Ok(amounts)
    }
}
