"""CLEAR Derm: image-based AI in dermatology."""

from dermdash.report.guidelines.guideline import Guideline, items

CLEAR_DERM = Guideline(
    key="clear-derm",
    name="CLEAR Derm",
    scope="image-based AI in dermatology",
    citation=(
        "Daneshjou R, Barata C, Betz-Stablein B, et al. Checklist for evaluation of image-based artificial "
        "intelligence reports in dermatology: CLEAR Derm consensus guidelines from the International Skin Imaging "
        "Collaboration Artificial Intelligence Working Group. JAMA Dermatol 2022; 158: 90-96."
    ),
    note="1 to 15 are about data, 16 to 19 about technique, 20 to 23 about assessment, 24 and 25 about application.",
    items=items(
        ("1", "Type of images", "inputs"),
        ("2", "Artefacts in images", ""),
        ("3", "Acquisition of images", "inputs"),
        ("4", "Preparation of images", "inputs"),
        ("5", "Synthetic images, made available where used", "synthetic"),
        ("6", "Public images, properly cited", "dataset"),
        ("7", "Information about patients", "cases"),
        ("8", "Skin tone, and how it was determined", ""),
        ("9", "Biases that patient information may bring", ""),
        ("10", "Partition of the data", "partition"),
        ("11", "Number of images for training, validation and test", "numbers"),
        ("12", "External test set", ""),
        ("13", "Images of several makers or devices", ""),
        ("14", "Distribution of classes", "cases"),
        ("15", "Images of what the model does not know", ""),
        ("16", "How labels were made", "reference"),
        ("17", "Names of diagnoses, by an accepted terminology", "taxonomy"),
        ("18", "Histopathology of malignant cases", "reference"),
        ("19", "Development of the algorithm", "model"),
        ("20", "How others can evaluate the algorithm", "availability"),
        ("21", "Measures of performance", "results"),
        ("22", "Comparison with other methods and with people", "comparison"),
        ("23", "Assessment of bias", "subgroups"),
        ("24", "Intended use, and the conditions it covers", "taxonomy"),
        ("25", "Possible effects on clinicians and patients", ""),
    ),
)
