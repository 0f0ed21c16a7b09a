//! What the operations of the contract do.

use std::fmt;

use serde::Serialize;
use specwright_runtime::{Basic, Bearer, Context, Denied, Fault, Grant, Nullable};

use super::AUDIENCE;
use super::answers::refuse;
use super::contract::{
    Admin, ApplicationData, CreateApplicationRequest, CreateApplicationResponse,
    CreateInstanceRequest, CreateInstanceResponse, CreateVendorRequest, CreateVendorResponse,
    Credential, DeleteApplicationRequest, DeleteApplicationResponse, DeleteInstanceRequest,
    DeleteInstanceResponse, DeleteVendorRequest, DeleteVendorResponse, GetApplicationRequest,
    GetApplicationResponse, GetApplicationsRequest, GetApplicationsResponse, GetClaimSetsRequest,
    GetClaimSetsResponse, GetInstanceRequest, GetInstanceResponse, GetInstancesRequest,
    GetInstancesResponse, GetJwksResponse, GetMetadataResponse, GetVendorRequest,
    GetVendorResponse, GetVendorsRequest, GetVendorsResponse, InstanceData, IssueTokenRequest,
    IssueTokenResponse, RegisterClientRequest, RegisterClientResponse, ResetCredentialRequest,
    ResetCredentialResponse, UpdateApplicationRequest, UpdateApplicationResponse,
    UpdateInstanceRequest, UpdateInstanceResponse, UpdateVendorRequest, UpdateVendorResponse,
    VendorData,
};
use super::domain::{self, Precondition, company_refused, prefixes, prefixes_refused, tag};
use super::identity::Presented;
use super::store::{Page, Store};
use crate::auth::Auth;
use crate::auth::secret::Secret;
use crate::changes::{Change, NOBODY, Refusal, Repeat};
use crate::config::Config;
use crate::effects::Effects;
use crate::faults::fault;

/// The length of the key of an application, in characters.
const KEY_LENGTH: usize = 12;

/// The length of the secret of an application, in characters: 140 bits.
const SECRET_LENGTH: usize = 24;

const NO_INSTANCES: &str = "Instances cannot be created in single-instance mode.";
const STAYS: &str = "The instance cannot be deleted in single-instance mode.";

/// The Admin API over one database.
#[derive(Clone)]
pub struct Service {
    pub(super) store: Store,
    pub(super) auth: Auth,
    pub(super) effects: Effects,
    multi_instance: bool,
    /// The address of this server, where it is configured.
    public_url: Option<String>,
    scheme: &'static str,
    /// The address for a request that does not say how it came.
    listen: String,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Service {
    /// What is managed in this store, as configured.
    pub fn new(config: &Config, store: Store, auth: Auth, effects: Effects) -> Self {
        Self {
            store,
            auth,
            effects,
            multi_instance: config.multi_instance,
            public_url: config.public_url.clone(),
            scheme: if config.tls.is_some() {
                "https"
            } else {
                "http"
            },
            listen: config.listen.to_string(),
        }
    }

    /// The address of this server, as the client reaches it.
    pub(super) fn base(&self, context: &Context) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let authority = context
            .uri()
            .authority()
            .map(|authority| authority.as_str());
        let host = authority
            .or_else(|| context.header("host"))
            .filter(|host| is_host(host));
        format!("{}://{}", self.scheme, host.unwrap_or(&self.listen))
    }

    /// A change that a client asks for.
    pub(super) fn change(&self, context: &Context) -> Change {
        let client = context.grant("oauth").map(Grant::subject);
        Change {
            client_id: client.unwrap_or(NOBODY).to_owned(),
            operation: context.operation().id.to_owned(),
            target: context.uri().path().trim_end_matches('/').to_owned(),
            request_id: context.request_id().to_owned(),
            at: self.effects.now(),
            repeat: None,
        }
    }

    /// A change that is recognised when it is asked for again.
    pub(super) fn repeatable(
        &self,
        context: &Context,
        key: Option<String>,
        content: &impl Serialize,
    ) -> Change {
        let mut change = self.change(context);
        change.repeat = key.map(|key| Repeat::new(key, &change.target, content));
        change
    }

    fn location(&self, context: &Context, path: &str) -> String {
        format!("{}{path}", self.base(context))
    }
}

