"""The reader: a small model that finds the answer in a passage, ranks passages and says whether one answers.

`score.Reader` is what the bot uses; `model` holds the network and its file format; `corpus`, `groups` and
`train` make the weights; `evals/reader.py` measures them. Importing this package loads no torch: import the module
that you need.
"""
