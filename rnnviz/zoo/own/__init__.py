"""A visitor's own network: from a file of weights or a few sizes to a model that the lessons read.

`file` reads and checks bytes, `layout` says which entries are whose, `model` puts them together, `reading` makes what
is read of it. Everything stays in memory; nothing that a file holds is run.
"""
