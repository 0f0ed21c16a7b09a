//! What the Admin API manages, without HTTP and without SQL.

use serde::{Deserialize, Serialize};

use crate::changes::{Answer, Broken};

/// The state of a resource: counts from 1, and stands in its `ETag`.
pub type Version = i64;

/// Something with its version.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Versioned<T> {
    /// What it is.
    pub value: T,
    /// Its state.
    pub version: Version,
}

/// What is known of a vendor.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct VendorData {
    /// The name of the company.
    pub company: String,
    /// The namespaces of the data it may write, joined by commas.
    pub namespace_prefixes: String,
    /// Whom to talk to.
    pub contact_name: String,
    /// Where to write to.
    pub contact_email_address: String,
}

/// A vendor.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Vendor {
    /// Its number.
    pub id: i64,
    /// What is known of it.
    pub data: VendorData,
}

/// A claim set, and how many applications have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimSet {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether the system itself needs it.
    pub is_system_reserved: bool,
    /// In all instances.
    pub applications_count: i64,
}

/// What is known of an instance.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct InstanceData {
    /// Its name, which no other instance has.
    pub name: String,
    /// Its kind.
    pub instance_type: String,
    /// The school year.
    pub year: Option<i32>,
    /// Where applications reach it.
    pub api_url: String,
}

/// An instance.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Instance {
    /// Its number.
    pub id: i64,
    /// What is known of it.
    pub data: InstanceData,
}

/// What is known of an application.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct ApplicationData {
    /// Its name.
    pub name: String,
    /// The number of its vendor.
    pub vendor_id: i64,
    /// The name of its claim set.
    pub claim_set_name: String,
    /// The numbers of the education organizations whose data it reaches.
    pub education_organization_ids: Vec<i64>,
}

/// An application.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Application {
    /// Its number.
    pub id: i64,
    /// The number of its instance.
    pub instance_id: i64,
    /// What is known of it.
    pub data: ApplicationData,
}

/// Where an application goes with its key and a secret.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The number of the application.
    pub application_id: i64,
    /// Its key.
    pub key: String,
    /// Where it reaches its instance.
    pub api_url: String,
}

impl Answer for Versioned<Vendor> {}
impl Answer for Vendor {}
impl Answer for Versioned<Instance> {}
impl Answer for Instance {}
impl Answer for Versioned<Application> {}
impl Answer for Application {}
impl Answer for Version {}
// The secret that is shown beside it is not part of it.
impl Answer for Access {
    const SHOWS_SECRET: bool = true;
}

/// Which state of a resource a client wants to change (RFC 9110, section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Whatever it is.
    Any,
    /// One of these.
    OneOf(Vec<Version>),
}

impl Precondition {
    /// Reads the header `If-Match`. A tag that is weak, or none of ours, matches nothing.
    pub fn of(header: Option<&str>) -> Self {
        match header.map(str::trim) {
            None | Some("*") => Precondition::Any,
            Some(tags) => {
                let tags = tags.split(',').map(str::trim);
                let quoted = |tag: &str| {
                    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
                    // `+1` and `01` are numbers, but no tags of ours.
                    let version: Version = tag.parse().ok()?;
                    (version.to_string() == tag).then_some(version)
                };
                Precondition::OneOf(tags.filter_map(quoted).collect())
            }
        }
    }

    /// Whether this state may be changed.
    pub fn allows(&self, version: Version) -> bool {
        match self {
            Precondition::Any => true,
            Precondition::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// The `ETag` of a state.
pub fn tag(version: Version) -> String {
    format!("\"{version}\"")
}

/// The name of a company that no vendor may have.
const RESERVED_COMPANY: &str = "EdFi";

/// What somebody is told who wants the reserved name.
pub const COMPANY_RESERVED: &str =
    "'EdFi' is a reserved name and may not be used. Please choose another name.";

/// What is wrong with the name of a company: it is reserved, with blanks around it too, which the
/// contract cannot say.
pub fn company_refused(company: &str) -> Option<Broken> {
    let is_reserved = company.trim() == RESERVED_COMPANY;
    is_reserved.then(|| ("Company", COMPANY_RESERVED.to_owned()))
}

/// The namespace prefixes in a text: trimmed, without blank ones.
pub fn prefixes(text: &str) -> Vec<&str> {
    let prefixes = text.split(',').map(str::trim);
    prefixes.filter(|prefix| !prefix.is_empty()).collect()
}

/// The longest namespace prefix, in characters.
const LONGEST_PREFIX: usize = 255;

/// What is wrong with namespace prefixes, which the contract cannot say: the limit of each.
pub fn prefixes_refused(text: &str) -> Option<Broken> {
    let too_long = |prefix: &&str| prefix.chars().count() > LONGEST_PREFIX;
    prefixes(text).iter().any(too_long).then(|| {
        let message = "The length of each of 'Namespace Prefixes' must be 255 characters or fewer.";
        ("NamespacePrefixes", message.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_read_as_the_standard_says() {
        assert_eq!(Precondition::of(None), Precondition::Any);
        assert_eq!(Precondition::of(Some(" * ")), Precondition::Any);
        let tags = Precondition::of(Some(r#""1", "3""#));
        assert!(tags.allows(1) && !tags.allows(2) && tags.allows(3));
        for nothing in [
            "", "1", r#"W/"1""#, r#""+1""#, r#""01""#, r#""one""#, r#""1"#,
        ] {
            assert!(!Precondition::of(Some(nothing)).allows(1), "{nothing}");
        }
        assert!(Precondition::of(Some(&tag(7))).allows(7));
    }

    #[test]
    fn a_reserved_name_is_one_with_blanks_too() {
        for reserved in ["EdFi", " EdFi ", "\tEdFi\n", "\u{3000}EdFi\u{a0}"] {
            assert!(company_refused(reserved).is_some(), "{reserved:?}");
        }
        for free in ["EdFi Alliance", "Ed Fi", "edfi", ""] {
            assert!(company_refused(free).is_none(), "{free:?}");
        }
    }

    #[test]
    fn prefixes_are_split_trimmed_and_blank_ones_dropped() {
        assert_eq!(prefixes(" uri://a ,, uri://b,  "), ["uri://a", "uri://b"]);
        assert!(prefixes(" , ").is_empty());
    }
}
