// brackets-manager.js plays a double elimination to the end; milliseconds on stdout.
import { BracketsManager } from "brackets-manager";
import { InMemoryDatabase } from "brackets-memory-db";

const size = Number(process.argv[2]);
const started = performance.now();
const storage = new InMemoryDatabase();
const manager = new BracketsManager(storage);
await manager.create.stage({
  tournamentId: 1,
  name: "bench",
  type: "double_elimination",
  seeding: Array.from({ length: size }, (_, n) => `Clan ${n + 1}`),
  settings: { grandFinal: "double" },
});
const READY = 2;
let played = 0;
for (;;) {
  const ready = (await storage.select("match")).filter((each) => each.status === READY);
  if (!ready.length) break;
  for (const { id } of ready) {
    await manager.update.match({ id, opponent1: { score: 1, result: "win" }, opponent2: { score: 0 } });
    played += 1;
  }
  if (played >= 2 * size - 2) break;
}
console.log(JSON.stringify({ milliseconds: performance.now() - started, played }));
