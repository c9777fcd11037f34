"""The Model Context Protocol: tools, resources and prompts for agents and editors.

In: calls of tools. Out: answers and documents as the protocol has them. Imported by app and command line.
"""
