"""Run the trials of a study as Ray tasks. Reads a JSON object from standard input and prints a line of JSON for each trial that ended.

{"trials": [folder, ...], "command": [program, ...], "threads": 1, "address": null, "cpus": null}
"""

import json
import os
import subprocess
import sys

import ray


@ray.remote(max_retries=8)
def run_trial(command, folder, threads):
    """Run one trial through the command line. If this worker dies, the standard input of the command closes, so the command exits and unlocks the trial."""
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
    task = run_trial.options(num_cpus=threads)
    trial_of = {task.remote(asked["command"], trial, threads): trial for trial in asked["trials"]}
    while trial_of:
        for reference in ray.wait(list(trial_of))[0]:
            try:
                failed = ray.get(reference)
            except ray.exceptions.RayError as error:
                failed = str(error).splitlines()[-1]
            print(json.dumps({"kind": "end", "trial": trial_of.pop(reference), "failed": failed}), flush=True)


main()
