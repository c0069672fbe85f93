import t from "tap";
import { dotted } from "#certs/der-elements.js";
import { CertificateError } from "#certs/errors.js";

t.test("object identifiers are told with all their digits", async (t) => {
  t.equal(dotted(Buffer.from("551d13", "hex")), "2.5.29.19");
  t.equal(dotted(Buffer.from("2b06010401", "hex")), "1.3.6.1.4.1");
  t.equal(dotted(Buffer.from("883703", "hex")), "2.999.3");
  // A UUID has more digits than a number of JavaScript holds (X.667).
  const uuid = `69${"83"}${"ff".repeat(17)}7f`;
  t.equal(dotted(Buffer.from(uuid, "hex")), `2.25.${2n ** 128n - 1n}`);
});

t.test("one that is not well-formed is refused: cut short, longer than need be, without end, empty", async (t) => {
  for (const hex of ["", "551d93", "80551d13", "55801d13", `${"ff".repeat(60)}7f`, "ff".repeat(60_000)]) {
    t.throws(() => dotted(Buffer.from(hex, "hex")), CertificateError, hex.slice(0, 20));
  }
});
