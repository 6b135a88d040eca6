"""Case 11: a push to the real registry is deployed, judged, rolled back and quarantined; its digest under another tag is
refused."""
import tempfile, unittest

from world import *

SECRET = "a-registry-secret-of-the-test"


class Push(unittest.TestCase):
    ns = "case-11"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(unlimit_all)
        self.addCleanup(delete_namespace, self.ns)
        apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "charon-registries", "namespace": SYSTEM}, "stringData": {self.ns: SECRET}})
        self.addCleanup(kubectl, "-n", SYSTEM, "delete", "secret", "charon-registries", check=False)
        ca = base64.b64decode(get("secret", "charon-coordinator-tls", SYSTEM)["data"]["ca.crt"]).decode()
        with tempfile.NamedTemporaryFile("w", suffix=".crt") as f:
            f.write(ca)
            f.flush()
            run(CLUSTER, "notify", f"https://charon-coordinator.{SYSTEM}.svc:8443/v1/registry/events",
                "--header", f"Authorization: Bearer {SECRET}", "--ca", f.name)

    def push(self, source, tag):
        run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false",
            f"docker://{REGISTRY}/test-app:{source}", f"docker://{REGISTRY}/followed:{tag}")

    def test_11_pushed_tag_is_deployed_judged_rolled_back_and_quarantined(self):
        limit("node3", cpu=WEAK_CPU)
        self.push("v1.0", "v1.0")
        apply(deployment(self.ns, "v1.0", image=f"{REGISTRY}/followed:v1.0", annotations={"charon.dev/follow": "v1.*"}))
        settled(self.ns, "v1.0")
        self.push(SLOW_ON_WEAK, "v1.2")
        wait("v1.2 is deployed", lambda: releases(self.ns).get("v1.2"), 30)
        self.assertIn("Processing event 1 of 1 followed:v1.2", coordinator_log())
        wait("rollback to v1.0", lambda: rollback_annotation(self.ns) and release_of(self.ns) == "v1.0", 240)
        self.assertEqual(releases(self.ns)["v1.2"], "bad")
        wait("all pods on v1.0 again", lambda: complete(self.ns), 120)
        self.push(SLOW_ON_WEAK, "v1.3")                      # the same digest
        digest = run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{REGISTRY}/followed:v1.3").stdout.strip()
        self.assertIn(digest, ledger(self.ns)["status"]["quarantined"])
        why = f"Not deploying followed:v1.3 to {self.ns}/test-app: its digest {digest} is quarantined"
        wait("the push is refused, and why", lambda: why in coordinator_log(), 30)
        told = wait("the workload's owner is told", lambda: [e for e in events(self.ns, "QuarantinedImage") if "followed:v1.3" in e["message"]], 30)
        self.assertIn(digest, told[0]["message"])
        never("the quarantined digest is deployed", lambda: release_of(self.ns) != "v1.0", 10)
        self.push("v1.1", "v2.0")                            # not asked for by the glob
        wait("that is said", lambda: "the workload does not follow tag v2.0" in coordinator_log(), 30)
        never("a tag outside the glob is deployed", lambda: release_of(self.ns) != "v1.0", 5)
        self.push("v1.1", "v1.4")
        wait("a good digest is still followed", lambda: release_of(self.ns) == "v1.4", 30)


if __name__ == "__main__":
    unittest.main(verbosity=2)
