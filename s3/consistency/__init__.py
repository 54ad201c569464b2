"""What the store promises about order and crashes, as models and checks. Page: docs/s3/consistency.md"""
