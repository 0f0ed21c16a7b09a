//! The licences that a first run shows: 659 holders, some of whom have had licences before.

use super::domain::{DistributionStatus, Grades, Licence, LicenceStatus};

/// How many holders there are.
const HOLDERS: u64 = 659;

const SURNAMES: [&str; 24] = [
    "Adeyemi",
    "Baker",
    "Campbell",
    "Dlamini",
    "Evans",
    "Fischer",
    "García",
    "Hughes",
    "Ivanova",
    "Jensen",
    "Khan",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Patel",
    "Quinn",
    "Rossi",
    "Sánchez",
    "Taylor",
    "Usman",
    "Virtanen",
    "Wójcik",
    "Zhang",
];

const FORENAMES: [&str; 20] = [
    "Ada", "Ben", "Chidi", "Dora", "Emil", "Fatima", "George", "Hana", "Igor", "Jo", "Kwame",
    "Leila", "Marta", "Nils", "Olga", "Priya", "Rui", "Sofia", "Tom", "Yuki",
];

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// 2017-01-02T00:00:00Z, after which licences are issued.
const FIRST_MS: i64 = 1_483_315_200_000;

/// A licence is good for five years.
const GOOD_FOR_DAYS: i64 = 5 * 365 + 1;

/// The demo licences, in the order of their numbers.
pub fn licences() -> Vec<Licence> {
    let mut number = 0;
    let mut licences = Vec::new();
    for holder in 1..=HOLDERS {
        let mut dice = Dice(holder);
        let earlier = u64::from(dice.below(8) == 0) + u64::from(dice.below(40) == 0);
        let mut day = days(dice.below(2_900));
        for nth in 0..=earlier {
            number += 1;
            licences.push(licence(number, holder, day, nth == earlier, &mut dice));
            day += GOOD_FOR_DAYS + days(dice.below(60));
        }
    }
    licences
}

fn licence(number: u64, holder: u64, day: i64, is_last: bool, dice: &mut Dice) -> Licence {
    let at = |day: i64| FIRST_MS + day * DAY_MS;
    let course = day - days(dice.below(9)) - 1;
    let distribution = match dice.below(20) {
        _ if !is_last => DistributionStatus::Delivered,
        0..=3 => DistributionStatus::Pending,
        4..=5 => DistributionStatus::Printed,
        6..=8 => DistributionStatus::Dispatched,
        9 => DistributionStatus::Returned,
        _ => DistributionStatus::Delivered,
    };
    let status = match dice.below(20) {
        _ if !is_last => LicenceStatus::Expired,
        0..=3 => LicenceStatus::Expired,
        4 => LicenceStatus::Suspended,
        5 => LicenceStatus::Revoked,
        _ => LicenceStatus::Active,
    };
    // The names are the holder's, so that they are the same on all licences.
    let mut name = Dice(holder ^ 0x5eed);
    Licence {
        licence_number: format!("PAL-{number:07}"),
        holder_number: format!("H{holder:06}"),
        surname: SURNAMES[name.index(SURNAMES.len())].to_owned(),
        forename: FORENAMES[name.index(FORENAMES.len())].to_owned(),
        grades: Grades::of_bits(u8::try_from(dice.below(127) + 1).unwrap_or(1)),
        licence_status: status,
        distribution_status: distribution,
        distribution_status_ms: at(day + days(dice.below(21))),
        application_ms: at(course - days(dice.below(30))),
        course_ms: at(course),
        issued_ms: at(day),
        expires_ms: at(day + GOOD_FOR_DAYS),
        instructor: format!("I{:05}", dice.below(40) + 1),
        training_centre: format!("TC{:04}", dice.below(12) + 1),
    }
}

/// Few enough days to be counted in any type.
fn days(count: u64) -> i64 {
    i64::try_from(count).unwrap_or_default()
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % count
    }

    fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or_default()
    }
}
