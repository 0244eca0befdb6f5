// Where does a call to my-rest go from here? Ask a mounted folder, or a variable:
//   BRANCHLINE_CONFIG=/etc/branchline npx tsx examples/resolve/main.ts
//   BRANCHLINE_NAMESPACE=feature-x BRANCHLINE_MY_REST__FEATURE_X=8080 npx tsx examples/resolve/main.ts
import { explain, resolve } from 'branchline';

console.log(`${resolve('my-rest')}/get-customer-permissions`);
console.log(explain('my-rest').toString());
