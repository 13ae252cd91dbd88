"""Every text that a reader may see, in each language: one catalogue for pages, scripts, consent and errors.

- `language`: which languages there are, and which one a reader gets; `message`: what a text is
- `screen`: what the reading panel says (its scripts get it as `dermdash.ui.frontend.exchange.WordsPayload`)
- `pages`: invitation, consent, profile, withdrawal, end; `refusals`: why a link or an answer is not taken
- `names`: diagnoses, professions, confidence; `countries`; `study_texts`: what a protocol says in its own words
"""
