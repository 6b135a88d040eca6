"""Case 5, through the real API server: what gets an agent, and that whatever the server takes without Charon it takes
with Charon too. Case 9: an agent image that cannot be pulled."""
import copy, itertools, pathlib, re, signal, subprocess, sys, tempfile, unittest

import yaml

from world import *

INPUTS = ROOT.parent / "shared/data/inject"
OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "some", "uid": "0e3a1c1e-7f0b-4f9e-9f43-0d2f3f3c9a11", "controller": True}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", "ownerReferences": [OWNER]}, "spec": {"containers": [
    {"name": "app", "image": "localhost/pause:1", "ports": [{"name": "metrics", "containerPort": 8080}]}]}}
RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 1000,
              "seccompProfile": {"type": "RuntimeDefault"}}


def pod(labels=None, name="pod", **container):
    p = copy.deepcopy(POD)
    p["metadata"] |= {"name": name, "labels": labels or {}}
    p["spec"]["containers"][0] |= container
    return p


def create(ns, p, dry_run=True):
    """(the pod as the server would store it or None, what kubectl said)"""
    args = ["-n", ns, "create", "-f", "-", "-o", "json"] + (["--dry-run=server"] if dry_run else [])
    done = kubectl(*args, check=False, stdin=json.dumps(p))
    return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr


def failed_open():
    """How often the API server went on without Charon's webhook (its own metric)."""
    text = kubectl("get", "--raw", "/metrics").stdout
    counts = re.findall(r'^apiserver_admission_webhook_fail_open_count\{[^}]*name="[a-z]+\.injector\.charon\.dev"[^}]*\} (\S+)', text, re.M)
    return sum(map(float, counts))


def templates(text):
    """(kind, pod template) of every workload in a manifest."""
    documents = list(yaml.safe_load_all(text))
    while documents:
        d = documents.pop(0)
        if not isinstance(d, dict):
            continue
        documents += d.get("items") or []
        spec = d.get("spec") or {}
        if d.get("kind") == "Pod":
            yield "Pod", {"metadata": d.get("metadata", {}), "spec": spec}
        elif d.get("kind") == "CronJob":
            yield "Job", spec["jobTemplate"]["spec"]["template"]
        elif "template" in spec and "spec" in (spec["template"] or {}):
            yield d["kind"], spec["template"]


