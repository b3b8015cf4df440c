"""Trains the three diabetes models and writes them as MLflow folders.

    python train.py                  models/, metrics.json, sample.json and sample.csv beside this file
    python train.py --output DIR     the same into DIR
    python train.py --check          trains and compares with what lies beside this file, to 1e-9

The data is the diabetes regression set that scikit-learn ships (442 patients, ten measurements in
their natural units), so nothing is downloaded. The split is fixed: a quarter is kept for the metrics.
"""

import argparse
import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-9
SPLIT_SEED = 42
SAMPLE_ROWS = 5
TRAINED_AT = "2026-11-02 09:00:00.000000"  # fixed: training again gives the same bytes
MLFLOW_VERSION = "3.17.2"

# What each model looks at. Two names in a term: their product.
MODELS = {
    # Body mass index and blood pressure alone: the plain model that serves today.
    "champion": {
        "uuid": "6f1d2c0e5b7a4c3f9e8d000000000001",
        "terms": [["bmi"], ["bp"]],
    },
    # Adds sex, two blood values, and lets age and blood pressure weigh differently.
    "challenger": {
        "uuid": "6f1d2c0e5b7a4c3f9e8d000000000002",
        "terms": [["sex"], ["bmi"], ["bp"], ["s3"], ["s5"], ["age", "sex"], ["bmi", "bp"]],
    },
    # Somebody dropped the body mass index.
    "worse": {
        "uuid": "6f1d2c0e5b7a4c3f9e8d000000000003",
        "terms": [["age"], ["sex"], ["bp"]],
    },
}


class Data:
    """The measurements, split into what is learned from and what is judged by."""

    def __init__(self):
        bunch = load_diabetes(scaled=False)
        self.features = list(bunch.feature_names)
        train, test = train_test_split(
            np.arange(len(bunch.target)), test_size=0.25, random_state=SPLIT_SEED
        )
        self.train, self.train_target = bunch.data[train], bunch.target[train]
        self.test, self.test_target = bunch.data[test], bunch.target[test]

    def columns(self, rows, terms):
        """One column a term: the product of its features."""
        return np.column_stack([
            np.prod(rows[:, [self.features.index(name) for name in term]], axis=1)
            for term in terms
        ])


def fit(data, terms):
    """Least squares; returns the content of `coefficients.json` and the predictions for the test rows."""
    regression = LinearRegression()
    regression.fit(data.columns(data.train, terms), data.train_target)
    specification = {
        "features": data.features,
        "intercept": float(regression.intercept_),
        "terms": [
            {"coefficient": float(coefficient), "features": term}
            for coefficient, term in zip(regression.coef_, terms, strict=True)
        ],
    }
    return specification, regression.predict(data.columns(data.test, terms))


def measure(target, predictions):
    return {
        "rmse": float(root_mean_squared_error(target, predictions)),
        "mae": float(mean_absolute_error(target, predictions)),
        "r2": float(r2_score(target, predictions)),
    }


def ml_model(features, uuid):
    """The `MLmodel` file: the python_function flavor with its loader, and the signature."""
    inputs = json.dumps([{"type": "double", "name": name, "required": True} for name in features])
    outputs = json.dumps([{"type": "double", "required": True}])
    return f"""\
flavors:
  python_function:
    code: code
    data: data
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: diabetes_model
    python_version: 3.11.7
mlflow_version: {MLFLOW_VERSION}
model_uuid: {uuid}
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  type: dataframe
signature:
  inputs: '{inputs}'
  outputs: '{outputs}'
  params: null
utc_time_created: '{TRAINED_AT}'
"""


MODEL_REQUIREMENTS = [f"mlflow=={MLFLOW_VERSION}", "numpy==2.4.6", "pandas==3.1.1"]

