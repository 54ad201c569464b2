"""S3's operations, a file a group; `s3.api.operations` lists them all. Page: docs/s3/operations.md"""
