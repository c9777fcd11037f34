"""Asking: backends, what a question is asked of, the states of its answer one after the other, runs that go on.

In: a question and what was chosen for it. Out: states of its answer, receipts. Imported by the other rooms of the
service, by API, page, app and command line.
"""
