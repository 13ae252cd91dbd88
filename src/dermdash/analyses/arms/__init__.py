"""What sets readers apart by design: arms of a parallel study, sequences and periods of a crossover."""