/// Whether a client's word on how it reached the server can stand in an address.
fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    !host.is_empty() && host.len() <= 255 && host.bytes().all(plain)
}

impl Admin for Service {
    async fn authenticate_oauth(
        &self,
        credentials: &Bearer,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        self.auth.grant(&credentials.token, AUDIENCE).await
    }

    /// Hands the credentials on: the token endpoint itself looks at them, so that it can count
    /// attempts and answer in its own words.
    async fn authenticate_basic(
        &self,
        credentials: &Basic,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        let presented = Presented::of_header(&credentials.username, &credentials.password);
        Ok(Grant::new(&credentials.username).with_data(presented))
    }

    async fn issue_token(
        &self,
        request: IssueTokenRequest,
        context: &Context,
    ) -> Result<IssueTokenResponse, Fault> {
        self.token(request.body, context).await
    }

    async fn register_client(
        &self,
        request: RegisterClientRequest,
        context: &Context,
    ) -> Result<RegisterClientResponse, Fault> {
        self.client(request, context).await
    }

    async fn get_jwks(&self, _context: &Context) -> Result<GetJwksResponse, Fault> {
        self.key_set().await
    }

    async fn get_metadata(&self, context: &Context) -> Result<GetMetadataResponse, Fault> {
        Ok(self.metadata(context))
    }

    async fn get_vendors(
        &self,
        request: GetVendorsRequest,
        _context: &Context,
    ) -> Result<GetVendorsResponse, Fault> {
        let vendors = self
            .store
            .vendors(page(request.offset, request.limit))
            .await;
        let vendors = vendors.map_err(fault)?.into_iter().map(Into::into);
        Ok(GetVendorsResponse::Ok(vendors.collect()))
    }

