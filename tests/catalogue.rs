//! A catalogue that comes in as files, and what people are shown of it.

mod support;

use std::path::Path;
use std::process::{Command, Output};

use specwright_server::db::{Db, Location, Options, Statement, migrations};
use specwright_server::subjects::demo;
use support::files::Folder;
use support::postgres;

fn run(database: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(["--database", database])
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn out(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    text
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file can be written");
    path.to_str().expect("a plain path").to_owned()
}

async fn open(database: &str) -> Db {
    let location: Location = database.parse().expect("a database");
    let opened = migrations::open(&location, &Options::default(), migrations::SERVER, 0).await;
    opened.expect("it can be migrated")
}

/// What a statement finds: all columns as texts, with bars between them, in order.
async fn rows(database: &str, sql: &'static str) -> Vec<String> {
    let db = open(database).await;
    let rows = db.read::<(String,)>(Statement::new(sql)).await;
    db.close().await;
    let rows = rows.expect("it can be read");
    rows.into_iter().map(|(row,)| row).collect()
}

/// Changes the database as no request does.
async fn change(database: &str, sql: &'static str) {
    let db = open(database).await;
    let done = db.write_all(vec![Statement::new(sql)]).await;
    done.expect("it can be changed");
    db.close().await;
}

const REFERENCE: &str = r#"{"subjectCode":"6","description":"Computing","departmentCode":"6"}
{"subjectCode":"18","description":"Mathematics","departmentCode":"18"}
{"attributeCode":"PHY2","description":"Physics II","category":"GIR"}
{"gradingModeCode":"L","description":"Letters"}
{"gradingModeCode":"Y","description":"Experiment"}
{"typeCode":"N","description":"Normal"}
{"typeCode":"Z","description":"Experimental"}
{"gradingModeCode":"L","gradingModeType":"N","isExperimental":false,"description":"L/N"}
{"gradingModeCode":"Y","gradingModeType":"Z","isExperimental":true,"description":"Y/Z"}
{"ruleId":1,"attributeCode":"PHY2","output":"Y-Z-2018FA-999999","fails":false}
{"controlCode":"SHOW","optionValue":"YES","fromTerm":"2017FA","thruTerm":"999999"}
{"homeInstitutionId":"NU","name":"Northern University"}
{"homeInstitutionId":"NU","homeSchoolId":"LAW","name":"School of Law"}
{"notificationType":"SR","qualifier":"6","email":"six@example.org"}
{"notificationType":"HASS","qualifier":"*","email":"hass@example.org"}
{"configCode":"currentTermCode","configValue":"2018FA","description":"Now"}
"#;

const CONTAINERS: &str = "containerId,subjectType\n7,Standard\n3,Standard\n12,Cross-Registration\n";

const TEMPLATES: &str = "\
containerId,subjectId,title,effectiveFromTerm,effectiveThruTerm,crossListSubjects,attributes,gradingModes,level,lectureUnits,homeInstitutionId,homeSchoolId,homeSubjectId,prerequisites
3,6.AA1,Signals,2017FA,2018SU,18.AA1 18.AA2,PHY2,L/N,U,4,,,,
3,6.AA1,Signals and Systems,2019FA,999999,,PHY2,L/N Y/Z,U,5,,,,\"{\"\"operator\"\":\"\"OR\"\",\"\"operands\"\":[{\"\"subjectId\"\":\"\"6.BB1\"\"},{\"\"text\"\":\"\"permission\"\"}]}\"
7,6.BB1,Circuits,2017FA,999999,,,L/N,G,,,,,
12,6.CC1,Evidence,2018FA,2019SU,,,,,,NU,LAW,LAW-1,
";

const RELATIONS: &str = "\
relation,containerId,relatedContainerId,effectiveFromTerm,effectiveThruTerm
EQ,7,3,2017FA,999999
EQ,3,7,2017FA,999999
EQ,12,7,2018FA,2018SU
SR,3,7,2017FA,2018SU
";

fn terms() -> String {
    let years = 2017..=2020;
    let terms = years.flat_map(|year| ["FA", "JA", "SP", "SU"].map(|season| (year, season)));
    let terms = terms.map(|(year, season)| format!("{year}{season},{season} of {year}\n"));
    std::iter::once("termCode,description\n".to_owned())
        .chain(terms)
        .collect()
}

/// The files of the small catalogue.
fn files(folder: &Path) -> [String; 5] {
    [
        write(folder, "relations.csv", RELATIONS),
        write(folder, "templates.csv", TEMPLATES),
        write(folder, "containers.csv", CONTAINERS),
        write(folder, "reference.jsonl", REFERENCE),
        write(folder, "terms.csv", &terms()),
    ]
}

fn import(database: &str, files: &[String]) -> Output {
    let mut arguments = vec!["import", "subjects"];
    arguments.extend(files.iter().map(String::as_str));
    run(database, &arguments)
}

const TEMPLATE_ROWS: &str = "SELECT t.template_id || '|' || t.container_id || '|' \
    || eff_from_term || '|' || eff_thru_term || '|' || version_number || '|' || template_status \
    || '|' || title || '|' || COALESCE(subject_level, '-') || '|' || lecture_units || '|' \
    || COALESCE(last_active_term, '-') FROM subject_template t \
    JOIN subject_container c ON c.container_id = t.container_id ORDER BY t.template_id";

const RELATION_ROWS: &str = "SELECT 'EQ ' || container_id || '-' || equiv_container_id || ' ' \
    || from_term || '-' || thru_term AS r FROM subject_container_equiv UNION ALL \
    SELECT 'SR ' || container_id || '-' || related_container_id || ' ' || from_term || '-' \
    || thru_term AS r FROM subject_container_relation ORDER BY r";

async fn a_catalogue_comes_in_whole(database: &str, folder: &Path) {
    let files = files(folder);
    let done = out(&import(database, &files));
    assert_eq!(
        done,
        "32 reference rows, 3 containers, 4 templates and 4 relations are stored.\n"
    );
    assert_eq!(
        rows(database, TEMPLATE_ROWS).await,
        [
            "1|3|2017FA|2018SU|1|A|Signals|U|4|-",
            "2|3|2019FA|999999|1|A|Signals and Systems|U|5|-",
            "3|7|2017FA|999999|1|A|Circuits|G|0|-",
            "4|12|2018FA|2019SU|1|A|Evidence|-|0|2019SU",
        ]
    );
    // 3 and 12 are equivalent by way of 7.
    assert_eq!(
        rows(database, RELATION_ROWS).await,
        [
            "EQ 12-3 2018FA-2018SU",
            "EQ 12-7 2018FA-2018SU",
            "EQ 3-12 2018FA-2018SU",
            "EQ 3-7 2017FA-999999",
            "EQ 7-12 2018FA-2018SU",
            "EQ 7-3 2017FA-999999",
            "SR 3-7 2017FA-2018SU",
            "SR 7-3 2017FA-2018SU",
        ]
    );
    let parts = "SELECT r FROM (SELECT template_id || ' ' || instance_type || ' ' || subject_code \
        || '.' || subject_number AS r FROM subject_tmpl_reg_instance UNION ALL \
        SELECT template_id || ' attribute ' || attribute_code FROM subject_tmpl_attr UNION ALL \
        SELECT template_id || ' mode ' || gmod_code || '/' || gmod_type FROM subject_tmpl_gmod \
        UNION ALL SELECT template_id || ' ' || requisite_kind || ' ' || tree_json \
        FROM subject_tmpl_requisite UNION ALL SELECT template_id || ' home ' || home_subject_id \
        FROM subject_tmpl_home_subject) p ORDER BY r";
    let mut parts = rows(database, parts).await;
    parts.sort();
    assert_eq!(
        parts,
        [
            "1 M 6.AA1",
            "1 X 18.AA1",
            "1 X 18.AA2",
            "1 attribute PHY2",
            "1 mode L/N",
            "2 M 6.AA1",
            r#"2 PRE {"operator":"OR","operands":[{"subjectId":"6.BB1"},{"text":"permission"}]}"#,
            "2 attribute PHY2",
            "2 mode L/N",
            "2 mode Y/Z",
            "3 M 6.BB1",
            "3 mode L/N",
            "4 M 6.CC1",
            "4 home LAW-1",
        ]
    );
    // Reference rows may come again; subjects come once.
    let again = refused(&import(database, &files));
    assert!(again.contains("there are subjects already"), "{again}");
    out(&import(database, &files[3..]));
    // What is new is numbered after what came.
    change(
        database,
        "INSERT INTO subject_container (subject_type, created_at) VALUES ('Standard', 'now')",
    )
    .await;
    let last = "SELECT CAST(MAX(container_id) AS TEXT) FROM subject_container";
    assert_eq!(rows(database, last).await, ["13"]);
    let log = out(&run(database, &["subjects", "log", "--api-ref", "1"]));
    assert_eq!(log.lines().count(), 4 + 4 + 1, "{log}");
    assert!(log.contains("import_subjects            COMPONENT  TEMPLATE INSERT 2 2019FA-999999"));
    let result = "RESULT     32 reference rows, 3 containers, 4 templates, 4 relations\n";
    assert!(log.ends_with(result), "{log}");
    let log = out(&run(database, &["subjects", "log", "--container", "12"]));
    assert_eq!(log.lines().count(), 1, "{log}");
    let future = [
        "subjects",
        "log",
        "--container",
        "12",
        "--from",
        "2999-01-01T00:00:00Z",
    ];
    let none = out(&run(database, &future));
    assert_eq!(none, "The log has no such entries.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_comes_in_whole_on_sqlite() {
    let folder = Folder::new("catalogue");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    a_catalogue_comes_in_whole(&database, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_comes_in_whole_on_postgres() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let folder = Folder::new("catalogue");
    a_catalogue_comes_in_whole(&cluster.database(), folder.path()).await;
}

/// Each file with one of its lines replaced, and what is said of it. Nothing of any is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_breaks_a_rule_is_not_stored() {
    let folder = Folder::new("rules");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    let good = files(path);
    let changes: &[(&str, &str, &str, &str)] = &[
        ("terms.csv", "2017FA,", "2017XX,", "`2017XX` is no term"),
        (
            "containers.csv",
            "7,Standard",
            "7,Other",
            "containers.csv, line 2, subjectType: `Other`",
        ),
        (
            "containers.csv",
            "7,Standard",
            "3,Standard",
            "containerId: 3 is there twice",
        ),
        (
            "containers.csv",
            "3,Standard\n",
            "",
            "templates.csv, line 2, Invalid container id : 3",
        ),
        (
            "containers.csv",
            "12,Cross",
            "14,Standard\n12,Cross",
            "there is no template of it",
        ),
        (
            "templates.csv",
            "6.AA1,Signals,",
            "99Z.AA1,Signals,",
            "Invalid subject code : 99Z does not exist",
        ),
        (
            "templates.csv",
            "6.BB1,",
            "6.bb,",
            "Invalid subject number : bb is not 1 to 4",
        ),
        (
            "templates.csv",
            "6.BB1,",
            "6.AA1,",
            "Invalid main subject code and number : 6.AA1 already exists",
        ),
        (
            "templates.csv",
            "18.AA2",
            "6.BB1",
            "Invalid cross list subject code and number : 6.BB1 already exists",
        ),
        ("templates.csv", "18.AA2", "18.AA1", "18.AA1 is duplicated"),
        (
            "templates.csv",
            ",PHY2,L/N,",
            ",ZZZ,L/N,",
            "Invalid subject attribute : ZZZ does not exist",
        ),
        (
            "templates.csv",
            "L/N Y/Z",
            "Q/L",
            "Invalid grading mode : Q/L does not exist",
        ),
        (
            "templates.csv",
            "2017FA,2018SU,18",
            "2017FA,2019FA,18",
            "container 3 has a template in 2017FA-2019FA already",
        ),
        (
            "templates.csv",
            "2018FA,2019SU",
            "2019FA,2018SU",
            "from term is later than thru term",
        ),
        (
            "templates.csv",
            "NU,LAW,",
            "NU,ART,",
            "NU/ART does not exist",
        ),
        (
            "templates.csv",
            "NU,LAW,",
            ",LAW,",
            "a home subject has an institution",
        ),
        (
            "templates.csv",
            "\"\"OR\"\"",
            "\"\"XOR\"\"",
            "operator \"XOR\" does not exist",
        ),
        (
            "templates.csv",
            ",G,,",
            ",X,,",
            "level: `X` is not one of U, G",
        ),
        (
            "relations.csv",
            "EQ,7,3",
            "EQ,7,99",
            "Invalid equivalent subject : 99 does not exist",
        ),
        (
            "relations.csv",
            "EQ,7,3",
            "EQ,7,7",
            "7 is the same container",
        ),
        (
            "relations.csv",
            "SR,3,7,2017FA",
            "SR,3,12,2017FA",
            "12 is not active in 2017FA-2018SU",
        ),
        (
            "relations.csv",
            "EQ,7,3",
            "XX,7,3",
            "relation: `XX` is not one of EQ, SR",
        ),
        (
            "reference.jsonl",
            "\"Y-Z-2018FA-999999\"",
            "\"L-N-2018FA-999999\"",
            "L/N is not experimental",
        ),
        (
            "reference.jsonl",
            "\"gradingModeType\":\"Z\"",
            "\"gradingModeType\":\"Q\"",
            "gradingModeType: `Q` does not exist",
        ),
        (
            "reference.jsonl",
            "\"SR\",\"qualifier\":\"6\"",
            "\"SR\",\"qualifier\":\"9\"",
            "qualifier: `9` does not exist",
        ),
        (
            "reference.jsonl",
            "hass@example.org",
            "hass",
            "`hass` is no mail address",
        ),
        (
            "reference.jsonl",
            "currentTermCode",
            "currentTerm",
            "`currentTerm` is not one of",
        ),
        (
            "reference.jsonl",
            "\"2018FA\",\"description\":\"Now",
            "\"2050FA\",\"description\":\"Now",
            "`2050FA` cannot be currentTermCode",
        ),
        (
            "reference.jsonl",
            "{\"typeCode\":\"Z\"",
            "{\"type\":\"Z\"",
            "are not those of any table",
        ),
        (
            "reference.jsonl",
            "\"typeCode\":\"Z\"",
            "\"typeCode\":\"N\"",
            "line 7, it is that of line 6 again",
        ),
        (
            "reference.jsonl",
            "{\"typeCode\":\"Z\"",
            "[\"typeCode\":\"Z\"",
            "no JSON object",
        ),
    ];
    for (name, from, to, told) in changes {
        let text = std::fs::read_to_string(path.join(name)).expect("it was written");
        assert!(text.contains(from), "{from} is in {name}");
        let changed = write(path, "changed", &text.replacen(from, to, 1));
        let renamed = path.join("kept");
        let original = path.join(name);
        std::fs::rename(&original, &renamed).expect("it can be renamed");
        std::fs::rename(&changed, &original).expect("it can be renamed");
        let output = import(&database, &good);
        assert!(!output.status.success(), "{to} in {name} is no mistake");
        let refusal = refused(&output);
        std::fs::rename(&renamed, &original).expect("it can be renamed");
        assert!(refusal.contains("nothing is stored"), "{refusal}");
        assert!(refusal.contains(told), "{told} is not in {refusal}");
    }
    let nothing = "SELECT CAST(COUNT(*) AS TEXT) FROM (SELECT term_code FROM academic_term \
                   UNION ALL SELECT subject_code FROM subject_code UNION ALL \
                   SELECT subject_type FROM subject_container) x";
    assert_eq!(rows(&database, nothing).await, ["0"]);
    out(&import(&database, &good));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_breaks_no_rule() {
    let folder = Folder::new("demo");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    // Other seeds make other catalogues, and no worse ones.
    for seed in [demo::SEED, 1, 2, 3] {
        let texts = demo::files(seed);
        let files: Vec<_> = texts
            .iter()
            .map(|(name, text)| specwright_server::import::File { name, text })
            .collect();
        let read = specwright_server::subjects::import::Files::read(&files);
        let db = open(&database).await;
        let checked = read.expect("the rows are right").check(&db).await;
        checked.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_what_became_of_a_container() {
    let folder = Folder::new("history");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    out(&import(&database, &files(path)));
    let history = |arguments: &[&str]| {
        let arguments = [&["subjects", "history"], arguments].concat();
        run(&database, &arguments)
    };
    let now = out(&history(&["6.AA1"]));
    assert_eq!(
        now,
        "container 3, Standard, as it is\n\n\
         templates\n  \
           id  version  terms          subject  title\n  \
           1   1        2017FA-2018SU  6.AA1    Signals\n  \
           2   1        2019FA-999999  6.AA1    Signals and Systems\n\n\
         equivalent subjects\n  \
           container  subject  terms\n  \
           7          6.BB1    2017FA-999999\n  \
           12         6.CC1    2018FA-2018SU\n\n\
         scheduling relationships\n  \
           container  subject  terms\n  \
           7          6.BB1    2017FA-2018SU\n"
    );
    let before = out(&history(&["3", "--before", "1"]));
    assert!(before.contains("before request 1"), "{before}");
    assert_eq!(before.matches("  none\n").count(), 3, "{before}");
    let after = out(&history(&["3", "--after", "1"]));
    assert!(after.contains("  2   -        2019FA-999999  6.AA1    Signals and Systems\n"));
    assert!(!after.contains("does not tell everything"), "{after}");
    let svg = path.join("history.svg");
    let file = svg.to_str().expect("a plain path");
    out(&history(&["18.AA1", "--svg", file]));
    let svg = std::fs::read_to_string(&svg).expect("it was drawn");
    for text in [
        "<title>6.AA1 (container 3, as it is)</title>",
        "<title>template 2 v1, 2019FA-999999: 6.AA1 Signals and Systems</title>",
        "EQ 6.CC1 (12)",
        "<title>SR with container 7, 2017FA-2018SU</title>",
        ">2017FA</text>",
    ] {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
    // What was changed beside the program is not in the log.
    change(
        &database,
        "UPDATE subject_template SET eff_thru_term = '2018SP' WHERE template_id = 1",
    )
    .await;
    let changed = out(&history(&["3"]));
    assert!(changed.contains("does not tell everything"), "{changed}");
    for (wrong, told) in [
        ("99", "no container 99"),
        ("6.ZZ9", "no subject 6.ZZ9"),
        ("six", "neither a container"),
    ] {
        let refusal = refused(&history(&[wrong]));
        assert!(refusal.contains(told), "{refusal}");
    }
    let request = refused(&history(&["3", "--after", "77"]));
    assert!(request.contains("no request 77"), "{request}");
    let asked = refused(&run(&database, &["subjects", "log"]));
    assert!(asked.contains("--container"), "{asked}");
}
