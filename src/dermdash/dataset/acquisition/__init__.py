"""The acquisition gate: what is measured of one image, which score that proposes, what a person is asked.

`measure.measure_image` measures, `proposal.propose` says which score from 1 to 5 follows and why, `checklist` holds
what a person ticks. What a person decides is stored elsewhere and never follows from any of it.
"""
