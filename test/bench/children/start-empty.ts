// A process that loads an empty module. It ends at once, as the others of `start-…` do when they have what they want.
import { exit } from 'node:process';

exit(0);
