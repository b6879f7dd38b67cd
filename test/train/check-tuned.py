"""What transformers, peft and a run's own moon.py compute from tuned runs: a JSON list of requests in, a list of embeddings out.

base: the published folder, adapter: PEFT's folder or null, model: the saved model folder, sequences: [{ ids, aspects, images: [height][width][3] }],
sizes: optional sizes of images [width, height], answered by those at which the network sees them; alone: whether transformers alone embeds too.
fields: optional fields of a product, answered by its sequence.
A model that moon.py refuses is answered by the sentence.
"""

import importlib.util
import json
import sys
import warnings
from pathlib import Path

import numpy
import torch
import transformers
from peft import PeftModel
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForImageTextToText

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def opened(folder):
    spec = importlib.util.spec_from_file_location("moon", Path(folder) / "moon.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Moon(folder)


def embeddings(moon, sequences):
    with torch.no_grad():
        return [
            moon.read(each["ids"], each["aspects"], [numpy.asarray(image, dtype=numpy.float32) for image in each["images"]], each.get("texts", ())).tolist()
            for each in sequences
        ]


def alone(moon, folder, sequences):
    """Without moon.py, but for the pixels: the published class, the mean over tokens, length 1."""
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    answers = []
    for each in sequences:
        images = moon._pixels([numpy.asarray(image, dtype=numpy.float32) for image in each["images"]])
        ids = torch.tensor([each["ids"]])
        if "image_grid_thw" in images:
            images["mm_token_type_ids"] = (ids == model.config.image_token_id).int()
        with torch.no_grad():
            states = model(input_ids=ids, **images).last_hidden_state
        answers.append(torch.nn.functional.normalize(states.mean(1), dim=-1)[0].tolist())
    return answers


def adapted(moon, request):
    """The published network with the adapter beside its weights."""
    auto = AutoModelForCausalLM if moon.network["model_type"] == "llama" else AutoModelForImageTextToText
    tuned = PeftModel.from_pretrained(auto.from_pretrained(request["base"], dtype=torch.float32), request["adapter"])
    changes = [weight.abs().max().item() for name, weight in tuned.named_parameters() if "lora_B" in name]
    assert changes and all(changes), "every adapter changes something"
    return tuned.base_model.model.model


answers = []
for request in json.loads(Path(sys.argv[1]).read_text()):
    try:
        moon = opened(request["model"])
    except NotImplementedError as error:
        answers.append({"refused": str(error)})
        continue
    sizes = [moon.size_of(*size) for size in request.get("sizes", [])]
    answers.append({"merged": embeddings(moon, request["sequences"]), "sizes": sizes})
    if request.get("fields"):
        shown = [numpy.asarray(image) for image in request["fields"].pop("images")]
        answers[-1]["sequence"] = moon.sequence(**request["fields"], images=shown)
    if request.get("alone"):
        answers[-1]["alone"] = alone(moon, request["model"], request["sequences"])
    if request.get("adapter"):
        moon.model = adapted(moon, request)
        answers[-1]["adapter"] = embeddings(moon, request["sequences"])
print(json.dumps(answers))
