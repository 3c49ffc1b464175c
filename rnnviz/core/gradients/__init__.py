"""What flows back through a recurrent network, and why it vanishes or explodes. Each file has one subject.

flow: dL_t/dh_k for all t and k.     factors: the Jacobians of the steps between, and their product.
pullback: the derivative of a cell's program, which both are made of.     double: its steps again in float64.
squash: one activation's derivative.     weights: what each step's copy of a weight contributes to its gradient.
lab: a network made to order, one knob at a time.     table: what is left after 99 steps, over many seeds.
truncation: the paths a window cuts.     paths: what is counted in all of them.
cliff: the wall in the loss of one unit, and clipping.
"""
