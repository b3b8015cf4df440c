"""Answers requests of an online deployment with the example's model, without MLflow.

Azure ML calls `init` once and `run` for each request. The model's files lie below the folder that `AZUREML_MODEL_DIR`
names; a request is what MLflow's server takes too: `{"input_data": {"columns": [...], "data": [[...]]}}`.
"""

import json
import math
import os
from pathlib import Path

model = None


def init():
    """Reads the coefficients, wherever in the model's folder they lie."""
    global model
    folder = Path(os.environ["AZUREML_MODEL_DIR"])
    file = next(folder.rglob("coefficients.json"))
    model = json.loads(file.read_text(encoding="utf-8"))


def run(raw_data):
    """One number a row."""
    asked = json.loads(raw_data)["input_data"]
    rows = [dict(zip(asked["columns"], row, strict=True)) for row in asked["data"]]
    return [predict(row) for row in rows]


def predict(row):
    """The intercept and the terms, added in the order of the file."""
    value = model["intercept"]
    for term in model["terms"]:
        value += term["coefficient"] * math.prod(row[name] for name in term["features"])
    return value
