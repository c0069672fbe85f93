import { test } from "tap";
import { missingPackages } from "#conformance/interop/installing.js";

test("a Debian package is there when its file is, whose path may be a pattern of the shell", async (t) => {
  const debianPackages = [
    { name: "bash", file: "/bin/bash" },
    { name: "some-bash", file: "/bin/bas[a-h]" },
    { name: "no-package", file: "/usr/share/no such file" },
    { name: "no-pattern", file: "/usr/share/no such *.file" },
  ];
  t.strictSame(missingPackages({ debianPackages }), ["no-package", "no-pattern"]);
});
