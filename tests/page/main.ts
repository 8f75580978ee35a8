// The browser tests: node tests/page/main.ts [--url http://127.0.0.1:8420] [--only WORDS]. With an address, those tests run
// that ask nothing of the data but that there are some runs. The exit code says whether all passed.

import "./accessibility.ts";
import "./keys.ts";
import "./live.ts";
import "./run.ts";
import "./runs.ts";
import "./start.ts";
import "./url.ts";
import "./xss.ts";
import { runAll } from "./harness.ts";

const option = (name: string) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null);
const failed = await runAll(option("--url"), option("--only"));
process.exitCode = failed === 0 ? 0 : 1;
