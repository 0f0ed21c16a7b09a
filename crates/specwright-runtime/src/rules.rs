//! What a contract asks of an operation beyond OpenAPI (`x-specwright-…`): the static data of
//! generated code, and what becomes of an answer under it.

use http::{HeaderValue, header};

use crate::context::Context;
use crate::input::Input;
use crate::links::Links;
use crate::negotiate;
use crate::operation::Parameter;
use crate::project;
use crate::reply::Reply;

/// What a contract asks of an operation beyond OpenAPI.
#[derive(Debug)]
pub struct Rules {
    /// Whether names of query parameters are matched without regard to case
    /// (`x-specwright-ignore-case`).
    pub ignore_case: bool,
    /// Whether parameters that the operation does not have are refused
    /// (`x-specwright-unknown-parameters`).
    pub refuse_unknown: bool,
    /// Which members of an answer's items can be left out (`x-specwright-fields`).
    pub fields: Option<Fields>,
    /// Which links an answer has (`x-specwright-hal`).
    pub links: Option<Hal>,
    /// The header `Cache-Control` of answers that are sent once for each state they are in
    /// (`x-specwright-conditional`).
    pub cache_control: Option<&'static str>,
}

/// Which members of an answer's items can be left out.
#[derive(Debug)]
pub struct Fields {
    /// The parameter that names those that are asked for.
    pub parameter: &'static Parameter,
    /// The members that it can name; all others stay.
    pub names: &'static [&'static str],
    /// The members that lead from the body to the items, through arrays on the way.
    pub place: &'static [&'static str],
}

/// Which links an answer has (draft-kelly-json-hal-11).
#[derive(Debug)]
pub struct Hal {
    /// The path template of an item below the base of the API; its parameters are members.
    pub item: &'static str,
    /// How a list is divided; `None` where the answer is one item.
    pub paging: Option<Paging>,
}

/// How a list is divided into pages.
#[derive(Debug)]
pub struct Paging {
    /// The parameter with the number of the page, from 1.
    pub number: &'static Parameter,
    /// The parameter with the number of items on a page.
    pub size: &'static Parameter,
    /// The number of items on a page where the parameter is absent.
    pub default_size: u64,
    /// The parameter by which links keep to one state of the data.
    pub state: Option<&'static Parameter>,
    /// The name of the items in `_embedded`.
    pub relation: &'static str,
    /// Whether `total` is a string.
    pub total_is_text: bool,
}

/// What is still to be done with an answer, as the request asked.
pub(crate) struct Finish {
    rules: &'static Rules,
    links: Option<Box<Links>>,
    /// The names of the members that were asked for.
    fields: Option<Vec<String>>,
}

impl Finish {
    pub(crate) fn of(input: &Input<'_>, rules: &'static Rules) -> Self {
        let fields = rules.fields.as_ref();
        Self {
            rules,
            links: rules
                .links
                .as_ref()
                .map(|hal| Box::new(Links::of(input, hal))),
            fields: fields.and_then(|fields| {
                let json = input.json_of(fields.parameter)?;
                crate::read::from_text(&json, crate::read::Read::read).ok()
            }),
        }
    }

    /// Hands the reply what its body is made with.
    pub(crate) fn prepare(&mut self, reply: &mut Reply) {
        reply.links = self.links.take();
    }

    /// Completes an answer that the service has given.
    pub(crate) fn apply(self, reply: &mut Reply, context: &Context) {
        if !reply.is_success_as_json() {
            return;
        }
        if self.rules.links.is_some() {
            choose_media_type(reply, context);
        }
        if let (Some(fields), Some(asked)) = (&self.rules.fields, &self.fields)
            && let Some(json) = reply.json_text()
            && let Some(less) = project::project(json, fields, asked)
        {
            reply.replace_json(less);
        }
        reply.cache_control = self.rules.cache_control;
    }
}

/// Labels the answer with the one of its declared media types that the client likes best.
fn choose_media_type(reply: &mut Reply, context: &Context) {
    let status = reply.status().to_string();
    let mut responses = context.operation.responses.iter();
    let Some(declared) = responses.find(|response| response.status == status) else {
        return;
    };
    if declared.content.len() < 2 {
        return;
    }
    let offers = declared.content.iter().map(|(media_type, _)| *media_type);
    if let Some(best) = negotiate::best(&context.headers, offers) {
        reply.media_type = Some(HeaderValue::from_static(best));
    }
    let vary = (header::VARY, HeaderValue::from_static("Accept"));
    reply.headers.push(vary);
}
