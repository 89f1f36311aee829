// Starts a whole Bluesky network on loopback and prints one line of JSON once it stands: where its parts are, and who
// lives there. Ends with its standard input, so that it never outlives the tests.
//   node network.mjs FOLDER-OF-NODE_MODULES HANDLE=PASSWORD ...
// Takes DB_POSTGRES_URL, DB_POSTGRES_SCHEMA and REDIS_HOST from its environment.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...people] = process.argv.slice(2);
const home = join(folder, "node_modules", "@atproto", "dev-env", "dist", "index.js");
const { TestNetwork } = await import(pathToFileURL(home));

const network = await TestNetwork.create({
  // ".test" is where the network's own accounts live; ours look like the public's.
  pds: { serviceHandleDomains: [".test", ".example.org"] },
  // Without it every post would bear its writer's own time as the time it was indexed, which the public network ended.
  bsky: { indexedAtEpoch: new Date(0) },
});
const accounts = {};
for (const one of people) {
  const [handle, password] = one.split("=");
  const agent = network.pds.getAgent();
  const made = await agent.createAccount({ handle, password, email: `${handle.replaceAll(".", "-")}@example.org` });
  accounts[handle] = made.data.did;
}
await network.processAll();
console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url, plc: network.plc.url, accounts }));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
