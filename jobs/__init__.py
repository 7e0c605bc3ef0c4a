"""Work that must happen after a commit: a row, a lease, a runner.

A job is a row written by `enqueue` in the transaction that causes it. A runner takes due rows, which raises the
row's token and pushes its due time into the future (the lease), runs the handler registered for the kind, and ends
the row by an update that names the token. A runner that died leaves a row that becomes due again; one that merely
froze finds its token outdated and cannot overwrite what happened meanwhile.
"""
