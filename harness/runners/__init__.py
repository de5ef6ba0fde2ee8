"""They know everybody: command line, pytest plugin, Locust user, and the engine behind them."""
