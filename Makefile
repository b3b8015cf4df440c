# Liftlock: the commands of a checkout. What each does is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help demo playground test proof check package bench train clean

AUTO ?=
BOT ?=
PERSONA ?=
SCENARIO ?=
BROWSER ?=
SEED ?=
export AUTO BOT SCENARIO BROWSER SEED

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: ## one model's way to production, on this machine (PORT=7171: on other ports; BOT=1: cards go by a bot; AUTO=1 SCENARIO=name: clicks itself)
	@scripts/demo.sh

playground: ## the demo with Microsoft's own simulator of Teams, which is installed first (PERSONA=tina: as somebody else)
	@scripts/playground.sh open $(PERSONA)

test: ## every test, every scenario, the browser paths (BROWSER=skip: without them)
	@scripts/test.sh

proof: ## crashes, faults, orders and delays at every call: nothing lost, nothing twice (a part of test)
	@scripts/proof.sh

check: ## what CI holds the code to: format, lints, docs, dependencies, spelling, schema
	@scripts/check.sh

package: ## the deployable folder target/app, and its zip
	@scripts/package.sh

bench: ## start and idle memory beside Node and Python, then load: events, promotions, sweeps, memory
	@scripts/bench.sh

train: ## train the example's models again; fails unless they are the committed ones
	@scripts/train.sh

clean: ## remove what was built and installed below this folder
	rm -rf target .cache tests/browser/node_modules
