//! What contracts ask for beyond OpenAPI: which parts of a response the runtime makes, and what it
//! needs to know for that.

use super::direction::Direction;
use super::lower::Lowering;
use super::operations::View;
use super::{Made, Paging, ResponseContent, ResponseType, Rules, Shape, Type, Value};
use crate::model::{self, Location, Purpose, StatusSet};

/// The headers of a conditional answer.
const CONDITIONAL_HEADERS: [&str; 2] = ["ETag", "Cache-Control"];

/// Takes what the runtime makes out of a response; `false` when nothing is left to the service.
pub(super) fn leave_to_service(rules: &model::Rules, response: &mut model::Response) -> bool {
    let ok = response.status == StatusSet::Status(200);
    if rules.cache_control.is_some() {
        if response.status == StatusSet::Status(304) {
            return false;
        }
        let made = |name: &str| {
            let mut made = CONDITIONAL_HEADERS.iter();
            made.any(|made| made.eq_ignore_ascii_case(name))
        };
        response
            .headers
            .retain(|header| !(ok && made(&header.name)));
    }
    if rules.hal.is_some() && ok {
        // All media types have one schema, and the runtime chooses between them.
        response.contents.truncate(1);
    }
    true
}

impl Lowering<'_> {
    /// The responses as the contract declares them, and as the service gives them where that is
    /// not the same.
    pub(super) fn responses(
        &mut self,
        operation: &model::Operation,
        name: &str,
        constant: &str,
    ) -> (ResponseType, Option<ResponseType>) {
        let rules = &operation.rules;
        let made = rules.hal.is_some() || rules.cache_control.is_some();
        if !(made && self.sides.server) {
            return (self.response(operation, name, constant, View::Typed), None);
        }
        let declared = match self.sides.client {
            true => View::Typed,
            false => View::Untyped,
        };
        let declared = self.response(operation, name, constant, declared);
        let served = self.response(operation, name, constant, View::Served);
        (declared, Some(served))
    }

    /// A body whose links the runtime makes.
    pub(super) fn made_content(
        &mut self,
        content: &model::Content,
        variant: String,
        hal: &model::Hal,
        hint: &str,
    ) -> ResponseContent {
        let (item, name) = self.linkless(hal, &format!("{hint} item"));
        let value = self.value(item, Direction::Output, &name);
        let (ty, made) = match hal.paging {
            Some(_) => (Type::Page(Box::new(value.ty)), Made::Page),
            None => (value.ty, Made::Item),
        };
        ResponseContent {
            variant,
            media_type: content.media_type.clone(),
            form: content.form,
            value: Value::own(ty),
            shape: Shape::String,
            check: None,
            made,
        }
    }

    /// Lets the items of a parameter that sorts be keys with a direction.
    pub(super) fn order_keys(&mut self, parameter: &model::Parameter, hint: &str) {
        let Some(Purpose::OrderBy { keys: Some(keys) }) =
            parameter.naming.map(|naming| naming.purpose)
        else {
            return;
        };
        let Some(items) = self.effective(parameter.schema).schema.items else {
            return;
        };
        let key = self.value(keys, Direction::Output, &format!("{hint} key"));
        let order = Value::own(Type::Order(Box::new(key.ty)));
        self.values.insert((items, Direction::Output), order);
    }

    /// What the runtime needs to know of an operation beyond OpenAPI.
    pub(super) fn rules(&mut self, operation: &model::Operation, constant: &str) -> Option<Rules> {
        let asked = &operation.rules;
        let index = |name: &str| {
            let mut parameters = operation.parameters.iter();
            parameters.position(|one| one.location == Location::Query && one.name == name)
        };
        let mut parameters = operation.parameters.iter();
        let folds = self.api.ignore_case && parameters.any(|one| one.location == Location::Query);
        let fields = asked.fields.as_ref();
        let fields = fields.and_then(|fields| {
            let parameter = index(&fields.parameter)?;
            Some((parameter, fields.names.clone(), fields.place.clone()))
        });
        let links = asked.hal.as_ref().map(|hal| {
            let paging = hal.paging.as_ref();
            let paging = paging.and_then(|paging| {
                Some(Paging {
                    number: index(&paging.number)?,
                    size: index(&paging.size)?,
                    default_size: paging.default_size,
                    state: paging.state.as_deref().and_then(index),
                    relation: paging.relation.clone(),
                    total_is_text: paging.total_is_text,
                })
            });
            (hal.item_path.clone(), paging)
        });
        let any = asked.refuse_unknown || asked.cache_control.is_some();
        if !(folds || any || fields.is_some() || links.is_some()) {
            return None;
        }
        Some(Rules {
            constant: self.constant_scope.screaming(&format!("{constant} rules")),
            ignore_case: folds,
            refuse_unknown: asked.refuse_unknown,
            fields,
            links,
            cache_control: asked.cache_control.clone(),
        })
    }
}
