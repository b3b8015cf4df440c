"""Picks the trained model with the lowest RMSE, logs its metrics and hands it on.

In a job of Azure ML the metrics go to the pipeline's own run, which is the run that Liftlock reads them from.
Anywhere else they are only printed.
"""

import argparse
import json
import os
import shutil
from pathlib import Path


def best(metrics):
    """Name and metrics of the model with the lowest RMSE."""
    return min(metrics.items(), key=lambda item: item[1]["rmse"])


def log(values):
    run = os.environ.get("AZUREML_ROOT_RUN_ID")
    if run is None:
        return
    from mlflow import MlflowClient

    client = MlflowClient()
    for key, value in values.items():
        client.log_metric(run, key, value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trained", type=Path, required=True, help="what train.py has written")
    parser.add_argument("--best-model", type=Path, required=True, help="where the best model goes")
    arguments = parser.parse_args()
    name, values = best(json.loads((arguments.trained / "metrics.json").read_text(encoding="utf-8")))
    shutil.copytree(arguments.trained / "models" / name, arguments.best_model, dirs_exist_ok=True)
    log(values)
    print(json.dumps({"model": name, **values}))


if __name__ == "__main__":
    main()
