//===- Sanitizers.cpp - Checks in compiled programs -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Sanitizers.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstVisitor.h"
#include "llvm/Support/Compiler.h"
#include "llvm/Transforms/Instrumentation/AddressSanitizer.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"

using namespace orcinus;

llvm::StringRef orcinus::programSanitizer() {
  return LLVM_ADDRESS_SANITIZER_BUILD  ? "address"
         : LLVM_THREAD_SANITIZER_BUILD ? "thread"
                                       : "";
}

void orcinus::markForSanitizer(llvm::Module &module) {
  llvm::StringRef sanitizer = programSanitizer();
  if (sanitizer.empty())
    return;
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(sanitizer == "address"
                           ? llvm::Attribute::SanitizeAddress
                           : llvm::Attribute::SanitizeThread);
    // Reports walk the stack by frame pointers.
    function.addFnAttr("frame-pointer", "all");
  }
}

//===----------------------------------------------------------------------===//
// AddressSanitizer
//===----------------------------------------------------------------------===//

static void instrumentForAddresses(llvm::Module &module,
                                   llvm::ModuleAnalysisManager &analyses) {
  // Red zones around global variables are registered by a constructor, which
  // programs do not have.
  for (llvm::GlobalVariable &variable : module.globals()) {
    llvm::GlobalValue::SanitizerMetadata metadata;
    metadata.NoAddress = true;
    variable.setSanitizerMetadata(metadata);
  }
  llvm::AddressSanitizerOptions options;
  // Functions of programs hand no address of their stack to their callers.
  options.UseAfterReturn = llvm::AsanDetectStackUseAfterReturnMode::Never;
  llvm::AddressSanitizerPass(options, /*UseGlobalGC=*/false,
                             /*UseOdrIndicator=*/false,
                             llvm::AsanDtorKind::None, llvm::AsanCtorKind::None)
      .run(module, analyses);
}

//===----------------------------------------------------------------------===//
// ThreadSanitizer
//===----------------------------------------------------------------------===//

namespace {

/// LLVM's pass leaves out what is wider than 16 bytes and what is masked, which
/// is most of what programs access, and the runtime takes no note of copies by
/// code outside of libraries. This puts calls for ranges of memory before them.
class RangeChecks : public llvm::InstVisitor<RangeChecks> {
public:
  explicit RangeChecks(llvm::Module &module)
      : layout(module.getDataLayout()),
        word(llvm::Type::getInt64Ty(module.getContext())),
        read(declare(module, "__tsan_read_range")),
        written(declare(module, "__tsan_write_range")) {}

  void visitLoadInst(llvm::LoadInst &load) {
    checkAll(load, read, load.getPointerOperand(), load.getType());
  }
  void visitStoreInst(llvm::StoreInst &store) {
    checkAll(store, written, store.getPointerOperand(),
             store.getValueOperand()->getType());
  }
  void visitMemIntrinsic(llvm::MemIntrinsic &memory) {
    llvm::IRBuilder<> builder(&memory);
    llvm::Value *bytes = builder.CreateZExtOrTrunc(memory.getLength(), word);
    if (auto *transfer = llvm::dyn_cast<llvm::MemTransferInst>(&memory))
      builder.CreateCall(read, {transfer->getRawSource(), bytes});
    builder.CreateCall(written, {memory.getRawDest(), bytes});
  }
  void visitIntrinsicInst(llvm::IntrinsicInst &call) {
    auto operand = [&](unsigned number) { return call.getArgOperand(number); };
    switch (call.getIntrinsicID()) {
    case llvm::Intrinsic::masked_load:
      return checkFirstRun(call, read, operand(0), operand(1), call.getType());
    case llvm::Intrinsic::masked_store:
      return checkFirstRun(call, written, operand(1), operand(2),
                           operand(0)->getType());
    case llvm::Intrinsic::masked_gather:
      return checkLanes(call, read, operand(0), operand(1), call.getType());
    case llvm::Intrinsic::masked_scatter:
      return checkLanes(call, written, operand(1), operand(2),
                        operand(0)->getType());
    default:
      return;
    }
  }

private:
  static llvm::FunctionCallee declare(llvm::Module &module,
                                      llvm::StringRef name) {
    llvm::LLVMContext &context = module.getContext();
    return module.getOrInsertFunction(name, llvm::Type::getVoidTy(context),
                                      llvm::PointerType::get(context, 0),
                                      llvm::Type::getInt64Ty(context));
  }

