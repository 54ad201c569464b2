"""Who asks, is it they, and may they: signatures, bodies that prove themselves, policies, ACLs.

    request ──► authenticate ──► Identity ──► permit ──► the operation
                     │                          │
              signature, chunked         policy, acl, actions

Read signature.py first. Page: docs/s3/auth.md
"""
