//! The behaviour as the contract of each version words it. Versions agree in nearly everything:
//! that is written once, and filled in for each; what one has alone stands with it.

use chrono::{DateTime, Utc};
use specwright_runtime::{Bearer, Context, Denied, Fault, Grant, Page};

use super::domain::{
    Column, Direction, DistributionStatus, Filter, Grade, Licence, LicenceStatus, Period, SortKey,
};
use super::errors;
use super::service::{Query, Service};

/// How long a day is, but for its last millisecond.
const REST_OF_DAY_MS: i64 = 24 * 60 * 60 * 1000 - 1;

/// What a version of the contract says of filters, licences and answers. `$centre` is what its
/// requests say of the training centre.
macro_rules! version {
    ($module:ident of $contract:ident :: $service:ident, |$request:ident| $centre:expr, { $($own:tt)* }) => {
        mod $module {
            use super::super::contract::$contract as contract;
            use super::*;

            /// The filter of a request: parameters that all operations with filters have.
            macro_rules! filter {
                ($asked:expr, $mode:ident) => {{
                    let $request = &$asked;
                    Filter {
                        only_current: $request.mode == contract::$mode::Current,
                        licence_status: $request
                            .licence_status
                            .and_then(|status| LicenceStatus::of_name(status.as_str())),
                        distribution_status: $request
                            .distribution_status
                            .and_then(|status| DistributionStatus::of_name(status.as_str())),
                        issued: period(&$request.date_issued_from, &$request.date_issued_to),
                        application: period(
                            &$request.application_date_from,
                            &$request.application_date_to,
                        ),
                        course: period(&$request.course_date_from, &$request.course_date_to),
                        distribution: period(
                            &$request.distribution_status_date_from,
                            &$request.distribution_status_date_to,
                        ),
                        grades: $request
                            .grades
                            .iter()
                            .flatten()
                            .filter_map(|grade| Grade::of_name(grade.as_str()))
                            .collect(),
                        instructors: sorted($request.instructors.clone()),
                        training_centre: $centre,
                    }
                }};
            }

            impl contract::$service for Service {
                async fn list_licences(
                    &self,
                    request: contract::ListLicencesRequest,
                    context: &Context,
                ) -> Result<contract::ListLicencesResponse, Fault> {
                    let filter = filter!(request, ListLicencesMode);
                    let sort = request.order_by.iter().flatten().map(|order| {
                        let direction = match order.descending {
                            true => Direction::Down,
                            false => Direction::Up,
                        };
                        (sort_key(order.key), direction)
                    });
                    let query = Query {
                        filter,
                        sort: sort.collect(),
                        page: request.page.unsigned_abs(),
                        page_size: request.page_size.unsigned_abs(),
                        as_of: request.as_of,
                    };
                    Ok(match self.list(query).await? {
                        Ok(listed) => contract::ListLicencesResponse::Ok(Page {
                            items: listed.licences.into_iter().map(shown).collect(),
                            total: listed.total,
                            state: Some(listed.state.to_string()),
                        }),
                        Err(gone) => contract::ListLicencesResponse::BadRequest(problem(
                            errors::no_such_state(gone, context.request_id()),
                        )),
                    })
                }

                async fn get_licence(
                    &self,
                    request: contract::GetLicenceRequest,
                    context: &Context,
                ) -> Result<contract::GetLicenceResponse, Fault> {
                    Ok(match self.show(&request.licence_number).await? {
                        Some(licence) => contract::GetLicenceResponse::Ok(shown(licence)),
                        None => contract::GetLicenceResponse::NotFound(problem(
                            errors::no_such_licence(context.request_id()),
                        )),
                    })
                }

                async fn authenticate_oauth(
                    &self,
                    credentials: &Bearer,
                    _context: &Context,
                ) -> Result<Grant, Denied> {
                    self.auth.grant(&credentials.token, super::super::AUDIENCE).await
                }

                $($own)*
            }

            fn shown(licence: Licence) -> contract::Licence {
                let grade = licence.grades.iter().map(grade);
                contract::Licence {
                    licence_number: licence.licence_number,
                    holder_number: Some(licence.holder_number),
                    surname: Some(licence.surname),
                    forename: Some(licence.forename),
                    grade: Some(grade.collect()),
                    licence_status: Some(status(licence.licence_status)),
                    distribution_status: Some(match licence.distribution_status {
                        DistributionStatus::Pending => contract::DistributionStatus::Pending,
                        DistributionStatus::Printed => contract::DistributionStatus::Printed,
                        DistributionStatus::Dispatched => contract::DistributionStatus::Dispatched,
                        DistributionStatus::Delivered => contract::DistributionStatus::Delivered,
                        DistributionStatus::Returned => contract::DistributionStatus::Returned,
                    }),
                    distribution_status_date: time(licence.distribution_status_ms),
                    application_date: time(licence.application_ms),
                    course_date: time(licence.course_ms),
                    date_issued: time(licence.issued_ms),
                    date_expires: time(licence.expires_ms),
                    instructor: Some(licence.instructor),
                    training_centre: Some(licence.training_centre),
                }
            }

            fn status(status: LicenceStatus) -> contract::LicenceStatus {
                match status {
                    LicenceStatus::Active => contract::LicenceStatus::Active,
                    LicenceStatus::Expired => contract::LicenceStatus::Expired,
                    LicenceStatus::Suspended => contract::LicenceStatus::Suspended,
                    LicenceStatus::Revoked => contract::LicenceStatus::Revoked,
                }
            }

            fn grade(grade: Grade) -> contract::Grade {
                match grade {
                    Grade::StaticVertical => contract::Grade::N1a,
                    Grade::StaticBoom => contract::Grade::N1b,
                    Grade::MobileVertical => contract::Grade::N3a,
                    Grade::MobileBoom => contract::Grade::N3b,
                    Grade::SpecialVehicle => contract::Grade::Spv,
                    Grade::Harness => contract::Grade::Ho,
                    Grade::MastClimber => contract::Grade::Mcwp,
                }
            }

            fn sort_key(key: contract::ListLicencesOrderByKey) -> SortKey {
                use contract::ListLicencesOrderByKey as Key;
                SortKey::Column(match key {
                    Key::LicenceNumber => return SortKey::LicenceNumber,
                    Key::HolderNumber => Column::HolderNumber,
                    Key::Surname => Column::Surname,
                    Key::Forename => Column::Forename,
                    Key::LicenceStatus => Column::LicenceStatus,
                    Key::DistributionStatus => Column::DistributionStatus,
                    Key::DistributionStatusDate => Column::DistributionStatusDate,
                    Key::ApplicationDate => Column::ApplicationDate,
                    Key::CourseDate => Column::CourseDate,
                    Key::DateIssued => Column::DateIssued,
                    Key::DateExpires => Column::DateExpires,
                    Key::Instructor => Column::Instructor,
                    Key::TrainingCentre => Column::TrainingCentre,
                })
            }

            /// Both ends are included, and a date stands for the whole of its day.
            fn period(
                from: &Option<contract::Moment>,
                to: &Option<contract::Moment>,
            ) -> Period {
                let ends = |moment: &contract::Moment| match moment {
                    contract::Moment::Day(date) => {
                        let first = date.and_time(chrono::NaiveTime::MIN);
                        let first = first.and_utc().timestamp_millis();
                        (first, first + REST_OF_DAY_MS)
                    }
                    contract::Moment::Time(time) => whole_ms(time),
                };
                Period {
                    from_ms: from.as_ref().map(|from| ends(from).0),
                    to_ms: to.as_ref().map(|to| ends(to).1),
                }
            }

            fn problem(problem: errors::Problem) -> contract::Problem {
                let errors = problem.errors.into_iter().map(|error| contract::ParameterError {
                    parameter: error.parameter,
                    value: error.value,
                    message: error.message,
                });
                let errors: Vec<_> = errors.collect();
                contract::Problem {
                    type_: "about:blank".to_owned(),
                    title: problem.title.to_owned(),
                    status: problem.status.into(),
                    detail: problem.detail,
                    request_id: problem.request_id,
                    errors: (!errors.is_empty()).then_some(errors),
                }
            }
        }
    };
}

