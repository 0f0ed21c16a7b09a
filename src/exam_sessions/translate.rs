//! Answers of the system APIs in the words of this one. The contracts share their types in one
//! library; what is generated from each is its own.

use super::contract::{
    Assessment, PeriodType, Qualification, Session, SessionDetails, SessionList, SessionStatus,
    SessionType, SystemStatus, SystemStatusStatus, VocationalSession, VocationalSessionList,
};
use crate::cams::contract as cams;
use crate::eps::contract as eps;

/// A list of sessions.
pub fn list(list: eps::SessionList) -> SessionList {
    SessionList {
        business_stream_id: list.business_stream_id,
        year: list.year,
        total: list.total,
        sessions: list.sessions.into_iter().map(session).collect(),
    }
}

fn session(session: eps::Session) -> Session {
    Session {
        session_id: session.session_id,
        business_stream_id: session.business_stream_id,
        name: session.name,
        session_type: session_type(session.session_type),
        year: session.year,
        start_date: session.start_date,
        end_date: session.end_date,
        status: session_status(session.status),
    }
}

/// A session with what can be sat in it.
pub fn details(session: eps::SessionDetails) -> SessionDetails {
    SessionDetails {
        session_id: session.session_id,
        business_stream_id: session.business_stream_id,
        name: session.name,
        session_type: session_type(session.session_type),
        year: session.year,
        start_date: session.start_date,
        end_date: session.end_date,
        status: session_status(session.status),
        qualifications: session
            .qualifications
            .into_iter()
            .map(qualification)
            .collect(),
    }
}

fn qualification(qualification: eps::Qualification) -> Qualification {
    let assessments = qualification.assessments.into_iter();
    Qualification {
        qualification_id: qualification.qualification_id,
        name: qualification.name,
        level: qualification.level,
        assessments: assessments
            .map(|assessment| Assessment {
                assessment_id: assessment.assessment_id,
                component_code: assessment.component_code,
            })
            .collect(),
    }
}

fn session_type(session_type: eps::SessionType) -> SessionType {
    match session_type {
        eps::SessionType::Series => SessionType::Series,
        eps::SessionType::OnDemand => SessionType::OnDemand,
        eps::SessionType::Window => SessionType::Window,
    }
}

fn session_status(status: eps::SessionStatus) -> SessionStatus {
    match status {
        eps::SessionStatus::Planned => SessionStatus::Planned,
        eps::SessionStatus::Open => SessionStatus::Open,
        eps::SessionStatus::Closed => SessionStatus::Closed,
        eps::SessionStatus::Archived => SessionStatus::Archived,
    }
}

/// Whether a database answers.
pub fn status(status: eps::SystemStatus) -> SystemStatus {
    SystemStatus {
        status: match status.status {
            eps::SystemStatusStatus::Up => SystemStatusStatus::Up,
            eps::SystemStatusStatus::Down => SystemStatusStatus::Down,
        },
        latency_ms: status.latency_ms,
        message: status.message,
    }
}

/// A list of vocational sessions.
pub fn vocational_list(list: cams::VocationalSessionList) -> VocationalSessionList {
    VocationalSessionList {
        total: list.total,
        sessions: list.sessions.into_iter().map(vocational).collect(),
    }
}

fn vocational(session: cams::VocationalSession) -> VocationalSession {
    VocationalSession {
        session_id: session.session_id,
        name: session.name,
        period_type: match session.period_type {
            cams::PeriodType::Annual => PeriodType::Annual,
            cams::PeriodType::SpecificPeriod => PeriodType::SpecificPeriod,
        },
        qualification_group: session.qualification_group,
        start_date: session.start_date,
        end_date: session.end_date,
        status: match session.status {
            cams::SessionStatus::Planned => SessionStatus::Planned,
            cams::SessionStatus::Open => SessionStatus::Open,
            cams::SessionStatus::Closed => SessionStatus::Closed,
            cams::SessionStatus::Archived => SessionStatus::Archived,
        },
    }
}
