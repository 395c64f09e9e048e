//===- SchedulePlan.cpp - Random schedules of a module --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SchedulePlan.h"

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/HostDescription.h"
#include "passes/Tuning/OperatorAnalysis.h"
#include "passes/Tuning/Passes.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/OperatorLowering.h"

#include "mlir/Pass/PassManager.h"

#include <algorithm>
#include <map>

using namespace orcinus;
using namespace orcinus::differential;

/// Draws until a space finds a schedule legal.
static constexpr int mostDraws = 200;

static TargetDescription targetOf(const Case &options) {
  TargetDescription target = describeHost(options.threads);
  target.vectorBits = options.vectorBits;
  target.vectorRegisters = options.vectorRegisters;
  return target;
}

/// Whether an operator with the root `op` can be described as one of `family`:
/// a sum of products that is lowered as rows may have tiles all the same.
static bool isOfFamily(mlir::linalg::LinalgOp op, OperatorFamily family) {
  return familyOf(op) == family || (family == OperatorFamily::Contraction &&
                                    succeeded(Contraction::match(op)));
}

/// Spaces for the root of `op` as one of `family`, a bucket each; nothing where
/// one has none.
static std::optional<SchedulableOperation>
describe(eto::OperatorOp op, OperatorFamily family,
         const TargetDescription &target) {
  OperatorAnalysis::Obstacle obstacle;
  std::optional<OperatorAnalysis> analysis = OperatorAnalysis::of(op, obstacle);
  if (!analysis || !isOfFamily(analysis->root(), family))
    return std::nullopt;
  mlir::linalg::LinalgOp root = analysis->root();
  auto number = root->getAttrOfType<mlir::IntegerAttr>("number");
  if (!number)
    return std::nullopt;
  SchedulableOperation found;
  found.number = number.getInt();
  found.buckets.assign(op.getBuckets().begin(), op.getBuckets().end());
  std::optional<unsigned> loop = analysis->dynamicLoop();
  if (loop && *loop < root.getNumLoops())
    found.loop = *loop;
  else if (found.buckets.empty())
    found.buckets.push_back(0);
  else
    found.buckets.erase(found.buckets.begin(), found.buckets.end() - 1);
  for (int64_t bucket : found.buckets) {
    OperatorDescription description = analysis->describe(bucket);
    description.family = family;
    auto space = createScheduleSpace(description, target);
    if (!space.ok())
      return std::nullopt;
    found.spaces.push_back(std::move(*space));
  }
  return found;
}

/// Those of `operations` that are of their family on memrefs, too, whose
/// layouts may not be those that tensors get.
static StatusOr<std::vector<SchedulableOperation>>
withFamiliesOf(const Specification &specification, mlir::MLIRContext &context,
               std::vector<SchedulableOperation> operations) {
  Specification plain = specification;
  plain.schedules.clear();
  auto module = parseOperator(context, plain.toCase(/*numbered=*/true).module);
  if (!module.ok())
    return module.status();
  std::map<size_t, mlir::linalg::LinalgOp> ops;
  (**module).walk([&](mlir::linalg::LinalgOp op) {
    if (auto number = op->getAttrOfType<mlir::IntegerAttr>("number"))
      ops[number.getInt()] = op;
  });
  std::erase_if(operations, [&](const SchedulableOperation &operation) {
    auto op = ops.find(operation.number);
    return op == ops.end() ||
           !isOfFamily(op->second,
                       operation.spaces.front()->description().family);
  });
  return operations;
}

StatusOr<std::vector<SchedulableOperation>>
differential::schedulableOperations(const Specification &specification,
                                    mlir::MLIRContext &context) {
  Specification onTensors = specification;
  onTensors.tensors = true;
  onTensors.schedules.clear();
  auto module =
      parseOperator(context, onTensors.toCase(/*numbered=*/true).module);
  if (!module.ok())
    return module.status();
  OutlineOperatorsOptions options;
  options.fewestIterations = 1;
  options.buckets = {4, 16};
  mlir::PassManager manager(&context);
  manager.addPass(createOutlineOperators(options));
  Status outlined = collectErrors(context, "cannot outline", [&] {
    return succeeded(manager.run(**module));
  });
  if (!outlined.ok())
    return outlined;
  std::vector<SchedulableOperation> operations;
  for (auto op : (**module).getOps<eto::OperatorOp>())
    for (OperatorFamily family :
         {OperatorFamily::Contraction, OperatorFamily::Depthwise,
          OperatorFamily::Reduction, OperatorFamily::Elementwise})
      if (auto found = describe(op, family, targetOf(specification.options)))
        operations.push_back(std::move(*found));
  if (specification.tensors)
    return operations;
  return withFamiliesOf(specification, context, std::move(operations));
}

static std::optional<Schedule> drawSchedule(const ScheduleSpace &space,
                                            Draw &draw) {
  for (int drawn = 0; drawn < mostDraws; ++drawn) {
    Schedule schedule;
    for (const ScheduleParameter &parameter : space.parameters())
      schedule.set(parameter.name, draw.among(parameter.choices));
    if (space.legal(schedule).ok())
      return schedule;
  }
  return std::nullopt;
}

StatusOr<bool> differential::drawSchedules(Specification &specification,
                                           mlir::MLIRContext &context,
                                           Draw &draw) {
  auto operations = schedulableOperations(specification, context);
  if (!operations.ok())
    return operations.status();
  for (const SchedulableOperation &operation : *operations) {
    // Of several families, one.
    if (specification.schedules.contains(operation.number) && draw.percent(50))
      continue;
    OperationSchedule drawn;
    drawn.loop = operation.loop;
    for (const auto &space : operation.spaces)
      if (std::optional<Schedule> schedule = drawSchedule(*space, draw))
        drawn.schedules.push_back(*schedule);
    if (drawn.schedules.size() != operation.spaces.size())
      continue;
    drawn.bounds.assign(operation.buckets.begin(), operation.buckets.end() - 1);
    specification.schedules[operation.number] = std::move(drawn);
  }
  return !specification.schedules.empty();
}

bool differential::areOffered(const Specification &specification,
                              mlir::MLIRContext &context) {
  auto operations = schedulableOperations(specification, context);
  if (!operations.ok())
    return false;
  for (const auto &[number, schedule] : specification.schedules) {
    auto offers = [&](const SchedulableOperation &operation) {
      if (operation.number != number ||
          operation.spaces.size() != schedule.schedules.size())
        return false;
      for (size_t at = 0; at < schedule.schedules.size(); ++at)
        if (!operation.spaces[at]->legal(schedule.schedules[at]).ok())
          return false;
      return true;
    };
    if (std::none_of(operations->begin(), operations->end(), offers))
      return false;
  }
  return true;
}
