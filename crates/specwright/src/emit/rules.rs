//! What a contract asks of an operation beyond OpenAPI.

use super::Emitter;
use super::layout::literal;
use crate::ir::{Operation, Paging};

impl Emitter<'_> {
    pub(super) fn rules(&mut self, operation: &Operation) {
        let Some(rules) = &operation.rules else {
            return;
        };
        self.out.blank();
        let head = format!("static {}: rt::Rules = rt::Rules {{", rules.constant);
        self.out.line(0, &head);
        self.out
            .line(1, &format!("ignore_case: {},", rules.ignore_case));
        self.out
            .line(1, &format!("refuse_unknown: {},", rules.refuse_unknown));
        match &rules.fields {
            None => self.out.line(1, "fields: None,"),
            Some((parameter, names, place)) => {
                self.out.line(1, "fields: Some(rt::Fields {");
                let parameter = constant(operation, *parameter);
                self.out.line(2, &format!("parameter: {parameter},"));
                self.out.array(2, "names: &", &literals(names), ",");
                self.out.array(2, "place: &", &literals(place), ",");
                self.out.line(1, "}),");
            }
        }
        match &rules.links {
            None => self.out.line(1, "links: None,"),
            Some((item, paging)) => {
                self.out.line(1, "links: Some(rt::Hal {");
                self.out.line(2, &format!("item: {},", literal(item)));
                self.paging(operation, paging.as_ref());
                self.out.line(1, "}),");
            }
        }
        let control = rules.cache_control.as_ref();
        let control = control.map_or_else(
            || "None".to_owned(),
            |control| format!("Some({})", literal(control)),
        );
        self.out.line(1, &format!("cache_control: {control},"));
        self.out.line(0, "};");
    }

    fn paging(&mut self, operation: &Operation, paging: Option<&Paging>) {
        let Some(paging) = paging else {
            return self.out.line(2, "paging: None,");
        };
        let parameter = |index| constant(operation, index);
        let state = paging.state.map_or_else(
            || "None".to_owned(),
            |state| format!("Some({})", parameter(state)),
        );
        self.out.line(2, "paging: Some(rt::Paging {");
        for (name, value) in [
            ("number", parameter(paging.number)),
            ("size", parameter(paging.size)),
            ("default_size", paging.default_size.to_string()),
            ("state", state),
            ("relation", literal(&paging.relation)),
            ("total_is_text", paging.total_is_text.to_string()),
        ] {
            self.out.line(3, &format!("{name}: {value},"));
        }
        self.out.line(2, "}),");
    }
}

/// A reference to the static of a parameter.
fn constant(operation: &Operation, index: usize) -> String {
    let mut parameters = operation
        .request
        .iter()
        .flat_map(|request| &request.parameters);
    let found = parameters.nth(index);
    found.map_or_else(String::new, |parameter| format!("&{}", parameter.constant))
}

fn literals(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| literal(text)).collect()
}