  int64_t bytesOf(llvm::Type *type) const {
    return static_cast<int64_t>(layout.getTypeStoreSize(type).getFixedValue());
  }

  /// Of an access to all of a value that LLVM's pass leaves out.
  void checkAll(llvm::Instruction &access, llvm::FunctionCallee check,
                llvm::Value *pointer, llvm::Type *type) {
    constexpr int64_t widestOfLlvm = 16;
    int64_t bytes = bytesOf(type);
    if (bytes <= widestOfLlvm && llvm::isPowerOf2_64(bytes))
      return;
    llvm::IRBuilder<>(&access).CreateCall(
        check, {pointer, llvm::ConstantInt::get(word, bytes)});
  }

  /// Of the first valid lanes that lie side by side: all, where a mask cuts a
  /// row's end or beginning off.
  void checkFirstRun(llvm::Instruction &access, llvm::FunctionCallee check,
                     llvm::Value *pointer, llvm::Value *mask,
                     llvm::Type *type) {
    auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
    if (!vector || vector->getNumElements() > 64)
      return;
    llvm::IRBuilder<> builder(&access);
    llvm::Value *bits = builder.CreateZExt(
        builder.CreateBitCast(mask,
                              builder.getIntNTy(vector->getNumElements())),
        word);
    auto trailingZeros = [&](llvm::Value *value) -> llvm::Value * {
      return builder.CreateIntrinsic(llvm::Intrinsic::cttz, {word},
                                     {value, builder.getFalse()});
    };
    // Without a valid lane, at 63, none.
    llvm::Value *begin = builder.CreateBinaryIntrinsic(
        llvm::Intrinsic::umin, trailingZeros(bits), builder.getInt64(63));
    llvm::Value *lanes =
        trailingZeros(builder.CreateNot(builder.CreateLShr(bits, begin)));
    llvm::Value *bytes = builder.getInt64(bytesOf(vector->getElementType()));
    builder.CreateCall(
        check, {builder.CreatePtrAdd(pointer, builder.CreateMul(begin, bytes)),
                builder.CreateMul(lanes, bytes)});
  }

  /// Of each valid lane at its own address.
  void checkLanes(llvm::Instruction &access, llvm::FunctionCallee check,
                  llvm::Value *pointers, llvm::Value *mask, llvm::Type *type) {
    auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
    if (!vector)
      return;
    llvm::IRBuilder<> builder(&access);
    llvm::Value *bytes = builder.getInt64(bytesOf(vector->getElementType()));
    for (unsigned lane = 0; lane < vector->getNumElements(); ++lane)
      builder.CreateCall(
          check, {builder.CreateExtractElement(pointers, lane),
                  builder.CreateSelect(builder.CreateExtractElement(mask, lane),
                                       bytes, builder.getInt64(0))});
  }

  const llvm::DataLayout &layout;
  llvm::Type *word;
  llvm::FunctionCallee read, written;
};

} // namespace

static void instrumentForThreads(llvm::Module &module,
                                 llvm::ModuleAnalysisManager &analyses) {
  RangeChecks ranges(module);
  llvm::FunctionAnalysisManager &functions =
      analyses.getResult<llvm::FunctionAnalysisManagerModuleProxy>(module)
          .getManager();
  for (llvm::Function &function : module) {
    if (!function.hasFnAttribute(llvm::Attribute::SanitizeThread))
      continue;
    ranges.visit(function);
    functions.invalidate(function, llvm::PreservedAnalyses::none());
    llvm::ThreadSanitizerPass().run(function, functions);
  }
}

void orcinus::instrumentForSanitizer(llvm::Module &module,
                                     llvm::ModuleAnalysisManager &analyses) {
  if (programSanitizer() == "address")
    instrumentForAddresses(module, analyses);
  else if (programSanitizer() == "thread")
    instrumentForThreads(module, analyses);
}
