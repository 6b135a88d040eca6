"""Case 1 for the faults that test-app's releases have in them, each seen by what it does and each on the device alone that
it needs: slow on a labelled node, errors on a slow processor, a leak where memory is small."""
import unittest

import yaml

from world import *

ODD = "node3"
LABEL = "example.org/disk"
# release -> what the evidence has to name, a regular expression
FAULTS = {
    "v1.2-late-labelled": "http_request_duration_seconds slow",
    "v1.2-errors-weak": r"http_requests_total\S* errors",
    "v1.2-leak-small": "OOMKilled",
}


class FaultsOfOneDevice(unittest.TestCase):
    ns = "case-1-faults"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns, maxRollbacksPerHour=10)
        self.addCleanup(unlimit_all)
        self.addCleanup(kubectl, "label", "node", ODD, f"{LABEL}-")
        self.addCleanup(kubectl, "delete", "clusterrole,clusterrolebinding", "test-app-reads-its-node", "--ignore-not-found")
        self.addCleanup(delete_namespace, self.ns)

    def test_01_slow_errors_and_leak_are_each_rolled_back_on_evidence_of_their_device(self):
        kubectl("label", "node", ODD, f"{LABEL}=slow", "--overwrite")
        limit(ODD, cpu=0.15, memory=96)
        manifest = (ROOT / "examples/test-app/on-labelled-nodes.yaml").read_text()
        objects = list(yaml.safe_load_all(manifest.replace("REGISTRY", REGISTRY).replace("namespace: demo", f"namespace: {self.ns}")))
        # More requests, and more of the leak with each: the same evidence in less time.
        objects[-1]["spec"]["template"]["spec"]["containers"][0]["env"] += [
            {"name": "TEST_APP_REQUESTS_PER_SECOND", "value": "30"}, {"name": "TEST_APP_LEAK_KIB", "value": "512"}]
        # Its due part of the processor, or whatever else this machine does makes another node look weak as well.
        objects[-1]["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "500m"}}
        apply(*objects)
        settled(self.ns, "v1.0")
        policy(self.ns, maxRollbacksPerHour=10, settleTime="10m")   # time enough for each to be seen
        for release, evidence in FAULTS.items():
            with self.subTest(release=release):
                began = time.monotonic()
                set_release(self.ns, release)
                wait(f"{release} is rolled back", lambda: releases(self.ns).get(release) == "bad" and release_of(self.ns) == "v1.0", 120)
                print(f"{release}: {time.monotonic() - began:.0f} s from release to PATCH", flush=True)
                note = rollback_annotation(self.ns)
                self.assertIn(release, note["from"])
                self.assertRegex(note["why"], evidence)
                self.assertIn(ODD, note["why"])
                for other in NODES:
                    if other != ODD:
                        self.assertNotIn(other, note["why"])
            wait("all pods on v1.0 again", lambda: complete(self.ns), 120)


if __name__ == "__main__":
    unittest.main(verbosity=2)
