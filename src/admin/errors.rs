//! How this API words a rejection: problem details with messages by field, in the words of the
//! systems before it; at the token endpoint, the errors of OAuth.

use specwright_runtime::private::Reply;
use specwright_runtime::{Kind, Map, Rejection, RequestInfo, Violation, Worded, Wording};

use super::answers::title;
use super::contract::{Problem, TokenError};
use super::domain::COMPANY_RESERVED;
use super::rejected::Rejected;
use crate::auth::scopes;
use crate::changes::Broken;

/// What a request with wrong values is told.
pub const INVALID: &str = "The request has values that cannot be used.";

/// After how many seconds a client may try again when the server is busy.
const RETRY_AFTER: i64 = 5;

/// The wording of this API.
pub struct Fields {
    rejected: Rejected,
}

impl Fields {
    /// The one that looks after rejected requests so.
    pub fn new(rejected: Rejected) -> Self {
        Self { rejected }
    }

    /// The answer, with further rules that are broken.
    fn reply(rejection: &Rejection, request: &RequestInfo<'_>, further: &[Broken]) -> Reply {
        let is_token = request
            .operation
            .is_some_and(|operation| operation.id == "issue_token");
        let mut reply = Reply::new();
        if is_token {
            reply.json(
                rejection.status(),
                "application/json",
                &token_error(rejection),
            );
        } else {
            let problem = problem(rejection, request.request_id, further);
            reply.json(rejection.status(), "application/problem+json", &problem);
        }
        if let Rejection::Unavailable(_) | Rejection::Timeout = rejection {
            reply.header("Retry-After", &RETRY_AFTER);
        }
        reply
    }
}

impl Wording for Fields {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        Self::reply(rejection, request, &[])
    }

    fn word_later<'a>(
        &'a self,
        rejection: &'a Rejection,
        request: &'a RequestInfo<'a>,
    ) -> Worded<'a> {
        Box::pin(async move {
            let further = match rejection {
                Rejection::Invalid(_) => self.rejected.further(request).await,
                _ => Vec::new(),
            };
            self.rejected.record(rejection.status(), request).await;
            Self::reply(rejection, request, &further)
        })
    }
}

/// What a client without full access is told.
pub fn needs_full_access() -> String {
    format!("The token lacks the scope {}.", scopes::FULL_ACCESS)
}

/// RFC 6749, section 5.2.
fn token_error(rejection: &Rejection) -> TokenError {
    let (error, description) = match rejection {
        Rejection::Invalid(violations) => invalid_token_request(violations),
        Rejection::Unavailable(_) | Rejection::Timeout => {
            ("temporarily_unavailable", rejection.detail())
        }
        Rejection::Fault(_) => ("server_error", rejection.detail()),
        _ => ("invalid_request", rejection.detail()),
    };
    TokenError {
        error: error.to_owned(),
        error_description: description,
    }
}

fn invalid_token_request(violations: &[Violation]) -> (&'static str, String) {
    let unsupported = |violation: &&Violation| {
        violation.pointer == "/body/grant_type" && violation.keyword == "enum"
    };
    if violations.iter().any(|violation| unsupported(&violation)) {
        let description = "The only grant is client_credentials.";
        return ("unsupported_grant_type", description.to_owned());
    }
    let sentence = |violation: &Violation| {
        let name = violation.pointer.rsplit('/').next().unwrap_or_default();
        format!("{name} {}.", violation.message).replace(['"', '\\'], "'")
    };
    let sentences: Vec<_> = violations.iter().map(sentence).collect();
    ("invalid_request", sentences.join(" "))
}

fn problem(rejection: &Rejection, request_id: &str, further: &[Broken]) -> Problem {
    let (detail, errors) = match rejection {
        Rejection::Invalid(violations) => {
            let mut errors = by_field(violations);
            for (field, message) in further {
                let messages = errors.entry((*field).to_owned()).or_default();
                // The contract may have said the same of the value.
                if !messages.contains(message) {
                    messages.push(message.clone());
                }
            }
            (INVALID.to_owned(), Some(errors))
        }
        rejection => (rejection.detail(), None),
    };
    Problem {
        type_: "about:blank".to_owned(),
        title: title(rejection.status()).to_owned(),
        status: rejection.status().into(),
        detail,
        request_id: request_id.to_owned(),
        errors,
    }
}

