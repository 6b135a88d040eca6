"""What the end-to-end cases need of the world: kubectl, a workload, a weak device, waiting. No case waits a fixed time
for something that can be seen."""
import base64, contextlib, datetime, json, os, pathlib, subprocess, sys, time, urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "tests/cluster/cluster"
REGISTRY = "10.77.0.1:5000"
SYSTEM = "charon-system"
NODES = ["node1", "node2", "node3"]                 # Charon's own pods run on node1, so that the others can be made weak
SLOW_ON_WEAK, CRASH = "v1.2-slow", "v1.2-crash"     # releases of examples/test-app
WEAK_CPU = 0.1                                      # cores of a weak device


def run(*cmd, check=True, stdin=None, env=None, timeout=300):
    p = subprocess.run([str(c) for c in cmd], input=stdin, text=True, capture_output=True, env=env, timeout=timeout)
    if check and p.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, cmd))}: exit {p.returncode}\n{p.stdout[-2000:]}{p.stderr[-2000:]}")
    return p


def environment():
    line = run(CLUSTER, "env").stdout                      # export KUBECONFIG=... PATH=...:$PATH
    kubeconfig, path = (word.partition("=")[2] for word in line.split()[1:3])
    return {**os.environ, "KUBECONFIG": kubeconfig, "PATH": path.replace("$PATH", os.environ["PATH"])}


ENV = environment()


def kubectl(*args, check=True, stdin=None):
    return run("kubectl", *args, check=check, stdin=stdin, env=ENV)


def get(kind, name=None, ns=None, check=True, selector=None):
    """One object, or the list of items; {} where it is absent and check is False."""
    args = ["get", kind] + ([name] if name else []) + ["-o", "json"]
    args += ["-n", ns] if ns else [] if name else ["-A"]
    args += ["-l", selector] if selector else []
    p = kubectl(*args, check=check)
    if p.returncode != 0:
        return {}
    found = json.loads(p.stdout)
    return found if name else found["items"]


def apply(*objects, dry_run=None):
    args = ["apply", "-f", "-", "-o", "json"] + ([f"--dry-run={dry_run}"] if dry_run else [])
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    return kubectl(*args, stdin=text)


def wait(what, test, seconds=60, every=0.5):
    """Polls until test() is true and returns that; the failure says what test() last was or raised."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            last = test()
            if last:
                return last
        except (AssertionError, KeyError, IndexError, ValueError, OSError) as e:
            last = repr(e)[:600]
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what} (last: {last!r})")


def never(what, test, seconds):
    """Fails as soon as test() is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = test()
        assert not found, f"{what}: {found!r}"
        time.sleep(1)


def limit(node, cpu=None, memory=None):
    run(CLUSTER, "limit", node, *(["--cpu", cpu] if cpu else []), *(["--memory", memory] if memory else []))


def overload(node):
    """Leaves a node a third of the processor that its pods use now, however fast this machine is."""
    usage = pathlib.Path("/sys/fs/cgroup/cpuacct") / node / "cpuacct.usage"
    if usage.exists():
        used = lambda: int(usage.read_text()) * 1e-9
    else:
        used = lambda: int((pathlib.Path("/sys/fs/cgroup") / node / "cpu.stat").read_text().split()[1]) * 1e-6   # usage_usec
    began, before = time.monotonic(), used()
    time.sleep(10)
    limit(node, cpu=max(0.01, (used() - before) / (time.monotonic() - began) / 3))      # the least that the kernel takes


def unlimit_all():
    for node in NODES:
        limit(node)


@contextlib.contextmanager
def occupied(node, mib):
    """Something of the device's own takes `mib` MiB of its memory. The kernel kills pods before it: their
    oom_score_adj is higher."""
    group = next(g for g in (pathlib.Path("/sys/fs/cgroup/memory") / node, pathlib.Path("/sys/fs/cgroup") / node) if g.exists()) / "occupied"
    group.mkdir(exist_ok=True)
    join = lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    process = subprocess.Popen([sys.executable, "-c", f"import signal; taken = b'x' * ({mib} << 20); signal.pause()"], preexec_fn=join)
    try:
        yield
        assert process.poll() is None, "what occupied the memory was killed itself"
    finally:
        process.kill()
        process.wait()
        group.rmdir()


def namespace(name, injection="enabled", **labels):
    if injection is not None:
        labels["charon.dev/injection"] = injection
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    wait("default service account", lambda: get("sa", "default", name, check=False), 30)


def policy(ns, **spec):
    """A policy quick enough for tests; what it changes is only time, never what is held against a release."""
    quick = {"scrapeInterval": "1s", "reportInterval": "2s", "settleTime": "15s", "confirmation": "10s"}
    apply({"apiVersion": "charon.dev/v1alpha1", "kind": "RollbackPolicy", "metadata": {"name": "quick", "namespace": ns},
           "spec": {**quick, **spec}})


