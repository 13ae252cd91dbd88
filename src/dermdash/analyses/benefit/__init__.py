"""Benefit of assistance: how answers change between the unaided and the aided phase, for whom and on which cases."""
