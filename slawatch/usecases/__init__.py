"""The use cases: each one story over config, store and channels. They decide nothing that a pure room could decide."""
