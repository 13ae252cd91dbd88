"""What stands where somebody who annotates meets something else than their panel."""

ANNOTATE = "annotate"
"""Address of the page."""
STAYS_HERE = "What you entered and what was not saved yet is still in this browser: it is sent when you may go on."
