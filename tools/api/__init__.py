"""The gate of the promise: what is public now, compared with what was, judged by rules. See VERSIONING.md."""
