"""Encoder and decoder: a source that is read, a target that is written of it. Each file has one subject.

attention: what a decoder with attention computes at a step, as a program.     transduction: a text written, with every
number.     transduce: the writing itself, by itself or with something held, and the search for the likeliest text.
self_attention: one layer of it, in place of both chains.
"""