class Injection(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.namespaces = {None: "inject-none", "enabled": "inject-enabled", "disabled": "inject-disabled", "other": "inject-other"}
        for value, name in cls.namespaces.items():
            namespace(name, injection=value)

    @classmethod
    def tearDownClass(cls):
        for name in [*cls.namespaces.values(), "inject-restricted", "inject-quota"]:
            delete_namespace(name)

    def test_05_label_truth_table(self):
        for (value, ns), label in itertools.product(self.namespaces.items(), [None, "true", "false", "yes"]):
            with self.subTest(namespace=value, pod=label):
                made, said = create(ns, pod({} if label is None else {"charon.dev/inject": label}))
                self.assertTrue(made, said)
                expected = (value == "enabled" and label in (None, "true")) or (value is None and label == "true")
                self.assertEqual(agent_container(made) is not None, expected, status_of(made))

    def test_05_every_input_is_admitted_as_without_charon(self):
        if not INPUTS.exists():
            self.skipTest(f"{INPUTS} is absent")
        bare, injected, admitted = self.namespaces[None], self.namespaces["enabled"], 0
        accounts = set()
        for file in sorted(INPUTS.glob("*.yaml")):
            for kind, template in templates(file.read_text()):
                p = {"apiVersion": "v1", "kind": "Pod", "metadata": {
                    "name": "pod", "labels": template.get("metadata", {}).get("labels") or {},
                    "annotations": template.get("metadata", {}).get("annotations") or {},
                    "ownerReferences": [OWNER | {"kind": kind if kind in ("ReplicaSet", "StatefulSet", "DaemonSet", "Job") else "ReplicaSet"}]},
                    "spec": template["spec"]}
                account = p["spec"].get("serviceAccountName") or p["spec"].get("serviceAccount")
                for ns in (bare, injected):
                    if account and (account, ns) not in accounts:
                        kubectl("-n", ns, "create", "sa", account, check=False)
                        accounts.add((account, ns))
                with self.subTest(file=file.name, kind=kind):
                    without, said = create(bare, p)
                    made, said_injected = create(injected, p)
                    if without is None:
                        self.assertIsNone(made)
                        continue
                    self.assertTrue(made, f"admitted without Charon, refused with it: {said_injected}")
                    admitted += 1
                    if not p["spec"].get("hostNetwork"):              # those are left out before the injector is called
                        self.assertIn("charon.dev/status", made["metadata"].get("annotations", {}))
                    for before in without["spec"]["containers"]:      # nothing of the pod's own was touched
                        after = next(c for c in made["spec"]["containers"] if c["name"] == before["name"])
                        strip = lambda c: {k: v for k, v in c.items() if k != "volumeMounts"}
                        self.assertEqual(strip(after), strip(before))
        self.assertGreater(admitted, 80, "most inputs are valid pods")

    def test_05_restricted_namespace(self):
        namespace("inject-restricted", **{"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"})
        made, said = create("inject-restricted", pod(securityContext=RESTRICTED))
        self.assertTrue(made, said)
        self.assertTrue(agent_container(made))
        self.assertNotIn("would violate", said)

    def test_05_guaranteed_pod_stays_guaranteed(self):
        equal = {"cpu": "100m", "memory": "64Mi"}
        made, said = create("inject-enabled", pod(resources={"requests": equal, "limits": equal}))
        self.assertTrue(agent_container(made), said)
        self.assertEqual(made["status"]["qosClass"], "Guaranteed")

    def test_05_pod_with_a_quota(self):
        namespace("inject-quota")
        apply({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "inject-quota"}, "spec": {"hard": {
            "requests.cpu": "2", "limits.cpu": "4", "requests.memory": "1Gi", "limits.memory": "2Gi", "pods": "10"}}})
        wait("the quota is counted", lambda: get("resourcequota", "q", "inject-quota").get("status", {}).get("used"), 30)
        some = {"cpu": "100m", "memory": "64Mi"}
        more = {"cpu": "200m", "memory": "128Mi"}
        made, said = create("inject-quota", pod(resources={"requests": some, "limits": more}))
        self.assertTrue(made and agent_container(made), said)

    def test_05_second_webhook_after_ours_gives_one_agent(self):
        ca = pathlib.Path("/run/charon-cluster/pki")
        with tempfile.TemporaryDirectory() as d:
            run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{d}/key", "-out", f"{d}/csr", "-subj", "/CN=second")
            (pathlib.Path(d) / "ext").write_text("subjectAltName=IP:10.77.0.1\n")
            run("openssl", "x509", "-req", "-in", f"{d}/csr", "-CA", ca / "ca.crt", "-CAkey", ca / "ca.key", "-CAcreateserial",
                "-days", "2", "-out", f"{d}/crt", "-extfile", f"{d}/ext")
            server = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("second_webhook.py"), "18443", f"{d}/crt", f"{d}/key"])
            self.addCleanup(server.kill)
            self.addCleanup(kubectl, "delete", "mutatingwebhookconfiguration", "zz-second", check=False)
            apply({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "zz-second"},
                   "webhooks": [{"name": "second.example.org", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Fail",
                                 "timeoutSeconds": 5, "reinvocationPolicy": "IfNeeded",
                                 "clientConfig": {"url": "https://10.77.0.1:18443/", "caBundle": base64.b64encode((ca / "ca.crt").read_bytes()).decode()},
                                 "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "inject-enabled"}},
                                 "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}]})

            def both():
                made, said = create("inject-enabled", pod())
                names = [c["name"] for c in made["spec"].get("initContainers", []) + made["spec"]["containers"]] if made else []
                return names if "second" in names else None
            names = wait("the second webhook acts", both, 30)
            self.assertEqual(names.count("charon-agent"), 1)
            self.assertEqual(names.count("second"), 1)

    def test_05_dry_run_of_a_deployment_and_no_trace(self):
        apply(deployment("inject-enabled", "v1.0"), dry_run="server")
        self.assertEqual(get("deployments", ns="inject-enabled"), [])

    def starts_bare(self, name, longest):
        """A Deployment made now: its pod is there, without an agent, within `longest` seconds, and the next ones start too.
        The API server's own count says that it asked the webhook in vain."""
        ns, before = self.namespaces["enabled"], failed_open()
        self.addCleanup(kubectl, "-n", ns, "delete", "deployment", name, "--wait=false", check=False)
        workload = deployment(ns, "v1.0", name=name, replicas=1, image="localhost/pause:1")
        workload["spec"]["template"]["spec"]["containers"][0].pop("readinessProbe")
        made = time.monotonic()
        apply(workload)
        wait("the pod is created", lambda: pods(ns, name), 20, 0.1)
        took = time.monotonic() - made
        print(f"{name}: pod created after {took:.1f} s", flush=True)
        self.assertLess(took, longest)
        wait("the pod runs", lambda: complete(ns, name), 20)
        kubectl("-n", ns, "scale", "deployment", name, "--replicas=3")
        wait("the next pods run", lambda: len(pods(ns, name)) == 3 and complete(ns, name), 30)
        for one in pods(ns, name):
            self.assertIsNone(agent_container(one))
        self.assertGreaterEqual(failed_open() - before, 3, "each pod was created after a call that failed")

    def injects_again(self):
        wait("injection works again", lambda: agent_container(create(self.namespaces["enabled"], pod())[0]), 60)

    def test_05_webhook_gone_pods_start_bare_at_once(self):
        scale = lambda n: kubectl("-n", SYSTEM, "scale", "deployment", "charon-injector", f"--replicas={n}")
        replicas = get("deployment", "charon-injector", SYSTEM)["spec"]["replicas"]
        self.addCleanup(self.injects_again)
        self.addCleanup(scale, replicas)
        scale(0)
        addresses = lambda: [e for s in get("endpointslices", ns=SYSTEM, selector="kubernetes.io/service-name=charon-injector") for e in s.get("endpoints") or []]
        wait("the webhook has no endpoint", lambda: not addresses(), 60)
        self.starts_bare("gone", 2)

    def test_05_webhook_dead_pods_start_bare_within_the_timeout(self):
        pids = [int(pid) for pid in run("pgrep", "-f", "^/charon-injector").stdout.split()]
        self.assertTrue(pids)
        resume = lambda: [os.kill(pid, signal.SIGCONT) for pid in pids if pathlib.Path(f"/proc/{pid}").exists()]
        self.addCleanup(self.injects_again)
        self.addCleanup(resume)
        for pid in pids:                                    # worse than gone: it takes the connection and says nothing
            os.kill(pid, signal.SIGSTOP)
        self.starts_bare("silent", 2 + 1.5)                 # the webhook's timeout, and kubectl's and the controllers' own time


class ImageThatCannotBePulled(unittest.TestCase):
    ns = "case-9"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(delete_namespace, self.ns)

    def test_09_injection_stops_by_itself_and_the_next_pods_start(self):
        values = json.loads(run("helm", "-n", SYSTEM, "get", "values", "charon", "-o", "json", env=ENV).stdout)
        chart = ROOT / "charts/charon"
        def upgrade(digest):
            run("helm", "-n", SYSTEM, "upgrade", "charon", chart, "--reuse-values", "--set", f"agent.image.digest={digest}",
                "--wait", "--timeout", "2m", env=ENV)
        def restore():
            upgrade(values["agent"]["image"]["digest"])
            wait("injection works again", lambda: agent_container(create(self.ns, pod())[0]), 60)
        self.addCleanup(restore)
        upgrade("sha256:" + "0" * 64)
        apply(deployment(self.ns, "v1.0"))
        wait("pods wait on the agent's image", lambda: any(agent_container(p) for p in pods(self.ns)), 30)
        # The pods that wait are not touched; the next ones start.
        apply(deployment(self.ns, "v1.0", name="next"))
        wait("the injector stops injecting", lambda: events(self.ns, "InjectionStopped") or events(SYSTEM, "InjectionStopped"), 120)
        kubectl("-n", self.ns, "delete", "pods", "-l", "app=next", "--wait=false")
        wait("the next pods start bare", lambda: complete(self.ns, "next") and all(agent_container(p) is None for p in pods(self.ns, "next")), 90)
        why = status_of(pods(self.ns, "next")[0])
        self.assertEqual(why["reason"], "AgentImageUnavailable")


if __name__ == "__main__":
    unittest.main(verbosity=2)
