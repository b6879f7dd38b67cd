"""Run a command for each of several tasks on Ray. Reads a JSON object from standard input and prints a line of JSON for each task that ended.

{"tasks": [name, ...], "command": [program, ...], "threads": 1, "address": null, "cpus": null}
"""

import json
import os
import subprocess
import sys

import ray


@ray.remote(max_retries=8)
def run_task(command, name, threads):
    """Run the command for one task. If this worker dies, the standard input of the command closes, so that the command exits and unlocks its folder."""
    environment = {**os.environ, "MOON_THREADS": str(threads)}
    child = subprocess.Popen(
        [*command, name], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, text=True
    )
    said = child.stderr.read()
    if child.wait() == 0:
        return None
    lines = [line for line in said.splitlines() if line.strip()]
    return " ".join(lines[-3:]) or f"ended with code {child.returncode}"


def main():
    asked = json.load(sys.stdin)
    # A cluster that runs already has its own number.
    cpus = None if asked.get("address") or os.environ.get("RAY_ADDRESS") else asked.get("cpus")
    ray.init(address=asked.get("address"), num_cpus=cpus, log_to_driver=False, include_dashboard=False)
    print(json.dumps({"kind": "up", "cpus": ray.cluster_resources().get("CPU", 0)}), flush=True)
    threads = asked["threads"]
    task = run_task.options(num_cpus=threads)
    name_of = {task.remote(asked["command"], name, threads): name for name in asked["tasks"]}
    while name_of:
        for reference in ray.wait(list(name_of))[0]:
            try:
                failed = ray.get(reference)
            except ray.exceptions.RayError as error:
                failed = str(error).splitlines()[-1]
            print(json.dumps({"kind": "end", "task": name_of.pop(reference), "failed": failed}), flush=True)


main()
