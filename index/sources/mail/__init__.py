"""Messages: fields in any charset, the part to read, what is attached, and what they become.

In: messages of RFC 5322 and of Outlook. Out: documents, attachments among them. Imported by the formats of mail.
"""
