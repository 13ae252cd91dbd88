"""Agreement of several raters on the same items, and of a rater with themselves; on plain arrays (raters x items)."""
