"""Which operation a request asks for: method, level (service, bucket or object), and subresource.

    GET /photos?versioning        GetBucketVersioning
    GET /photos?list-type=2       ListObjectsV2
    PUT /photos/a?partNumber=1&uploadId=…   with x-amz-copy-source: UploadPartCopy

One table, in the order of the API reference. Where S3 tells operations apart by more than the
table can say (a copy is a PUT with a header), `_refined` does. Page: docs/s3/operations.md
"""

from s3.errors import Refused
from s3.http import Request

# (method, level, subresource) -> operation, named as botocore names it
_TABLE = """
GET    service  -                     ListBuckets
GET    bucket   -                     ListObjects
PUT    bucket   -                     CreateBucket
DELETE bucket   -                     DeleteBucket
HEAD   bucket   -                     HeadBucket
POST   bucket   -                     PostObject
POST   bucket   delete                DeleteObjects
GET    bucket   location              GetBucketLocation
GET    bucket   versions              ListObjectVersions
GET    bucket   uploads               ListMultipartUploads
GET    bucket   versioning            GetBucketVersioning
PUT    bucket   versioning            PutBucketVersioning
GET    bucket   acl                   GetBucketAcl
PUT    bucket   acl                   PutBucketAcl
GET    bucket   policy                GetBucketPolicy
PUT    bucket   policy                PutBucketPolicy
DELETE bucket   policy                DeleteBucketPolicy
GET    bucket   policyStatus          GetBucketPolicyStatus
GET    bucket   publicAccessBlock     GetPublicAccessBlock
PUT    bucket   publicAccessBlock     PutPublicAccessBlock
DELETE bucket   publicAccessBlock     DeletePublicAccessBlock
GET    bucket   ownershipControls     GetBucketOwnershipControls
PUT    bucket   ownershipControls     PutBucketOwnershipControls
DELETE bucket   ownershipControls     DeleteBucketOwnershipControls
GET    bucket   cors                  GetBucketCors
PUT    bucket   cors                  PutBucketCors
DELETE bucket   cors                  DeleteBucketCors
GET    bucket   tagging               GetBucketTagging
PUT    bucket   tagging               PutBucketTagging
DELETE bucket   tagging               DeleteBucketTagging
GET    bucket   lifecycle             GetBucketLifecycleConfiguration
PUT    bucket   lifecycle             PutBucketLifecycleConfiguration
DELETE bucket   lifecycle             DeleteBucketLifecycle
GET    bucket   encryption            GetBucketEncryption
PUT    bucket   encryption            PutBucketEncryption
DELETE bucket   encryption            DeleteBucketEncryption
GET    bucket   object-lock           GetObjectLockConfiguration
PUT    bucket   object-lock           PutObjectLockConfiguration
GET    bucket   logging               GetBucketLogging
PUT    bucket   logging               PutBucketLogging
GET    bucket   notification          GetBucketNotificationConfiguration
PUT    bucket   notification          PutBucketNotificationConfiguration
GET    bucket   requestPayment        GetBucketRequestPayment
PUT    bucket   requestPayment        PutBucketRequestPayment
GET    bucket   replication           GetBucketReplication
PUT    bucket   replication           PutBucketReplication
DELETE bucket   replication           DeleteBucketReplication
GET    bucket   website               GetBucketWebsite
PUT    bucket   website               PutBucketWebsite
DELETE bucket   website               DeleteBucketWebsite
GET    bucket   accelerate            GetBucketAccelerateConfiguration
PUT    bucket   accelerate            PutBucketAccelerateConfiguration
GET    bucket   analytics             GetBucketAnalyticsConfiguration
PUT    bucket   analytics             PutBucketAnalyticsConfiguration
DELETE bucket   analytics             DeleteBucketAnalyticsConfiguration
GET    bucket   intelligent-tiering   GetBucketIntelligentTieringConfiguration
PUT    bucket   intelligent-tiering   PutBucketIntelligentTieringConfiguration
DELETE bucket   intelligent-tiering   DeleteBucketIntelligentTieringConfiguration
GET    bucket   inventory             GetBucketInventoryConfiguration
PUT    bucket   inventory             PutBucketInventoryConfiguration
DELETE bucket   inventory             DeleteBucketInventoryConfiguration
GET    bucket   metrics               GetBucketMetricsConfiguration
PUT    bucket   metrics               PutBucketMetricsConfiguration
DELETE bucket   metrics               DeleteBucketMetricsConfiguration
GET    bucket   abac                  GetBucketAbac
PUT    bucket   abac                  PutBucketAbac
GET    bucket   session               CreateSession
GET    bucket   metadataTable         GetBucketMetadataTableConfiguration
POST   bucket   metadataTable         CreateBucketMetadataTableConfiguration
DELETE bucket   metadataTable         DeleteBucketMetadataTableConfiguration
GET    bucket   metadataConfiguration     GetBucketMetadataConfiguration
POST   bucket   metadataConfiguration     CreateBucketMetadataConfiguration
DELETE bucket   metadataConfiguration     DeleteBucketMetadataConfiguration
PUT    bucket   metadataInventoryTable    UpdateBucketMetadataInventoryTableConfiguration
PUT    bucket   metadataJournalTable      UpdateBucketMetadataJournalTableConfiguration
PUT    bucket   metadataAnnotationTable   UpdateBucketMetadataAnnotationTableConfiguration
OPTIONS bucket  -                     Preflight
GET    object   -                     GetObject
HEAD   object   -                     HeadObject
PUT    object   -                     PutObject
DELETE object   -                     DeleteObject
OPTIONS object  -                     Preflight
GET    object   acl                   GetObjectAcl
PUT    object   acl                   PutObjectAcl
GET    object   tagging               GetObjectTagging
PUT    object   tagging               PutObjectTagging
DELETE object   tagging               DeleteObjectTagging
GET    object   attributes            GetObjectAttributes
GET    object   retention             GetObjectRetention
PUT    object   retention             PutObjectRetention
GET    object   legal-hold            GetObjectLegalHold
PUT    object   legal-hold            PutObjectLegalHold
GET    object   torrent               GetObjectTorrent
POST   object   restore               RestoreObject
POST   object   select                SelectObjectContent
PUT    object   renameObject          RenameObject
GET    object   annotation            GetObjectAnnotation
PUT    object   annotation            PutObjectAnnotation
DELETE object   annotation            DeleteObjectAnnotation
PUT    object   encryption            UpdateObjectEncryption
POST   object   uploads               CreateMultipartUpload
PUT    object   uploadId              UploadPart
GET    object   uploadId              ListParts
POST   object   uploadId              CompleteMultipartUpload
DELETE object   uploadId              AbortMultipartUpload
"""

