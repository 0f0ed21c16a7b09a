//! What the operations of the contract do: changes go through `process`, questions to the store.

mod answers;
mod asked;
mod notify;
pub mod process;
mod requests;

use std::sync::Arc;

use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant};
use tokio::sync::Mutex;

use super::contract::*;
use super::domain::operations::{Enroll, Operation};
use super::domain::subject::{ContainerId, SubjectId, TemplateId};
use super::notifications::NotificationSender;
use super::store::{Question, Store, Unanswered, questions as ask};
use crate::effects::Effects;
use crate::layer::Gate;
pub use answers::Unconfigured;
pub use asked::{Place, asked};
use process::Processes;

/// The catalogue, for whom the gate lets in.
#[derive(Clone)]
pub struct Service {
    processes: Processes,
    gate: Gate,
    sender: Arc<dyn NotificationSender>,
    /// Held while notifications are sent, so that two requests never send the same one.
    sending: Arc<Mutex<()>>,
}

impl Service {
    /// Over this store, with this way for notifications to leave.
    pub fn new(
        store: Store,
        gate: Gate,
        sender: Arc<dyn NotificationSender>,
        effects: Effects,
    ) -> Self {
        Self {
            processes: Processes::new(store, effects),
            gate,
            sender,
            sending: Arc::default(),
        }
    }

    /// What keeps an account of requests, for whoever words those that never reach an operation.
    pub fn processes(&self) -> Processes {
        self.processes.clone()
    }

    /// The answer to a question, or why there is none.
    async fn ask<Q: Question>(&self, question: Q) -> Result<Result<Q::Answer, Failure>, Fault> {
        match self.processes.store().ask(question).await {
            Ok(answer) => Ok(Ok(answer)),
            Err(Unanswered::Wrong(violation)) => Ok(Err(answers::wrong(&violation))),
            Err(Unanswered::Unconfigured(code)) => Err(answers::Unconfigured(code).into()),
            Err(Unanswered::Failed(error)) => Err(error.into()),
        }
    }
}

/// Answers a question with `Ok`, or with why there is no answer.
macro_rules! answered {
    ($self:ident, $response:ident, $question:expr, $answer:expr) => {
        match $self.ask($question).await? {
            Ok(found) => Ok($response::Ok($answer(found))),
            Err(failure) => Ok($response::BadRequest(failure)),
        }
    };
}

/// The same where there is always an answer.
macro_rules! always_answered {
    ($self:ident, $response:ident, $question:expr, $answer:expr) => {
        match $self.processes.store().ask($question).await {
            Ok(found) => Ok($response::Ok($answer(found))),
            Err(error) => Err(answers::fault(error)),
        }
    };
}

/// Makes a change, and answers with what it did.
macro_rules! changed {
    ($self:ident, $response:ident::$done:ident, $request:expr, $context:ident) => {
        match $self.processes.change($request, $context).await? {
            Ok(done) => Ok($response::$done(done.into())),
            Err(refused) if refused.error_code < 500 => Ok($response::BadRequest(refused)),
            Err(refused) => Ok($response::InternalServerError(refused)),
        }
    };
}

impl Subjects for Service {
    async fn create_subject(
        &self,
        request: CreateSubjectRequest,
        context: &Context,
    ) -> Result<CreateSubjectResponse, Fault> {
        let request = requests::create(request.body);
        changed!(self, CreateSubjectResponse::Created, request, context)
    }

    async fn edit_subject(
        &self,
        request: EditSubjectRequest,
        context: &Context,
    ) -> Result<EditSubjectResponse, Fault> {
        let container = ContainerId(request.container_id);
        let request = requests::edit(container, request.effective_term, request.body);
        changed!(self, EditSubjectResponse::Ok, request, context)
    }

    async fn deactivate_or_reactivate_subject(
        &self,
        request: DeactivateOrReactivateSubjectRequest,
        context: &Context,
    ) -> Result<DeactivateOrReactivateSubjectResponse, Fault> {
        let container = ContainerId(request.container_id);
        let request = requests::end_or_return(container, request.body);
        changed!(
            self,
            DeactivateOrReactivateSubjectResponse::Ok,
            request,
            context
        )
    }

    async fn backdate_subject(
        &self,
        request: BackdateSubjectRequest,
        context: &Context,
    ) -> Result<BackdateSubjectResponse, Fault> {
        let request = requests::backdate(ContainerId(request.container_id), request.body);
        changed!(self, BackdateSubjectResponse::Ok, request, context)
    }

    async fn change_requisites(
        &self,
        request: ChangeRequisitesRequest,
        context: &Context,
    ) -> Result<ChangeRequisitesResponse, Fault> {
        let request = requests::requisites(ContainerId(request.container_id), request.body);
        changed!(self, ChangeRequisitesResponse::Ok, request, context)
    }

