import { wrongOption } from '../checks/error.js';
import { readJsonFile } from '../store/json-file.js';

/**
 * Settings of PEFT 0.21 that are applied, or change how an adapter is found and trained but not what it computes. Any other setting, of a
 * newer PEFT too, must be empty.
 */
const ACCEPTED: readonly string[] = [
  'auto_mapping',
  'base_model_name_or_path',
  'bias',
  'exclude_modules',
  'inference_mode',
  'init_lora_weights',
  'layers_pattern',
  'layers_to_transform',
  'lora_alpha',
  'lora_dropout',
  'megatron_core',
  'peft_type',
  'peft_version',
  'qalora_group_size',
  'r',
  'revision',
  'runtime_config',
  'target_modules',
  'task_type',
];

/** Any other way to initialise may have changed the weights of the base, such as pissa. */
const INITIALISED: readonly unknown[] = [undefined, null, true, false, 'gaussian'];

const REMEDY = 'Merge it into its base with PEFT (merge_and_unload), and take the merged network.';

/**
 * Read `adapter_config.json`.
 * @param canonicalName the network's own name of one of its modules
 * @returns `targets` is undefined if PEFT wrote a regular expression; the tensor names give the targets then
 * @throws UserError for a setting that changes what the adapter computes and is not applied
 */
export function readLoraConfig(
  file: string,
  canonicalName: (name: string) => string,
): { rank: number; alpha: number; targets: string[] | undefined } {
  const json = readJsonFile(file, 'give a folder that PEFT or saveLora wrote') as Record<string, unknown>;
  const refuse = (key: string, expected: string, remedy = '') =>
    wrongOption(`${file}: ${key}`, json[key], expected, remedy);
  if (json.peft_type !== 'LORA') throw refuse('peft_type', '"LORA"');
  if ((json.bias ?? 'none') !== 'none') throw refuse('bias', '"none"', REMEDY);
  if (!INITIALISED.includes(json.init_lora_weights))
    throw refuse('init_lora_weights', 'true | false | "gaussian"', REMEDY);
  const unsupported = Object.keys(json).find((key) => !ACCEPTED.includes(key) && !isEmpty(json[key]));
  if (unsupported) throw refuse(unsupported, 'none: an adapter of plain rank and alpha', REMEDY);
  const { r, lora_alpha: alpha, target_modules: targets } = json;
  if (!(typeof r === 'number' && Number.isInteger(r) && r >= 1)) throw refuse('r', 'an integer of at least 1');
  if (!(typeof alpha === 'number' && alpha > 0)) throw refuse('lora_alpha', 'a number above 0');
  return {
    rank: r,
    alpha,
    targets: Array.isArray(targets) ? targets.map((name) => canonicalName(String(name))) : undefined,
  };
}

const isEmpty = (value: unknown) => !value || (typeof value === 'object' && Object.keys(value).length === 0);
