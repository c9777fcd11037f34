"""The parts of which every page is made: escaping, direction, elements, Markdown, formulas.

In: text from anybody. Out: markup without anything active in it. Imported by the rest of `ui.view`, by page, API and
sign-in.
"""
