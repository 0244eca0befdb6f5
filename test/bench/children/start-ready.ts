// A process that imports the root, asks once, and waits until changes are watched for too.
import { exit } from 'node:process';

import { defaultResolver, resolve } from 'branchline';

resolve('svc-00');
await defaultResolver().ready();
exit(0);
