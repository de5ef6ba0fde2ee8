"""They know everybody: the command line, the pytest plugin, the Locust user, and the engine behind them."""
