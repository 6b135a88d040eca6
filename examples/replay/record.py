#!/usr/bin/env python3
"""Writes the recordings of this folder: what a small service shows, two pods of each release, a scrape every five seconds.
v1.0 answers within 50 ms; v1.2 needs twenty times the processor, which node2, a weak device, cannot give; v1.3 fails almost three
requests in a hundred on every node."""
import bisect, json, random

BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
START = 1795428000  # 2026-11-23T10:00:00Z


def pod(name, node, slow, scrapes, start, rng, errors=0.001):
    """One pod's series: {(name, labels): [(time, value), ...]}."""
    labels = {"job": "test-app", "pod": name, "node": node, "instance": f"{node}:8080"}
    buckets, codes, total = [0] * (len(BOUNDS) + 1), {"200": 0, "500": 0}, 0.0
    series = {}

    def show(metric, time, value, **more):
        series.setdefault((metric, tuple(sorted({**labels, **more}.items()))), []).append((time, value))

    for scrape in range(scrapes):
        time = round(start + 5 * scrape + rng.random() * 0.02, 3)
        for _ in range(rng.randint(40, 60) if scrape else 0):
            seconds = rng.lognormvariate(-3.9, 0.5) * (25 if rng.random() < slow else 1)
            buckets[bisect.bisect_left(BOUNDS, seconds)] += 1
            codes["500" if rng.random() < errors else "200"] += 1
            total += seconds
        for code, count in codes.items():
            show("http_requests_total", time, count, code=code)
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], [sum(buckets[: i + 1]) for i in range(len(buckets))]):
            show("http_request_duration_seconds_bucket", time, count, le=bound)
        show("http_request_duration_seconds_count", time, sum(buckets))
        show("process_start_time_seconds", time, start - 4)
        show("up", time, 1)
    return series


def write_json(path, pods):
    """As /api/v1/query answers to a range selector."""
    result = [{"metric": {"__name__": name, **dict(labels)}, "values": [[t, str(v)] for t, v in points]}
              for series in pods for (name, labels), points in series.items()]
    with open(path, "w") as out:
        json.dump({"status": "success", "data": {"resultType": "matrix", "result": result}}, out, separators=(",", ":"))


def write_openmetrics(path, pods):
    """As promtool tsdb dump-openmetrics: series by series, without # TYPE."""
    with open(path, "w") as out:
        for series in pods:
            for (name, labels), points in series.items():
                text = ",".join(f'{key}="{value}"' for key, value in labels)
                out.writelines(f"{name}{{{text}}} {value} {t:.3f}\n" for t, value in points)
        out.write("# EOF\n")


rng = random.Random(4)
write_json("stable.json", [pod(f"test-app-v1-0-{i}", f"node{i}", 0.01, 90, START, rng) for i in (1, 2)])
write_openmetrics("candidate.om", [pod(f"test-app-v1-2-{i}", f"node{i}", 0.4 if i == 2 else 0.01, 36, START + 900, rng) for i in (1, 2)])
write_openmetrics("healthy.om", [pod(f"test-app-v1-1-{i}", f"node{i}", 0.01, 36, START + 900, rng) for i in (1, 2)])
write_openmetrics("small.om", [pod(f"test-app-v1-3-{i}", f"node{i}", 0.01, 24, START + 900, rng, errors=0.028) for i in (1, 2, 3, 4)])
