"""The Streamlit pieces that pages share, by what they are of.

`page`: what stands around every lesson (header, share, save). `text`: sentences, questions, tables, equations.
`picture`: charts, the stage, scenes. `controls`: what is chosen with. `url`: the values of a link. `place`: the step of
a page and its player. `runs`: the training of a tab. `first`: what a page shows until its chart is there. `host`: the
server, and what is used of Streamlit that it does not promise.
"""
