"""The metadata: an ordered key space that says which objects exist. Page: docs/s3/metadata.md"""