_LINES = [tuple(line.split()) for line in _TABLE.strip().splitlines()]
ROUTES = {(method, level, sub): name for method, level, sub, name in _LINES}
SUBRESOURCES = {level: {sub for _, at, sub, _ in _LINES if at == level} - {"-"}
                for level in ("service", "bucket", "object")}  # fmt: skip
METHODS = {level: sorted({method for method, at, _, _ in _LINES if at == level})
           for level in ("service", "bucket", "object")}  # fmt: skip

_LISTS = {"analytics", "intelligent-tiering", "inventory", "metrics"}  # without an id: all of them
_LIST_NAMES = {
    name: name.replace("Get", "List", 1) + "s" for (_, _, sub), name in ROUTES.items() if sub in _LISTS
}  # fmt: skip


def level_of(request: Request) -> str:
    """Return what the request is about: the service, a bucket or an object."""
    return "object" if request.key else "bucket" if request.bucket else "service"


def operation_of(request: Request) -> str:
    """Return the operation's name. Raises `MethodNotAllowed`."""
    level = level_of(request)
    subs = SUBRESOURCES[level] & request.query.keys()
    sub = min(subs, default="-")
    name = ROUTES.get((request.method, level, sub))
    if name is None and request.method == "OPTIONS":
        name = "Preflight"
    if name is None:
        raise Refused(
            "MethodNotAllowed", Method=request.method, ResourceType=sub if subs else level.upper()
        )
    return _refined(name, request)


def _refined(name: str, request: Request) -> str:
    if name == "ListObjects" and request.query.get("list-type") == "2":
        return "ListObjectsV2"
    if name in ("PutObject", "UploadPart") and "x-amz-copy-source" in request.headers:
        return "CopyObject" if name == "PutObject" else "UploadPartCopy"
    if name == "GetObjectAnnotation" and "annotationName" not in request.query:
        return "ListObjectAnnotations"
    if name in _LIST_NAMES and request.method == "GET" and "id" not in request.query:
        return _LIST_NAMES[name]
    return name


OPERATIONS = sorted({*ROUTES.values(), "ListObjectsV2", "CopyObject", "UploadPartCopy",
                     "ListObjectAnnotations"}
                    | {_LIST_NAMES[name] for name in _LIST_NAMES if name.startswith("Get")})  # fmt: skip
