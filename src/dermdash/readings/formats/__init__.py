"""Public formats of reader study logs, one module each: how it is recognised, and how it becomes the one form."""
