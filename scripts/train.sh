#!/usr/bin/env bash
# make train: trains the example's models again and holds them against the committed ones.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "train: the diabetes models"
need_python
venv train examples/diabetes/requirements.txt ||
    fail "the training's packages could not be installed: is PyPI reachable from here?"
.cache/train/bin/python -B examples/diabetes/train.py --check
