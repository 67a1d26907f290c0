"""table.py ROOT [--json] [--seconds N]: runs our side, the peers and the lower bound, and prints one table.

Every measurement is a process of its own, so that its peak memory is its own; times are medians, warm.
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

parser = argparse.ArgumentParser(prog="tests/peers/run", description=__doc__.splitlines()[0])
parser.add_argument("root", help=argparse.SUPPRESS)
parser.add_argument("--json", action="store_true", help="print one object instead of the table")
parser.add_argument("--seconds", default="3", help="how long each measurement runs (default: 3)")
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


def measure(command, operation, nested):
    """The median in microseconds, and the peak memory in megabytes."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([*command, operation, nested, folder, options.seconds], stdout=output)
        peak = 0
        while process.poll() is None:
            peak = peak_memory(process.pid) or peak
            time.sleep(0.05)
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)} {operation} {nested} failed")
        output.seek(0)
        runs = json.load(output)["runs_us"]
    return statistics.median(runs), peak / 1024


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
            ours_us, ours_mb = measure([ours], operation, nested)
            bound_us, _ = measure([ours], "bound-" + operation, nested)
            print(f"{operation}, {nested} nested", file=sys.stderr)
            bound.append({
                "operation": operation, "nested": int(nested), "bound_us": round(bound_us),
                "ours_us": round(ours_us), "ratio": round(ours_us / bound_us, 2), "ours_peak_mb": round(ours_mb, 1),
            })
            for peer, command in PEERS.items() if nested != MANY else []:
                peer_us, peer_mb = measure(command, operation, nested)
                rows.append({
                    "peer": peer, "operation": operation, "nested": int(nested), "ours_us": round(ours_us),
                    "peer_us": round(peer_us), "ratio": round(peer_us / ours_us, 1),
                    "ours_peak_mb": round(ours_mb, 1), "peer_peak_mb": round(peer_mb, 1),
                })
    return rows, bound


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
if options.json:
    print(json.dumps({"rows": all_rows, "bound": all_bound, "machine": machine()}))
else:
    print_table(all_rows, all_bound, machine())
