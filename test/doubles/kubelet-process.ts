// A kubelet in a process of its own, so that it writes while the reader reads. Started by writer.ts.

import { createKubelet } from './kubelet.ts';
import { numberedPayload } from './numbered.ts';
import { obey } from './order.ts';

obey(({ path, entries }) => {
  const kubelet = createKubelet(path);
  return (sequence) => kubelet.write(numberedPayload(entries, sequence));
});
