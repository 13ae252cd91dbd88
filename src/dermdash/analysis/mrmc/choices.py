"""What can be chosen of a comparison over readers and cases, apart from its computation: commands ask for it early."""

from enum import StrEnum


class Figure(StrEnum):
    """What is compared; all run from 0 to 1, higher is better."""

    AUC = "auc"
    PARTIAL_AUC = "pauc"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    ACCURACY = "accuracy"
    WEIGHTED_ACCURACY = "weighted_accuracy"


class Covariance(StrEnum):
    """How the covariance of figures of merit is estimated."""

    JACKKNIFE = "jackknife"
    DELONG = "delong"
    UNBIASED = "unbiased"
    CLUSTERED = "clustered"
