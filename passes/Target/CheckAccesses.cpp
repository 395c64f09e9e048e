//===- CheckAccesses.cpp - Checks before a kernel's accesses --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/CheckAccesses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/ADT/TypeSwitch.h"

#include <optional>

using namespace mlir;
using namespace orcinus;

namespace {

/// As AccessKind of runtime/Simulator/AccessChecker.h.
enum class Kind { Read, Write, Atomic };

/// An access to elements of a memref.
struct Access {
  Kind kind;
  Value memref;
  SmallVector<Value> indices;
  /// Elements along the last dimension, from the last index on.
  int64_t lanes = 1;
  /// Which lanes are accessed; null for all.
  Value mask = {};
  /// Lanes beyond the last dimension's end are left out.
  bool clamped = false;
  /// What its address is said to be a multiple of, in bytes.
  int64_t alignment = 1;
};

/// Emits the checks of one access.
class Checker {
public:
  Checker(Operation *op, const Access &access, Value self,
          SimulatorCalls &calls, int64_t elementBytes)
      : builder(op->getLoc(), op), access(access), self(self), calls(calls),
        elementBytes(elementBytes),
        type(cast<MemRefType>(access.memref.getType())),
        place(calls.sharedText(builder, op->getLoc())) {}

  void emit();

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, value);
  }
  Value extent(int64_t dimension) {
    return builder.createOrFold<memref::DimOp>(access.memref, dimension);
  }
  void checkIndex(Value index, int64_t dimension);
  void emitLanes();
  void checkAlignment(Value address);
  void tell(ValueRange indices, int64_t elements);
  Value addressOf(ValueRange indices);

  ImplicitLocOpBuilder builder;
  const Access &access;
  Value self;
  SimulatorCalls &calls;
  int64_t elementBytes;
  MemRefType type;
  Value place;
};

} // namespace

void Checker::emit() {
  int64_t last = type.getRank() - 1;
  for (int64_t dimension = 0; dimension < last; ++dimension)
    checkIndex(access.indices[dimension], dimension);
  if (access.mask || access.clamped)
    return emitLanes();
  if (last >= 0)
    checkIndex(access.indices[last], last);
  if (access.lanes > 1)
    checkIndex(arith::AddIOp::create(builder, access.indices[last],
                                     constant(access.lanes - 1)),
               last);
  tell(access.indices, access.lanes);
}

/// Checks and tells of each lane that is accessed.
void Checker::emitLanes() {
  int64_t last = type.getRank() - 1;
  auto loop = scf::ForOp::create(builder, constant(0), constant(access.lanes),
                                 constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value lane = loop.getInductionVar();
  SmallVector<Value> indices(access.indices);
  indices[last] = arith::AddIOp::create(builder, indices[last], lane);

  Value active;
  if (access.mask)
    active = vector::ExtractOp::create(builder, access.mask,
                                       ArrayRef<OpFoldResult>{lane});
  if (access.clamped) {
    Value inside = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                         indices[last], extent(last));
    active = active ? arith::AndIOp::create(builder, active, inside).getResult()
                    : inside;
  }
  if (active) {
    auto condition =
        scf::IfOp::create(builder, active, /*withElseRegion=*/false);
    builder.setInsertionPointToStart(condition.thenBlock());
  }
  checkIndex(indices[last], last);
  tell(indices, 1);
}

void Checker::checkIndex(Value index, int64_t dimension) {
  Value size = extent(dimension);
  // As unsigned numbers, negative ones are beyond any extent.
  Value outside =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::uge, index, size);
  auto condition =
      scf::IfOp::create(builder, outside, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(condition.thenBlock());
  Type word = builder.getI64Type();
  Value operands[] = {
      self, arith::IndexCastOp::create(builder, word, index),
      arith::IndexCastOp::create(builder, word, size),
      arith::ConstantIntOp::create(builder, dimension, /*width=*/32)};
  calls.call(builder, builder.getLoc(), "orcinus_sim_out_of_bounds", operands,
             place);
}

void Checker::checkAlignment(Value address) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(builder, value, /*width=*/64);
  };
  Value rest =
      arith::AndIOp::create(builder, address, number(access.alignment - 1));
  Value outside =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, rest, number(0));
  auto condition =
      scf::IfOp::create(builder, outside, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(condition.thenBlock());
  Value operands[] = {self, rest, number(access.alignment)};
  calls.call(builder, builder.getLoc(), "orcinus_sim_misaligned", operands,
             place);
}

void Checker::tell(ValueRange indices, int64_t elements) {
  Value address = addressOf(indices);
  if (access.alignment > 1)
    checkAlignment(address);
  Value pointer = LLVM::IntToPtrOp::create(
      builder, LLVM::LLVMPointerType::get(builder.getContext()),
      ValueRange(address));
  Value operands[] = {
      self, pointer,
      arith::ConstantIntOp::create(builder, elements * elementBytes,
                                   /*width=*/32),
      arith::ConstantIntOp::create(builder, static_cast<int64_t>(access.kind),
                                   /*width=*/32)};
  calls.call(builder, builder.getLoc(), "orcinus_sim_access", operands, place);
}

