//! Stories: requests in a file, played against the server inside the process.
//!
//! A story is a `.http` file: requests separated by `###` lines, each a request line, headers, an
//! empty line and a body. Lines that begin with `# @` are directions: `# @advance MS` moves the
//! clock, `# @fault NAME` breaks something and `# @heal NAME` mends it, `# @repeat TEXT COUNT`
//! puts a text into the body many times where it says `{repeat}`, `# @let NAME POINTER` keeps what
//! the answer has there, and later requests say `{{NAME}}` for it, `# @show NAME` looks at rows of the
//! catalogue once the answer is there.

use std::fmt::Write as _;

use poem::http::{Method, Uri};
use poem::{Body, Endpoint as _, Request};

use super::catalogue;
use super::play::Stage;

/// One request of a story, and what happens before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it shows.
    pub title: String,
    /// Directions, in order: a word and the rest of the line.
    pub directions: Vec<(String, String)>,
    /// The method and the path with its query.
    pub line: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: String,
}

/// Reads a story.
pub fn parse(text: &str) -> Vec<Step> {
    text.split("\n###")
        .map(|part| step(part.trim_start_matches("###")))
        .collect()
}

fn step(text: &str) -> Step {
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut lines = rest.lines();
    let mut directions = Vec::new();
    let mut line = String::new();
    for candidate in lines.by_ref() {
        if let Some(direction) = candidate.strip_prefix("# @") {
            let (word, rest) = direction.split_once(' ').unwrap_or((direction, ""));
            directions.push((word.to_owned(), rest.to_owned()));
        } else if !candidate.trim().is_empty() && !candidate.starts_with('#') {
            line = candidate.trim().to_owned();
            break;
        }
    }
    let headers = lines.by_ref().take_while(|line| !line.trim().is_empty());
    let headers = headers.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    let headers = headers.collect();
    let body: Vec<&str> = lines.collect();
    Step {
        title: title.trim().to_owned(),
        directions,
        line,
        headers,
        body: body.join("\n").trim().to_owned(),
    }
}

/// Plays a story and writes down what was asked and answered.
pub async fn play(stage: &mut Stage, story: &[Step]) -> String {
    let mut script = String::new();
    for step in story {
        let mut repeated = None;
        for (word, rest) in &step.directions {
            match word.as_str() {
                "repeat" => repeated = rest.rsplit_once(' '),
                "let" | "show" => {}
                _ => stage.direct(word, rest).await,
            }
        }
        let body = match repeated {
            Some((text, count)) => {
                let text = text.repeat(count.parse().expect("a number of repetitions"));
                step.body.replace("{repeat}", &text)
            }
            None => step.body.clone(),
        };
        let answer = stage.ask(step, body).await;
        for (_, rest) in step.directions.iter().filter(|(word, _)| word == "let") {
            let (name, pointer) = rest.split_once(' ').expect("a name and a pointer");
            stage.keep(name, pointer, &answer);
        }
        let _ = writeln!(script, "### {}", step.title);
        for (word, rest) in &step.directions {
            let _ = writeln!(script, "# @{word} {rest}");
        }
        let _ = writeln!(script, "{}", step.line);
        for (name, value) in &step.headers {
            let _ = writeln!(script, "{name}: {value}");
        }
        if !step.body.is_empty() {
            let _ = writeln!(script, "\n{}", step.body);
        }
        let _ = writeln!(script, "\n=> {answer}\n");
        for (_, name) in step.directions.iter().filter(|(word, _)| word == "show") {
            let rows = catalogue::look(&stage.db, name).await;
            let _ = writeln!(script, "{name}:\n{rows}");
        }
    }
    script
}

/// What came back, as text.
pub async fn request(app: &specwright_server::App, step: &Step, body: String) -> String {
    let (method, path) = step.line.split_once(' ').expect("a method and a path");
    let mut request = Request::builder()
        .method(method.parse::<Method>().expect("a method"))
        .uri(path.parse::<Uri>().expect("a path"));
    for (name, value) in &step.headers {
        request = request.header(name, value);
    }
    if !body.is_empty()
        && !step
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
    {
        request = request.header("content-length", body.len());
    }
    let response = app.get_response(request.body(Body::from(body))).await;
    let mut text = format!("{}\n", response.status());
    let mut headers: Vec<_> = response.headers().iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {}", value.to_str().unwrap_or("(not text)"));
    }
    let body = response
        .into_body()
        .into_vec()
        .await
        .expect("a body can be read");
    match String::from_utf8(body) {
        Ok(body) if body.is_empty() => {}
        Ok(body) => {
            let _ = write!(text, "\n{body}");
        }
        Err(error) => {
            let _ = write!(text, "\n({} bytes)", error.as_bytes().len());
        }
    }
    text
}
