"""Groups of commands of the terminal; bot/cli.py registers them."""
