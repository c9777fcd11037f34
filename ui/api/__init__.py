"""The faces for programs: HTTP, OpenAI's protocol, and the Model Context Protocol.

In: requests. Out: JSON objects and streams of events. Imported by `ui.app`.
"""
