#include "injector/core/admission_review.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

namespace {

json::object answer_to(std::string_view body) {
  const Admission admission = admit(body, "enabled", settings(), {});
  BOOST_TEST(admission.skipped.has_value());
  if (admission.skipped) BOOST_TEST(name(admission.skipped->reason) == "NotUnderstood");
  return object(admission.body).at("response").as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(admission_review)

BOOST_AUTO_TEST_CASE(whatever_goes_wrong_the_pod_is_admitted_unchanged) {
  const std::string good = review(pod());
  const auto with = [](std::string_view pod_text) { return review(object(pod_text)); };
  const std::string cases[] = {
      "",
      "null",
      "[]",
      "{}",
      "\xff\xfe",
      std::string(100, '['),
      good.substr(0, good.size() - 2),
      R"({"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{}})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":7}})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":null}})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":{},"operation":"DELETE"}})",
      with("{}"),
      with(R"({"metadata":{},"spec":[]})"),
      with(R"({"metadata":{},"spec":{"containers":[]}})"),
      with(R"({"metadata":{},"spec":{"containers":"web"}})"),
      with(R"({"metadata":{},"spec":{"containers":[null]}})"),
      with(R"({"spec":{"containers":[{"name":"web"}]}})"),
      with(R"({"metadata":{"labels":[]},"spec":{"containers":[{"name":"web"}]}})"),
      with(R"({"metadata":{"annotations":1},"spec":{"containers":[{"name":"web"}]}})"),
      with(R"({"metadata":{"ownerReferences":{}},"spec":{"containers":[{"name":"web"}]}})"),
      with(R"({"metadata":{},"spec":{"containers":[{"name":"web"}],"volumes":{}}})"),
      std::string(max_review_bytes + 1, ' '),
  };
  for (const std::string& body : cases) BOOST_TEST_CONTEXT(body.substr(0, 120)) {
    const json::object response = answer_to(body);
    BOOST_TEST(response.at("allowed").as_bool());
    BOOST_TEST(!response.contains("patch"));
    BOOST_TEST(response.at("warnings").as_array().size() == 1);
  }
}

BOOST_AUTO_TEST_CASE(the_uid_is_echoed_even_where_the_rest_is_not_understood) {
  BOOST_TEST(text_of(answer_to(review(object(R"({"spec":1})"))), "uid") == "review-1");
}

BOOST_AUTO_TEST_CASE(odd_but_possible_pods_get_an_answer) {
  // Ports, resources and labels of types the API never has: passed over, not fatal.
  const auto out = admitted(pod(R"({"labels":{"charon.dev/inject":7}})",
                                R"({"containers":[{"name":"web","ports":[{"containerPort":"80"},null,{"containerPort":70000},{"name":"metrics","containerPort":81}],"resources":[]}]})"));
  BOOST_TEST(out.injected());
  BOOST_TEST(out.env("CHARON_METRICS_PORT") == "81");
}

BOOST_AUTO_TEST_CASE(warnings_are_cut_to_bounds_at_a_characters_border) {
  AdmissionAnswer answer;
  answer.uid = "u";
  answer.warnings.assign(20, std::string(max_warning_bytes - 1, 'a') + "\xc3\xa9");
  answer.warnings[0] = "one\ntwo";
  const json::object response = object(render_answer(answer)).at("response").as_object();
  const auto& warnings = response.at("warnings").as_array();
  BOOST_TEST(warnings.size() == max_warnings);
  BOOST_TEST(warnings[0].as_string() == "one two");
  BOOST_TEST(warnings[1].as_string() == std::string(max_warning_bytes - 1, 'a'));
}

BOOST_AUTO_TEST_SUITE_END()
