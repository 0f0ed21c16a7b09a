//! What requests and responses hold: parameters, bodies, headers.

use super::contents::Contents;
use super::report::{Comparison, Use};
use super::rules::{Part, Place, Spot};
use crate::model::{
    Body, Header, Location, Operation, Parameter, PathPart, Response, StatusSet, Style, Undeclared,
};
use crate::source::Span;

type Spans = (Option<Span>, Option<Span>);

impl Comparison<'_> {
    pub(super) fn parameters(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let renamed = self.path_parameters((old, new), at);
        let same = |one: &Parameter, other: &Parameter| {
            let name = renamed.iter().find(|(was, _)| *was == one.name);
            let name = match (one.location, name) {
                (Location::Path, Some((_, is))) => is,
                _ => &one.name,
            };
            one.location == other.location
                && match one.location {
                    // RFC 9110, section 5.1: names of fields are without case.
                    Location::Header => name.eq_ignore_ascii_case(&other.name),
                    _ => *name == other.name,
                }
        };
        let finds = |list: &[Parameter], one: &Parameter| {
            list.iter()
                .any(|other| same(one, other) || same(other, one))
        };
        for one in &old.parameters {
            match new.parameters.iter().find(|other| same(one, other)) {
                Some(other) => self.parameter((one, other), at),
                None => {
                    let elsewhere = |other: &&Parameter| {
                        other.name == one.name && !finds(&old.parameters, other)
                    };
                    let other = new.parameters.iter().find(elsewhere).cloned();
                    self.parameter_gone(one, other, at);
                }
            }
        }
        for other in new
            .parameters
            .iter()
            .filter(|one| !finds(&old.parameters, one))
        {
            let moved = old
                .parameters
                .iter()
                .any(|one| one.name == other.name && !finds(&new.parameters, one));
            if !moved {
                self.parameter_come(other, at);
            }
        }
    }

    /// Parameters in the path that have another name at the same position.
    fn path_parameters(
        &mut self,
        (old, new): (&Operation, &Operation),
        at: &Use,
    ) -> Vec<(String, String)> {
        let names = |operation: &Operation| {
            let parts = operation.path.segments.iter().flat_map(|it| &it.parts);
            let names = parts.filter_map(|part| match part {
                PathPart::Parameter(name) => Some(name.clone()),
                PathPart::Literal(_) => None,
            });
            names.collect::<Vec<_>>()
        };
        let pairs = names(old).into_iter().zip(names(new));
        let pairs = pairs.filter(|(was, is)| was != is).collect::<Vec<_>>();
        for (was, is) in &pairs {
            let message = format!("the path parameter `{was}` is called `{is}`");
            let spans = (Some(old.span), Some(new.span));
            self.part(Part::PathParameterRenamed, at, message, spans);
        }
        pairs
    }

    fn parameter_gone(&mut self, one: &Parameter, elsewhere: Option<Parameter>, at: &Use) {
        let at = at.inside(what(one));
        if let Some(other) = elsewhere {
            let message = format!(
                "the parameter travels in the {}, did in the {}",
                other.location.name(),
                one.location.name()
            );
            let spans = (Some(one.span), Some(other.span));
            return self.part(Part::ParameterMoved, &at, message, spans);
        }
        let (part, word) = match one.required {
            true => (Part::RequiredParameterRemoved, "required"),
            false => (Part::OptionalParameterRemoved, "optional"),
        };
        let message = format!("the {word} parameter is gone");
        self.part(part, &at, message, (Some(one.span), None));
    }

    fn parameter_come(&mut self, other: &Parameter, at: &Use) {
        let (part, word) = match other.required {
            true => (Part::RequiredParameterAdded, "required"),
            false => (Part::OptionalParameterAdded, "optional"),
        };
        let message = format!("the {word} parameter is new");
        let at = at.inside(what(other));
        self.part(part, &at, message, (None, Some(other.span)));
    }

    fn parameter(&mut self, (old, new): (&Parameter, &Parameter), at: &Use) {
        let at = &at.inside(what(new));
        let spans = (Some(old.span), Some(new.span));
        let changes = [
            (
                old.required,
                new.required,
                Part::ParameterBecameRequired,
                Part::ParameterBecameOptional,
            ),
            (
                old.allow_empty_value,
                new.allow_empty_value,
                Part::EmptyValueAllowed,
                Part::EmptyValueRefused,
            ),
            (
                old.allow_reserved,
                new.allow_reserved,
                Part::ReservedAllowed,
                Part::ReservedRefused,
            ),
            (
                old.deprecated,
                new.deprecated,
                Part::ParameterDeprecated,
                Part::ParameterReactivated,
            ),
        ];
        for (was, is, set, unset) in changes {
            self.flag(at, (was, is), (set, unset), spans);
        }
        if written(old) != written(new) {
            let message = format!(
                "the style is {}, was {}",
                style(new.style, new.explode),
                style(old.style, old.explode)
            );
            self.part(Part::ParameterStyleChanged, at, message, spans);
        }
        let place = Place {
            spot: Spot::Parameter,
            outgoing: at.outgoing,
        };
        self.schema((old.schema, new.schema), place, at);
    }

    /// Something that is so or is not.
    fn flag(&mut self, at: &Use, (was, is): (bool, bool), parts: (Part, Part), spans: Spans) {
        let part = match (was, is) {
            (false, true) => parts.0,
            (true, false) => parts.1,
            _ => return,
        };
        self.part(part, at, part.meaning().to_owned(), spans);
    }

    pub(super) fn request(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let at = &at.inside("request body".to_owned());
        match (&old.body, &new.body) {
            (None, None) => {}
            (None, Some(new)) => {
                let (part, message) = match new.required {
                    true => (Part::RequiredBodyAdded, "a body is required"),
                    false => (Part::OptionalBodyAdded, "a body is possible"),
                };
                self.part(part, at, message.to_owned(), (None, Some(new.span)));
            }
            (Some(old), None) => {
                let message = "there is no body any more".to_owned();
                self.part(Part::BodyRemoved, at, message, (Some(old.span), None));
            }
            (Some(old), Some(new)) => self.body((old, new), at),
        }
    }

    fn body(&mut self, (old, new): (&Body, &Body), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        let parts = (Part::BodyBecameRequired, Part::BodyBecameOptional);
        self.flag(at, (old.required, new.required), parts, spans);
        let ignores = |body: &Body| body.undeclared == Undeclared::Ignore;
        let parts = (Part::UndeclaredIgnored, Part::UndeclaredRefused);
        self.flag(at, (ignores(old), ignores(new)), parts, spans);
        let parts = Contents {
            added: Part::RequestMediaTypeAdded,
            removed: Part::RequestMediaTypeRemoved,
            set: Part::RequestSchemaSet,
            unset: Part::RequestSchemaUnset,
            widened: Part::RequestMediaTypeWidened,
            narrowed: Part::RequestMediaTypeNarrowed,
            spot: Spot::RequestBody,
        };
        self.contents((&old.contents, &new.contents), &parts, at, spans);
    }

    pub(super) fn responses(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        for one in &old.responses {
            let at = &at.inside(format!("response {}", status(one.status)));
            match new
                .responses
                .iter()
                .find(|other| other.status == one.status)
            {
                Some(other) => self.response((one, other), at),
                None => self.response_gone((one, new), at),
            }
        }
        for other in &new.responses {
            if old.responses.iter().all(|one| one.status != other.status) {
                let at = &at.inside(format!("response {}", status(other.status)));
                self.response_come((old, other), at);
            }
        }
    }

    fn response_gone(&mut self, (one, new): (&Response, &Operation), at: &Use) {
        // It can still be answered, so that only what it holds can break.
        if let Some(other) = covering(&new.responses, one.status) {
            let message = format!("`{}` is not told apart any more", status(one.status));
            let spans = (Some(one.span), Some(other.span));
            self.part(Part::StatusMerged, at, message, spans);
            return self.response((one, other), at);
        }
        let part = match is_success(one.status) {
            true => Part::SuccessRemoved,
            false => Part::ErrorRemoved,
        };
        let message = "the response is gone".to_owned();
        self.part(part, at, message, (Some(one.span), None));
    }

    fn response_come(&mut self, (old, other): (&Operation, &Response), at: &Use) {
        // It could be answered before, so that only what it holds can break.
        if let Some(before) = covering(&old.responses, other.status) {
            let message = format!("`{}` is told apart", status(other.status));
            let spans = (Some(before.span), Some(other.span));
            self.part(Part::StatusToldApart, at, message, spans);
            return self.response((before, other), at);
        }
        let part = match is_success(other.status) {
            true => Part::SuccessAdded,
            false => Part::ErrorAdded,
        };
        let message = "the response is new".to_owned();
        self.part(part, at, message, (None, Some(other.span)));
    }

    fn response(&mut self, (old, new): (&Response, &Response), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        self.headers((old, new), at);
        match (old.contents.is_empty(), new.contents.is_empty()) {
            (true, true) => {}
            (true, false) => {
                self.part(
                    Part::ResponseBodyAdded,
                    at,
                    "there is a body now".to_owned(),
                    spans,
                );
            }
            (false, true) => {
                let message = "there is no body any more".to_owned();
                self.part(Part::ResponseBodyRemoved, at, message, spans);
            }
            (false, false) => {
                let parts = Contents {
                    added: Part::ResponseMediaTypeAdded,
                    removed: Part::ResponseMediaTypeRemoved,
                    set: Part::ResponseSchemaSet,
                    unset: Part::ResponseSchemaUnset,
                    widened: Part::ResponseMediaTypeWidened,
                    narrowed: Part::ResponseMediaTypeNarrowed,
                    spot: Spot::ResponseBody,
                };
                self.contents((&old.contents, &new.contents), &parts, at, spans);
            }
        }
    }

    fn headers(&mut self, (old, new): (&Response, &Response), at: &Use) {
        let find = |list: &[Header], name: &str| {
            let found = list.iter().find(|one| one.name.eq_ignore_ascii_case(name));
            found.cloned()
        };
        for one in &old.headers {
            let at = &at.within(format!("header `{}`", one.name));
            match find(&new.headers, &one.name) {
                Some(other) => self.header((one, &other), at),
                None => {
                    let (part, word) = match one.required {
                        true => (Part::RequiredHeaderRemoved, "required"),
                        false => (Part::OptionalHeaderRemoved, "optional"),
                    };
                    let message = format!("the {word} header is gone");
                    self.part(part, at, message, (Some(one.span), None));
                }
            }
        }
        for other in &new.headers {
            if find(&old.headers, &other.name).is_none() {
                let at = &at.within(format!("header `{}`", other.name));
                let message = "the header is new".to_owned();
                self.part(Part::HeaderAdded, at, message, (None, Some(other.span)));
            }
        }
    }

    fn header(&mut self, (old, new): (&Header, &Header), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        let parts = (Part::HeaderBecameRequired, Part::HeaderBecameOptional);
        self.flag(at, (old.required, new.required), parts, spans);
        if old.explode != new.explode {
            let message = Part::HeaderStyleChanged.meaning().to_owned();
            self.part(Part::HeaderStyleChanged, at, message, spans);
        }
        let place = Place {
            spot: Spot::ResponseHeader,
            outgoing: at.outgoing,
        };
        self.schema((old.schema, new.schema), place, at);
    }
}

