"""The first picture: what a page shows as it opens, drawn before anybody asks for it, in the place of the chart until
that is drawn.

`python -m scripts.first_pictures` draws them: of each chart the very marks that Vega draws in a browser, for each
language, once for a phone, a laptop and a projector, each for light and dark. `pictures.json` says of each where it
stands and what it was drawn from, which a test compares.
"""
