"""The wall around the web server: addresses, sign-in, admission, requests that end when their client is gone.

In: requests from anyone. Out: requests of people who may ask, in fair order, or a refusal that says why.
Imported by services, API, page and app; knows nothing of answers.
"""
