/** Prints what the checks of a place say of the folder that is named, to somebody who is not root: root may write everywhere. */
import { importSource } from '../source-modules.js';

const { checkOutputFile, checkOutputFolder } = await importSource('src/cli/places.ts');
// After loading: the clone may lie where only root may read.
if (process.getuid() === 0) process.setuid(65_534);
const said = [checkOutputFolder, checkOutputFile].map((check) => {
  try {
    check(process.argv[2], '--out');
    return 'nothing failed';
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(said), () => process.exit());
