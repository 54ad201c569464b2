"""A client of our own: what a program needs to talk to S3 well, on the standard library's HTTP.

    places     s3://bucket/key, and what it means
    retry      when to try again, and when to stop trying
    wire       connections, signatures, one request and its answer
    store      the operations: list, put, get, copy, delete, parts
    app        files: whole ones, large ones in parts on a few threads, drafts and renames
    sync       which files of two places differ

Page: docs/s3/client.md
"""
