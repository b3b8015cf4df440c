//! What the blob service refuses, in Azure's words.

/// A refusal; status and code are in `routes::refusal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("The specified blob does not exist.")]
    BlobNotFound,
    #[error("The specified container does not exist.")]
    ContainerNotFound,
    #[error("The specified blob already exists.")]
    BlobAlreadyExists,
    #[error("The specified container already exists.")]
    ContainerAlreadyExists,
    #[error("The condition specified using HTTP conditional header(s) is not met.")]
    ConditionNotMet,
    #[error("The condition specified using HTTP conditional header(s) is not met.")]
    NotModified,
    #[error("The source condition specified using HTTP conditional header(s) is not met.")]
    SourceConditionNotMet,
    #[error("The append position condition specified was not met.")]
    AppendPositionConditionNotMet,
    #[error("The max blob size condition specified was not met.")]
    MaxBlobSizeConditionNotMet,
    #[error("The committed block count cannot exceed the maximum limit of 50,000 blocks.")]
    BlockCountExceedsLimit,
    #[error("The blob type is invalid for this operation.")]
    InvalidBlobType,
    #[error("The specified block list is invalid.")]
    InvalidBlockList,
    #[error("The specified blob or block content is invalid.")]
    InvalidBlobOrBlock,
    #[error("The range specified is invalid for the current size of the resource.")]
    InvalidRange,
    #[error(
        "The MD5 value specified in the request did not match with the MD5 value calculated by the server."
    )]
    Md5Mismatch,
    #[error(
        "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."
    )]
    Crc64Mismatch,
    #[error("The request body is too large and exceeds the maximum permissible limit.")]
    RequestBodyTooLarge,
    #[error("An HTTP header that's mandatory for this request is not specified: {0}.")]
    MissingRequiredHeader(&'static str),
    #[error("The value for one of the HTTP headers is not in the correct format: {0}.")]
    InvalidHeaderValue(&'static str),
    #[error("Value for one of the query parameters specified in the request URI is invalid: {0}.")]
    InvalidQueryParameterValue(&'static str),
    #[error(
        "One of the query parameters specified in the request URI is outside the permissible range: {0}."
    )]
    OutOfRangeQueryParameterValue(&'static str),
    #[error("The specified resource name length is not within the permissible limits.")]
    OutOfRangeInput,
    #[error("The request includes an unsatisfiable condition for this operation.")]
    UnsatisfiableCondition,
    #[error("The specified resource name contains invalid characters.")]
    InvalidResourceName,
    #[error("The XML specified is not syntactically valid.")]
    InvalidXmlDocument,
    #[error("The specified metadata is invalid. It includes characters that are not permitted.")]
    InvalidMetadata,
    #[error("This operation is not built in the simulated cloud.")]
    NotBuilt,
    #[error(
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
    )]
    NoAuthenticationInformation,
    #[error(
        "Authentication information is not given in the correct format. Check the value of Authorization header."
    )]
    InvalidAuthenticationInfo,
    #[error(
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly \
             including the signature."
    )]
    AuthenticationFailed,
    #[error("This request is not authorized to perform this operation using this permission.")]
    AuthorizationPermissionMismatch,
    #[error("This request is not authorized to perform this operation using this resource type.")]
    AuthorizationResourceTypeMismatch,
    #[error("This request is not authorized to perform this operation using this protocol.")]
    AuthorizationProtocolMismatch,
    #[error("The copy source could not be read.")]
    CannotVerifyCopySource(SourceProblem),
}

/// Why the source of a copy could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceProblem {
    Missing,
    Forbidden,
    Failing,
}
