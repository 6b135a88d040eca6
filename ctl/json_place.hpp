#pragma once
/// Where one is in a JSON document that is read event by event: a stack of keys and indices.
#include <string>
#include <string_view>
#include <vector>

namespace charon::ctl {

class JsonPlace {
 public:
  std::size_t depth() const { return frames_.size(); }
  void enter(bool array) { frames_.push_back({array, {}, 0}); }
  void leave() { frames_.pop_back(); }
  /// The object's member `key` is read next; takes the text.
  void member(std::string& key) { frames_.back().key.swap(key); }
  /// A value ended: in an array, on to the next element.
  void next() {
    if (!frames_.empty() && frames_.back().array) ++frames_.back().index;
  }
  /// Of the innermost array; of the innermost object.
  std::size_t index() const { return frames_.back().index; }
  const std::string& key() const { return frames_.back().key; }
  /// Whether at `depth` the member `name` of an object is being read.
  bool within(std::size_t depth, std::string_view name) const { return frames_.size() > depth && !frames_[depth].array && frames_[depth].key == name; }
  /// "data.result[3].values[7]"
  std::string text() const {
    std::string out;
    for (const Frame& frame : frames_) {
      if (frame.array) out += '[' + std::to_string(frame.index) + ']';
      else if (!frame.key.empty()) out += (out.empty() ? "" : ".") + frame.key;
    }
    return out.empty() ? "the document" : out;
  }

 private:
  struct Frame {
    bool array = false;
    std::string key;        // object: of the member being read
    std::size_t index = 0;  // array: of the element being read
  };
  std::vector<Frame> frames_;
};

}  // namespace charon::ctl
