"""What comes from outside is thrown at the code that reads it, and what must hold whatever comes is checked.

A subject is a function of bytes, in ``subjects/``: it makes a URI, a reply or a file of the bytes, hands it to its
reader, and fails if what holds of every answer does not hold of this one. The unit tests run each subject on its seeds
and on a few edits of them, the same in every run. ``python -m tests.fuzz`` runs the same functions under a
coverage-guided fuzzer. What that finds becomes a test beside those of the part that was wrong.
"""
