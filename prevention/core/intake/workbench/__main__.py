"""Starts the workbench from its folder: nothing of the site is loaded, nor any module that happens to lie around."""

import runpy
import sys
from pathlib import Path

# What Python puts first is this folder itself; its parent is wanted, so that the modules know each other, and last.
sys.path[:1] = []
sys.path.append(str(Path(__file__).resolve().parent.parent))
runpy.run_module("workbench.program", run_name="__main__")
