"""Every e-mail, a row before it is sent.

Django's own e-mail interface is the way in: the project's EMAIL_BACKEND writes a Message in the caller's transaction.
"""
