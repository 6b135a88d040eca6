#pragma once
/// What replay says, to people and to programs.
#include "ctl/replay_judge.hpp"

#include <boost/json/object.hpp>

namespace charon::ctl {

/// Verdict, when, on which pod, culprits with numbers, then every pod and what was not judged.
std::string replay_text(const ReplayResult& result);

/// {"verdict": "fail", "detector": "charon", "at": "2026-...Z" or null, "evidence": 6.6e3, "logEvidence": 8.8, "assumption": "", "needed": 6e3, "pod": ..., "culprits":
/// [{"metric", "kind", "baseline", "now", "evidence", "logEvidence", "named"}], "pods": [{..., "suspended": {"metrics", "requests", "concurrent", "passWaits"} or null,
/// "passWaits": [{"metric", "kind", "scrapes", "undecidable", "pods"}]}], "together":
/// {"failed": time or null, "evidence", "logEvidence", "needed", "sumByShares", "culprits": [text]} or null, "baselineFrom": ..., ...}; shares are
/// of bad requests. Of the classic engine evidence E is a score of 1 - 1/E. Evidence beyond 1e300 stands as 1e300: JSON has no infinity.
boost::json::object replay_json(const ReplayResult& result);

}  // namespace charon::ctl
