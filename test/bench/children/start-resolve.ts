// A process that imports the root, and asks once: the mount is read on the way.
import { exit } from 'node:process';

import { resolve } from 'branchline';

exit(resolve('svc-00').startsWith('http://h-') ? 0 : 1);
