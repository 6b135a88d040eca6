#include "ctl/answer_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::ctl;

namespace {

std::string text(Verb verb, unsigned status, std::string body, bool dry_run = false) {
  CommandLine command;
  command.verb = verb;
  command.dry_run = dry_run;
  return answer_text(command, {status, {}, std::move(body)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answers)

BOOST_AUTO_TEST_CASE(workloads_are_a_table) {
  BOOST_TEST(text(Verb::workloads, 200,
                  R"({"workloads":[{"namespace":"shop","name":"test-app","state":"Stable","candidate":""},{"namespace":"b","name":"c","state":"RollingBack","candidate":"v1.2"}]})") ==
             "NAMESPACE  NAME      STATE        CANDIDATE\n"
             "shop       test-app  Stable       -\n"
             "b          c         RollingBack  v1.2\n");
  BOOST_TEST(text(Verb::workloads, 200, R"({"workloads":[]})").starts_with("No workloads"));
}

BOOST_AUTO_TEST_CASE(explain_is_an_outline_with_tables) {
  BOOST_TEST(text(Verb::explain, 200, R"({"state":"Stable","releases":[{"image":"v1","state":"stable"}],"coverage":{"pods":3,"share":0.66666},"empty":[]})") ==
             "state: Stable\nreleases:\n  IMAGE  STATE\n  v1     stable\ncoverage:\n  pods: 3\n  share: 0.6667\n");
}

BOOST_AUTO_TEST_CASE(explain_lists_what_has_no_part_in_the_verdict) {
  BOOST_TEST(text(Verb::explain, 200, R"({"excluded":[{"metric":"flux","kind":"level","reason":"unknown","pods":2},{"metric":"and 3 more"}]})") ==
             "excluded:\n  METRIC      KIND   REASON   PODS\n  flux        level  unknown  2\n  and 3 more  -      -        -\n");
}

BOOST_AUTO_TEST_CASE(commands_are_a_sentence_and_refusals_say_why) {
  BOOST_TEST(text(Verb::rollback, 200, R"({"namespace":"shop","name":"test-app","message":"back to v1.0"})", true) == "shop/test-app: (dry run) back to v1.0\n");
  BOOST_TEST(text(Verb::rollback, 403, R"({"title":"Not allowed","detail":"jane may not"})") == "charonctl: Not allowed (403): jane may not\n");
  BOOST_TEST(text(Verb::rollback, 502, "<html>") == "charonctl: HTTP status 502\n");
}

BOOST_AUTO_TEST_CASE(nothing_from_outside_moves_the_cursor) {
  BOOST_TEST(text(Verb::explain, 200, "{\"reason\":\"a\\u001b[2Jb\\nc\"}") == "reason: a [2Jb c\n");
  BOOST_TEST(text(Verb::explain, 200, "{\"reason\":\"a\\u009b2Jb\\u00a0\u00e4\"}") == "reason: a 2Jb\xc2\xa0\u00e4\n");  // C1, which some terminals obey; no other of these bytes
}

BOOST_AUTO_TEST_SUITE_END()
