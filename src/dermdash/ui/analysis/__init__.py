"""Pages of the analyses: choose readings and options, show the section the report prints."""
