"""The web page: its frame, the chat, the picker of backends, the library, and their scripts and styles.

In: what a person does on the page. Out: HTML and events. Imported by `ui.app`.
"""
