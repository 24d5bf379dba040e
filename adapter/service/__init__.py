"""The use cases, one module for each family; each function reads like the feature's own steps."""
