"""What those need who write a store of their own: the tests that each must pass.

`index.testing.store_contract` is imported by tests only; it needs pytest and hypothesis.
"""
