"""How many readers and cases a study needs: power from variance components."""
