"""Loads the example's models with MLflow itself and holds their predictions against others.

    python check_models.py                         against sample.json, as training wrote it
    python check_models.py --predictions FILE      also against FILE (from the simulator)

FILE is JSON: {"champion": [..], "challenger": [..], ...}, each list the predictions for the rows of sample.json.
Prints what MLflow predicted as JSON of the same shape, then `N passed, N failed`; exits 1 where two differ by more than 1e-9.
"""

import argparse
import json
import math
import os
import sys
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow.pyfunc
import pandas

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "diabetes"
TOLERANCE = 1e-9


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def predict(folder, sample):
    model = mlflow.pyfunc.load_model(str(folder))
    rows = pandas.DataFrame(sample["data"], columns=sample["columns"])
    return [float(value) for value in model.predict(rows)]


def same(expected, actual):
    return len(expected) == len(actual) and all(
        math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        for left, right in zip(expected, actual, strict=True)
    )


def compare(source, expected, predicted):
    """One line a model that `source` knows; returns how many agree and how many do not."""
    failed = 0
    for name, values in expected.items():
        if name not in predicted or not same(values, predicted[name]):
            failed += 1
            print(f"{name}: {source} says {values}, MLflow {predicted.get(name)}", file=sys.stderr)
    return len(expected) - failed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--predictions", type=Path, help="predictions of something else for the same rows")
    arguments = parser.parse_args()
    sample = read_json(EXAMPLE / "sample.json")
    folders = sorted((EXAMPLE / "models").iterdir())
    predicted = {folder.name: predict(folder, sample) for folder in folders}
    print(json.dumps(predicted, indent=2))
    sources = {"sample.json": sample["predictions"]}
    if arguments.predictions:
        sources[arguments.predictions.name] = read_json(arguments.predictions)
    results = [compare(source, expected, predicted) for source, expected in sources.items()]
    passed, failed = (sum(column) for column in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
