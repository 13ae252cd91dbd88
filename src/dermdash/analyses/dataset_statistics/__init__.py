"""The statistical description of a data set: Tables 2 to 5 and Figures 2 to 5 of the methodology, and beyond them."""
