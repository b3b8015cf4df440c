"""Start and idle memory of the handler, beside servers in Node and Python that do nothing but answer.

    python bench/start.py APP      APP: the packaged folder with the handler `liftlock`

Start: from just before exec to the first byte of an answer on the port of FUNCTIONS_CUSTOMHANDLER_PORT, median of the
rounds; the programs take turns, so a busy moment meets all of them. Memory: resident, one second after the answer. Exits 1 over budget.
Linux only (/proc). Standard library only.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 20
GIVE_UP_SECONDS = 10
BUDGET_START_MS = 10.0
BUDGET_MEMORY_MB = 20.0
PEERS = Path(__file__).resolve().parent / "peers"

# Nothing listens there: the handler must start without its surroundings.
NOWHERE = "http://127.0.0.1:9"
SURROUNDINGS = {
    "LIFTLOCK_ARM_URL": f"{NOWHERE}/arm",
    "LIFTLOCK_STORAGE_URL": f"{NOWHERE}/blob/stliftlock",
    "LIFTLOCK_SERVICEBUS_URL": f"{NOWHERE}/servicebus",
    "LIFTLOCK_QUEUE": "promotions",
    "LIFTLOCK_PUBLIC_URL": NOWHERE,
    "IDENTITY_ENDPOINT": f"{NOWHERE}/identity/token",
    "IDENTITY_HEADER": "none",
    "TEAMS_WORKFLOW_URL": f"{NOWHERE}/teams/workflows/promotions",
}


class Sample:
    def __init__(self, start_ms, memory_mb):
        self.start_ms = start_ms
        self.memory_mb = memory_mb


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answered(port):
    """Whether the first byte of an answer has come."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_SECONDS) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            first = connection.recv(1)
            # Read to the end: a peer that is cut off in the middle of its answer complains.
            while connection.recv(4096):
                pass
            return bool(first)
    except ConnectionError:
        return False


def wait_for_answer(process, port, began):
    while not answered(port):
        if process.poll() is not None:
            sys.exit(f"bench: {process.args[0]} ended by itself with {process.returncode}")
        if time.perf_counter() - began > GIVE_UP_SECONDS:
            sys.exit(f"bench: {process.args[0]} did not answer in {GIVE_UP_SECONDS} s")
    return (time.perf_counter() - began) * 1000


def resident_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) * 1024 / 1e6


def measure(command, folder, settle):
    port = free_port()
    environment = os.environ | SURROUNDINGS | {"FUNCTIONS_CUSTOMHANDLER_PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        start_ms = wait_for_answer(process, port, began)
        time.sleep(settle)
        return Sample(start_ms, resident_mb(process.pid))
    finally:
        process.kill()
        process.wait()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    app = Path(sys.argv[1]).resolve()
    programs = {
        "liftlock": [str(app / "liftlock")],
        "node": ["node", str(PEERS / "server.mjs")],
        "python": [sys.executable, str(PEERS / "server.py")],
    }
    print(f"bench: {ROUNDS} starts of each of {', '.join(programs)}", flush=True)
    for command in programs.values():
        measure(command, app, 0)  # Warm: files in memory, and a broken program is told at once.
    rounds = [
        {name: measure(command, app, 0) for name, command in programs.items()} for _ in range(ROUNDS)
    ]
    start = {name: statistics.median(r[name].start_ms for r in rounds) for name in programs}
    memory = {name: measure(command, app, 1).memory_mb for name, command in programs.items()}
    print(f"{'':10}{'start':>10}{'ratio':>8}{'idle memory':>14}{'ratio':>8}")
    for name in programs:
        print(
            f"{name:10}{start[name]:>7.1f} ms{start[name] / start['liftlock']:>8.1f}"
            f"{memory[name]:>11.1f} MB{memory[name] / memory['liftlock']:>8.1f}"
        )
    over = [
        f"{what} {value:.1f} {unit}, budget {budget:.0f} {unit}"
        for what, value, budget, unit in [
            ("start", start["liftlock"], BUDGET_START_MS, "ms"),
            ("idle memory", memory["liftlock"], BUDGET_MEMORY_MB, "MB"),
        ]
        if value > budget
    ]
    if over:
        sys.exit("bench: over budget: " + "; ".join(over))
    print(f"bench: within budget (start ≤ {BUDGET_START_MS:.0f} ms, idle memory ≤ {BUDGET_MEMORY_MB:.0f} MB)")


if __name__ == "__main__":
    main()
