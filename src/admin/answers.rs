//! From the domain to what the contract declares.

use specwright_runtime::{Context, Fault, Map, Nullable};

use super::contract::{
    Application, ClaimSet, CreateApplicationResponse, CreateInstanceResponse, CreateVendorResponse,
    DeleteApplicationResponse, DeleteInstanceResponse, DeleteVendorResponse,
    GetApplicationResponse, GetApplicationsResponse, GetInstanceResponse, GetVendorResponse,
    Instance, Problem, RegisterClientResponse, ResetCredentialResponse, UpdateApplicationResponse,
    UpdateInstanceResponse, UpdateVendorResponse, Vendor,
};
use super::domain;
use crate::changes::Refusal;

/// What a refusal becomes as the response of an operation.
pub trait Refusable: Sized {
    /// The declared response with this status; `None` when there is none.
    fn refused(status: u16, problem: Problem) -> Option<Self>;
}

/// Names the declared responses that refusals become.
macro_rules! refusable {
    ($($response:ident: $($status:literal $variant:ident),+;)+) => {
        $(impl Refusable for $response {
            fn refused(status: u16, problem: Problem) -> Option<Self> {
                match status {
                    $($status => Some(Self::$variant(problem)),)+
                    _ => None,
                }
            }
        })+
    };
}

refusable! {
    RegisterClientResponse: 400 BadRequest, 403 Forbidden, 409 Conflict;
    CreateVendorResponse: 400 BadRequest, 409 Conflict;
    GetVendorResponse: 404 NotFound;
    UpdateVendorResponse: 400 BadRequest, 404 NotFound, 412 PreconditionFailed;
    DeleteVendorResponse: 404 NotFound;
    CreateInstanceResponse: 400 BadRequest, 409 Conflict;
    GetInstanceResponse: 404 NotFound;
    UpdateInstanceResponse: 400 BadRequest, 404 NotFound, 412 PreconditionFailed;
    DeleteInstanceResponse: 400 BadRequest, 404 NotFound;
    GetApplicationsResponse: 404 NotFound;
    CreateApplicationResponse: 400 BadRequest, 404 NotFound, 409 Conflict;
    GetApplicationResponse: 404 NotFound;
    UpdateApplicationResponse: 400 BadRequest, 404 NotFound, 412 PreconditionFailed;
    DeleteApplicationResponse: 404 NotFound;
    ResetCredentialResponse: 404 NotFound;
}

/// A refusal as the response of an operation; one that the contract does not declare is a fault.
pub fn refuse<R: Refusable>(refusal: &Refusal, context: &Context) -> Result<R, Fault> {
    let problem = problem(refusal, context);
    R::refused(refusal.status(), problem)
        .ok_or_else(|| Fault::internal(format!("a refusal is not declared: {refusal:?}")))
}

/// The problem that a refusal is.
pub fn problem(refusal: &Refusal, context: &Context) -> Problem {
    let mut errors = None;
    let detail = match refusal {
        Refusal::NotFound { kind, id } => {
            format!("Not found: {kind} with ID {id}. It may have been recently deleted.")
        }
        Refusal::Invalid(fields) => {
            errors = Some(by_field(fields));
            super::errors::INVALID.to_owned()
        }
        Refusal::NotAllowed(detail) | Refusal::KeyUsed(detail) => (*detail).to_owned(),
        Refusal::Stale => {
            "The resource has changed since the state that If-Match names.".to_owned()
        }
        Refusal::Unauthorized => "Valid credentials are needed.".to_owned(),
        Refusal::Forbidden => super::errors::needs_full_access(),
    };
    Problem {
        type_: "about:blank".to_owned(),
        title: title(refusal.status()).to_owned(),
        status: refusal.status().into(),
        request_id: context.request_id().to_owned(),
        detail,
        errors,
    }
}

/// The names of the statuses of this API (RFC 9110, section 15).
pub fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// The messages of each field together, in the order in which the fields came.
fn by_field(messages: &[(&'static str, String)]) -> Map<Vec<String>> {
    let mut fields: Map<Vec<String>> = Map::new();
    for (field, message) in messages {
        fields
            .entry((*field).to_owned())
            .or_default()
            .push(message.clone());
    }
    fields
}

impl From<domain::Vendor> for Vendor {
    fn from(vendor: domain::Vendor) -> Self {
        Vendor {
            vendor_id: vendor.id,
            company: vendor.data.company,
            namespace_prefixes: vendor.data.namespace_prefixes,
            contact_name: vendor.data.contact_name,
            contact_email_address: vendor.data.contact_email_address,
        }
    }
}

impl From<domain::ClaimSet> for ClaimSet {
    fn from(claim_set: domain::ClaimSet) -> Self {
        ClaimSet {
            id: claim_set.id,
            name: claim_set.name,
            is_system_reserved: claim_set.is_system_reserved,
            applications_count: claim_set.applications_count,
        }
    }
}

impl From<domain::Instance> for Instance {
    fn from(instance: domain::Instance) -> Self {
        Instance {
            instance_id: instance.id,
            name: instance.data.name,
            instance_type: instance.data.instance_type,
            year: instance.data.year,
            api_url: instance.data.api_url,
        }
    }
}

impl From<domain::Application> for Application {
    fn from(application: domain::Application) -> Self {
        Application {
            application_id: application.id,
            application_name: application.data.name,
            vendor_id: application.data.vendor_id,
            claim_set_name: application.data.claim_set_name,
            profile_id: Nullable::Null,
            education_organization_ids: application.data.education_organization_ids,
        }
    }
}
