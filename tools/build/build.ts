// `npm run build`: the package in dist/.

import { buildPackage, DIST } from "./package.ts";

await buildPackage(DIST);