    async fn change_enrollable_subjects(
        &self,
        request: ChangeEnrollableSubjectsRequest,
        context: &Context,
    ) -> Result<ChangeEnrollableSubjectsResponse, Fault> {
        let container = ContainerId(request.container_id);
        let subjects = request.body.enrollable_subjects.into_iter();
        let operation = Operation::Enroll(Enroll {
            container,
            term: request.term_code,
            subjects: subjects
                .map(|one| (one.subject_id, one.is_enrollable))
                .collect(),
        });
        let request = process::Request::of(container, operation, request.body.updated_by);
        changed!(self, ChangeEnrollableSubjectsResponse::Ok, request, context)
    }

    async fn change_term_plans(
        &self,
        request: ChangeTermPlansRequest,
        context: &Context,
    ) -> Result<ChangeTermPlansResponse, Fault> {
        let request = requests::year_plan(ContainerId(request.container_id), request.body);
        changed!(self, ChangeTermPlansResponse::Ok, request, context)
    }

    async fn change_display_controls_and_urls(
        &self,
        request: ChangeDisplayControlsAndUrlsRequest,
        context: &Context,
    ) -> Result<ChangeDisplayControlsAndUrlsResponse, Fault> {
        let request = requests::year_display(ContainerId(request.container_id), request.body);
        changed!(
            self,
            ChangeDisplayControlsAndUrlsResponse::Ok,
            request,
            context
        )
    }

    async fn send_notifications(
        &self,
        request: SendNotificationsRequest,
        context: &Context,
    ) -> Result<SendNotificationsResponse, Fault> {
        self.notify(request, context).await
    }

    async fn list_subject_numbers(
        &self,
        request: ListSubjectNumbersRequest,
        _context: &Context,
    ) -> Result<ListSubjectNumbersResponse, Fault> {
        let question = ask::Numbers(request.subject_code);
        answered!(self, ListSubjectNumbersResponse, question, answers::numbers)
    }

    async fn get_subjects_by_number(
        &self,
        request: GetSubjectsByNumberRequest,
        _context: &Context,
    ) -> Result<GetSubjectsByNumberResponse, Fault> {
        let id = SubjectId::new(request.subject_code, request.subject_number);
        answered!(
            self,
            GetSubjectsByNumberResponse,
            ask::ByNumber(id),
            answers::subjects
        )
    }

    async fn get_subject_by_number_in_term(
        &self,
        request: GetSubjectByNumberInTermRequest,
        _context: &Context,
    ) -> Result<GetSubjectByNumberInTermResponse, Fault> {
        let id = SubjectId::new(request.subject_code, request.subject_number);
        let question = ask::ByNumberInTerm(id, request.term_code);
        answered!(
            self,
            GetSubjectByNumberInTermResponse,
            question,
            answers::subject
        )
    }

    async fn get_subjects_by_home_subject(
        &self,
        request: GetSubjectsByHomeSubjectRequest,
        _context: &Context,
    ) -> Result<GetSubjectsByHomeSubjectResponse, Fault> {
        let question = ask::ByHomeSubject(request.home_subject_id);
        answered!(
            self,
            GetSubjectsByHomeSubjectResponse,
            question,
            answers::subjects
        )
    }

    async fn get_subject_by_home_subject_in_term(
        &self,
        request: GetSubjectByHomeSubjectInTermRequest,
        _context: &Context,
    ) -> Result<GetSubjectByHomeSubjectInTermResponse, Fault> {
        let question = ask::ByHomeSubjectInTerm {
            institution: request.home_institution_id,
            school: request.home_school_id,
            subject: request.home_subject_id,
            term: request.term_code,
        };
        answered!(
            self,
            GetSubjectByHomeSubjectInTermResponse,
            question,
            answers::subject
        )
    }

    async fn list_templates(
        &self,
        request: ListTemplatesRequest,
        _context: &Context,
    ) -> Result<ListTemplatesResponse, Fault> {
        let id = ContainerId(request.container_id);
        let answer = |templates| answers::templates(id, templates);
        answered!(self, ListTemplatesResponse, ask::Templates(id), answer)
    }

    async fn get_template(
        &self,
        request: GetTemplateRequest,
        _context: &Context,
    ) -> Result<GetTemplateResponse, Fault> {
        let (container, template) = ids(request.container_id, request.template_id);
        let question = ask::OneTemplate(container, template);
        answered!(
            self,
            GetTemplateResponse,
            question,
            answers::subject_with_status
        )
    }

    async fn get_requisites(
        &self,
        request: GetRequisitesRequest,
        _context: &Context,
    ) -> Result<GetRequisitesResponse, Fault> {
        let (container, template) = ids(request.container_id, request.template_id);
        let question = ask::WithRequisites(container, template);
        answered!(self, GetRequisitesResponse, question, answers::requisites)
    }