def deployment(ns, release, name="test-app", replicas=3, image=None, annotations=None, env=None):
    """test-app, one pod a node."""
    labels = {"app": name}
    container = {
        "name": "app", "image": image or f"{REGISTRY}/test-app:{release}",
        "ports": [{"name": "metrics", "containerPort": 8080}],
        "env": [{"name": k, "value": str(v)} for k, v in (env or {}).items()],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 2, "timeoutSeconds": 5, "failureThreshold": 30},
    }
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": ns, "labels": labels, "annotations": annotations or {}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "progressDeadlineSeconds": 120,
                 "strategy": {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
                 "template": {"metadata": {"labels": labels}, "spec": {
                     "terminationGracePeriodSeconds": 3, "containers": [container],
                     "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
                                                    "labelSelector": {"matchLabels": labels}, "matchLabelKeys": ["pod-template-hash"]}]}}}}


def set_release(ns, release, name="test-app"):
    kubectl("-n", ns, "set", "image", f"deployment/{name}", f"app={REGISTRY}/test-app:{release}")


def image(ns, name="test-app"):
    return get("deployment", name, ns)["spec"]["template"]["spec"]["containers"][0]["image"]


def release_of(ns, name="test-app"):
    return image(ns, name).rpartition(":")[2]


def complete(ns, name="test-app"):
    d = get("deployment", name, ns)
    s, n = d.get("status", {}), d["spec"]["replicas"]
    return (s.get("observedGeneration") == d["metadata"]["generation"] and s.get("updatedReplicas") == n == s.get("readyReplicas")
            and s.get("replicas") == n)


def ledger(ns, name="test-app"):
    return get("releaseledgers", f"deployment.{name}", ns, check=False)


def releases(ns, name="test-app"):
    """tag -> state, as the ledger has it now."""
    return {image.rpartition(":")[2]: r["state"] for r in ledger(ns, name).get("status", {}).get("releases", []) for image in r["images"].values()}


def settled(ns, tag, name="test-app", seconds=150):
    return wait(f"{ns}/{name} {tag} is stable or adopted", lambda: releases(ns, name).get(tag) in ("stable", "adopted"), seconds)


PROVING = {"TEST_APP_REQUESTS_PER_SECOND": 40}


def proven(ns, tag, name="test-app", **spec):
    """Deploys `tag` and waits until Charon calls it stable: each agent has excluded the effects that matter, which takes
    some 500 requests a pod and 200 more for each that fails. A release that cannot be proven in twice the time would only be
    adopted: deploy it with PROVING."""
    policy(ns, settleTime="90s", **spec)
    set_release(ns, tag, name)
    wait(f"{ns}/{name} {tag} is stable", lambda: releases(ns, name).get(tag) == "stable", 300)


def pods(ns, name="test-app"):
    return [p for p in get("pods", ns=ns, selector=f"app={name}") if "deletionTimestamp" not in p["metadata"]]


def age(pod):
    """Seconds since it was created."""
    created = datetime.datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    return (datetime.datetime.now(datetime.timezone.utc) - created).total_seconds()


def agent_container(pod):
    found = [c for c in pod["spec"].get("initContainers", []) + pod["spec"]["containers"] if c["name"] == "charon-agent"]
    return found[0] if found else None


def status_of(pod):
    return json.loads(pod["metadata"].get("annotations", {}).get("charon.dev/status", "{}"))


def agent_log(ns, pod):
    return kubectl("-n", ns, "logs", pod, "-c", "charon-agent", check=False).stdout


def coordinator_log():
    return kubectl("-n", SYSTEM, "logs", "-l", "app.kubernetes.io/component=coordinator", "--tail=-1").stdout


def rollback_annotation(ns, name="test-app"):
    text = get("deployment", name, ns)["metadata"].get("annotations", {}).get("charon.dev/rollback")
    return json.loads(text) if text else None


def events(ns, reason=None):
    return [e for e in get("events", ns=ns) if reason is None or e.get("reason") == reason]


def evidence(pod):
    """The agent's own page, over the pod network."""
    with urllib.request.urlopen(f"http://{pod['status']['podIP']}:19095/debug/evidence", timeout=5) as r:
        return json.load(r)


def token(ns, account):
    return kubectl("-n", ns, "create", "token", account).stdout.strip()


def coordinator(method, path, bearer=None, body=None):
    """(status, JSON) of a call to the coordinator's API, its certificate checked."""
    ca = base64.b64decode(get("secret", "charon-coordinator-tls", SYSTEM)["data"]["ca.crt"]).decode()
    address = get("service", "charon-coordinator", SYSTEM)["spec"]["clusterIP"]
    p = run("curl", "-sS", "--noproxy", "*", "--max-time", "20", "-X", method, "--cacert", "/dev/stdin", "-w", "\n%{http_code}",
            "--connect-to", f"charon-coordinator.{SYSTEM}.svc:8443:{address}:8443",
            *(["-H", f"Authorization: Bearer {bearer}"] if bearer else []),
            *(["-H", "Content-Type: application/json", "-d", json.dumps(body)] if body is not None else []),
            f"https://charon-coordinator.{SYSTEM}.svc:8443{path}", stdin=ca)
    text, _, status = p.stdout.rpartition("\n")
    return int(status), json.loads(text) if text.strip() else {}


def delete_namespace(name):
    kubectl("delete", "namespace", name, "--wait=false", check=False)
