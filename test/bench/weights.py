"""The rival of test/bench/weights.ts: mergekit merges the same folders by the same recipes, in seconds from folder to folder."""
import json, logging, os, pathlib, shutil, sys, time

import mergekit
import mergekit.architecture.base as architecture
import torch
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge

logging.disable(logging.WARNING)
# mergekit 0.1.4 leaves these models of pydantic unfinished.
for each in (architecture.ConfiguredModuleArchitecture, architecture.ConfiguredModelArchitecture):
    each.model_rebuild(_types_namespace={**vars(architecture), "torch": torch})
folder = pathlib.Path(os.environ["FOLDER"])
print(f"mergekit 0.1.4, torch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    text = json.dumps(yaml.safe_load((folder / f"{line.strip()}.yml").read_text()))
    for name in ("base", "first", "second"):
        text = text.replace(f'"{name}"', json.dumps(str(folder / name)))
    out = folder / "rival"
    started = time.perf_counter()
    run_merge(MergeConfiguration.model_validate(json.loads(text)), str(out), MergeOptions(copy_tokenizer=False, quiet=True))
    seconds = time.perf_counter() - started
    shutil.rmtree(out)
    print(seconds, flush=True)
