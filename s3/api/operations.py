"""Every operation that is done, by botocore's name; all others answer NotImplemented.

Page: docs/s3/operations.md
"""

from s3.api import (
    access_logging,
    attributes,
    buckets,
    completion,
    configs,
    copying,
    cors,
    encryption,
    forms,
    grants,
    lifecycle,
    listing,
    locking,
    multipart,
    notifications,
    objects,
    replication,
    small_configs,
    tagging,
)
from s3.service import Operation

DONE: dict[str, Operation] = {
    **buckets.OPERATIONS,
    **objects.OPERATIONS,
    **attributes.OPERATIONS,
    **copying.OPERATIONS,
    **multipart.OPERATIONS,
    **completion.OPERATIONS,
    **listing.OPERATIONS,
    **tagging.OPERATIONS,
    **configs.OPERATIONS,
    **grants.OPERATIONS,
    **forms.OPERATIONS,
    **encryption.OPERATIONS,
    **locking.OPERATIONS,
    **lifecycle.OPERATIONS,
    **cors.OPERATIONS,
    **notifications.OPERATIONS,
    **access_logging.OPERATIONS,
    **replication.OPERATIONS,
    **small_configs.OPERATIONS,
}
