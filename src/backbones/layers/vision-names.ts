/** The names that all families share for their vision towers: the tower is `visual.*`, what maps it to tokens a merger of it. */

export const VISION = 'visual.';

/** Whether a weight belongs to the vision tower or its merger. */
export const isVision = (name: string) => name.startsWith(VISION);

/** Whether a weight belongs to a merger, which maps the tower's outputs to tokens of the language model. */
export const isMerger = (name: string) => /^visual\.(merger|deepstack_merger_list)\./.test(name);
