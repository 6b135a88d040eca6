"""The quickstart's story. examples/quickstart/run starts it."""
import argparse, base64, json, os, pathlib, queue, re, secrets, shutil, subprocess, sys, tempfile, threading, time
from datetime import datetime, timezone

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CLUSTER = ROOT / "tests/cluster/cluster"
sys.path.insert(0, str(ROOT / "tests/cluster"))
import images

NS, SYSTEM, APP = "demo", "charon-system", "test-app"
WEAK_NODE, WEAK_CPU = "node2", 0.1
BOLD, RED, GREEN, DIM, END = ("\033[1m", "\033[31m", "\033[32m", "\033[2m", "\033[0m") if sys.stdout.isatty() else [""] * 5


def say(text, colour=""):
    print(f"{DIM}{datetime.now():%H:%M:%S}{END} {colour}{text}{END if colour else ''}", flush=True)


def cluster(*args):
    done = subprocess.run([CLUSTER, *map(str, args)], text=True, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.returncode)                               # it said why
    return done.stdout


class Kubectl:
    def __init__(self, context):
        self.at = ["--context", context] if context else []
        _, kubeconfig, path = (word.partition("=")[2] for word in cluster("env").split())
        tools = path.removesuffix(":$PATH")
        if context:                                             # the user's own kubectl and helm, or those built here
            self.env = {**os.environ, "PATH": f"{os.environ['PATH']}:{tools}"}
        else:
            self.env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "KUBECONFIG": kubeconfig}

    def __call__(self, *args, check=True, stdin=None):
        done = subprocess.run(["kubectl", *self.at, *map(str, args)], text=True, capture_output=True, env=self.env, input=stdin)
        if check and done.returncode:
            sys.exit(f"kubectl {' '.join(map(str, args))}\n{done.stderr}")
        return done.stdout if done.returncode == 0 else ""

    def get(self, *args):
        text = self("get", *args, "-o", "json", check=False)
        return json.loads(text) if text else {}


def parse_time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


