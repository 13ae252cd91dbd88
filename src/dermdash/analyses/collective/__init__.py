"""What groups of readers decide together: pluralities, second opinions and triage, from logged readings."""
