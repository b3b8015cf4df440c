//! Refusals of the blob service: each with Azure's status and code, in XML.

use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};

use super::answer::{empty, put, with_xml};
use super::xml;
use crate::blob::error::{BlobError, SourceProblem};

pub(super) fn refuse(error: BlobError) -> Response {
    refusal(status(error), code(error), &error.to_string())
}

/// An error as Azure writes it.
pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let mut answer = if status == StatusCode::NOT_MODIFIED {
        empty(status)
    } else {
        with_xml(status, xml::error(code, message))
    };
    put(answer.headers_mut(), "x-ms-error-code", code);
    if status == StatusCode::UNAUTHORIZED {
        let challenge = "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize \
                         resource_id=https://storage.azure.com";
        answer
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    answer
}

fn status(error: BlobError) -> StatusCode {
    match error {
        BlobError::BlobNotFound | BlobError::ContainerNotFound => StatusCode::NOT_FOUND,
        BlobError::BlobAlreadyExists
        | BlobError::ContainerAlreadyExists
        | BlobError::BlockCountExceedsLimit
        | BlobError::InvalidBlobType => StatusCode::CONFLICT,
        BlobError::ConditionNotMet
        | BlobError::SourceConditionNotMet
        | BlobError::AppendPositionConditionNotMet
        | BlobError::MaxBlobSizeConditionNotMet => StatusCode::PRECONDITION_FAILED,
        BlobError::NotModified => StatusCode::NOT_MODIFIED,
        BlobError::InvalidRange => StatusCode::RANGE_NOT_SATISFIABLE,
        BlobError::RequestBodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BlobError::NotBuilt => StatusCode::NOT_IMPLEMENTED,
        BlobError::NoAuthenticationInformation | BlobError::InvalidAuthenticationInfo => {
            StatusCode::UNAUTHORIZED
        }
        BlobError::AuthenticationFailed
        | BlobError::AuthorizationPermissionMismatch
        | BlobError::AuthorizationResourceTypeMismatch
        | BlobError::AuthorizationProtocolMismatch => StatusCode::FORBIDDEN,
        BlobError::CannotVerifyCopySource(problem) => source_status(problem),
        BlobError::InvalidBlockList
        | BlobError::InvalidBlobOrBlock
        | BlobError::Md5Mismatch
        | BlobError::Crc64Mismatch
        | BlobError::MissingRequiredHeader(_)
        | BlobError::InvalidHeaderValue(_)
        | BlobError::InvalidQueryParameterValue(_)
        | BlobError::OutOfRangeQueryParameterValue(_)
        | BlobError::OutOfRangeInput
        | BlobError::UnsatisfiableCondition
        | BlobError::InvalidResourceName
        | BlobError::InvalidXmlDocument
        | BlobError::InvalidMetadata => StatusCode::BAD_REQUEST,
    }
}

/// Azure's code, which is mostly the variant's name.
fn code(error: BlobError) -> &'static str {
    match error {
        BlobError::BlobNotFound => "BlobNotFound",
        BlobError::ContainerNotFound => "ContainerNotFound",
        BlobError::BlobAlreadyExists => "BlobAlreadyExists",
        BlobError::ContainerAlreadyExists => "ContainerAlreadyExists",
        BlobError::ConditionNotMet | BlobError::NotModified => "ConditionNotMet",
        BlobError::SourceConditionNotMet => "SourceConditionNotMet",
        BlobError::AppendPositionConditionNotMet => "AppendPositionConditionNotMet",
        BlobError::MaxBlobSizeConditionNotMet => "MaxBlobSizeConditionNotMet",
        BlobError::BlockCountExceedsLimit => "BlockCountExceedsLimit",
        BlobError::InvalidBlobType => "InvalidBlobType",
        BlobError::InvalidBlockList => "InvalidBlockList",
        BlobError::InvalidBlobOrBlock => "InvalidBlobOrBlock",
        BlobError::InvalidRange => "InvalidRange",
        BlobError::Md5Mismatch => "Md5Mismatch",
        BlobError::Crc64Mismatch => "Crc64Mismatch",
        BlobError::RequestBodyTooLarge => "RequestBodyTooLarge",
        BlobError::MissingRequiredHeader(_) => "MissingRequiredHeader",
        BlobError::InvalidHeaderValue(_) => "InvalidHeaderValue",
        BlobError::InvalidQueryParameterValue(_) => "InvalidQueryParameterValue",
        BlobError::OutOfRangeQueryParameterValue(_) => "OutOfRangeQueryParameterValue",
        BlobError::OutOfRangeInput => "OutOfRangeInput",
        BlobError::UnsatisfiableCondition => "UnsatisfiableCondition",
        BlobError::InvalidResourceName => "InvalidResourceName",
        BlobError::InvalidXmlDocument => "InvalidXmlDocument",
        BlobError::InvalidMetadata => "InvalidMetadata",
        BlobError::NotBuilt => "NotImplemented",
        BlobError::NoAuthenticationInformation => "NoAuthenticationInformation",
        BlobError::InvalidAuthenticationInfo => "InvalidAuthenticationInfo",
        BlobError::AuthenticationFailed => "AuthenticationFailed",
        BlobError::AuthorizationPermissionMismatch => "AuthorizationPermissionMismatch",
        BlobError::AuthorizationResourceTypeMismatch => "AuthorizationResourceTypeMismatch",
        BlobError::AuthorizationProtocolMismatch => "AuthorizationProtocolMismatch",
        BlobError::CannotVerifyCopySource(_) => "CannotVerifyCopySource",
    }
}

fn source_status(problem: SourceProblem) -> StatusCode {
    match problem {
        SourceProblem::Missing => StatusCode::NOT_FOUND,
        SourceProblem::Forbidden => StatusCode::FORBIDDEN,
        SourceProblem::Failing => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
