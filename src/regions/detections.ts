import { wrongOption } from '../checks/error.js';
import { sharedArea } from '../data/overlap.js';
import { fullImage, plausibleRegion, type Region, type Regions } from '../data/region.js';
import type { Box } from '../data/types.js';
import type { DetectorNetwork, NetworkOutputs } from './detector-network.js';
import type { DetectionForm } from './options.js';
import { titleNames } from './title-match.js';

/** One detected object. */
export interface Detection {
  box: Box;
  score: number;
  label: string;
}

/**
 * Fill in the output names of a form.
 * @throws UserError for an output that the network lacks
 */
export function checkForm(form: DetectionForm, outputs: DetectorNetwork['outputs']): Required<DetectionForm> {
  const names = Object.keys(outputs);
  if (form.kind === 'rows') {
    const name = form.name ?? names.find((each) => outputs[each].at(-1) === 6);
    if (name !== undefined && name in outputs) return { kind: 'rows', name };
    throw wrongOption('region.output.name', form.name, `an output whose rows have 6 entries: ${names.join(' | ')}`);
  }
  for (const part of ['boxes', 'scores', 'classes'] as const) {
    if (!(form[part] in outputs)) throw wrongOption(`region.output.${part}`, form[part], `one of ${names.join(' | ')}`);
  }
  return form;
}

/** Names of the outputs that a form needs. */
export function outputNames(form: Required<DetectionForm>): string[] {
  return form.kind === 'rows' ? [form.name] : [form.boxes, form.scores, form.classes];
}

/**
 * Convert network outputs to detections, in the network's order (usually by score). Boxes are clipped to the image.
 * @param extent width and height of the image in the units of the boxes
 */
export function readDetections(
  outputs: NetworkOutputs,
  form: Required<DetectionForm>,
  extent: { width: number; height: number },
  labels: readonly string[],
): Detection[] {
  const [first, scores, classes] = outputNames(form).map((name) => outputs[name]);
  const swapped = form.kind === 'columns' && form.order === 'yxyx';
  const row = (at: number) =>
    form.kind === 'rows'
      ? Array.from({ length: 6 }, (_, i) => first[at * 6 + i])
      : [...Array.from({ length: 4 }, (_, i) => first[at * 4 + (swapped ? i ^ 1 : i)]), scores[at], classes[at]];
  const count = form.kind === 'rows' ? Math.floor(first.length / 6) : scores.length;
  return Array.from({ length: count }, (_, at) => {
    const [x1, y1, x2, y2, score, label] = row(at);
    const { width, height } = extent;
    return {
      box: { x1: clip(x1 / width), y1: clip(y1 / height), x2: clip(x2 / width), y2: clip(y2 / height) },
      score,
      label: labels[Math.round(label)] ?? `class ${label}`,
    };
  });
}

/**
 * Choose the core detection among those with at least `confidence`. If the title names classes of the detector, it is the detection of such
 * a class with the highest score, or none. Otherwise it is the detection that covers most of the image.
 */
export function chooseDetection(
  detections: readonly Detection[],
  title: string | undefined,
  labels: readonly string[],
  confidence: number,
): Detection | undefined {
  const confident = detections.filter(({ score }) => score >= confidence);
  const named = title ? labels.filter((label) => titleNames(title, label)) : [];
  return named.length
    ? largest(
        confident.filter(({ label }) => named.includes(label)),
        ({ score }) => score,
      )
    : largest(confident, ({ box }) => sharedArea(box, fullImage));
}

/** Convert detections to regions: the core region, then the others with at least `confidence` by descending score. */
export function regionsOf(
  detections: readonly Detection[],
  title: string | undefined,
  labels: readonly string[],
  confidence: number,
): Regions {
  const core = chooseDetection(detections, title, labels, confidence);
  const others = detections.filter((one) => one !== core && one.score >= confidence).map(regionOf);
  return [
    core ? regionOf(core) : plausibleRegion('detector', { box: null, score: 0 }),
    ...others.filter(({ fallback }) => !fallback).sort((a, b) => b.score - a.score),
  ];
}

function regionOf({ label, box, score }: Detection): Region {
  return plausibleRegion(`detector: ${label}`, { box, score });
}

function largest<T>(items: readonly T[], by: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || by(item) > by(best) ? item : best),
    undefined,
  );
}

function clip(edge: number): number {
  return Math.min(1, Math.max(0, edge));
}
