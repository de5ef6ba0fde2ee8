"""Loads the pytest plugin, nothing more."""

import sys

# It may be loaded already, by `-p harness.runners.pytest_plugin`; twice would register twice.
if "harness.runners.pytest_plugin" not in sys.modules:
    pytest_plugins = ["harness.runners.pytest_plugin"]
