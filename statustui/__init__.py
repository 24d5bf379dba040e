"""The terminal UI of STATUS Secrets. It knows the adapter's client and the model, nothing behind them."""
