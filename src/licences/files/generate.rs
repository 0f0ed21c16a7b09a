//! Licences that are made up: the same ones for the same seed, on every machine.

use std::io::{self, Write};

use super::Form;
use super::record::FIELDS;
use crate::licences::domain::{DistributionStatus, Grades, LicenceStatus};

/// SplitMix64: numbers that look random, and are the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound, which is above zero.
    fn below(&mut self, bound: u64) -> u64 {
        // The high half of a product is even enough for made-up data, and needs no second try.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// One of several, the first ones more often than the last ones.
    fn early<'t>(&mut self, all: &[&'t str]) -> &'t str {
        let place = self
            .below(all.len() as u64)
            .min(self.below(all.len() as u64));
        all[place as usize]
    }
}

const SURNAMES: [&str; 60] = [
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Williams",
    "Wilson",
    "Johnson",
    "Davies",
    "Patel",
    "Robinson",
    "Wright",
    "Thompson",
    "Evans",
    "Walker",
    "White",
    "Roberts",
    "Green",
    "Hall",
    "Wood",
    "Jackson",
    "Clarke",
    "Khan",
    "Müller",
    "Schmidt",
    "García",
    "Rossi",
    "Nowak",
    "Kowalski",
    "O'Brien",
    "Murphy",
    "Kelly",
    "Byrne",
    "Okafor",
    "Mensah",
    "Nguyen",
    "Tran",
    "Kim",
    "Lee",
    "Yılmaz",
    "Kaya",
    "Ivanova",
    "Petrov",
    "Novák",
    "Horvath",
    "Jensen",
    "Nielsen",
    "Andersson",
    "Johansson",
    "Virtanen",
    "de Vries",
    "van Dijk",
    "Dubois",
    "Lefèvre",
    "Silva",
    "Santos",
    "Fernández",
    "Łukasik",
    "Ångström",
    "Öztürk",
    "Zieliński",
];

const FORENAMES: [&str; 40] = [
    "Oliver", "Amelia", "George", "Olivia", "Ada", "Noah", "Isla", "Arthur", "Ava", "Leo", "Mia",
    "Oscar", "Freya", "Mohammed", "Fatima", "Lukas", "Anna", "Mateusz", "Zofia", "Jürgen", "Heike",
    "Giulia", "Marco", "Aoife", "Seán", "Chidi", "Kwame", "Linh", "Minh", "Ji-woo", "Ayşe",
    "Mehmet", "Søren", "Åsa", "Aino", "Daan", "Sanne", "Chloé", "Inês", "João",
];

/// The grades that people take together, the usual ones first.
const TAKEN: [u8; 12] = [
    0b000_1100, 0b000_1000, 0b000_0100, 0b000_1111, 0b000_0010, 0b000_0001, 0b010_1100, 0b001_0000,
    0b010_0000, 0b100_0000, 0b001_1100, 0b110_1111,
];

/// The first day on which a made-up licence was issued: 1 January 2012, in days since 1970.
const FIRST_DAY: u64 = 15_340;

/// How many days licences were issued on: up to the end of 2025.
const DAYS: u64 = 5_114;

/// How long a licence lasts, in days.
const LASTS: u64 = 1_826;

/// Writes made-up licences; `written` is called after each.
///
/// # Errors
/// They cannot be written.
pub fn write(
    out: &mut impl Write,
    (count, seed): (u64, u64),
    form: Form,
    mut written: impl FnMut(),
) -> io::Result<()> {
    if form == Form::Csv {
        writeln!(out, "{}", FIELDS.join(","))?;
    }
    let mut line = String::new();
    for number in 0..count {
        line.clear();
        licence(number, count, seed).push(form, &mut line);
        out.write_all(line.as_bytes())?;
        written();
    }
    out.flush()
}

/// One made-up licence; times are in days since 1970.
struct Made {
    number: u64,
    holder: u64,
    surname: &'static str,
    forename: &'static str,
    grades: u8,
    licence_status: usize,
    distribution_status: usize,
    distributed: u64,
    applied: u64,
    course: u64,
    issued: u64,
    instructor: u64,
    centre: u64,
}

/// The licence with a number below `count`: it depends on that, the count and the seed alone.
fn licence(number: u64, count: u64, seed: u64) -> Made {
    let mut own = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ number);
    own.next();
    // Seven people for ten licences: some of them have renewed theirs.
    let people = (count * 7 / 10).max(1);
    let holder = match number < people {
        true => number,
        false => own.below(people),
    };
    // A name is the holder's, whichever of the licences it stands on.
    let mut person = Random(seed ^ holder.wrapping_mul(0xd6e8_feb8_6659_fd93));
    let (surname, forename) = (person.early(&SURNAMES), person.early(&FORENAMES));
    let issued = FIRST_DAY + own.below(DAYS);
    let is_past = issued + LASTS < FIRST_DAY + DAYS;
    let licence_status = match own.below(100) {
        0 => 3,
        1 | 2 => 2,
        _ => usize::from(is_past),
    };
    let distribution_status = match own.below(100) {
        0..=1 => 4,
        2..=3 => 0,
        4..=6 => 1,
        7..=11 => 2,
        _ => 3,
    };
    let course = issued - 1 - own.below(20);
    let instructors = (count / 400).clamp(5, 20_000);
    let instructor = own.below(instructors);
    Made {
        number,
        holder,
        surname,
        forename,
        grades: TAKEN[own.below(12).min(own.below(12)) as usize],
        licence_status,
        distribution_status,
        distributed: issued + own.below(14),
        applied: course - own.below(30),
        course,
        issued,
        instructor,
        // Instructors stay with their centre.
        centre: instructor % (instructors / 5).max(1),
    }
}