class Story:
    """Polls the cluster and tells what changed since the last look."""
    def __init__(self, kubectl):
        self.kubectl, self.told, self.times = kubectl, set(), {}
        self.lines, self.followed = queue.Queue(), set()

    def once(self, key, text, colour=""):
        if key not in self.told:
            self.told.add(key)
            say(text, colour)

    def mark(self, what, when=None):
        self.times.setdefault(what, when or datetime.now(timezone.utc))

    def deployment(self):
        return self.kubectl.get("deployment", APP, "-n", NS)

    def release(self):
        return self.deployment()["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]

    def complete(self):
        d = self.deployment()
        s, n = d.get("status", {}), d["spec"]["replicas"]
        return s.get("observedGeneration") == d["metadata"]["generation"] and n == s.get("updatedReplicas") == s.get("readyReplicas") == s.get("replicas")

    def ledger(self):
        return self.kubectl.get("releaseledgers", f"deployment.{APP}", "-n", NS).get("status", {})

    def pods(self):
        for pod in self.kubectl.get("pods", "-n", NS, "-l", f"app={APP}").get("items", []):
            name, node = pod["metadata"]["name"], pod["spec"].get("nodeName", "?")
            release = next(c["image"] for c in pod["spec"]["containers"] if c["name"] == APP).rpartition(":")[2]
            ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
            if "deletionTimestamp" not in pod["metadata"]:
                yield name, node, release, ready

    def follow(self, who, ns, pod, container):
        """Queues what a container logs from now on: its pod may be gone before anyone asks for its log."""
        if (pod, container) in self.followed:
            return
        self.followed.add((pod, container))
        log = subprocess.Popen(["kubectl", *self.kubectl.at, "logs", "-f", "--tail=20", "-n", ns, pod, "-c", container], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.kubectl.env)
        threading.Thread(target=lambda: [self.lines.put((who, line)) for line in log.stdout], daemon=True).start()

    def logs(self):
        """The lines that matter, of the coordinator and of each agent, as they are written."""
        for pod in self.kubectl.get("pods", "-n", SYSTEM, "-l", "app.kubernetes.io/component=coordinator").get("items", []):
            self.follow("coordinator", SYSTEM, pod["metadata"]["name"], "coordinator")
        for name, node, release, ready in self.pods():
            if ready:
                self.follow(f"agent on {node}", NS, name, "charon-agent")
        while not self.lines.empty():
            who, line = self.lines.get()
            if "ANOMALY!" in line:
                self.mark("verdict", parse_time(line.partition(" ")[0]))
            if re.search(r"ANOMALY!|Sent rollback|Processing event|Deploying|Rolling back|Recovered|NodeSuspect|uarantined", line):
                self.once((who, line), f"{who}: {line[24:].strip()}", RED if "ANOMALY!" in line else "")

    def evidence(self, candidate):
        for name, node, release, ready in self.pods():
            if ready:
                self.once((name, "ready"), f"{release} is ready on {node}")
            if release != candidate or not ready:
                continue
            page = self.kubectl("get", "--raw", f"/api/v1/namespaces/{NS}/pods/{name}:19095/proxy/debug/evidence", check=False)
            try:
                found = json.loads(page)
            except ValueError:
                continue
            log_evidence = found.get("logEvidence", found.get("log_evidence", 0)) or 0
            if log_evidence > 2.3:                                  # ten to one
                self.mark("first evidence")
                self.once((name, "evidence"), f"agent on {node}: evidence against {release} is {2.718281828 ** min(log_evidence, 60):.0f} to 1")

    def until(self, what, test, seconds, look=lambda: None):
        end = time.monotonic() + seconds
        while True:
            look()
            found = test()
            if found:
                return found
            if time.monotonic() > end:
                sys.exit(f"not within {seconds} s: {what}\n{self.kubectl('get', 'pods,releaseledgers', '-n', NS, '-o', 'wide', check=False)}")
            time.sleep(1)


def follow_registry(kubectl):
    """The registry tells the coordinator of pushes, with a secret that is good for this namespace only."""
    token = secrets.token_hex(16)
    # Server-side: other namespaces' keys in this Secret stay.
    kubectl("apply", "--server-side", "--field-manager=quickstart", "-f", "-", stdin=json.dumps({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "charon-registries", "namespace": SYSTEM}, "stringData": {NS: token}}))
    ca = base64.b64decode(kubectl.get("secret", "charon-coordinator-tls", "-n", SYSTEM)["data"]["ca.crt"])
    with tempfile.NamedTemporaryFile(suffix=".crt") as f:
        f.write(ca)
        f.flush()
        cluster("notify", f"https://charon-coordinator.{SYSTEM}.svc:8443/v1/registry/events",
                "--header", f"Authorization: Bearer {token}", "--ca", f.name)


def clean(a):
    if a.context:
        kubectl = Kubectl(a.context)
        if not all(shutil.which(program, path=kubectl.env["PATH"]) for program in ("kubectl", "helm")):
            sys.exit("neither this machine nor an earlier run here has both kubectl and helm: nothing was removed")
        kubectl("delete", "namespace", NS, "--ignore-not-found")       # first of all: it also shows that the cluster answers
        helm = ["helm", "--kube-context", a.context, "-n", SYSTEM]
        if subprocess.run([*helm, "status", "charon"], env=kubectl.env, capture_output=True).returncode == 0 and \
                subprocess.run([*helm, "uninstall", "charon", "--wait"], env=kubectl.env, stdout=subprocess.DEVNULL).returncode:
            sys.exit("helm could not remove Charon; what else was installed is left there")
        kubectl("delete", "namespace", SYSTEM, "--ignore-not-found")
        kubectl("delete", "crd", "-l", "charon.dev/part=crds", "--ignore-not-found")
    else:
        cluster("down")
    print("removed. What was built stays in build/ and ~/.cache/charon.")


def times(story):
    named = ["release", "deployed", "first evidence", "verdict", "PATCH", "all pods stable again"]
    start = story.times["release"]
    for name in named:
        if name in story.times:
            print(f"  {name:<24}{max(0.0, (story.times[name] - start).total_seconds()):6.1f} s")