fn by_field(violations: &[Violation]) -> Map<Vec<String>> {
    let mut fields: Map<Vec<String>> = Map::new();
    for violation in violations {
        let place = Place::of(&violation.pointer);
        let messages = fields.entry(place.field.clone()).or_default();
        let message = message(&place, violation);
        // An empty text breaks more than one keyword and is still one mistake.
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    fields
}

/// Where a violation is, in the words of this API.
struct Place {
    /// In Pascal case, with an index where it is an item: `EducationOrganizationIds[0]`.
    field: String,
    /// For people: `Education Organization Ids`.
    name: String,
}

impl Place {
    fn of(pointer: &str) -> Self {
        // The first part says whether it is in the path, the query, a header or the body.
        let mut parts = pointer.split('/').skip(2).peekable();
        let (mut field, mut name) = (String::new(), String::new());
        if parts.peek().is_none() {
            "Body".clone_into(&mut field);
            "Body".clone_into(&mut name);
        }
        for part in parts {
            if part.bytes().all(|byte| byte.is_ascii_digit()) && !field.is_empty() {
                field.push_str(&format!("[{part}]"));
                continue;
            }
            let words = words(part);
            if !field.is_empty() {
                field.push('.');
                name.push(' ');
            }
            field.push_str(&words.concat());
            name.push_str(&words.join(" "));
        }
        Self { field, name }
    }
}

/// The words of a name in camel, snake or kebab case, each with a capital.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut starts = true;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            starts = true;
            continue;
        }
        match words.last_mut() {
            Some(word) if !starts && !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_uppercase().collect()),
        }
        starts = false;
    }
    words
}

fn message(place: &Place, violation: &Violation) -> String {
    let name = &place.name;
    let is_absent = violation.keyword == "required" || violation.found == Kind::Null;
    let is_empty = is_absent || matches!(violation.keyword.as_str(), "minLength" | "pattern");
    match (place.field.as_str(), violation.keyword.as_str()) {
        ("ProfileId", _) => {
            "Please provide a valid profile id. There are no profiles yet: use null.".to_owned()
        }
        ("VendorId", _) => "Please provide valid vendor id.".to_owned(),
        ("ClaimSetName", _) => "Please provide a valid claim set name.".to_owned(),
        ("EducationOrganizationIds", keyword) if is_absent || keyword == "minItems" => {
            "Please provide at least one education organization id.".to_owned()
        }
        ("ClientSecret", "minLength" | "maxLength" | "pattern") => {
            "'Client Secret' must be 32 to 128 characters long and have at least one lower-case \
             letter, one upper-case letter, one digit and one special character."
                .to_owned()
        }
        ("ClientId", "pattern") => {
            "'Client Id' may have letters, digits and the characters . _ @ : + - only.".to_owned()
        }
        ("Company", "not") => COMPANY_RESERVED.to_owned(),
        (_, "format") if name.ends_with("Email Address") => {
            format!("'{name}' is not a valid email address.")
        }
        (_, "maxLength") => {
            let limit = violation.expected.as_ref().map(ToString::to_string);
            let limit = limit.unwrap_or_default();
            format!("The length of '{name}' must be {limit} characters or fewer.")
        }
        (_, _) if is_empty => format!("'{name}' must not be empty."),
        (_, _) => format!("'{name}' {}.", violation.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_as_before() {
        let place = |pointer| {
            let place = Place::of(pointer);
            (place.field, place.name)
        };
        let named = |field: &str, name: &str| (field.to_owned(), name.to_owned());
        assert_eq!(
            place("/body/contactEmailAddress"),
            named("ContactEmailAddress", "Contact Email Address")
        );
        assert_eq!(place("/body/client_id"), named("ClientId", "Client Id"));
        assert_eq!(
            place("/header/Idempotency-Key"),
            named("IdempotencyKey", "Idempotency Key")
        );
        assert_eq!(
            place("/body/educationOrganizationIds/3"),
            named("EducationOrganizationIds[3]", "Education Organization Ids")
        );
        assert_eq!(place("/body"), named("Body", "Body"));
        assert_eq!(place("/query/limit"), named("Limit", "Limit"));
    }
}