impl Made {
    fn push(&self, form: Form, line: &mut String) {
        let grades = Grades::of_bits(self.grades);
        let grades = grades.iter().map(|grade| grade.name()).collect::<Vec<_>>();
        let texts = [
            format!("PAL-{:07}", self.number + 1),
            format!("H{:07}", self.holder + 1),
            self.surname.to_owned(),
            self.forename.to_owned(),
            String::new(),
            LicenceStatus::ALL[self.licence_status].name().to_owned(),
            DistributionStatus::ALL[self.distribution_status]
                .name()
                .to_owned(),
            day(self.distributed),
            day(self.applied),
            day(self.course),
            day(self.issued),
            day(self.issued + LASTS),
            format!("I{:05}", self.instructor + 1),
            format!("TC{:04}", self.centre + 1),
        ];
        // None of these texts has a character in it that either form would have to escape.
        for (place, (field, text)) in FIELDS.iter().zip(&texts).enumerate() {
            line.push_str(match (form, place) {
                (Form::Csv, 0) => "",
                (Form::Jsonl, 0) => "{",
                _ => ",",
            });
            match (form, text.is_empty()) {
                (Form::Csv, false) => line.push_str(text),
                (Form::Csv, true) if grades.len() == 1 => line.push_str(grades[0]),
                (Form::Csv, true) => line.push_str(&format!("\"{}\"", grades.join(","))),
                (Form::Jsonl, false) => line.push_str(&format!("\"{field}\":\"{text}\"")),
                (Form::Jsonl, true) => {
                    line.push_str(&format!("\"{field}\":[\"{}\"]", grades.join("\",\"")));
                }
            }
        }
        line.push_str(match form {
            Form::Csv => "\n",
            Form::Jsonl => "}\n",
        });
    }
}

/// A day since 1970 as `yyyy-MM-dd`.
fn day(days: u64) -> String {
    let date = i32::try_from(days)
        .ok()
        .and_then(chrono::NaiveDate::from_epoch_days);
    date.unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::licences::domain::Licence;
    use crate::licences::files::{Form, Lines};

    fn made(count: u64, seed: u64, form: Form) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, (count, seed), form, || {}).expect("a Vec takes everything");
        out
    }

    fn read(text: &[u8], form: Form) -> Vec<Licence> {
        let lines = Lines::new(text, form).expect("the first line is right");
        let lines = lines.map(|line| line.expect("it can be read"));
        lines
            .map(|line| line.licence.expect("it is right"))
            .collect()
    }

    #[test]
    fn a_seed_makes_the_same_licences_every_time_in_both_forms() {
        let csv = made(500, 1, Form::Csv);
        assert_eq!(csv, made(500, 1, Form::Csv));
        assert_ne!(csv, made(500, 2, Form::Csv));
        let licences = read(&csv, Form::Csv);
        assert_eq!(licences.len(), 500);
        assert_eq!(licences, read(&made(500, 1, Form::Jsonl), Form::Jsonl));
        // These are what they were when this was written: data that others made stay the same.
        let text = String::from_utf8(csv).expect("it is UTF-8");
        let told: Vec<&str> = text.lines().skip(1).take(3).collect();
        assert_eq!(
            told,
            [
                "PAL-0000001,H0000001,Mensah,Mateusz,3a,Expired,Delivered,2019-07-02,2019-06-04,\
                 2019-06-29,2019-06-30,2024-06-29,I00005,TC0001",
                "PAL-0000002,H0000002,Tran,Ava,\"3a,3b\",Expired,Delivered,2012-02-14,2012-02-04,\
                 2012-02-08,2012-02-13,2017-02-12,I00004,TC0001",
                "PAL-0000003,H0000003,Hall,Mateusz,\"3a,3b,HO\",Expired,Delivered,2018-12-13,\
                 2018-11-25,2018-11-28,2018-12-13,2023-12-13,I00003,TC0001",
            ]
        );
    }

    #[test]
    fn made_up_licences_are_like_real_ones() {
        let licences = read(&made(2_000, 7, Form::Csv), Form::Csv);
        let numbers: HashSet<&str> = licences
            .iter()
            .map(|one| one.licence_number.as_str())
            .collect();
        assert_eq!(numbers.len(), 2_000);
        let mut names = HashMap::new();
        for licence in &licences {
            let name = (licence.surname.as_str(), licence.forename.as_str());
            assert_eq!(*names.entry(&licence.holder_number).or_insert(name), name);
            assert!(
                licence.application_ms <= licence.course_ms
                    && licence.course_ms < licence.issued_ms
            );
            assert!(licence.issued_ms < licence.expires_ms && licence.grades.iter().count() > 0);
        }
        assert_eq!(names.len(), 1_400);
        for status in LicenceStatus::ALL {
            assert!(
                licences.iter().any(|one| one.licence_status == *status),
                "{status:?}"
            );
        }
        for status in DistributionStatus::ALL {
            assert!(
                licences
                    .iter()
                    .any(|one| one.distribution_status == *status),
                "{status:?}"
            );
        }
        assert!(made(0, 1, Form::Jsonl).is_empty());
        assert_eq!(read(&made(1, 1, Form::Csv), Form::Csv).len(), 1);
    }
}
