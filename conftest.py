"""Loads the pytest plugin, and lets Ctrl-C reach what tests start."""

import signal
import sys

# It may be loaded already, by `-p harness.runners.pytest_plugin`; twice would register twice.
if "harness.runners.pytest_plugin" not in sys.modules:
    pytest_plugins = ["harness.runners.pytest_plugin"]

# Whoever starts pytest in the background of a shell ignores Ctrl-C, and so would its children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
