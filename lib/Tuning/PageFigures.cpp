//===- PageFigures.cpp - Figures and tables of a page ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PageFigures.h"

#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

using namespace orcinus;

std::string orcinus::escaped(std::string_view text) {
  // The printer of JSON knows what UTF-8 is.
  std::string valid =
      nlohmann::json::parse(printJson(nlohmann::json(std::string(text))))
          .get<std::string>();
  std::string result;
  for (char letter : valid)
    switch (letter) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\'':
      result += "&#39;";
      break;
    default:
      result += letter;
    }
  return result;
}

static std::string svg(double width, double height, std::string_view label,
                       std::string_view content) {
  return fmt::format(
      "<div class=\"scroll\"><svg width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\" aria-label=\"{2}\">{3}"
      "</svg></div>\n",
      width, height, escaped(label), content);
}

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

namespace {

/// Where the nodes of a tree are: the line that each is on, counted from 1
/// below the root, and how far it is from the root.
struct TreePlaces {
  std::vector<size_t> lines, depths;

  explicit TreePlaces(const std::vector<TreeNode> &nodes)
      : lines(nodes.size()), depths(nodes.size()) {
    std::vector<std::vector<size_t>> children(nodes.size());
    std::vector<size_t> waiting;
    for (size_t node = nodes.size(); node-- > 0;)
      (nodes[node].parent == TreeNode::root ? waiting
                                            : children[nodes[node].parent])
          .push_back(node);
    // The first of them is the last in `waiting`.
    for (size_t line = 1; !waiting.empty(); ++line) {
      size_t node = waiting.back();
      waiting.pop_back();
      lines[node] = line;
      depths[node] = nodes[node].parent == TreeNode::root
                         ? 1
                         : depths[nodes[node].parent] + 1;
      waiting.insert(waiting.end(), children[node].begin(),
                     children[node].end());
    }
  }
};

} // namespace

std::string orcinus::treeFigure(const std::vector<TreeNode> &nodes,
                                std::string_view rootName) {
  constexpr double indent = 36, lineHeight = 24, left = 12, letter = 7.5;
  TreePlaces places(nodes);
  auto x = [&](size_t depth) { return left + indent * double(depth); };
  auto y = [&](size_t line) { return lineHeight * (double(line) + 0.6); };
  std::string content =
      fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/><text "
                  "x=\"{:.1f}\" y=\"{:.1f}\" class=\"soft\">{}</text>",
                  x(0), y(0), x(0) + 10, y(0) + 4, escaped(rootName));
  double width = 0;
  for (size_t node = 0; node < nodes.size(); ++node) {
    const TreeNode &each = nodes[node];
    double atX = x(places.depths[node]), atY = y(places.lines[node]);
    double fromX = x(places.depths[node] - 1);
    double fromY =
        each.parent == TreeNode::root ? y(0) : y(places.lines[each.parent]);
    fmt::format_to(
        std::back_inserter(content),
        "<path class=\"edge\" d=\"M{0:.1f} {1:.1f}V{3:.1f}H{2:.1f}\"/>"
        "<g><title>{4}</title><circle cx=\"{2:.1f}\" cy=\"{3:.1f}\" "
        "r=\"5\"{5}/><text x=\"{6:.1f}\" y=\"{7:.1f}\">{8}</text></g>",
        fromX, fromY + 5, atX, atY, escaped(each.hint),
        each.isHollow ? " class=\"hollow\"" : "", atX + 10, atY + 4,
        escaped(each.name));
    width = std::max(width, atX + 20 + letter * double(each.name.size()));
  }
  return svg(width + left, y(nodes.size()) + lineHeight / 2,
             "what was tuned from what; a table below says the same", content);
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

