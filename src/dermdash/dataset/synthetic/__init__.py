"""Synthetic dermatoscopic lesions: the demo data set, free of patients and of licences."""

from dermdash.dataset.synthetic.appearance import LesionAppearance, draw_appearance
from dermdash.dataset.synthetic.demo_dataset import paint_record, write_demo_dataset
from dermdash.dataset.synthetic.demo_records import DemoLesion, DemoRecord, generate_demo_records, planted_faults
from dermdash.dataset.synthetic.painter import paint_lesion

__all__ = [
    "DemoLesion",
    "DemoRecord",
    "LesionAppearance",
    "draw_appearance",
    "generate_demo_records",
    "paint_lesion",
    "paint_record",
    "planted_faults",
    "write_demo_dataset",
]
