"""What tests/run runs once the packages are there. One part after the other; a part that fails does not stop the next.

lint         the chart, the scripts, the quickstart's options
unit         dev preset (g++)
integration  dev preset (g++), real TCP and TLS on loopback
fuzz         clang preset: every fuzz target over its corpus and a fixed number of inputs
sanitizers   unit and integration under address and undefined behaviour (clang preset), net and agent under thread (tsan)
e2e          tests/e2e/run on a real cluster; needs root

Boost.Test cases and fuzz targets count one each; a case that says "SKIPPED: why" counts as skipped.
"""
import os, pathlib, re, subprocess, sys, tempfile, time, traceback
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[1]
JOBS = str(os.cpu_count() or 2)
os.environ.setdefault("CCACHE_MAXSIZE", "10G")
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(*cmd, timeout=3600, env=None):
    """(exit status, output); a command that hangs is killed and has status -1."""
    try:
        done = subprocess.run([str(c) for c in cmd], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace", timeout=timeout, env={**os.environ, **(env or {})})
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as e:
        return -1, (e.stdout or b"").decode(errors="replace") + f"\nended after {timeout} s\n"


def check(what, *cmd):
    """One thing that passes or fails."""
    status, output = run(*cmd)
    if status:
        print(f"FAILED {what}\n{output[-6000:]}", flush=True)
        return Count(failed=1)
    return Count(passed=1)


def build(preset, kinds):
    """The preset's tests of these kinds ("unit", "integration_net") and what they run; None if that failed."""
    folder = ROOT / "build" / preset
    began = time.monotonic()
    status, output = run("cmake", "--preset", preset)
    if status == 0:
        _, listed = run("ninja", "-C", folder, "-t", "targets", "all")
        tests = sorted({m for kind in kinds for m in re.findall(rf"^({kind}(?:_[\w-]+)?): phony$", listed, re.M)})
        status, output = run("cmake", "--build", "--preset", preset, "-j", JOBS, "--target", *tests)
    if status:
        print(f"FAILED to build {preset}\n{output[-12000:]}", flush=True)
        return None
    print(f"  built {preset}: {time.monotonic() - began:.0f} s", flush=True)
    return [folder / "tests" / t for t in tests]


def boost_tests(programs, env=None, prefix=()):
    """Runs Boost.Test programs and counts their cases from the JUnit log."""
    total = Count()
    for program in programs or []:
        with tempfile.TemporaryDirectory() as d:
            status, output = run(*prefix, program, f"--logger=HRF,message,stdout:JUNIT,message,{d}/log.xml", timeout=600, env=env)
            count = Count()
            try:
                for case in xml.parse(f"{d}/log.xml").iter("testcase"):
                    if case.find("failure") is not None or case.find("error") is not None:
                        count.failed += 1
                    elif case.find("skipped") is not None or "SKIPPED:" in "".join(case.itertext()):
                        count.skipped += 1
                    else:
                        count.passed += 1
            except (OSError, xml.ParseError):
                pass
        if status and not count.failed:                  # it crashed, hung, or a sanitizer spoke at the end
            count.failed = 1
        if status or count.failed:
            print(f"FAILED {program.relative_to(ROOT)} (exit status {status})\n{output[-8000:]}", flush=True)
        for reason in sorted(set(re.findall(r"SKIPPED: .*", output))):
            print(f"  {program.name}: {reason}")
        print(f"  {program.name}: {count}", flush=True)
        total += count
    return Count(failed=1) if programs is None else total


def lint():
    status, output = run("tests/cluster/cluster", "tools")
    if status:
        print(output[-4000:])
        return Count(failed=1)
    helm, chart = pathlib.Path(output.strip().splitlines()[-1]) / "helm", "charts/charon"
    count = check("helm lint", helm, "lint", "--strict", chart)
    for values in ["", "agent.prePull=true,injector.replicas=1,aggregateRoles=false,coordinator.settleTime=5m"]:
        count += check(f"helm template {values}", helm, "template", "charon", chart, "--namespace", "charon-system",
                       "--kube-version", "1.34.0", "--include-crds", *(["--set", values] if values else []))
    for refused in ["injector.replicas=none", "injector.timeoutSeconds=0", "injector.timeoutSeconds=31", "injector.breakerPods=0", "agent.resources.limits.memory=lots",
                    "agent.resources.limits.memory=0", "agent.resources.requests.cpu=null", "agent.resources.limits=null", "coordinator.settleTime=5min"]:
        status, output = run(helm, "template", "charon", chart, "--kube-version", "1.34.0", "--set", refused)
        if not status:
            print(f"FAILED the chart's schema accepts {refused}", flush=True)
        count += Count(passed=1) if status else Count(failed=1)
    for script in [p for p in run("git", "ls-files", "--", "tests", "examples", ".ci")[1].split() if (ROOT / p).is_file()]:
        first = (ROOT / script).open("rb").readline()
        if script.endswith(".py") or b"python3" in first:
            count += check(script, sys.executable, "-c", f"compile(open({script!r}).read(), {script!r}, 'exec')")
        elif b"bash" in first:
            count += check(script, "bash", "-n", script)
    return count + quickstart_arguments()


def quickstart_arguments():
    """What cannot be meant is refused with the reason before anything is installed or built."""
    count = Count()
    for program, arguments, expected, words in [
            ("run", "--context some", 2, "--context needs --registry"), ("run", "--registry some/where", 2, "--registry needs --context"),
            ("run", "--clean --registry some/where", 2, "--registry needs --context"), ("run", "--keep", 2, "unrecognized"),
            ("run", "--clean --context no-such-context", 1, "no-such-context"), ("run", "--help", 0, "--clean"),
            ("install", "--context some", 2, "--context needs --registry"), ("install", "--registry some/where", 2, "--registry needs --context"),
            ("install", "--context some --registry some/where --new", 2, "exclude"), ("install", "--help", 0, "--context")]:
        status, output = run(f"examples/quickstart/{program}", *arguments.split(), timeout=60, env={"KUBECONFIG": "/dev/null"})
        right = status == expected and words in output and "Traceback" not in output
        if not right:
            print(f"FAILED examples/quickstart/{program} {arguments}: exit status {status}\n{output}", flush=True)
        count += Count(passed=1) if right else Count(failed=1)
    return count


def unit():
    return boost_tests(build("dev", ["unit"]))


def integration():
    return boost_tests(build("dev", ["integration"]))


def fuzz():
    programs = build("clang", ["fuzz"])
    if programs is None:
        return Count(failed=1)
    with tempfile.TemporaryDirectory() as d:
        status, output = run("ctest", "--test-dir", "build/clang", "-R", "^fuzz_", "-j", JOBS, "--output-on-failure", "--timeout", "600",
                             "--output-junit", f"{d}/log.xml")
        suite = xml.parse(f"{d}/log.xml").getroot()
    failed = int(suite.get("failures", 0)) + int(suite.get("errors") or 0)
    if status:
        print(output[-8000:])
    return Count(passed=int(suite.get("tests")) - failed, failed=failed)


def sanitizers():
    options = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1", "TSAN_OPTIONS": "halt_on_error=1"}
    count = boost_tests(build("clang", ["unit", "integration"]), options)
    # Every program is one thread and the resolver's; these two parts are where those meet.
    # The thread sanitizer of g++ 12 cannot live with as much address space randomisation as newer kernels do.
    count += boost_tests(build("tsan", ["integration_net", "integration_agent"]), options, ["setarch", "--addr-no-randomize"])
    return count


def e2e():
    process = subprocess.Popen([sys.executable, "tests/e2e/run"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    last = ""
    for line in process.stdout:                          # shown as it comes: this part is the longest
        print(f"  {line}", end="", flush=True)
        last = line if re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped\n", line) else last
    status = process.wait()
    count = Count(*map(int, re.findall(r"\d+", last))) if last else Count()
    if status and not count.failed:
        count.failed = 1
    return count


PARTS = {f.__name__: f for f in [lint, unit, integration, fuzz, sanitizers, e2e]}


def main():
    parts = sys.argv[1:] or list(PARTS)
    unknown = [p for p in parts if p not in PARTS]
    if unknown:
        sys.exit(f"tests/run: no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    total, began = Count(), time.monotonic()
    for part in parts:
        start = time.monotonic()
        print(f"== {part}", flush=True)
        try:
            count = PARTS[part]()
            count = count if count.passed + count.failed + count.skipped else Count(failed=1)   # nothing ran: nothing is known
        except Exception:                                # the closing line comes whatever happens
            traceback.print_exc(file=sys.stdout)
            count = Count(failed=1)
        print(f"== {part}: {count}; {time.monotonic() - start:.0f} s", flush=True)
        total += count
    print(f"whole run: {time.monotonic() - began:.0f} s")
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