Value Checker::addressOf(ValueRange indices) {
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, access.memref);
  Value position = metadata.getOffset();
  for (auto [index, stride] : llvm::zip(indices, metadata.getStrides()))
    position = arith::AddIOp::create(
        builder, position, arith::MulIOp::create(builder, index, stride));
  Value address = arith::AddIOp::create(
      builder,
      memref::ExtractAlignedPointerAsIndexOp::create(builder, access.memref),
      arith::MulIOp::create(builder, position, constant(elementBytes)));
  return arith::IndexCastOp::create(builder, builder.getI64Type(), address);
}

/// The access of a transfer that reads or writes a vector as it lies in memory.
template <typename Transfer>
static std::optional<Access> accessOfTransfer(Transfer op, Kind kind) {
  VectorType vector = op.getVectorType();
  if (vector.getRank() != 1 || vector.isScalable() ||
      !op.getPermutationMap().isMinorIdentity() ||
      !isa<MemRefType>(op.getBase().getType()))
    return std::nullopt;
  return Access{kind,
                op.getBase(),
                SmallVector<Value>(op.getIndices()),
                vector.getNumElements(),
                op.getMask(),
                /*clamped=*/!op.isDimInBounds(0)};
}

/// The access of an op whose memref has vectors of `vector`.
template <typename Op>
static std::optional<Access> accessOfVector(Op op, Kind kind,
                                            VectorType vector) {
  auto memref = dyn_cast<MemRefType>(op.getBase().getType());
  if (!memref || vector.getRank() != 1 || vector.isScalable())
    return std::nullopt;
  // A memref of vectors has them as its elements.
  bool whole = isa<VectorType>(memref.getElementType());
  return Access{kind,
                op.getBase(),
                SmallVector<Value>(op.getIndices()),
                whole ? 1 : vector.getNumElements(),
                /*mask=*/Value(),
                /*clamped=*/false,
                static_cast<int64_t>(op.getAlignment().value_or(1))};
}

/// The access that `op` makes; none where it is not known.
static std::optional<Access> accessOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Access>>(op)
      .Case([](memref::LoadOp load) {
        return Access{Kind::Read, load.getMemRef(),
                      SmallVector<Value>(load.getIndices())};
      })
      .Case([](memref::StoreOp store) {
        return Access{Kind::Write, store.getMemRef(),
                      SmallVector<Value>(store.getIndices())};
      })
      .Case<memref::AtomicRMWOp, memref::GenericAtomicRMWOp>([](auto atomic) {
        return Access{Kind::Atomic, atomic.getMemref(),
                      SmallVector<Value>(atomic.getIndices())};
      })
      .Case([](vector::LoadOp load) {
        return accessOfVector(load, Kind::Read, load.getVectorType());
      })
      .Case([](vector::StoreOp store) {
        return accessOfVector(store, Kind::Write, store.getVectorType());
      })
      .Case([](vector::MaskedLoadOp load) {
        auto access = accessOfVector(load, Kind::Read, load.getVectorType());
        if (access)
          access->mask = load.getMask();
        return access;
      })
      .Case([](vector::MaskedStoreOp store) {
        auto access = accessOfVector(store, Kind::Write, store.getVectorType());
        if (access)
          access->mask = store.getMask();
        return access;
      })
      .Case([](vector::TransferReadOp read) {
        return accessOfTransfer(read, Kind::Read);
      })
      .Case([](vector::TransferWriteOp write) {
        return accessOfTransfer(write, Kind::Write);
      })
      .Default(std::optional<Access>());
}

/// Whether `op` reads or writes a memref.
static bool accessesMemory(Operation *op) {
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface)
    return false;
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects(effects);
  return llvm::any_of(effects, [](const MemoryEffects::EffectInstance &effect) {
    return effect.getValue() &&
           isa<BaseMemRefType>(effect.getValue().getType()) &&
           isa<MemoryEffects::Read, MemoryEffects::Write>(effect.getEffect());
  });
}

FailureOr<int64_t> orcinus::checkAccesses(func::FuncOp kernel, Value self,
                                          SimulatorCalls &calls) {
  DataLayout layout = DataLayout::closest(kernel);
  SmallVector<std::pair<Operation *, Access>> accesses;
  WalkResult result = kernel.walk([&](Operation *op) -> WalkResult {
    if (std::optional<Access> access = accessOf(op))
      accesses.emplace_back(op, std::move(*access));
    else if (accessesMemory(op))
      return op->emitOpError("accesses memory in a way that the simulator "
                             "does not check");
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  for (auto &[op, access] : accesses) {
    auto type = cast<MemRefType>(access.memref.getType());
    Checker(op, access, self, calls, layout.getTypeSize(type.getElementType()))
        .emit();
  }
  return static_cast<int64_t>(accesses.size());
}
