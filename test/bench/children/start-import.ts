// A process that imports the root.
import { exit } from 'node:process';

import { resolve } from 'branchline';

exit(typeof resolve === 'function' ? 0 : 1);
