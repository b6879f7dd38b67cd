"""The rival of test/bench/weights.ts: mergekit on the same folders and recipes, and Wanda (arXiv 2306.11695) as a loop in PyTorch. Seconds."""
import json, logging, os, pathlib, shutil, sys, time

import mergekit.architecture.base as architecture
import torch
import transformers
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge

logging.disable(logging.WARNING)
# mergekit 0.1.4 leaves these models of pydantic unfinished.
for each in (architecture.ConfiguredModuleArchitecture, architecture.ConfiguredModelArchitecture):
    each.model_rebuild(_types_namespace={**vars(architecture), "torch": torch})
folder = pathlib.Path(os.environ["FOLDER"])


def merge(name):
    text = json.dumps(yaml.safe_load((folder / f"{name}.yml").read_text()))
    for model in ("base", "first", "second"):
        text = text.replace(f'"{model}"', json.dumps(str(folder / model)))
    out = folder / "rival"
    started = time.perf_counter()
    run_merge(MergeConfiguration.model_validate(json.loads(text)), str(out), MergeOptions(copy_tokenizer=False, quiet=True))
    seconds = time.perf_counter() - started
    shutil.rmtree(out)
    return seconds


@torch.no_grad()
def wanda(network, ids):
    """Block by block: inputs of the linear layers, then the lowest half of each row to zero, then the inputs of the next block."""
    kept = []
    hook = network.model.layers[0].register_forward_pre_hook(
        lambda _, args, kwargs: kept.append((args[0], kwargs)), with_kwargs=True
    )
    for start in range(0, len(ids), 16):
        network(input_ids=ids[start : start + 16])
    hook.remove()
    states = [state for state, _ in kept]
    for layer in network.model.layers:
        sums, hooks = {}, []
        for name, linear in layer.named_modules():
            if isinstance(linear, torch.nn.Linear):
                sums[name] = torch.zeros(linear.in_features)

                def add(_, args, name=name):
                    sums[name] += args[0].float().flatten(0, 1).square().sum(0)

                hooks.append(linear.register_forward_pre_hook(add))
        run = lambda state, kwargs: (lambda out: out[0] if isinstance(out, tuple) else out)(layer(state, **kwargs))
        for state, (_, kwargs) in zip(states, kept):
            run(state, kwargs)
        for each in hooks:
            each.remove()
        for name, linear in layer.named_modules():
            if name in sums:
                score = linear.weight.abs() * sums[name].sqrt()
                lowest = torch.sort(score, dim=-1, stable=True).indices[:, : score.shape[1] // 2]
                linear.weight.scatter_(1, lowest, 0)
        states = [run(state, kwargs) for state, (_, kwargs) in zip(states, kept)]


def measure(name):
    if name != "wanda":
        return merge(name)
    network = transformers.AutoModelForCausalLM.from_pretrained(folder / "blocks", torch_dtype=torch.float32)
    network.config.use_cache = False
    ids = torch.randint(0, network.config.vocab_size, (64, 64))
    started = time.perf_counter()
    wanda(network, ids)
    return time.perf_counter() - started


versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
print(f"mergekit 0.1.4, {versions}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    print(measure(line.strip()), flush=True)
