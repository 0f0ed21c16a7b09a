//! The sessions a first run shows: Cambridge International, Cambridge English, OCR and Cambridge
//! Technicals. They come in as anybody's files do.

use crate::import::File;

/// The files of the demo.
pub const FILES: [File<'static>; 6] = [
    file("qualifications.csv", include_str!("qualifications.csv")),
    file("assessments.csv", include_str!("assessments.csv")),
    file("centres.csv", include_str!("centres.csv")),
    file("sessions.csv", include_str!("sessions.csv")),
    file("entries.csv", include_str!("entries.csv")),
    file(
        "vocational-sessions.csv",
        include_str!("vocational-sessions.csv"),
    ),
];

const fn file(name: &'static str, text: &'static str) -> File<'static> {
    File { name, text }
}
