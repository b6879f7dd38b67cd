"""Runs the cells of a study as Ray tasks. Reads one JSON record on standard input, prints a line of JSON for each cell that ended.

{"cells": [folder, ...], "command": [program, ...], "threads": 1, "address": null, "cpus": null}
"""

import json
import os
import subprocess
import sys

import ray


@ray.remote(max_retries=8)
def run_cell(command, folder, threads):
    """One cell through the command line. Its standard input closes with this worker: then it ends too, and its cell is free again."""
    environment = {**os.environ, "MOON_THREADS": str(threads)}
    child = subprocess.Popen(
        [*command, folder], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, text=True
    )
    said = child.stderr.read()
    if child.wait() == 0:
        return None
    lines = [line for line in said.splitlines() if line.strip()]
    return " ".join(lines[-3:]) or f"ended with code {child.returncode}"


def main():
    asked = json.load(sys.stdin)
    ray.init(address=asked.get("address"), num_cpus=asked.get("cpus"), log_to_driver=False, include_dashboard=False)
    print(json.dumps({"kind": "up", "cpus": ray.cluster_resources().get("CPU", 0)}), flush=True)
    threads = asked["threads"]
    task = run_cell.options(num_cpus=threads)
    cell_of = {task.remote(asked["command"], cell, threads): cell for cell in asked["cells"]}
    while cell_of:
        for reference in ray.wait(list(cell_of))[0]:
            try:
                failed = ray.get(reference)
            except ray.exceptions.RayError as error:
                failed = str(error).splitlines()[-1]
            print(json.dumps({"kind": "end", "cell": cell_of.pop(reference), "failed": failed}), flush=True)


main()
