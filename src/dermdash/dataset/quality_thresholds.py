"""From which measure on an image scores how much; apart from the measuring, which loads OpenCV.

A measure below the k-th threshold scores k; at or above all four it scores 5 (of glare: above it, and at or below).
Set so that of HAM10000's images nearly all score 3-5, and so that blurred, over-exposed and glared copies fall step by
step.
"""

SHARPNESS_THRESHOLDS = (0.15, 0.25, 0.35, 0.48)
EXPOSURE_THRESHOLDS = (0.35, 0.55, 0.75, 0.90)
GLARE_THRESHOLDS = (0.05, 0.02, 0.008, 0.002)
