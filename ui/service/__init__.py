"""What the page and the API share: asking, backends, the library, uploads, feedback.

In: questions and files. Out: states of answers, listings, reports of builds. Knows no web framework.
"""
