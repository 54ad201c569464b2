"""What the store answers when it does not do what was asked: S3's error codes.

    KitError
    ├── Definite
    │   ├── Refused        4xx  a code of S3's table: nothing was changed
    │   │   └── NotModified 304  the reader has this version already
    │   ├── Busy           503  SlowDown: too few nodes or replicas answer; nothing was acknowledged
    │   ├── Conflict            a guard of a metadata transaction did not hold: read again, then retry
    │   └── BadState            something on disk was not written by this version
    └── Indefinite
        └── Unconfirmed    500  InternalError: it may have happened; read before you try again

A refusal carries the fields that S3 puts beside its message (`Key`, `BucketName`, …).
Source: Amazon S3 API reference, "Error responses". Page: docs/s3/requests.md
"""

from chapters.errors import Definite, Indefinite

Field = str | int

# code: (HTTP status, what to say when the caller has nothing better)
CODES: dict[str, tuple[int, str]] = {
    "AccessDenied": (403, "Access denied"),
    "AccessForbidden": (403, "No CORS rule of the bucket allows this"),
    "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
    "AuthorizationHeaderMalformed": (400, "The Authorization header cannot be read"),
    "AuthorizationQueryParametersError": (400, "The X-Amz- query parameters cannot be read"),
    "BadDigest": (400, "The checksum that was sent is not that of the body that came"),
    "BadRequest": (400, "The request cannot be read"),
    "BucketAlreadyExists": (409, "Somebody else has a bucket of that name; choose another"),
    "BucketAlreadyOwnedByYou": (409, "You have a bucket of that name already"),
    "BucketNotEmpty": (409, "The bucket still holds objects or versions; delete them first"),
    "ConditionalRequestConflict": (409, "Another request changed the object meanwhile; try again"),
    "EntityTooLarge": (400, "The upload is larger than an upload may be"),
    "EntityTooSmall": (400, "Every part but the last must have at least 5 MiB"),
    "ExpiredToken": (400, "The token has expired"),
    "IllegalLocationConstraintException": (400, "The location constraint is not this region's"),
    "IllegalVersioningConfigurationException": (400, "The versioning configuration is not valid"),
    "IncompleteBody": (400, "The body ended before the announced number of bytes"),
    "InternalError": (500, "It may or may not have happened; read before you try again"),
    "InvalidAccessKeyId": (403, "There is no such access key"),
    "InvalidArgument": (400, "An argument is not valid"),
    "InvalidBucketAclWithObjectOwnership": (400, "Bucket ACLs cannot be set with this ownership"),
    "InvalidBucketName": (400, "A bucket is named by 3 to 63 lowercase letters, digits, dots and hyphens"),
    "InvalidBucketState": (409, "The bucket's present state does not allow this"),
    "InvalidDigest": (400, "Content-MD5 is not the Base64 of 16 bytes"),
    "InvalidEncryptionAlgorithmError": (400, "Valid encryptions are AES256 and aws:kms"),
    "InvalidLocationConstraint": (400, "There is no such region"),
    "InvalidObjectState": (403, "The object's storage class does not allow this"),
    "InvalidPart": (400, "A listed part was not uploaded, or has another ETag"),
    "InvalidPartNumber": (416, "The object has no part of that number"),
    "InvalidPartOrder": (400, "Parts must be listed in ascending order, each once"),
    "InvalidPolicyDocument": (400, "The form's policy document cannot be read"),
    "InvalidRange": (416, "No byte of the object is in the requested range"),
    "InvalidRequest": (400, "The request is not valid"),
    "InvalidRetentionPeriod": (400, "A retention period must be a positive number of days or years"),
    "InvalidStorageClass": (400, "There is no such storage class"),
    "InvalidTag": (400, "A tag is not valid"),
    "InvalidTargetBucketForLogging": (400, "The target bucket cannot take logs"),
    "InvalidURI": (400, "The path cannot be read"),
    "KMS.NotFoundException": (400, "There is no such key"),
    "KeyTooLongError": (400, "A key may have 1,024 bytes of UTF-8"),
    "MalformedACLError": (400, "The ACL cannot be read"),
    "MalformedPOSTRequest": (400, "The form is no well-formed multipart/form-data"),
    "MalformedPolicy": (400, "The policy cannot be read"),
    "MalformedXML": (400, "The XML cannot be read, or is not of the expected form"),
    "MaxPostPreDataLengthExceededError": (400, "The form's fields before the file are too long"),
    "MetadataTooLarge": (400, "User metadata may have 2 KiB in all"),
    "MethodNotAllowed": (405, "That method is not allowed on this resource"),
    "MissingContentLength": (411, "The request needs a Content-Length header"),
    "MissingSecurityHeader": (400, "A header that authenticates the request is missing"),
    "NoSuchBucket": (404, "There is no such bucket"),
    "NoSuchBucketPolicy": (404, "The bucket has no policy"),
    "NoSuchCORSConfiguration": (404, "The bucket has no CORS rules"),
    "NoSuchConfiguration": (404, "There is no such configuration"),
    "NoSuchKey": (404, "There is no such object"),
    "NoSuchLifecycleConfiguration": (404, "The bucket has no lifecycle rules"),
    "NoSuchObjectLockConfiguration": (404, "The object has no such lock"),
    "NoSuchPublicAccessBlockConfiguration": (404, "The bucket has no public access block"),
    "NoSuchTagSet": (404, "The bucket has no tags"),
    "NoSuchUpload": (404, "There is no such multipart upload; was it completed or aborted?"),
    "NoSuchVersion": (404, "The object has no such version"),
    "NoSuchWebsiteConfiguration": (404, "The bucket has no website configuration"),
    "NotFound": (404, "Not found"),
    "NotImplemented": (501, "This store does not implement that"),
    "ObjectLockConfigurationNotFoundError": (404, "The bucket has no object lock"),
    "OperationAborted": (409, "A conflicting operation is in progress; try again"),
    "OwnershipControlsNotFoundError": (404, "The bucket has no ownership controls"),
    "PreconditionFailed": (412, "A condition of the request does not hold"),
    "RequestTimeTooSkewed": (403, "The request's time is too far from the server's"),
    "ReplicationConfigurationNotFoundError": (404, "The bucket has no replication rules"),
    "ServerSideEncryptionConfigurationNotFoundError": (404, "The bucket has no default encryption"),
    "ServiceUnavailable": (503, "Try again later"),
    "SignatureDoesNotMatch": (403, "The signature is not the one that your secret key makes"),
    "SlowDown": (503, "Too few storage nodes or replicas answer; try again later"),
    "TooManyBuckets": (400, "You have as many buckets as you may have"),
    "UnexpectedContent": (400, "This request has no body"),
    "UnresolvableGrantByEmailAddress": (400, "Nobody here has that e-mail address"),
    "UserKeyMustBeSpecified": (400, "The form has no field named key"),
    "XAmzContentChecksumMismatch": (400, "The trailing checksum is not that of the body that came"),
    "XAmzContentSHA256Mismatch": (400, "x-amz-content-sha256 is not the SHA-256 of the body"),
}  # fmt: skip


class Refused(Definite):
    """S3's error `code` with its status; `fields` are the elements beside the message."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        headers: dict[str, str] | None = None,
        **fields: Field,
    ) -> None:
        status, usual = CODES[code]
        super().__init__(message or usual)
        self.code = code
        self.status = status
        self.fields = fields
        self.headers = headers or {}


class NotModified(Refused):
    """The condition says that the reader has this version already: 304, without a body."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__("PreconditionFailed", headers=headers)
        self.status = 304


class Busy(Refused):
    """Too few nodes or replicas answer: 503 SlowDown, and nothing was acknowledged."""

    def __init__(self, message: str = "") -> None:
        super().__init__("SlowDown", message)


class Conflict(Definite):
    """What a transaction had read was changed before it could commit; nothing was written."""


class BadState(Definite):
    """Something on disk was not written by this version; the message says where."""


class Unconfirmed(Indefinite):
    """The write may or may not have happened. HTTP 500 InternalError."""
