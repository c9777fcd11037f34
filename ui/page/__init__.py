"""The web page: its frame, the chat, the picker of backends, the library, and their scripts and styles.

Imported by `ui.app`.
"""
