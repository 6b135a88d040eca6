#include "agent/core/family_meanings.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using detection::Kind;

namespace {

Kind kind_of(FamilyMeanings& meanings, std::string_view family, FamilyType type) { return meanings.of({family, family, {}, 1, type, std::nullopt}).meaning.kind; }

}  // namespace

BOOST_AUTO_TEST_SUITE(family_meanings)

BOOST_AUTO_TEST_CASE(a_family_means_the_same_in_every_scrape_until_its_type_or_the_policy_changes) {
  FamilyMeanings meanings;
  for (int scrape = 0; scrape < 3; ++scrape) {
    BOOST_TEST((kind_of(meanings, "x_bytes", FamilyType::gauge) == Kind::gauge));
    BOOST_TEST((kind_of(meanings, "y", FamilyType::counter) == Kind::counter_rate));
  }
  BOOST_TEST((kind_of(meanings, "y", FamilyType::gauge) == Kind::gauge));
  BOOST_TEST((kind_of(meanings, "y", FamilyType::counter) == Kind::counter_rate));
  wire::MetricOverride errors;
  errors.pattern = "y";
  errors.kind = wire::OverrideKind::error_ratio;
  BOOST_TEST(meanings.configure({errors}));
  BOOST_TEST((kind_of(meanings, "y", FamilyType::counter) == Kind::error_ratio));
  BOOST_TEST((kind_of(meanings, "x_bytes", FamilyType::gauge) == Kind::gauge));
}

BOOST_AUTO_TEST_CASE(families_beyond_what_is_remembered_mean_what_they_mean) {
  FamilyMeanings meanings;
  for (std::size_t i = 0; i < remembered_families + 10; ++i)
    BOOST_TEST((kind_of(meanings, "f" + std::to_string(i), i % 2 == 0 ? FamilyType::gauge : FamilyType::counter) == (i % 2 == 0 ? Kind::gauge : Kind::counter_rate)));
  const std::string longest(longest_family + 1, 'x');
  BOOST_TEST((kind_of(meanings, longest, FamilyType::counter) == Kind::counter_rate));
  BOOST_TEST((kind_of(meanings, longest, FamilyType::gauge) == Kind::gauge));
}

BOOST_AUTO_TEST_CASE(a_distribution_that_no_judge_sees_has_a_name) {
  FamilyMeanings meanings;
  const auto see = [&](std::string_view family) { meanings.of({family, family, {}, 1, FamilyType::unknown, std::nullopt}); };
  see("_bucket");
  BOOST_TEST(meanings.unread().empty());
  see("job_sizes_bucket");
  BOOST_TEST_REQUIRE(meanings.unread().size() == 1U);
  BOOST_TEST(meanings.unread()[0].family == "job_sizes");
}

BOOST_AUTO_TEST_SUITE_END()
