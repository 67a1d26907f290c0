"""table.py ROOT [--json] [--seconds N]: runs our side, the peers and the lower bound, and prints one table.

Every measurement is a process of its own, so that its peak memory is its own; times are medians, warm, and of several
rounds the least.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import records

NESTED = ["1", "10", "100"]
# Ours alone: whether the cost of a nested credential stays what it is.
MANY = "400"
OPERATIONS = ["sign", "verify"]
ROUNDS = 5
FRESH_PROCESSES = 25

parser = argparse.ArgumentParser(prog="tests/peers/run", description=__doc__.splitlines()[0])
parser.add_argument("root", help=argparse.SUPPRESS)
parser.add_argument("--json", action="store_true", help="print one object instead of the table")
parser.add_argument("--seconds", default="1", help=f"how long each of {ROUNDS} rounds of a measurement runs (default: 1)")
options = parser.parse_args()

here = os.path.dirname(os.path.abspath(__file__))
work = os.path.join(options.root, "target", "peers")
folder = os.path.join(work, "records")
ours = os.path.join(options.root, "target", "release", "examples", "measure")
rust = os.path.join(work, "rust", "release", "peers")
PEERS = {
    "npm @digitalbazaar/vc 7.3.0": ["node", os.path.join(work, "npm", "peer.js")],
    "crate ssi 0.16.0": [rust, "ssi"],
    "crates json-ld 0.21.4 + rdf-canon 0.15.3": [rust, "oracle"],
    "PyPI PyLD 3.3.0": [sys.executable, os.path.join(here, "pyld_peer.py")],
}


def measure_once(command, operation, nested):
    """The median of one process in microseconds, and its peak memory in megabytes."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([*command, operation, nested, folder, options.seconds], stdout=output)
        peak = 0
        while process.poll() is None:
            peak = peak_memory(process.pid) or peak
            time.sleep(0.02)
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)} {operation} {nested} failed")
        output.seek(0)
        runs = json.load(output)["runs_us"]
    return statistics.median(runs), peak / 1024


def measure(commands):
    """The same for several, taken in turns, so that a busy machine disturbs all of them; the least of the rounds."""
    rounds = [[measure_once(*command) for command in commands] for _ in range(ROUNDS)]
    return [(min(us for us, _ in column), max(mb for _, mb in column)) for column in zip(*rounds)]


def peak_memory(pid):
    """In kilobytes, if it is still to be known. (What `wait4` reports includes this interpreter.)"""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), None)
    except OSError:
        return None


def take_all():
    rows, bound = [], []
    for nested in [*NESTED, MANY]:
        for operation in OPERATIONS:
            peers = PEERS if nested != MANY else {}
            figures = measure([([ours], operation, nested), ([ours], "bound-" + operation, nested),
                               *((command, operation, nested) for command in peers.values())])
            (ours_us, ours_mb), (bound_us, _), *theirs = figures
            print(f"{operation}, {nested} nested", file=sys.stderr)
            bound.append({
                "operation": operation, "nested": int(nested), "bound_us": round(bound_us),
                "ours_us": round(ours_us), "ratio": round(ours_us / bound_us, 2), "ours_peak_mb": round(ours_mb, 1),
            })
            for peer, (peer_us, peer_mb) in zip(peers, theirs):
                rows.append({
                    "peer": peer, "operation": operation, "nested": int(nested), "ours_us": round(ours_us),
                    "peer_us": round(peer_us), "ratio": round(peer_us / ours_us, 1),
                    "ours_peak_mb": round(ours_mb, 1), "peer_peak_mb": round(peer_mb, 1),
                })
    return rows, bound


