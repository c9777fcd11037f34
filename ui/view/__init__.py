"""What is shown, as plain data and as markup made from escaped text only; the texts in ten languages.

In: an `Answer`. Out: cards, HTML, records for the browser. Knows no server and no framework.
"""
