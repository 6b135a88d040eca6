#pragma once
/// The anytime-valid two-sample test of two proportions (R. Turner, A. Ly, P. Grünwald, "Generic E-variables for exact
/// sequential k-sample tests that allow for optional stopping", arXiv 2106.02693), for one block of data.
///
/// A block is N stable and n candidate requests with bad shares q and p. The null is a half plane, p <= slope q + offset
/// (or >=), hence convex. For an alternative (q1, p1) outside it, fixed before the block is seen, let (q0, p0) be its
/// reverse information projection: the point of the null with the least N KL(q1|q) + n KL(p1|p). The likelihood ratio of
/// (q1, p1) to (q0, p0) is then an e-variable: its expectation under (q, p) is A(q)^N B(p)^n with A and B affine, so its
/// logarithm is concave, is 0 at (q0, p0), and has the negative gradient of the divergence there; first-order optimality
/// of (q0, p0) makes it <= 0 on all of the null. Since blocks multiply, the product stays an e-process whenever one looks,
/// and the true shares may change from block to block as long as they stay in the null.
///
/// The sizes may be *effective* ones: a side's likelihood ratio raised to a power w <= 1 (counts n w and k w) has by
/// Jensen's inequality an expectation of at most B^(n w), so the proof holds for any pair of powers. Independent requests
/// lose a little power by it; requests that fail or lag together (correlation rho within a scrape) need it: n of them
/// tell as much as n / (1 + (n - 1) rho) independent ones (L. Kish, Survey Sampling, 1965, the design effect).
namespace charon::agent {

/// Correlation between requests of one scrape that the test allows for. A prior: at most 100 effective requests a scrape.
inline constexpr double within_scrape_correlation = 0.01;

/// Requests and the bad ones among them; fractional where they are effective counts.
struct Trials {
  double total = 0;
  double bad = 0;
  double share() const { return total > 0 ? bad / total : 0; }
};

/// What requests counted over `scrapes` scrapes are worth.
Trials effective(Trials observed, double scrapes);

/// The edge of a null: p = slope q + offset.
struct Line {
  double slope = 1;
  double offset = 0;
  double at(double q) const { return slope * q + offset; }
};

/// The point on `line` that is nearest to the alternative (q1, p1), both within (0, 1), by N KL(q1|q) + n KL(p1|line(q)).
/// Returns its q. N and n are positive.
double project(double stable_total, double candidate_total, double q1, double p1, const Line& line);

enum class NullSide { at_most, at_least };  ///< of the line, for the candidate's share

/// log of the e-variable of one block against "candidate's share is at most (at least) line(stable's share)" for the
/// alternative (q1, p1); 0 where the alternative lies in the null or nothing was counted.
double log_two_sample(Trials stable, Trials candidate, double q1, double p1, const Line& line, NullSide null_side);

/// The same where the edge is a known share p0.
double log_one_sample(Trials candidate, double p1, double p0, NullSide null_side);

}  // namespace charon::agent