def promises(rows, bound):
    """What we say of ourselves: the figure, the limit, and whether it is kept."""
    def least(wanted, nested):
        return min(row["ratio"] for row in rows if row["nested"] == nested and wanted(row["peer"]))

    def times_bound(nested):
        return max(row["ratio"] for row in bound if row["nested"] == nested)

    def per_credential(nested):
        return sum(row["ours_us"] for row in bound if row["nested"] == nested) / nested

    is_npm = lambda peer: peer.startswith("npm")
    is_rust = lambda peer: peer.startswith("crate")
    first = [measure_once([ours], "first", "1")[0] for _ in range(FRESH_PROCESSES)]
    peak = max(row["ours_peak_mb"] for row in bound if row["nested"] == 100)
    poison = min(measure_once([ours], "poison", "1")[0] for _ in range(ROUNDS))
    growth = 100 * (per_credential(int(MANY)) / per_credential(100) - 1)
    return [
        {"what": what, "figure": round(figure, 2), "limit": limit, "unit": unit,
         "kept": figure >= limit if at_least else figure <= limit}
        for what, figure, limit, unit, at_least in [
            ("100 nested: times as fast as npm, at least", least(is_npm, 100), 100, "", True),
            ("100 nested: times as fast as the fastest Rust peer, at least", least(is_rust, 100), 60, "", True),
            ("100 nested: times the lower bound, at most", times_bound(100), 3.5, "", False),
            ("100 nested: peak memory, at most", peak, 40, "MB", False),
            ("1 nested: times as fast as npm, at least", least(is_npm, 1), 80, "", True),
            ("1 nested: times the lower bound, at most", times_bound(1), 2.5, "", False),
            ("first document in a fresh process, at most", statistics.median(first) / 1000, 3, "ms", False),
            (f"{MANY} nested: cost of a credential over that at 100, at most", growth, 20, "%", False),
            ("poison graphs: the slowest refusal, at most", poison / 1000, 100, "ms", False),
        ]
    ]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    first = lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return {
        "cpu": f"{os.cpu_count()} × {model}", "rustc": first("rustc", "--version"), "node": first("node", "--version"),
        "python": platform.python_version(),
    }


def print_table(rows, bound, versions):
    print(", ".join(f"{name} {value}" for name, value in versions.items()))
    line = "{:<42} {:<7} {:>6} {:>11} {:>11} {:>8} {:>9} {:>9}"
    print(line.format("", "", "nested", "ours µs", "theirs µs", "ratio", "ours MB", "theirs MB"))
    for row in rows:
        print(line.format(row["peer"], row["operation"], row["nested"], row["ours_us"], row["peer_us"],
                          row["ratio"], row["ours_peak_mb"], row["peer_peak_mb"]))
    for row in bound:
        print(line.format("lower bound", row["operation"], row["nested"], row["ours_us"], row["bound_us"],
                          "1/" + str(row["ratio"]), row["ours_peak_mb"], ""))


def print_promises(kept_or_not):
    print()
    for promise in kept_or_not:
        verdict = "kept" if promise["kept"] else "MISSED"
        limit = f"{promise['limit']} {promise['unit']}".strip()
        print(f"{promise['what'] + ' ' + limit:<72} {promise['figure']:>8} {promise['unit']:<3} {verdict}")


def four_times(record):
    """The record with its achievements and nested credentials four times, with other ids and proof values."""
    subject = record["credentialSubject"]
    for member in ["achievement", "verifiableCredential"]:
        text = json.dumps(subject[member])
        other = lambda copy: text.replace("urn:uuid:", f"urn:uuid:{copy}-").replace('"proofValue": "z', f'"proofValue": "z{copy + 1}')
        copies = [json.loads(other(copy)) for copy in range(4)]
        subject[member] = [item for copy in copies for item in copy]
    return record


vectors = os.environ.get("CLR_VECTORS", os.path.join(options.root, "..", "shared", "vectors"))
for count in NESTED:
    published = os.path.join(vectors, "bench", f"clr-{count}.json")
    record = os.path.join(folder, f"clr-{count}.json")
    if os.path.exists(published):
        shutil.copyfile(published, record)
    else:
        with open(record, "w", encoding="utf-8") as file:
            json.dump(records.generate(int(count)), file)
with open(os.path.join(folder, "clr-100.json"), encoding="utf-8") as file:
    many = four_times(json.load(file))
with open(os.path.join(folder, f"clr-{MANY}.json"), "w", encoding="utf-8") as file:
    json.dump(many, file)
subprocess.run([ours, "prepare", folder], check=True)
all_rows, all_bound = take_all()
all_promises = promises(all_rows, all_bound)
if options.json:
    print(json.dumps({"rows": all_rows, "bound": all_bound, "promises": all_promises, "machine": machine()}))
else:
    print_table(all_rows, all_bound, machine())
    print_promises(all_promises)
