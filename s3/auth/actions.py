"""Each operation of S3: the action that a policy allows it by, and the permission that an ACL does.

    operation          action                 asked of      ACL
    GetObject          s3:GetObject           the object    READ, granted on the object
    PutObject          s3:PutObject           the object    WRITE, granted on the bucket
    PutBucketPolicy    s3:PutBucketPolicy     the bucket    none: its owner, or a policy

With a version id, `s3:GetObject` is `s3:GetObjectVersion`, and so on. Invariant: an operation that is
not in the table is allowed to nobody. Source: AWS service authorization reference for S3; S3 user guide,
"Mapping of ACL permissions and access policy permissions". Page: docs/s3/auth.md
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal["service", "bucket", "object"]

# operation, action without s3: (- if it is the operation's name), what is asked, ACL on what, permission
_TABLE = """
ListBuckets                   ListAllMyBuckets             service -      -
CreateBucket                  -                            service -      -
DeleteBucket                  -                            bucket  -      -
HeadBucket                    ListBucket                   bucket  bucket READ
ListObjects                   ListBucket                   bucket  bucket READ
ListObjectsV2                 ListBucket                   bucket  bucket READ
ListObjectVersions            ListBucketVersions           bucket  bucket READ
ListMultipartUploads          ListBucketMultipartUploads   bucket  bucket READ
GetBucketLocation             -                            bucket  bucket READ
GetBucketAcl                  -                            bucket  bucket READ_ACP
PutBucketAcl                  -                            bucket  bucket WRITE_ACP
GetBucketPolicy               -                            bucket  -      -
PutBucketPolicy               -                            bucket  -      -
DeleteBucketPolicy            -                            bucket  -      -
GetBucketPolicyStatus         -                            bucket  -      -
GetPublicAccessBlock          GetBucketPublicAccessBlock   bucket  -      -
PutPublicAccessBlock          PutBucketPublicAccessBlock   bucket  -      -
DeletePublicAccessBlock       PutBucketPublicAccessBlock   bucket  -      -
GetBucketOwnershipControls    -                            bucket  -      -
PutBucketOwnershipControls    -                            bucket  -      -
DeleteBucketOwnershipControls PutBucketOwnershipControls   bucket  -      -
GetBucketVersioning           -                            bucket  -      -
PutBucketVersioning           -                            bucket  -      -
GetBucketCors                 GetBucketCORS                bucket  -      -
PutBucketCors                 PutBucketCORS                bucket  -      -
DeleteBucketCors              PutBucketCORS                bucket  -      -
GetBucketTagging              -                            bucket  -      -
PutBucketTagging              -                            bucket  -      -
DeleteBucketTagging           PutBucketTagging             bucket  -      -
GetBucketLifecycleConfiguration GetLifecycleConfiguration  bucket  -      -
PutBucketLifecycleConfiguration PutLifecycleConfiguration  bucket  -      -
GetBucketLifecycle            GetLifecycleConfiguration    bucket  -      -
PutBucketLifecycle            PutLifecycleConfiguration    bucket  -      -
DeleteBucketLifecycle         PutLifecycleConfiguration    bucket  -      -
GetBucketEncryption           GetEncryptionConfiguration   bucket  -      -
PutBucketEncryption           PutEncryptionConfiguration   bucket  -      -
DeleteBucketEncryption        PutEncryptionConfiguration   bucket  -      -
GetObjectLockConfiguration    GetBucketObjectLockConfiguration bucket - -
PutObjectLockConfiguration    PutBucketObjectLockConfiguration bucket - -
GetBucketLogging              -                            bucket  -      -
PutBucketLogging              -                            bucket  -      -
GetBucketNotificationConfiguration GetBucketNotification   bucket  -      -
PutBucketNotificationConfiguration PutBucketNotification   bucket  -      -
GetBucketRequestPayment       -                            bucket  -      -
PutBucketRequestPayment       -                            bucket  -      -
GetBucketReplication          GetReplicationConfiguration  bucket  -      -
PutBucketReplication          PutReplicationConfiguration  bucket  -      -
DeleteBucketReplication       PutReplicationConfiguration  bucket  -      -
GetBucketWebsite              -                            bucket  -      -
PutBucketWebsite              -                            bucket  -      -
DeleteBucketWebsite           -                            bucket  -      -
GetBucketAccelerateConfiguration GetAccelerateConfiguration bucket -      -
PutBucketAccelerateConfiguration PutAccelerateConfiguration bucket -      -
CreateSession                 -                            bucket  -      -
GetBucketAbac                 -                            bucket  -      -
PutBucketAbac                 -                            bucket  -      -
GetBucketMetadataTableConfiguration    -                   bucket  -      -
CreateBucketMetadataTableConfiguration -                   bucket  -      -
DeleteBucketMetadataTableConfiguration -                   bucket  -      -
GetBucketMetadataConfiguration         -                   bucket  -      -
CreateBucketMetadataConfiguration      -                   bucket  -      -
DeleteBucketMetadataConfiguration      -                   bucket  -      -
UpdateBucketMetadataInventoryTableConfiguration -          bucket  -      -
UpdateBucketMetadataJournalTableConfiguration   -          bucket  -      -
UpdateBucketMetadataAnnotationTableConfiguration -         bucket  -      -
GetObject                     -                            object  object READ
HeadObject                    GetObject                    object  object READ
GetObjectAttributes           -                            object  object READ
SelectObjectContent           GetObject                    object  object READ
GetObjectTorrent              -                            object  object READ
GetObjectAcl                  -                            object  object READ_ACP
PutObjectAcl                  -                            object  object WRITE_ACP
GetObjectTagging              -                            object  object READ
PutObjectTagging              -                            object  -      -
DeleteObjectTagging           -                            object  -      -
GetObjectRetention            -                            object  -      -
PutObjectRetention            -                            object  -      -
GetObjectLegalHold            -                            object  -      -
PutObjectLegalHold            -                            object  -      -
BypassGovernanceRetention     -                            object  -      -
RestoreObject                 -                            object  -      -
GetObjectAnnotation           -                            object  -      -
PutObjectAnnotation           -                            object  -      -
DeleteObjectAnnotation        -                            object  -      -
ListObjectAnnotations         GetObjectAnnotation          object  -      -
UpdateObjectEncryption        -                            object  -      -
PutObject                     -                            object  bucket WRITE
PostObject                    PutObject                    object  bucket WRITE
CopyObject                    PutObject                    object  bucket WRITE
CreateMultipartUpload         PutObject                    object  bucket WRITE
UploadPart                    PutObject                    object  bucket WRITE
UploadPartCopy                PutObject                    object  bucket WRITE
CompleteMultipartUpload       PutObject                    object  bucket WRITE
AbortMultipartUpload          -                            object  bucket WRITE
ListParts                     ListMultipartUploadParts     object  bucket WRITE
RenameObject                  PutObject                    object  bucket WRITE
DeleteObject                  -                            object  bucket WRITE
"""

_OF_VERSIONS = {
    "s3:GetObject", "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:GetObjectTagging", "s3:DeleteObject",
    "s3:PutObjectTagging", "s3:DeleteObjectTagging", "s3:GetObjectAttributes", "s3:GetObjectTorrent",
}  # fmt: skip
_SPLIT = {"Acl": "VersionAcl", "Tagging": "VersionTagging", "Attributes": "VersionAttributes",
          "Torrent": "VersionTorrent"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """What an operation needs. `grant_on` is "" when no ACL can allow it."""

    action: str
    level: Level
    grant_on: Literal["", "bucket", "object"]
    permission: str

    def action_for(self, version_id: str) -> str:
        """Return the action, that of a version if one is named."""
        return versioned(self.action) if version_id else self.action


def versioned(action: str) -> str:
    """Return `s3:GetObjectVersionAcl` for `s3:GetObjectAcl`; other actions have no such twin."""
    if action not in _OF_VERSIONS:
        return action
    for tail, longer in _SPLIT.items():
        if action.endswith("Object" + tail):
            return action.removesuffix(tail) + longer
    return action + "Version"


def _rule(words: list[str]) -> Rule:
    name, action, level, grant_on, permission = ("" if each == "-" else each for each in words)
    return Rule(f"s3:{action or name}", level, grant_on, permission)  # type: ignore[arg-type]


RULES = {line.split()[0]: _rule(line.split()) for line in _TABLE.strip().splitlines()}
RULES["DeleteObjects"] = Rule("s3:DeleteObject", "object", "bucket", "WRITE")  # asked for each key

# Configurations of which there are several, by id; all four verbs have two actions.
for _name in ("Analytics", "IntelligentTiering", "Inventory", "Metrics"):
    for _verb, _as in (("Get", "Get"), ("Put", "Put"), ("Delete", "Put"), ("List", "Get")):
        _end = "s" if _verb == "List" else ""
        RULES[f"{_verb}Bucket{_name}Configuration{_end}"] = Rule(
            f"s3:{_as}{_name}Configuration", "bucket", "", ""
        )