std::string orcinus::timelineFigure(const std::vector<TimelinePoint> &points,
                                    std::string_view unit) {
  if (points.empty())
    return "";
  constexpr double width = 760, height = 220, left = 70, bottom = 30, top = 12;
  double last = std::max(points.back().seconds, 1e-3), most = 0;
  for (const TimelinePoint &point : points)
    most = std::max(most, point.value);
  auto x = [&](double seconds) {
    return left + (width - left - 12) * seconds / last;
  };
  auto y = [&](double value) {
    return height - bottom - (height - bottom - top) * value / (1.1 * most);
  };
  std::string path, marks;
  for (const TimelinePoint &point : points) {
    if (path.empty())
      path = fmt::format("M{:.1f} {:.1f}", x(point.seconds), y(point.value));
    else
      path += fmt::format("H{:.1f}V{:.1f}", x(point.seconds), y(point.value));
    marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>{}"
                         "</title></circle>",
                         x(point.seconds), y(point.value), escaped(point.hint));
  }
  path += fmt::format("H{:.1f}", x(last));
  std::string axes = fmt::format(
      "<path class=\"edge\" d=\"M{0} {1}V{2}H{3}\"/><text x=\"{4}\" y=\"{5}\" "
      "text-anchor=\"end\" class=\"soft\">{6:.4g} {7}</text><text x=\"{4}\" "
      "y=\"{2}\" text-anchor=\"end\" class=\"soft\">0</text><text x=\"{3}\" "
      "y=\"{8}\" text-anchor=\"end\" class=\"soft\">{9:.0f} s</text>",
      left, top, height - bottom, width - 12, left - 8, y(most) + 4, most,
      escaped(unit), height - 8, last);
  return svg(width, height, "a call's time over the time of tuning",
             axes + fmt::format("<path class=\"line\" d=\"{}\"/>", path) +
                 marks);
}

std::string orcinus::barPair(double before, double value, double most) {
  constexpr double width = 240, thickness = 9;
  auto bar = [&](double length, double top, std::string_view kind) {
    return fmt::format("<rect class=\"{}\" y=\"{}\" width=\"{:.1f}\" "
                       "height=\"{}\"/>",
                       kind, top, most > 0 ? width * length / most : 0,
                       thickness);
  };
  return fmt::format("<svg width=\"{}\" height=\"20\" aria-hidden=\"true\">"
                     "{}{}</svg>",
                     width, bar(before, 0, "pale"), bar(value, 10, "bar"));
}

//===----------------------------------------------------------------------===//
// Tables, and the page
//===----------------------------------------------------------------------===//

TableCell TableCell::number(double value, int digits) {
  return {value > 0 ? fmt::format("{:.{}f}", value, digits) : "–", true};
}

std::string orcinus::tableOf(std::string_view caption,
                             const std::vector<std::string_view> &columns,
                             const std::vector<std::vector<TableCell>> &rows) {
  std::string text =
      fmt::format("<div class=\"scroll\"><table><caption>{}</caption><thead>"
                  "<tr>",
                  escaped(caption));
  for (std::string_view column : columns)
    text += fmt::format("<th scope=\"col\">{}</th>", escaped(column));
  text += "</tr></thead><tbody>\n";
  for (const std::vector<TableCell> &row : rows) {
    text += "<tr>";
    for (size_t at = 0; at < row.size(); ++at)
      text += at == 0 ? fmt::format("<th scope=\"row\">{}</th>", row[at].markup)
                      : fmt::format("<td{}>{}</td>",
                                    row[at].isNumber ? " class=\"number\"" : "",
                                    row[at].markup);
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string orcinus::pageOf(std::string_view title, std::string_view body) {
  static constexpr std::string_view style = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#57606a;
--edge:#9aa4ae;--line:#0072b2;--pale:#b9c3cd}
@media(prefers-color-scheme:dark){:root{--back:#15181c;--text:#e6e9ed;
--soft:#a3adb8;--edge:#5b6570;--line:#56b4e9;--pale:#4a535d}}
body{margin:0 auto;max-width:84rem;padding:1rem;background:var(--back);
color:var(--text);font:1rem/1.5 system-ui,"DejaVu Sans",sans-serif}
h1{font-size:1.6rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2rem 0 .5rem}
.soft,caption{color:var(--soft);fill:var(--soft)}
.scroll{overflow-x:auto;margin:.5rem 0 1rem}
table{border-collapse:collapse;font-size:.9rem;
font-variant-numeric:tabular-nums}
caption{text-align:left}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--edge);
text-align:left;vertical-align:top;font-weight:400}
thead th{font-weight:600;vertical-align:bottom}
.number{text-align:right;white-space:nowrap}
svg text{font-size:13px;fill:var(--text)}
svg text.soft{fill:var(--soft)}
svg circle{fill:var(--line);stroke:var(--line)}
svg circle.hollow{fill:var(--back);stroke-dasharray:2 2}
.edge{fill:none;stroke:var(--edge)}
.line{fill:none;stroke:var(--line);stroke-width:2}
.bar{fill:var(--line)}.pale{fill:var(--pale)}
)";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n{2}</body>\n"
      "</html>\n",
      escaped(title), style, body);
}
