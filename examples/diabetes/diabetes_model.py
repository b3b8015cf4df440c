"""Loader of the diabetes models for MLflow's `python_function` flavor. Pure Python.

`data/coefficients.json` is the whole model:

    {"features": ["age", "sex", "bmi", ...],
     "intercept": -0.5,
     "terms": [{"coefficient": 7.1, "features": ["bmi"]},
               {"coefficient": 0.2, "features": ["bmi", "bp"]}]}

    prediction = intercept + sum over terms of coefficient * product of the term's features

`features` are the columns of a request, `terms` the ones that the model uses.
Terms are added in the order of the file, so that every reader of it comes to the same digits.
"""

import json
import math
from pathlib import Path


class DiabetesModel:
    """Predicts the progression of the disease one year after the measurements."""

    def __init__(self, specification):
        self.intercept = specification["intercept"]
        self.terms = [
            (term["coefficient"], term["features"]) for term in specification["terms"]
        ]

    def predict(self, model_input, params=None):
        """One number a row of the data frame `model_input`; `params` are not used."""
        return [self._predict_row(row) for row in model_input.to_dict("records")]

    def _predict_row(self, row):
        value = self.intercept
        for coefficient, features in self.terms:
            value += coefficient * math.prod(row[feature] for feature in features)
        return value


def _load_pyfunc(path):
    """MLflow's entry point; `path` is the model's `data` folder."""
    text = (Path(path) / "coefficients.json").read_text(encoding="utf-8")
    return DiabetesModel(json.loads(text))
