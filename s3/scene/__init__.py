"""A whole store in one process and in virtual time, to be broken on purpose. Page: docs/s3/breaking.md"""
