//! Pages of a list, and the links in them (`x-specwright-hal`).

use crate::fault::Fault;
use crate::links::Links;
use crate::project::Raw;
use crate::reply::Reply;
use crate::write::{Write, Writer, to_text};

/// A page of a list, as a service gives it: its links are made from the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items of the page, in their order.
    pub items: Vec<T>,
    /// How many items there are on all pages.
    pub total: u64,
    /// The state of the data that the page shows, for the links to the others to keep to.
    pub state: Option<String>,
}

impl Reply {
    /// Answers with a page of a list, as HAL.
    pub fn page<T: Write>(&mut self, status: u16, media_type: &'static str, page: &Page<T>) {
        let links = self.links.take();
        let Some((links, paging)) = links.as_deref().and_then(|it| Some((it, it.paging()?))) else {
            return self.fail("a page was given where the contract has no list");
        };
        let items = page.items.iter().map(|item| linked(item, links));
        let Some(items) = items.collect::<Option<Vec<_>>>() else {
            return self.fail("an item lacks a member that its link needs");
        };
        let total = page.total.to_string();
        let body = Body {
            links: Addresses(links.of_page(page.total, page.state.as_deref())),
            total: if paging.total_is_text {
                to_text(&total)
            } else {
                total
            },
            embedded: Embedded(paging.relation, items),
        };
        self.json(status, media_type, &body);
    }

    /// Answers with one item, as HAL.
    pub fn resource<T: Write>(&mut self, status: u16, media_type: &'static str, item: &T) {
        let links = self.links.take();
        match links.and_then(|links| linked(item, &links)) {
            Some(item) => self.json(status, media_type, &Raw(&item)),
            None => self.fail("an item lacks a member that its link needs"),
        }
    }

    fn fail(&mut self, why: &'static str) {
        self.fault.get_or_insert(Fault::internal(why));
    }
}

/// The text of an item with the link to itself.
fn linked<T: Write>(item: &T, links: &Links) -> Option<String> {
    let mut text = to_text(item);
    let address = links.of_item(&text).ok()?;
    let open = text.strip_suffix('}')?;
    let separator = if open == "{" { "" } else { "," };
    text = format!("{open}{separator}\"_links\":");
    text.push_str(&to_text(&Addresses(vec![("self", address)])));
    text.push('}');
    Some(text)
}

struct Body {
    links: Addresses,
    /// As JSON.
    total: String,
    embedded: Embedded,
}

impl Write for Body {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.field("\"_links\":", &self.links);
        writer.field("\"total\":", &Raw(&self.total));
        writer.field("\"_embedded\":", &self.embedded);
        writer.end_object();
    }
}

/// Link objects by their relations.
struct Addresses(Vec<(&'static str, String)>);

impl Write for Addresses {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        for (relation, address) in &self.0 {
            writer.member(relation, &Address(address));
        }
        writer.end_object();
    }
}

struct Address<'a>(&'a str);

impl Write for Address<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.field("\"href\":", self.0);
        writer.end_object();
    }
}

/// The items under their relation, each as JSON.
struct Embedded(&'static str, Vec<String>);

impl Write for Embedded {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.member(self.0, &Items(&self.1));
        writer.end_object();
    }
}

struct Items<'a>(&'a [String]);

impl Write for Items<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.begin_array();
        for item in self.0 {
            writer.element(&Raw(item));
        }
        writer.end_array();
    }
}