    async fn create_vendor(
        &self,
        request: CreateVendorRequest,
        context: &Context,
    ) -> Result<CreateVendorResponse, Fault> {
        let data = match vendor_data(request.body) {
            Ok(data) => data,
            Err(refusal) => return self.refused(refusal, context).await,
        };
        let change = self.repeatable(context, request.idempotency_key, &data);
        match self
            .store
            .create_vendor(change, data)
            .await
            .map_err(fault)?
        {
            Ok(vendor) => Ok(CreateVendorResponse::Created {
                location: self.location(context, &format!("/v1/admin/vendors/{}", vendor.value.id)),
                e_tag: tag(vendor.version),
                body: vendor.value.into(),
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn get_vendor(
        &self,
        request: GetVendorRequest,
        context: &Context,
    ) -> Result<GetVendorResponse, Fault> {
        match self.store.vendor(request.id).await.map_err(fault)? {
            Some(vendor) => Ok(GetVendorResponse::Ok {
                e_tag: tag(vendor.version),
                body: vendor.value.into(),
            }),
            None => refuse(&not_found("vendor", request.id), context),
        }
    }

    async fn update_vendor(
        &self,
        request: UpdateVendorRequest,
        context: &Context,
    ) -> Result<UpdateVendorResponse, Fault> {
        let data = match vendor_data(request.body) {
            Ok(data) => data,
            Err(refusal) => return self.refused(refusal, context).await,
        };
        let precondition = Precondition::of(request.if_match.as_deref());
        let change = self.change(context);
        let updated = self
            .store
            .update_vendor(change, request.id, data, precondition)
            .await;
        match updated.map_err(fault)? {
            Ok(version) => Ok(UpdateVendorResponse::NoContent {
                e_tag: tag(version),
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn delete_vendor(
        &self,
        request: DeleteVendorRequest,
        context: &Context,
    ) -> Result<DeleteVendorResponse, Fault> {
        let change = self.change(context);
        match self
            .store
            .delete_vendor(change, request.id)
            .await
            .map_err(fault)?
        {
            Ok(vendor) => Ok(DeleteVendorResponse::Ok(vendor.into())),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn get_claim_sets(
        &self,
        request: GetClaimSetsRequest,
        _context: &Context,
    ) -> Result<GetClaimSetsResponse, Fault> {
        let claim_sets = self
            .store
            .claim_sets(page(request.offset, request.limit))
            .await;
        let claim_sets = claim_sets.map_err(fault)?.into_iter().map(Into::into);
        Ok(GetClaimSetsResponse::Ok(claim_sets.collect()))
    }

    async fn get_instances(
        &self,
        request: GetInstancesRequest,
        _context: &Context,
    ) -> Result<GetInstancesResponse, Fault> {
        let instances = self
            .store
            .instances(page(request.offset, request.limit))
            .await;
        let instances = instances.map_err(fault)?.into_iter().map(Into::into);
        Ok(GetInstancesResponse::Ok(instances.collect()))
    }

    async fn create_instance(
        &self,
        request: CreateInstanceRequest,
        context: &Context,
    ) -> Result<CreateInstanceResponse, Fault> {
        if !self.multi_instance {
            return self
                .refused(Refusal::NotAllowed(NO_INSTANCES), context)
                .await;
        }
        let data = instance_data(request.body);
        let change = self.repeatable(context, request.idempotency_key, &data);
        match self
            .store
            .create_instance(change, data)
            .await
            .map_err(fault)?
        {
            Ok(instance) => Ok(CreateInstanceResponse::Created {
                location: self.location(
                    context,
                    &format!("/v1/admin/instances/{}", instance.value.id),
                ),
                e_tag: tag(instance.version),
                body: instance.value.into(),
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn get_instance(
        &self,
        request: GetInstanceRequest,
        context: &Context,
    ) -> Result<GetInstanceResponse, Fault> {
        match self.store.instance(request.id).await.map_err(fault)? {
            Some(instance) => Ok(GetInstanceResponse::Ok {
                e_tag: tag(instance.version),
                body: instance.value.into(),
            }),
            None => refuse(&not_found("instance", request.id), context),
        }
    }

    async fn update_instance(
        &self,
        request: UpdateInstanceRequest,
        context: &Context,
    ) -> Result<UpdateInstanceResponse, Fault> {
        let data = instance_data(request.body);
        let precondition = Precondition::of(request.if_match.as_deref());
        let change = self.change(context);
        let updated = self
            .store
            .update_instance(change, request.id, data, precondition)
            .await;
        match updated.map_err(fault)? {
            Ok(instance) => Ok(UpdateInstanceResponse::Ok {
                e_tag: tag(instance.version),
                body: instance.value.into(),
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn delete_instance(
        &self,
        request: DeleteInstanceRequest,
        context: &Context,
    ) -> Result<DeleteInstanceResponse, Fault> {
        if !self.multi_instance {
            return self.refused(Refusal::NotAllowed(STAYS), context).await;
        }
        let change = self.change(context);
        match self
            .store
            .delete_instance(change, request.id)
            .await
            .map_err(fault)?
        {
            Ok(instance) => Ok(DeleteInstanceResponse::Ok(instance.into())),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn get_applications(
        &self,
        request: GetApplicationsRequest,
        context: &Context,
    ) -> Result<GetApplicationsResponse, Fault> {
        let page = page(request.offset, request.limit);
        let applications = self.store.applications(request.instance_id, page).await;
        match applications.map_err(fault)? {
            Some(applications) => {
                let applications = applications.into_iter().map(Into::into);
                Ok(GetApplicationsResponse::Ok(applications.collect()))
            }
            None => refuse(&not_found("instance", request.instance_id), context),
        }
    }

    async fn create_application(
        &self,
        request: CreateApplicationRequest,
        context: &Context,
    ) -> Result<CreateApplicationResponse, Fault> {
        let data = application_data(request.body);
        let key = Secret::generate(&self.effects, KEY_LENGTH)?.reveal();
        let change = self.repeatable(context, request.idempotency_key, &data);
        let instance_id = request.instance_id;
        let created = self
            .store
            .create_application(change, instance_id, data, key)
            .await;
        match created.map_err(fault)? {
            Ok(created) => {
                let id = created.value.id;
                let path = format!("/v1/admin/instances/{instance_id}/applications/{id}");
                Ok(CreateApplicationResponse::Created {
                    location: self.location(context, &path),
                    e_tag: tag(created.version),
                    body: created.value.into(),
                })
            }
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn get_application(
        &self,
        request: GetApplicationRequest,
        context: &Context,
    ) -> Result<GetApplicationResponse, Fault> {
        let found = self
            .store
            .application(request.instance_id, request.id)
            .await;
        match found.map_err(fault)? {
            Some(application) => Ok(GetApplicationResponse::Ok {
                e_tag: tag(application.version),
                body: application.value.into(),
            }),
            None => refuse(&not_found("application", request.id), context),
        }
    }

    async fn update_application(
        &self,
        request: UpdateApplicationRequest,
        context: &Context,
    ) -> Result<UpdateApplicationResponse, Fault> {
        let data = application_data(request.body);
        let precondition = Precondition::of(request.if_match.as_deref());
        let change = self.change(context);
        let updated = self
            .store
            .update_application(change, request.instance_id, request.id, data, precondition)
            .await;
        match updated.map_err(fault)? {
            Ok(version) => Ok(UpdateApplicationResponse::NoContent {
                e_tag: tag(version),
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn delete_application(
        &self,
        request: DeleteApplicationRequest,
        context: &Context,
    ) -> Result<DeleteApplicationResponse, Fault> {
        let change = self.change(context);
        let deleted = self
            .store
            .delete_application(change, request.instance_id, request.id)
            .await;
        match deleted.map_err(fault)? {
            Ok(application) => Ok(DeleteApplicationResponse::Ok(application.into())),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    async fn reset_credential(
        &self,
        request: ResetCredentialRequest,
        context: &Context,
    ) -> Result<ResetCredentialResponse, Fault> {
        let (instance_id, id) = (request.instance_id, request.id);
        // A hash is dear: none is made for an application that is not there.
        if self
            .store
            .application(instance_id, id)
            .await
            .map_err(fault)?
            .is_none()
        {
            return self.refused(not_found("application", id), context).await;
        }
        let secret = Secret::generate(&self.effects, SECRET_LENGTH)?;
        let hash = self.auth.hash(secret.clone()).await.map_err(fault)?;
        let change = self.change(context);
        let reset = self
            .store
            .reset_credential(change, instance_id, id, hash)
            .await;
        match reset.map_err(fault)? {
            Ok(access) => Ok(ResetCredentialResponse::Ok {
                cache_control: "no-store".to_owned(),
                body: Credential {
                    application_id: access.application_id,
                    key: access.key,
                    secret: secret.reveal(),
                    api_url: access.api_url,
                },
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }
}

impl Service {
    /// Refuses a change that the store need not see, and records that.
    pub(super) async fn refused<R: super::answers::Refusable>(
        &self,
        refusal: Refusal,
        context: &Context,
    ) -> Result<R, Fault> {
        let change = self.change(context);
        let recorded = self.store.record(change, refusal.status()).await;
        recorded.map_err(fault)?;
        refuse(&refusal, context)
    }
}

fn page(offset: i64, limit: i64) -> Page {
    Page { offset, limit }
}

fn not_found(kind: &'static str, id: i64) -> Refusal {
    Refusal::NotFound { kind, id }
}

/// What the contract cannot say of a vendor: blanks around a reserved name, and the limit of each of
/// its prefixes.
fn vendor_data(data: VendorData) -> Result<domain::VendorData, Refusal> {
    let given = data.namespace_prefixes.and_then(Nullable::into_option);
    let given = given.unwrap_or_default();
    let company = company_refused(&data.company).into_iter();
    let broken: Vec<_> = company.chain(prefixes_refused(&given)).collect();
    if !broken.is_empty() {
        return Err(Refusal::Invalid(broken));
    }
    let prefixes = prefixes(&given);
    Ok(domain::VendorData {
        namespace_prefixes: prefixes.join(","),
        company: data.company,
        contact_name: data.contact_name,
        contact_email_address: data.contact_email_address,
    })
}

fn instance_data(data: InstanceData) -> domain::InstanceData {
    domain::InstanceData {
        name: data.name,
        instance_type: data.instance_type,
        year: data.year.and_then(Nullable::into_option),
        api_url: data.api_url,
    }
}

fn application_data(data: ApplicationData) -> domain::ApplicationData {
    domain::ApplicationData {
        name: data.application_name,
        vendor_id: data.vendor_id,
        claim_set_name: data.claim_set_name,
        education_organization_ids: data.education_organization_ids,
    }
}
