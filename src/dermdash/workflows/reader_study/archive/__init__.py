"""One study as one zip file: what is in it (`layout`), out of a workspace (`collect`, `write`), into one (`read`)."""
