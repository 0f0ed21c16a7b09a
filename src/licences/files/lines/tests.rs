//! Lines that are right, and everything that can be wrong with one.

use super::*;
use crate::licences::domain::{Grade, LicenceStatus};

const ROW: &str = "PAL-1,H1,Okafor,Ada,\"3a,3b\",Active,Pending,2024-03-07,2024-02-20,\
                   2024-03-01,2024-03-04T10:30:00+02:00,2029-03-04,I1,TC1";

fn read(text: &str, form: Form) -> Vec<Line> {
    let lines = Lines::new(text.as_bytes(), form).expect("the first line is right");
    lines.map(|line| line.expect("it can be read")).collect()
}

fn told(line: &Line) -> Vec<String> {
    let wrong = line.licence.as_ref().expect_err("the line is wrong").iter();
    wrong
        .map(|one| format!("{}, {}: {}", line.number, one.field, one.reason))
        .collect()
}

#[test]
fn a_licence_is_read_from_both_forms() {
    let header = FIELDS.join(",");
    let csv = read(&format!("\u{feff}{header}\n{ROW}\n"), Form::Csv);
    let licence = csv[0].licence.as_ref().expect("it is right");
    assert_eq!(csv[0].number, 2);
    assert_eq!(licence.surname, "Okafor");
    assert_eq!(licence.licence_status, LicenceStatus::Active);
    let grades: Vec<_> = licence.grades.iter().collect();
    assert_eq!(grades, [Grade::MobileVertical, Grade::MobileBoom]);
    assert_eq!(licence.issued_ms, 1_709_541_000_000);
    assert_eq!(licence.application_ms, 1_708_387_200_000);
    let json = "\n{\"licenceNumber\":\"PAL-1\",\"holderNumber\":\"H1\",\"surname\":\"Okafor\",\
                \"forename\":\"Ada\",\"grade\":[\"3a\",\"3B\"],\"licenceStatus\":\"active\",\
                \"distributionStatus\":\"Pending\",\"distributionStatusDate\":\"2024-03-07\",\
                \"applicationDate\":\"2024-02-20\",\"courseDate\":\"2024-03-01\",\
                \"dateIssued\":\"2024-03-04T08:30:00Z\",\"dateExpires\":\"2029-03-04\",\
                \"instructor\":\"I1\",\"trainingCentre\":\"TC1\"}";
    let jsonl = read(json, Form::Jsonl);
    assert_eq!(jsonl[0].number, 2);
    assert_eq!(jsonl[0].licence, csv[0].licence);
}

#[test]
fn columns_come_in_any_order_and_case() {
    let mut names = FIELDS.map(str::to_ascii_uppercase);
    names.reverse();
    let row = "TC1,I1,2029-03-04,2024-03-04,2024-03-01,2024-02-20,2024-03-07,Pending,Active,HO,\
               Ada,Okafor,H1,PAL-1";
    let lines = read(&format!("{}\n{row}", names.join(",")), Form::Csv);
    let licence = lines[0].licence.as_ref().expect("it is right");
    assert_eq!(
        (licence.surname.as_str(), licence.instructor.as_str()),
        ("Okafor", "I1")
    );
}

#[test]
fn the_first_line_names_every_field_once() {
    for (header, reason) in [
        ("", "the field `licenceNumber` is missing"),
        (
            &format!("{},shoeSize", FIELDS.join(",")),
            "there is no field `shoeSize`",
        ),
        (
            &format!("{},surname", FIELDS.join(",")),
            "the field `surname` stands there twice",
        ),
    ] {
        let text = Lines::new(header.as_bytes(), Form::Csv)
            .err()
            .expect(header);
        assert!(
            text.starts_with("line 1: ") && text.contains(reason),
            "{text}"
        );
    }
}

#[test]
fn everything_wrong_with_a_line_is_told() {
    let header = FIELDS.join(",");
    let row = "PAL 1,,Okafor,Ada,\"3a,9z\",Good,Pending,07.03.2024,2024-02-30,2024-03-01,\
               2024-03-04,2029-03-04T00:00:00,I1,TC1";
    let lines = read(&format!("{header}\n{ROW}\n{row}\nPAL-3,H1\n"), Form::Csv);
    assert!(lines[0].licence.is_ok());
    let wrong = told(&lines[1]);
    let fields: Vec<&str> = wrong
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        fields,
        [
            "3, licenceNumber",
            "3, holderNumber",
            "3, grade",
            "3, licenceStatus",
            "3, distributionStatusDate",
            "3, applicationDate",
            "3, dateExpires"
        ]
    );
    assert_eq!(wrong[1], "3, holderNumber: is missing");
    assert_eq!(
        wrong[3],
        "3, licenceStatus: `Good` is not one of Active, Expired, Suspended, Revoked"
    );
    assert_eq!(
        told(&lines[2]),
        ["4, the line: has 2 fields, and the first line has 14"]
    );
    let late = ROW.replace("2029-03-04", "2019-03-04");
    let lines = read(&format!("{header}\n{late}\n"), Form::Csv);
    assert!(told(&lines[0])[0].starts_with("2, dateExpires: `2019-03-04` is before"));
}

