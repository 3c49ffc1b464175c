"""Small trained models of the shapes in which recurrent networks come: what they read, when they are asked.

catalogue: their cards, without torch.     sources: where their data come from.     examples: those data, as tensors.
train: how they are made.     model: how they are used.     drawing: strokes, and the pixels that they become.
"""