fn what(parameter: &Parameter) -> String {
    format!(
        "{} parameter `{}`",
        parameter.location.name(),
        parameter.name
    )
}

/// How a parameter is written; that commas may be encoded is told as the extension that it is.
fn written(parameter: &Parameter) -> (Style, bool) {
    match parameter.style {
        Style::Commas => (Style::Form, false),
        style => (style, parameter.explode),
    }
}

fn style(style: Style, explode: bool) -> String {
    let name = match style {
        Style::Matrix => "matrix",
        Style::Label => "label",
        Style::Simple => "simple",
        Style::Form | Style::Commas => "form",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::DeepObject => "deepObject",
    };
    match explode {
        true => format!("`{name}`, exploded"),
        false => format!("`{name}`"),
    }
}

fn status(status: StatusSet) -> String {
    match status {
        StatusSet::Status(code) => code.to_string(),
        StatusSet::Range(digit) => format!("{digit}XX"),
        StatusSet::Default => "default".to_owned(),
    }
}

/// `default` is for what is not declared, which is errors first of all.
fn is_success(status: StatusSet) -> bool {
    match status {
        StatusSet::Status(code) => code < 400,
        StatusSet::Range(digit) => digit < 4,
        StatusSet::Default => false,
    }
}

/// The response that stands for a status without one of its own.
fn covering(responses: &[Response], new: StatusSet) -> Option<&Response> {
    let find = |wanted: StatusSet| responses.iter().find(|one| one.status == wanted);
    match new {
        StatusSet::Status(code) => {
            find(StatusSet::Range((code / 100) as u8)).or_else(|| find(StatusSet::Default))
        }
        StatusSet::Range(_) => find(StatusSet::Default),
        StatusSet::Default => None,
    }
}
