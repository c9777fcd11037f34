"""The library of a running server: what is indexed, who may change it, uploads, builds, pages, topics.

In: files and addresses that people add or take out. Out: listings, reports of builds, pictures of pages, questions to
begin with. Imported by `ui.service.collections`, page and app.
"""