    async fn get_enrollable_subjects(
        &self,
        request: GetEnrollableSubjectsRequest,
        _context: &Context,
    ) -> Result<GetEnrollableSubjectsResponse, Fault> {
        let id = ContainerId(request.container_id);
        let question = ask::EnrollableSubjects(id, request.term_code);
        answered!(
            self,
            GetEnrollableSubjectsResponse,
            question,
            answers::enrollable
        )
    }

    async fn get_display_controls_and_urls(
        &self,
        request: GetDisplayControlsAndUrlsRequest,
        _context: &Context,
    ) -> Result<GetDisplayControlsAndUrlsResponse, Fault> {
        let id = ContainerId(request.container_id);
        let question = ask::YearShown(id, request.term_code);
        let answer = |shown| answers::shown(id, shown);
        answered!(self, GetDisplayControlsAndUrlsResponse, question, answer)
    }

    async fn list_option_values(
        &self,
        request: ListOptionValuesRequest,
        _context: &Context,
    ) -> Result<ListOptionValuesResponse, Fault> {
        let id = ContainerId(request.container_id);
        let question = ask::OptionValues(id, request.term_code);
        answered!(self, ListOptionValuesResponse, question, answers::options)
    }

    async fn list_next_offered_years(
        &self,
        _context: &Context,
    ) -> Result<ListNextOfferedYearsResponse, Fault> {
        always_answered!(
            self,
            ListNextOfferedYearsResponse,
            ask::NextYears,
            answers::years
        )
    }

    async fn list_home_organization_units(
        &self,
        request: ListHomeOrganizationUnitsRequest,
        _context: &Context,
    ) -> Result<ListHomeOrganizationUnitsResponse, Fault> {
        let question = ask::HomeUnits(request.home_institution_id);
        answered!(
            self,
            ListHomeOrganizationUnitsResponse,
            question,
            answers::units
        )
    }

    async fn list_management_configurations(
        &self,
        _context: &Context,
    ) -> Result<ListManagementConfigurationsResponse, Fault> {
        let (question, answer) = (ask::Configurations, answers::configurations);
        always_answered!(self, ListManagementConfigurationsResponse, question, answer)
    }

    async fn get_subject_code(
        &self,
        request: GetSubjectCodeRequest,
        _context: &Context,
    ) -> Result<GetSubjectCodeResponse, Fault> {
        let question = ask::Codes(Some(request.subject_code));
        let answer = |found| answers::one(found, answers::code);
        answered!(self, GetSubjectCodeResponse, question, answer)
    }

    async fn list_subject_attributes(
        &self,
        _context: &Context,
    ) -> Result<ListSubjectAttributesResponse, Fault> {
        let (question, answer) = (ask::Attributes(None), answers::attributes);
        always_answered!(self, ListSubjectAttributesResponse, question, answer)
    }

    async fn get_subject_attribute(
        &self,
        request: GetSubjectAttributeRequest,
        _context: &Context,
    ) -> Result<GetSubjectAttributeResponse, Fault> {
        let question = ask::Attributes(Some(request.attribute_code));
        let answer = |found| answers::one(found, answers::attribute);
        answered!(self, GetSubjectAttributeResponse, question, answer)
    }

    async fn list_grading_modes(
        &self,
        _context: &Context,
    ) -> Result<ListGradingModesResponse, Fault> {
        always_answered!(
            self,
            ListGradingModesResponse,
            ask::Modes(None),
            answers::modes
        )
    }

    async fn get_grading_mode(
        &self,
        request: GetGradingModeRequest,
        _context: &Context,
    ) -> Result<GetGradingModeResponse, Fault> {
        let question = ask::Modes(Some(request.grading_mode_code));
        let answer = |found| answers::one(found, answers::mode);
        answered!(self, GetGradingModeResponse, question, answer)
    }

    async fn list_grading_mode_types(
        &self,
        _context: &Context,
    ) -> Result<ListGradingModeTypesResponse, Fault> {
        always_answered!(
            self,
            ListGradingModeTypesResponse,
            ask::Types(None),
            answers::types
        )
    }

    async fn get_grading_mode_type(
        &self,
        request: GetGradingModeTypeRequest,
        _context: &Context,
    ) -> Result<GetGradingModeTypeResponse, Fault> {
        let question = ask::Types(Some(request.type_code));
        let answer = |found| answers::one(found, answers::ty);
        answered!(self, GetGradingModeTypeResponse, question, answer)
    }

    async fn authenticate_client_id(
        &self,
        credentials: &ApiKey,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        Ok(self.gate.claimed(credentials))
    }

    async fn authenticate_client_secret(
        &self,
        credentials: &ApiKey,
        context: &Context,
    ) -> Result<Grant, Denied> {
        self.gate.proved(credentials, context).await
    }
}

fn ids(container: i64, template: i64) -> (ContainerId, TemplateId) {
    (ContainerId(container), TemplateId(template))
}
