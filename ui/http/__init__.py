"""The wall around the web server: addresses, sign-in, admission, requests that end when their client is gone.

Imported by services, API, page and app; knows nothing of answers.
"""
