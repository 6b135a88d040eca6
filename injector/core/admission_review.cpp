#include "injector/core/admission_review.hpp"

#include "injector/core/pod_view.hpp"
#include "injector/core/utf8_prefix.hpp"
#include "lib/base/base64.hpp"
#include "lib/base/json_fields.hpp"

namespace charon::injector {
namespace {

namespace json = boost::json;

constexpr std::size_t max_uid_bytes = 128;

/// HTTP carries warnings in a header: the API server drops those with control characters.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

}  // namespace

Result<AdmissionRequest> parse_review(std::string_view body, std::string& uid_out) {
  auto parsed = parse_json(body, max_review_bytes);
  if (!parsed) return parsed.error();
  json::object* review = parsed->if_object();
  if (!review || text_of(*review, "kind") != "AdmissionReview" || text_of(*review, "apiVersion") != "admission.k8s.io/v1")
    return fail(Errc::invalid_input, "expected an AdmissionReview of admission.k8s.io/v1");
  json::value* request_value = review->if_contains("request");
  json::object* request = request_value ? request_value->if_object() : nullptr;
  if (!request) return fail(Errc::invalid_input, "request: expected an object");

  AdmissionRequest out;
  out.uid = utf8_prefix(text_of(*request, "uid"), max_uid_bytes);
  uid_out = out.uid;
  if (out.uid.empty()) return fail(Errc::invalid_input, "request.uid: expected a string");
  out.ns = std::string(text_of(*request, "namespace"));
  const json::value* dry_run = request->if_contains("dryRun");
  out.dry_run = dry_run && dry_run->is_bool() && dry_run->get_bool();
  const json::object* resource = object_of(*request, "resource");
  out.pod_creation = text_of(*request, "operation") == "CREATE" && text_of(*request, "subResource").empty() && resource &&
                     text_of(*resource, "group").empty() && text_of(*resource, "resource") == "pods";
  json::value* object = request->if_contains("object");
  if (!object || !object->is_object()) return fail(Errc::invalid_input, "request.object: expected an object");
  out.object = std::move(object->get_object());
  return out;
}

std::string render_answer(const AdmissionAnswer& answer) {
  json::object response{{"uid", answer.uid}, {"allowed", true}};
  if (!answer.patch.empty()) {
    response["patchType"] = "JSONPatch";
    response["patch"] = base64_encode(json::serialize(answer.patch));
  }
  if (!answer.warnings.empty()) {
    json::array warnings;
    for (const std::string& warning : answer.warnings) {
      if (warnings.size() == max_warnings) break;
      warnings.emplace_back(printable(utf8_prefix(warning, max_warning_bytes)));
    }
    response["warnings"] = std::move(warnings);
  }
  if (!answer.audit.empty()) {
    json::object audit;
    for (const auto& [key, value] : answer.audit) audit[key] = value;
    response["auditAnnotations"] = std::move(audit);
  }
  return json::serialize(json::object{{"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"response", std::move(response)}});
}

}  // namespace charon::injector
