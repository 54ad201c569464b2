"""The store to look at: a page at /_/, beside the S3 API on the same port. Page: docs/s3/console.md"""
