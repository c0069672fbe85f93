import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { metIn, straceIsMissing, straceOptions } from "./strace.js";

t.setTimeout(550_000);

const missing = straceIsMissing();

t.test(
  "a server that is ended at the points of a change, and whose system calls fail, is as its clients know it",
  {
    skip: missing ?? false,
  },
  async (t) => {
    // What interruptions of a commit on PostgreSQL come to is told by test/features/open-outcome.test.ts.
    const some = ["--points", "1", "--only", "before the commit is durable", "--shots", "18"];
    const args = ["--database", "sqlite", ...some];
    t.match(await outputOf("torture/points", args), /^torture:points passed in .* points met, .* system calls met/m);
  },
);

t.test("a call that is to be met is traced, since strace meets no other", async (t) => {
  const options = straceOptions(["openat"], { syscall: "fsync", effect: "EIO", when: 3 }, "calls");
  t.match(options.join(" "), /-e trace=openat,fsync -e inject=fsync:error=EIO:when=3/);
});

t.test("calls that were met are counted by what strace says of them", async (t) => {
  t.equal(metIn("12 fsync(3) = 0\n"), 0);
  t.equal(metIn("12 fsync(3) = -1 EIO (Input/output error) (INJECTED)\n12 fsync(3) = 0\n"), 1);
  t.equal(metIn("12 +++ killed by SIGKILL +++\n13 +++ killed by SIGKILL +++\n"), 1);
  t.equal(metIn("12 --- SIGSTOP {si_signo=SIGSTOP, si_code=SI_KERNEL} ---\n"), 1);
  t.equal(metIn("12 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---\n"), 0);
});
