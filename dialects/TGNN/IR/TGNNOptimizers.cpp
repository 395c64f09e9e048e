//===- TGNNOptimizers.cpp - Optimizers and their settings -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

namespace {

/// A number that optimizers have.
struct Setting {
  StringLiteral name;
  bool ofAdam, ofSgd;
  double standard;
  /// Whether it must be below 1, or above 0; it is never negative.
  bool belowOne = false, aboveZero = false;

  bool belongsTo(OptimizerKind kind) const {
    return kind == OptimizerKind::Sgd ? ofSgd : ofAdam;
  }
};

} // namespace

static constexpr Setting settings[] = {
    {"learning_rate", true, true, 1e-4},
    {"weight_decay", true, true, 0},
    {"clip", true, true, 0},
    {"beta1", true, false, 0.9, /*belowOne=*/true},
    {"beta2", true, false, 0.999, /*belowOne=*/true},
    {"epsilon", true, false, 1e-8, /*belowOne=*/false, /*aboveZero=*/true},
    {"momentum", false, true, 0, /*belowOne=*/true},
};

static const Setting *findSetting(OptimizerKind kind, StringRef name) {
  for (const Setting &setting : settings)
    if (setting.name == name && setting.belongsTo(kind))
      return &setting;
  return nullptr;
}

double OptimizerAttr::getSetting(StringRef name) const {
  if (auto given = getSettings().getAs<FloatAttr>(name))
    return given.getValueAsDouble();
  if (getKind() == OptimizerKind::AdamW && name == "weight_decay")
    return 0.01;
  const Setting *setting = findSetting(getKind(), name);
  return setting ? setting->standard : 0;
}

OptimizerAttr OptimizerAttr::getDefault(MLIRContext *context) {
  return get(context, OptimizerKind::Adam, DictionaryAttr::get(context));
}

LogicalResult
OptimizerAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      OptimizerKind kind, DictionaryAttr given) {
  StringRef kindName = stringifyOptimizerKind(kind);
  for (NamedAttribute each : given) {
    StringRef name = each.getName();
    if (name == "nesterov" && kind == OptimizerKind::Sgd &&
        isa<UnitAttr>(each.getValue()))
      continue;
    const Setting *setting = findSetting(kind, name);
    auto value = dyn_cast<FloatAttr>(each.getValue());
    if (!setting || !value || !value.getType().isF64())
      return emitError() << "optimizer '" << kindName << "' has no setting '"
                         << name << "'";
    double number = value.getValueAsDouble();
    // Written so that NaN fails.
    bool fits = number >= 0 && value.getValue().isFinite() &&
                (!setting->belowOne || number < 1) &&
                (!setting->aboveZero || number > 0);
    if (!fits)
      return emitError() << "optimizer '" << kindName << "' needs a " << name
                         << (setting->belowOne    ? " in [0, 1), not "
                             : setting->aboveZero ? " above 0, not "
                                                  : " of at least 0, not ")
                         << number;
  }
  auto momentum = given.getAs<FloatAttr>("momentum");
  if (given.contains("nesterov") && (!momentum || momentum.getValue().isZero()))
    return emitError() << "optimizer 'sgd' needs a momentum for nesterov";
  return success();
}

/// `name = number`, or the name of a flag alone.
static ParseResult parseSetting(AsmParser &parser, NamedAttrList &list) {
  std::string name;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseKeywordOrString(&name))
    return failure();
  if (list.get(name))
    return parser.emitError(location) << "gives '" << name << "' twice";
  if (failed(parser.parseOptionalEqual())) {
    list.set(name, parser.getBuilder().getUnitAttr());
    return success();
  }
  bool isNegative = succeeded(parser.parseOptionalMinus());
  double number = 0;
  int64_t whole = 0;
  OptionalParseResult integer = parser.parseOptionalInteger(whole);
  if (integer.has_value() ? failed(*integer)
                          : failed(parser.parseFloat(number)))
    return failure();
  if (integer.has_value())
    number = static_cast<double>(whole);
  list.set(name,
           parser.getBuilder().getF64FloatAttr(isNegative ? -number : number));
  return success();
}

Attribute OptimizerAttr::parse(AsmParser &parser, Type) {
  std::string kindName;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeywordOrString(&kindName))
    return {};
  std::optional<OptimizerKind> kind = symbolizeOptimizerKind(kindName);
  if (!kind) {
    parser.emitError(location) << "there is no optimizer '" << kindName << "'";
    return {};
  }
  NamedAttrList list;
  while (succeeded(parser.parseOptionalComma()))
    if (parseSetting(parser, list))
      return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<OptimizerAttr>(
      location, parser.getContext(), *kind,
      list.getDictionary(parser.getContext()));
}

void OptimizerAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyOptimizerKind(getKind());
  for (NamedAttribute setting : getSettings()) {
    printer << ", ";
    printer.printKeywordOrString(setting.getName());
    if (isa<UnitAttr>(setting.getValue()))
      continue;
    printer << " = ";
    printer.printAttributeWithoutType(setting.getValue());
  }
  printer << ">";
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// That `others` are as the parameter, all in f32, and the scale is a number.
static LogicalResult verifyOptimizer(Operation *op, Value parameter,
                                     ValueRange others, Value scale) {
  if (cast<ShapedType>(parameter.getType()).getRank() == 0)
    return op->emitOpError("needs a parameter with a dimension");
  for (Value other : others)
    if (!isa<ShapedType>(other.getType()) ||
        failed(verifyCompatibleShape(other.getType(), parameter.getType())))
      return op->emitOpError(
          "needs a gradient and moments of the parameter's shape");
  SmallVector<Value> all(others);
  all.push_back(parameter);
  if (scale)
    all.push_back(scale);
  for (Value memory : all)
    if (!getElementTypeOrSelf(memory).isF32())
      return op->emitOpError("needs all in f32");
  if (scale && (!isa<ShapedType>(scale.getType()) ||
                cast<ShapedType>(scale.getType()).getRank() != 0))
    return op->emitOpError("needs a scale of rank 0");
  return success();
}

template <typename AdaptiveOp>
static LogicalResult verifyAdaptive(AdaptiveOp op) {
  return verifyOptimizer(
      op, op.getParameter(),
      {op.getGradient(), op.getFirstMoment(), op.getSecondMoment()},
      op.getScale());
}

LogicalResult AdamOp::verify() { return verifyAdaptive(*this); }

LogicalResult AdamWOp::verify() { return verifyAdaptive(*this); }

LogicalResult SgdOp::verify() {
  SmallVector<Value> others{getGradient()};
  if (getVelocity())
    others.push_back(getVelocity());
  bool hasMomentum = !getMomentum().isZero();
  if (hasMomentum != static_cast<bool>(getVelocity()))
    return emitOpError("needs a velocity where there is a momentum, and there "
                       "alone");
  return verifyOptimizer(*this, getParameter(), others, getScale());
}
