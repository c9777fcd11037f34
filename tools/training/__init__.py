"""What both trainings share: the data, pairs made from it, one bundle for a bare machine, the encoder in torch.

Only `corpus`, `near_misses`, `statements`, `claims`, `typed` and `bundle` need the project's packages; `arrays`,
`encoder`, `negatives` and `runs` need torch and NumPy alone, so that a bundle trains on any machine with a GPU.
"""