#[test]
fn a_quotation_mark_that_nothing_closes_costs_its_own_line() {
    let header = FIELDS.join(",");
    let plain = ROW.replace("\"3a,3b\"", "3a");
    let open = plain.replace(",I1,", ",\"I1,");
    let two_lines = ROW
        .replace(",Ada,", ",\"A\nda\",")
        .replace("PAL-1", "PAL 5");
    let long = ROW.replace("Okafor", &"x".repeat(70_000));
    // As many as the mark would reach over, and more.
    for count in [0, 1, 1_000] {
        let many = format!("{plain}\n").repeat(count);
        let first = format!("{header}\r\n\n{ROW}\r\n{open}\n{many}");
        let lines = read(&format!("{first}{long}\n{two_lines}\nPAL-9\n"), Form::Csv);
        let last = 5 + count as u64;
        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        let expected = (3..=last).chain([last + 1, last + 3]);
        assert_eq!(numbers, expected.collect::<Vec<_>>());
        assert!(lines[0].licence.is_ok());
        let closes = "4, the line: has a quotation mark that nothing closes within 65536 bytes";
        assert_eq!(told(&lines[1]), [closes]);
        let (many, rest) = lines[2..].split_at(count);
        assert!(many.iter().all(|line| line.licence.is_ok()));
        let long = format!("{last}, the line: is longer than 65536 bytes");
        assert_eq!(told(&rest[0]), [long]);
        let of = |at: u64, field: &str| format!("{at}, {field}: ");
        let both = told(&rest[1]);
        assert!(
            both[0].starts_with(&of(last + 1, "licenceNumber")),
            "{both:?}"
        );
        assert!(both[1].starts_with(&of(last + 1, "forename")), "{both:?}");
        assert!(told(&rest[2])[0].starts_with(&of(last + 3, "the line")));
    }
    let text = Lines::new("\"licenceNumber\n".as_bytes(), Form::Csv).err();
    let text = text.expect("nothing closes it");
    assert!(text.starts_with("line 1: has a quotation mark"), "{text}");
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_line() {
    let mut text = format!("{}\n\n{ROW}\n", FIELDS.join(",")).into_bytes();
    text.extend(
        ROW.replace("Okafor", "Ok?for")
            .bytes()
            .map(|byte| match byte {
                b'?' => 0xff,
                byte => byte,
            }),
    );
    let lines: Vec<Line> = Lines::new(text.as_slice(), Form::Csv)
        .expect("the first line is right")
        .map(|line| line.expect("it can be read"))
        .collect();
    assert!(lines[0].licence.is_ok() && lines[0].number == 3);
    assert_eq!(told(&lines[1]), ["4, surname: is not UTF-8"]);
    let json = Lines::new(&b"\n{\"surname\": \"\xff\"}\n"[..], Form::Jsonl);
    let mut json = json.expect("there is no first line");
    let line = json.next().expect("a line").expect("it can be read");
    assert!(told(&line)[0].starts_with("2, the line: is no JSON object"));
}

#[test]
fn json_says_each_field_once_and_may_begin_with_a_mark() {
    let text = "\u{feff}{\"surname\": \"A\", \"SURNAME\": \"B\", \"surname\": \"C\"}";
    let lines = read(text, Form::Jsonl);
    let wrong = told(&lines[0]);
    let twice = wrong
        .iter()
        .filter(|one| *one == "1, surname: stands there twice");
    assert_eq!(twice.count(), 2, "{wrong:?}");
    assert!(
        !wrong.iter().any(|one| one.contains("no JSON")),
        "{wrong:?}"
    );
}

#[test]
fn json_that_is_no_licence_is_told() {
    let long = format!("{{\"surname\": \"{}\"}}\n[]", "x".repeat(70_000));
    let text = format!("{{\"surname\": 1, \"grade\": [2], \"shoeSize\": \"9\"}}\n{{\n{long}");
    let lines = read(&text, Form::Jsonl);
    let first = told(&lines[0]);
    assert!(
        first.contains(&"1, surname: is not a text".to_owned()),
        "{first:?}"
    );
    assert!(
        first.contains(&"1, grade: is not a list of texts".to_owned()),
        "{first:?}"
    );
    assert!(first.contains(&"1, the line: there is no field `shoeSize`".to_owned()));
    assert!(first.contains(&"1, dateIssued: is missing".to_owned()));
    assert_eq!(first.len(), 3 + FIELDS.len() - 2);
    assert!(told(&lines[1])[0].starts_with("2, the line: is no JSON object"));
    assert_eq!(told(&lines[2]), ["3, the line: is longer than 65536 bytes"]);
    assert!(told(&lines[3])[0].starts_with("4, the line: is no JSON object"));
    assert_eq!(lines.len(), 4);
}
