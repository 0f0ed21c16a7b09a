//! Links and examples: they stay in the served document, and their form is checked.

use super::Lowering;
use super::documents::At;
use super::fields::Kind;
use super::references::Referable;

const LINK: Kind = Kind {
    name: "Link Object",
    keys: &[
        "operationRef",
        "operationId",
        "parameters",
        "requestBody",
        "description",
        "server",
    ],
    keys_31: &[],
};

const EXAMPLE: Kind = Kind {
    name: "Example Object",
    keys: &["summary", "description", "value", "externalValue"],
    keys_31: &[],
};

impl<'a> Lowering<'a, '_> {
    /// The `links` of a response.
    pub(super) fn links(&mut self, at: &At<'a>) {
        let links = self.map(at, "links");
        for (_, link) in links.into_iter().flat_map(|links| links.members()) {
            self.link(link);
        }
    }

    /// OAS 3.1, Link Object.
    pub(super) fn link(&mut self, at: At<'a>) {
        if let Some(at) = self.follow(at, Referable::Link)
            && self.object(&at, &LINK).is_some()
        {
            self.plain_texts(&at, &["operationRef", "operationId", "description"]);
            self.map(&at, "parameters");
            if let Some(server) = at.get("server") {
                self.server(&server);
            }
            self.either(&at, "operationRef", "operationId");
            if at.get("operationRef").or(at.get("operationId")).is_none() {
                self.missing(&at, "operationId");
            }
        }
    }

    /// OAS 3.1, Example Object.
    pub(super) fn example(&mut self, at: At<'a>) -> Option<At<'a>> {
        let at = self.follow(at, Referable::Example)?;
        self.object(&at, &EXAMPLE)?;
        self.plain_texts(&at, &["summary", "description", "externalValue"]);
        self.either(&at, "value", "externalValue");
        Some(at)
    }
}
