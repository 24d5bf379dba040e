"""From Vault's audit log to events: files → lines → facts → events in an index.

`lines` decodes a line, `paths`, `actors` and `facts` say what one request was, `folding` makes events of the facts that
belong together, `storage`, `writer` and `query` keep and find them, `files` and `follow` read the log as it grows.
"""
