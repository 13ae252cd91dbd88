"""Forms of assistance, one class each: what is stored, what is shown, what it advises, what it needs, its names."""
