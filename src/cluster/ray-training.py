"""Run a command as several workers that train together, on Ray. Reads a line of JSON from standard input and prints lines of JSON.

{"command": [program, ...], "folder": working directory, "workers": 2, "threads": 1, "address": null}

A further line {"kind": "stop"} asks the workers to stop after an update. After a line that says that one was lost, {"kind": "again", "command":
[program, ...]} starts them again. The end of the input ends them.
"""

import _thread
import collections
import importlib.util
import json
import mmap
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
from datetime import timedelta

import ray

# Workers wait for the longest step or evaluation of another. A process that ends is noticed at once.
PATIENCE = timedelta(days=7)
# Seconds in which the cause may follow the news that another worker is gone.
GRACE = 10


class Worker:
    """Starts the command for one worker, and sums what the commands of all workers give."""

    def meet(self):
        """Open the store at which the workers meet, on a free port. Returns its address."""
        import torch.distributed as dist

        self.store = dist.TCPStore("0.0.0.0", 0, is_master=True, wait_for_workers=False)
        return ray.util.get_node_ip_address(), self.store.port

    def run(self, command, folder, rank, world, place, threads, backend):
        """Run the command and yield what it says, then how it ended."""
        import torch.distributed as dist

        yield {"kind": "host", "host": socket.gethostname()}
        store = self.store if rank == 0 else dist.TCPStore(*place, is_master=False)
        dist.init_process_group(backend, store=store, rank=rank, world_size=world, timeout=PATIENCE)
        memory, path = tempfile.mkstemp(prefix="moon-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        environment = {**os.environ, "MOON_THREADS": str(threads)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.child = subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes)
        said = collections.deque(maxlen=20)
        listener = threading.Thread(target=lambda: said.extend(self.child.stderr), daemon=True)
        listener.start()
        self.write({"kind": "begin", "rank": rank, "world": world, "file": path})
        gone = False
        for line in self.child.stdout:
            message = json.loads(line) if line.startswith('{"kind":') else {"kind": "other"}
            if message["kind"] == "open":
                os.unlink(path)
            elif message["kind"] == "sum":
                try:
                    add_up(memory, message["count"], backend)
                    self.write({"kind": "summed"})
                except RuntimeError as error:
                    gone = True
                    self.write({"kind": "gone", "why": str(error).strip().splitlines()[-1]})
            elif message["kind"] != "other" and rank == 0:
                yield message
        code = self.child.wait()
        listener.join(timeout=1)
        if os.path.exists(path):
            os.unlink(path)
        yield {"kind": "end", "code": code, "said": sentence(said), "gone": gone}

    def write(self, message):
        try:
            self.child.stdin.write(json.dumps(message) + "\n")
            self.child.stdin.flush()
        except OSError:
            pass  # It has ended, which its output says too.

    def stop(self):
        self.write({"kind": "stop"})


def add_up(memory, count, backend):
    """Replace the first numbers of a file by their sum over all workers."""
    import torch
    import torch.distributed as dist

    values = torch.frombuffer(mmap.mmap(memory, 4 * count), dtype=torch.float32, count=count)
    moved = values.cuda() if backend == "nccl" else values
    dist.all_reduce(moved)
    if moved is not values:
        values.copy_(moved)


def sentence(said):
    """The sentence with which moon-lab ended, or the last line."""
    lines = [line.strip() for line in said if line.strip()]
    own = [line.removeprefix("moon-lab train: ") for line in lines if line.startswith("moon-lab train: ")]
    return (own or lines or [""])[-1]


def follow(rank, stream, news):
    try:
        for reference in stream:
            news.put((rank, ray.get(reference)))
    except ray.exceptions.RayActorError:
        news.put((rank, {"kind": "end", "code": None, "said": "its process on Ray ended", "gone": False}))
    except ray.exceptions.RayError as error:
        news.put((rank, {"kind": "end", "code": 1, "said": str(error).strip().splitlines()[-1], "gone": False}))


def tell(message):
    print(json.dumps(message), flush=True)


def cause_of(ends):
    """The end that made the workers end, of those that are known: one that was killed or failed, rather than one that missed another."""
    return next((rank for rank, end in ends.items() if not end["gone"]), None)


def judge(rank, end, hosts):
    name = f"worker {rank} ({hosts.get(rank, 'which had not started')})"
    code = end["code"]
    if code is None or code < 0 or end["gone"]:
        why = end["said"] if code is None or end["gone"] else f"killed by signal {-code}"
        return {"kind": "lost", "worker": name, "why": why}
    return {"kind": "failed", "worker": name, "why": end["said"] or f"ended with code {code}"}


def watch(news, world):
    """Pass on what the workers say until all have ended well, or one has not."""
    hosts, ends, well = {}, {}, 0
    while well < world:
        try:
            rank, message = news.get(timeout=GRACE if ends else None)
        except queue.Empty:
            break
        if message["kind"] == "host":
            hosts[rank] = message["host"]
        elif message["kind"] != "end":
            tell(message)
        elif message["code"] == 0:
            well += 1
        else:
            ends[rank] = message
            if not message["gone"] or len(ends) + well == world:
                break
    if well == world:
        return {"kind": "finished"}
    cause = cause_of(ends)
    rank = min(ends) if cause is None else cause
    return judge(rank, ends[rank], hosts)


def answers(address):
    """Whether something listens at host:port. Ray itself would try for minutes. Other kinds of addresses are left to it."""
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdigit():
        return True
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
        return True
    except OSError:
        return False


def listen(team, commands):
    for line in sys.stdin:
        message = json.loads(line)
        if message["kind"] == "stop":
            team[0].stop.remote()
        else:
            commands.put(message["command"])
    _thread.interrupt_main()


def main():
    asked = json.loads(sys.stdin.readline())
    if importlib.util.find_spec("torch") is None:
        sys.exit("No module named 'torch'")
    address = asked.get("address")
    if address and not answers(address):
        why = f"nothing answers at {address}; start a cluster there with ray start --head, or leave it out."
        return tell({"kind": "failed", "worker": "--address", "why": why})
    world, threads = asked["workers"], asked["threads"]
    # A cluster that runs already has its own number.
    cpus = None if address or os.environ.get("RAY_ADDRESS") else world * threads
    ray.init(address=address, num_cpus=cpus, log_to_driver=False, include_dashboard=False)
    have = {"CPU": 0, "GPU": 0, **ray.cluster_resources()}
    if have["CPU"] < world * threads:
        why = f"{world} workers with {threads} CPUs each do not fit the cluster's {have['CPU']:g} CPUs; lower --workers."
        return tell({"kind": "failed", "worker": "--on ray", "why": why})
    tell({"kind": "up", "cpus": have["CPU"]})
    on_gpus = have["GPU"] >= world
    actor = ray.remote(Worker).options(
        num_cpus=threads, num_gpus=int(on_gpus), max_concurrency=2, max_restarts=0, scheduling_strategy="SPREAD"
    )
    team, commands = [], queue.Queue()
    threading.Thread(target=listen, args=[team, commands], daemon=True).start()
    end, command = None, asked["command"]
    while end is None or end["kind"] == "lost":
        if end:
            command = commands.get()
        team[:] = [actor.remote() for _ in range(world)]
        place = ray.get(team[0].meet.remote())
        news = queue.Queue()
        for rank, worker in enumerate(team):
            stream = worker.run.options(num_returns="streaming").remote(
                command, asked["folder"], rank, world, place, threads, "nccl" if on_gpus else "gloo"
            )
            threading.Thread(target=follow, args=[rank, stream, news], daemon=True).start()
        end = watch(news, world)
        for worker in team:
            ray.kill(worker)
        tell(end)


try:
    main()
except KeyboardInterrupt:
    pass
