import { wrongOption } from '../checks/error.js';

/**
 * The number that an option's text says.
 * @throws UserError when it is no whole number of at least `least`
 */
export function wholeNumber(option: string, text: string, least: 0 | 1 = 1): number {
  const number = Number(text);
  if (!(Number.isInteger(number) && number >= least))
    throw wrongOption(option, text, least ? 'a whole number above 0' : 'a whole number');
  return number;
}