def main():
    p = argparse.ArgumentParser(prog="examples/quickstart/run", description="Shows Charon finding a release that fails on one node.")
    p.add_argument("--context", help="of kubectl: take this cluster; no node is made weak there, the release fails everywhere")
    p.add_argument("--registry", help="with --context: HOST/PATH that the nodes pull from and this machine may push to")
    p.add_argument("--clean", action="store_true", help="remove the cluster of an earlier run; with --context: Charon, its custom "
                   f"resources and the namespaces {NS} and {SYSTEM}")
    a = p.parse_args()
    if a.registry and not a.context:
        p.error("--registry needs --context: a cluster on this machine has a registry of its own")
    if a.context and not a.registry and not a.clean:
        p.error("--context needs --registry: the cluster's nodes pull the images from there")
    if a.clean:
        return clean(a)
    installed = subprocess.run([HERE / "install", *(["--context", a.context, "--registry", a.registry] if a.context else [])])
    if installed.returncode:
        sys.exit(installed.returncode)                          # it said why
    kubectl = Kubectl(a.context)
    registry = f"{a.registry or '10.77.0.1:5000'}/{NS}"
    story = Story(kubectl)
    bad = "v1.2-errors" if a.context else "v1.2"

    kubectl("delete", "namespace", NS, "--ignore-not-found")   # of an earlier run, with what was quarantined there
    if not a.context:
        cluster("limit", WEAK_NODE)
    print(f"\n{BOLD}1. Release v1.0 is deployed, and Charon learns how it behaves on each node.{END}")
    images.push(ROOT / "build/images", "test-app:v1.0", registry)
    kubectl("apply", "-f", "-", stdin=(HERE / "demo.yaml").read_text().replace("REGISTRY", registry))
    story.until("v1.0 runs", story.complete, 120, lambda: story.evidence(None))
    story.until("v1.0 is stable", lambda: story.ledger().get("stable"), 240)
    say("v1.0 is stable", GREEN)
    print(kubectl("get", "releaseledgers", "-n", NS))

    if not a.context:
        print(f"{BOLD}2. {WEAK_NODE} becomes a weak device: a tenth of a core for all its pods. v1.0 does not mind.{END}")
        cluster("limit", WEAK_NODE, "--cpu", WEAK_CPU)
        follow_registry(kubectl)
        time.sleep(10)
    print(f"{BOLD}3. {bad} is pushed to the registry. It needs 20 times the processor: fine on two nodes of three.{END}" if not a.context
          else f"{BOLD}2. {bad} is deployed. It fails a quarter of its requests.{END}")
    story.mark("release")
    images.push(ROOT / "build/images", f"test-app:{bad}", registry)
    if a.context:
        kubectl("set", "image", "-n", NS, f"deployment/{APP}", f"{APP}={registry}/test-app:{bad}")

    story.until(f"{bad} is deployed", lambda: story.release() == bad, 60, story.logs)
    story.mark("deployed")

    def rolled_back():
        note = story.deployment()["metadata"].get("annotations", {}).get("charon.dev/rollback")
        return json.loads(note) if note else None
    story.until("rolled back", rolled_back, 300, lambda: (story.evidence(bad), story.logs()))
    note = rolled_back()
    story.mark("PATCH", parse_time(story.until("the ledger has the PATCH", lambda: (story.ledger().get("intent") or {}).get("patched"), 30)))
    say(f"rolled back from {note.get('from')} to {note.get('to')}: {note.get('why')}", GREEN)
    story.until("all pods on v1.0 again", lambda: story.release() == "v1.0" and story.complete(), 180, story.logs)
    story.mark("all pods stable again")
    story.logs()

    print(f"\n{BOLD}The ledger{END}\n{kubectl('get', 'releaseledgers', '-n', NS)}")
    print(f"{BOLD}Times since {'the release was set' if a.context else 'the push'}{END}")
    times(story)
    options = f" --context {a.context}" if a.context else ""
    print(f"\n{BOLD}Look around{END}\n  " + (f"kubectl --context {a.context}" if a.context else f'eval "$({CLUSTER} env)"; kubectl') +
          f" describe deployment {APP} -n {NS}\n{BOLD}Clean up{END}\n  examples/quickstart/run --clean{options}")


if __name__ == "__main__":
    main()
