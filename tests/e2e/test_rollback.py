"""Releases that must go back: bad on one device (1), crash-looping (3), by an old client's word (7), and over the death
of the coordinator (6)."""
import json, time, unittest

from world import *

WEAK = "node3"


class BadOnOneDevice(unittest.TestCase):
    """Case 1."""
    ns = "case-1"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(unlimit_all)
        self.addCleanup(delete_namespace, self.ns)

    def test_01_release_bad_on_one_weak_node_is_rolled_back_on_its_evidence(self):
        limit(WEAK, cpu=WEAK_CPU)
        apply(deployment(self.ns, "v1.0"))
        settled(self.ns, "v1.0")
        set_release(self.ns, SLOW_ON_WEAK)
        wait("rollback to v1.0", lambda: rollback_annotation(self.ns) and release_of(self.ns) == "v1.0", 240)
        why = json.dumps(rollback_annotation(self.ns))
        self.assertIn(WEAK, why, "the evidence is from the weak node")
        for other in NODES:
            if other != WEAK:
                self.assertNotIn(other, why)
        self.assertEqual(releases(self.ns)[SLOW_ON_WEAK], "bad")
        wait("all pods on v1.0 again", lambda: complete(self.ns), 120)
        wait("recovery is recorded", lambda: events(self.ns, "Recovered"), 60)
        self.assertTrue(events(self.ns, "RolledBack"))


class CrashLoop(unittest.TestCase):
    """Case 3."""
    ns = "case-3"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(delete_namespace, self.ns)

    def test_03_crash_looping_release_goes_at_once(self):
        apply(deployment(self.ns, "v1.0"))
        settled(self.ns, "v1.0")
        start = time.monotonic()
        set_release(self.ns, CRASH)
        wait("rollback to v1.0", lambda: rollback_annotation(self.ns) and release_of(self.ns) == "v1.0", 120)
        print(f"crash loop: {time.monotonic() - start:.0f} s from release to PATCH", flush=True)
        self.assertEqual(releases(self.ns)[CRASH], "bad")
        wait("all pods on v1.0 again", lambda: complete(self.ns), 120)


class OldClient(unittest.TestCase):
    """Case 7."""
    ns = "case-7"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(delete_namespace, self.ns)
        for name, rules in {"both": [ROLLBACK_RULE, PATCH_RULE], "ledger-only": [ROLLBACK_RULE], "patch-only": [PATCH_RULE]}.items():
            meta = {"name": name, "namespace": self.ns}
            apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
                  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta, "rules": rules},
                  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta,
                   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
                   "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": self.ns}]})

    def alone(self):
        """A bare image name means one workload only while no other runs that image (else 409 with the list)."""
        return all(d["metadata"]["namespace"] == self.ns for d in get("deployments", selector="app=test-app"))

    def test_07_old_clients_rollback_needs_both_permissions_and_works(self):
        apply(deployment(self.ns, "v1.0"))
        settled(self.ns, "v1.0")
        set_release(self.ns, "v1.1")
        wait("v1.1 is the candidate", lambda: releases(self.ns).get("v1.1") == "candidate", 60)
        wait("earlier cases' workloads are gone", self.alone, 120)
        body = {"image": "test-app"}
        self.assertEqual(coordinator("POST", "/rollback", None, body)[0], 401)
        self.assertEqual(coordinator("POST", "/rollback", "not-a-token", body)[0], 401)
        for account in ("ledger-only", "patch-only"):
            status, problem = coordinator("POST", "/rollback", token(self.ns, account), body)
            self.assertEqual(status, 403, problem)
        self.assertEqual(release_of(self.ns), "v1.1")
        status, answer = coordinator("POST", "/rollback", token(self.ns, "both"), body)
        self.assertIn(status, (200, 202), answer)
        wait("rollback to v1.0", lambda: release_of(self.ns) == "v1.0", 30)


class CoordinatorDies(unittest.TestCase):
    """Case 6."""
    ns = "case-6"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(unlimit_all)
        self.addCleanup(delete_namespace, self.ns)

    def test_06_coordinator_killed_in_a_rollout_forgets_nothing_and_finishes(self):
        limit(WEAK, cpu=WEAK_CPU)
        apply(deployment(self.ns, "v1.0"))
        settled(self.ns, "v1.0")
        before = ledger(self.ns)["status"]["releases"]
        set_release(self.ns, SLOW_ON_WEAK)
        wait("the bad release is the candidate", lambda: releases(self.ns).get(SLOW_ON_WEAK) == "candidate", 60)
        kubectl("-n", SYSTEM, "delete", "pod", "-l", "app.kubernetes.io/component=coordinator", "--grace-period=0", "--force")
        wait("rollback to v1.0 by the new coordinator", lambda: rollback_annotation(self.ns) and release_of(self.ns) == "v1.0", 240)
        after = {r["templateHash"]: r for r in ledger(self.ns)["status"]["releases"]}
        for r in before:
            self.assertEqual(after[r["templateHash"]]["since"], r["since"], "nothing forgotten")
        self.assertEqual(releases(self.ns)[SLOW_ON_WEAK], "bad")
        wait("all pods on v1.0 again", lambda: complete(self.ns), 120)


ROLLBACK_RULE = {"apiGroups": ["charon.dev"], "resources": ["releaseledgers/rollback"], "verbs": ["create"]}
PATCH_RULE = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]}

if __name__ == "__main__":
    unittest.main(verbosity=2)
