"""Multi-reader multi-case (MRMC) studies: what several readers make of the same cases under several modalities.

The way through the package: `data` (checked ratings) -> `merit` (figure of merit and its parts per case) ->
`covariance` (jackknife, DeLong, unbiased) -> `obuchowski_rockette` or `unbalanced` (tests), chosen by `analysis`.
"""