# Azure ML builds the serving environment of an MLflow model from this file alone.
CONDA = "\n".join([
    "channels:",
    "- conda-forge",
    "dependencies:",
    "- python=3.11.7",
    "- pip",
    "- pip:",
    *[f"  - {requirement}" for requirement in MODEL_REQUIREMENTS],
    "name: diabetes",
    "",
])

PYTHON_ENV = """\
python: 3.11.7
build_dependencies:
- pip
dependencies:
- -r requirements.txt
"""


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def write_model(folder, specification, uuid, example):
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "code").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "MLmodel").write_text(ml_model(specification["features"], uuid), encoding="utf-8")
    (folder / "requirements.txt").write_text("\n".join(MODEL_REQUIREMENTS) + "\n", encoding="utf-8")
    (folder / "conda.yaml").write_text(CONDA, encoding="utf-8")
    (folder / "python_env.yaml").write_text(PYTHON_ENV, encoding="utf-8")
    shutil.copyfile(HERE / "diabetes_model.py", folder / "code" / "diabetes_model.py")
    write_json(folder / "data" / "coefficients.json", specification)
    write_json(folder / "input_example.json", example)


def train(output):
    """Fits every model, writes everything below `output`, returns the metrics."""
    data = Data()
    rows = data.test[:SAMPLE_ROWS].tolist()
    example = {"columns": data.features, "index": [0, 1], "data": rows[:2]}
    metrics, predictions = {}, {}
    for name, model in MODELS.items():
        specification, predicted = fit(data, model["terms"])
        write_model(output / "models" / name, specification, model["uuid"], example)
        metrics[name] = measure(data.test_target, predicted)
        predictions[name] = predicted[:SAMPLE_ROWS].tolist()
    sample = {"columns": data.features, "data": rows, "target": data.test_target[:SAMPLE_ROWS].tolist()}
    write_json(output / "metrics.json", metrics)
    write_json(output / "sample.json", sample | {"predictions": predictions})
    lines = [data.features] + [[repr(value) for value in row] for row in rows]
    (output / "sample.csv").write_text("".join(",".join(line) + "\n" for line in lines))
    return metrics


def differences(committed, trained, where=""):
    """Names every place where two JSON values differ by more than the tolerance, relative to their size."""
    if isinstance(committed, float) and isinstance(trained, float):
        if not math.isclose(committed, trained, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{where}: {committed!r} is committed, {trained!r} was trained"
    elif isinstance(committed, dict) and isinstance(trained, dict) and committed.keys() == trained.keys():
        for key in committed:
            yield from differences(committed[key], trained[key], f"{where}/{key}")
    elif isinstance(committed, list) and isinstance(trained, list) and len(committed) == len(trained):
        for index, pair in enumerate(zip(committed, trained, strict=True)):
            yield from differences(*pair, f"{where}/{index}")
    elif committed != trained:
        yield f"{where}: {committed!r} is committed, {trained!r} was trained"


def compare_file(name, trained_root):
    committed, trained = HERE / name, trained_root / name
    if not committed.is_file():
        return [f"{name}: is not committed"]
    if name.endswith(".json"):
        values = [json.loads(path.read_text(encoding="utf-8")) for path in (committed, trained)]
        return [f"{name}{line}" for line in differences(*values)]
    return [] if committed.read_bytes() == trained.read_bytes() else [f"{name}: differs"]


def check():
    """Trains into a temporary folder and returns (metrics, problems)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        metrics = train(root)
        names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        return metrics, [problem for name in names for problem in compare_file(name, root)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=HERE, help="where to write")
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    arguments = parser.parse_args()
    metrics, problems = check() if arguments.check else (train(arguments.output), [])
    for name, values in metrics.items():
        print(f"{name:10}  " + "  ".join(f"{key} {value:.6f}" for key, value in values.items()))
    if problems:
        sys.exit("not reproduced:\n  " + "\n  ".join(problems))
    if arguments.check:
        print(f"reproduced: metrics, sample and models are the committed ones to {TOLERANCE}")


if __name__ == "__main__":
    main()
