"""Agreement of several raters on the same items, and of a rater with himself; on plain arrays (raters x items)."""