version!(first of v1_1::LicencesV1N1, |request| None, {});

version!(second of v1_2::LicencesV1N2, |request| request.training_centre.clone(), {
    async fn summarize_licences(
        &self,
        request: contract::SummarizeLicencesRequest,
        _context: &Context,
    ) -> Result<contract::SummarizeLicencesResponse, Fault> {
        let counted = self.count(&filter!(request, SummarizeLicencesMode)).await?;
        let by_status = counted.by_status.into_iter();
        let by_grade = counted.by_grade.into_iter();
        Ok(contract::SummarizeLicencesResponse::Ok(contract::Summary {
            total: number(counted.total),
            by_licence_status: by_status
                .map(|(of, count)| contract::StatusCount {
                    licence_status: status(of),
                    count: number(count),
                })
                .collect(),
            by_grade: by_grade
                .map(|(of, count)| contract::GradeCount {
                    grade: grade(of),
                    count: number(count),
                })
                .collect(),
        }))
    }
});

fn sorted(texts: Option<Vec<String>>) -> Vec<String> {
    let mut texts = texts.unwrap_or_default();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn time(ms: i64) -> Option<specwright_runtime::DateTime> {
    let time: Option<DateTime<Utc>> = DateTime::from_timestamp_millis(ms);
    time.map(|time| time.fixed_offset())
}

/// The first millisecond that is not before a time, and the last one that is not after it.
fn whole_ms(time: &specwright_runtime::DateTime) -> (i64, i64) {
    let last = time.timestamp_millis();
    let is_whole = time.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    (last + i64::from(!is_whole), last)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::whole_ms;

    #[test]
    fn parts_of_milliseconds_are_within_the_period() {
        let ends = |text: &str| whole_ms(&text.parse().expect("a time"));
        assert_eq!(ends("1970-01-01T00:00:00.005Z"), (5, 5));
        assert_eq!(ends("1970-01-01T00:00:00.0005Z"), (1, 0));
        assert_eq!(ends("1970-01-01T00:00:00.005000001Z"), (6, 5));
        assert_eq!(ends("1969-12-31T23:59:59.9995Z"), (0, -1));
        assert_eq!(ends("1970-01-01T01:00:00+01:00"), (0, 0));
    }
}
