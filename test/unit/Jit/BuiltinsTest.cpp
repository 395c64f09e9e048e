//===- BuiltinsTest.cpp - Code for processors of every level --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Builtins.h"

#include "passes/Lowering/HostProcessor.h"
#include "runtime/Jit/ObjectCompiler.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <dlfcn.h>
#include <set>

using namespace orcinus;

namespace {

/// Whatever needs a call where the processor has no instruction for it.
constexpr const char *text = R"(
  define i16 @bf16(float %x) {
    %y = fptrunc float %x to bfloat
    %bits = bitcast bfloat %y to i16
    ret i16 %bits
  }
  define i16 @bf16_of_double(double %x) {
    %y = fptrunc double %x to bfloat
    %bits = bitcast bfloat %y to i16
    ret i16 %bits
  }
  define void @bf16_vector(ptr %from, ptr %to) {
    %x = load <16 x float>, ptr %from
    %y = fptrunc <16 x float> %x to <16 x bfloat>
    store <16 x bfloat> %y, ptr %to
    ret void
  }
  define i16 @f16(float %x) {
    %y = fptrunc float %x to half
    %bits = bitcast half %y to i16
    ret i16 %bits
  }
  define i16 @f16_of_double(double %x) {
    %y = fptrunc double %x to half
    %bits = bitcast half %y to i16
    ret i16 %bits
  }
  define float @f16_back(i16 %bits) {
    %x = bitcast i16 %bits to half
    %y = fpext half %x to float
    ret float %y
  }
  define i64 @divide(i64 %high, i64 %low, i64 %by) {
    %h = zext i64 %high to i128
    %shifted = shl i128 %h, 64
    %l = zext i64 %low to i128
    %x = or i128 %shifted, %l
    %d = zext i64 %by to i128
    %q = sdiv i128 %x, %d
    %r = urem i128 %q, %d
    %y = trunc i128 %r to i64
    ret i64 %y
  }
  define double @of_i128(i64 %x) {
    %wide = zext i64 %x to i128
    %scaled = mul i128 %wide, %wide
    %y = sitofp i128 %scaled to double
    ret double %y
  }
  declare float @llvm.powi.f32.i32(float, i32)
  define float @power(float %x, i32 %n) {
    %y = call float @llvm.powi.f32.i32(float %x, i32 %n)
    ret float %y
  }
)";

/// A float's nearest bf16, ties to even.
uint16_t bf16Of(float x) {
  auto bits = std::bit_cast<uint32_t>(x);
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

class BuiltinsTest : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    auto named = namedProcessor(GetParam());
    ASSERT_TRUE(bool(named)) << llvm::toString(named.takeError());
    processor.emplace(std::move(*named));
    llvm::LLVMContext context;
    llvm::SMDiagnostic problem;
    auto module = llvm::parseAssemblyString(text, problem, context);
    ASSERT_TRUE(module) << problem.getMessage().str();
    auto compiled =
        compileToObjects(std::move(module), *processor, /*parts=*/1);
    ASSERT_TRUE(compiled.ok()) << compiled.message();
    objects = std::move(*compiled);
  }

  std::set<std::string> undefinedSymbols() {
    std::set<std::string> names;
    for (const std::string &object : objects) {
      auto file = llvm::object::ObjectFile::createObjectFile(
          llvm::MemoryBufferRef(object, "object"));
      EXPECT_TRUE(bool(file));
      for (const llvm::object::SymbolRef &symbol : (*file)->symbols())
        if (*symbol.getFlags() & llvm::object::SymbolRef::SF_Undefined)
          if (std::string name = symbol.getName()->str(); !name.empty())
            names.insert(name);
    }
    return names;
  }

  /// Whether this machine has all instructions of the processor that code for
  /// it may hold; what it has besides, for operating systems, does not count.
  bool runsHere() {
    auto machine = processor->createTargetMachine();
    EXPECT_TRUE(bool(machine));
    const llvm::MCSubtargetInfo *subtarget = (*machine)->getMCSubtargetInfo();
    constexpr llvm::StringRef ofCode[] = {
        "sse", "avx",   "amx",  "fma",  "bmi", "f16c",  "lzcnt",  "popcnt",
        "adx", "movbe", "vaes", "gfni", "sha", "crc32", "vpclmul"};
    for (const auto &feature : llvm::sys::getHostCPUFeatures()) {
      llvm::StringRef name = feature.first();
      if (!feature.second && subtarget->checkFeatures("+" + name.str()) &&
          llvm::any_of(ofCode, [&](llvm::StringRef prefix) {
            return name.starts_with(prefix) && name != "sse4a";
          }))
        return false;
    }
    return true;
  }

  std::optional<llvm::orc::JITTargetMachineBuilder> processor;
  std::vector<std::string> objects;
};

TEST_P(BuiltinsTest, EverythingThatIsCalledIsThere) {
  std::set<std::string> builtins;
  for (const auto &[name, address] : compilerBuiltins()) {
    EXPECT_NE(address, nullptr) << name;
    builtins.insert(name);
  }
  std::set<std::string> names = undefinedSymbols();
  EXPECT_TRUE(names.count("__udivti3") || names.count("__divti3"));
  for (const std::string &name : names)
    EXPECT_TRUE(builtins.count(name) || dlsym(RTLD_DEFAULT, name.c_str()))
        << name << " is nowhere";
}

TEST_P(BuiltinsTest, GivesTheRightResults) {
  if (!runsHere())
    GTEST_SKIP() << "this machine has not all instructions of " << GetParam();
  auto executable = Executable::load({objects, ""}, *processor, {});
  ASSERT_TRUE(executable.ok()) << executable.message();
  auto find = [&]<typename Function>(const char *name, Function *) {
    auto address = (*executable)->lookup(name);
    EXPECT_TRUE(address.ok()) << address.message();
    return address.ok() ? reinterpret_cast<Function *>(*address) : nullptr;
  };
  auto *bf16 = find("bf16", (uint16_t (*)(float)) nullptr);
  auto *bf16OfDouble = find("bf16_of_double", (uint16_t (*)(double)) nullptr);
  auto *bf16Vector =
      find("bf16_vector", (void (*)(const float *, uint16_t *)) nullptr);
  auto *f16 = find("f16", (uint16_t (*)(float)) nullptr);
  auto *f16OfDouble = find("f16_of_double", (uint16_t (*)(double)) nullptr);
  auto *f16Back = find("f16_back", (float (*)(uint16_t)) nullptr);
  auto *divide =
      find("divide", (uint64_t (*)(uint64_t, uint64_t, uint64_t)) nullptr);
  auto *ofWide = find("of_i128", (double (*)(uint64_t)) nullptr);
  auto *power = find("power", (float (*)(float, int)) nullptr);
  ASSERT_FALSE(HasFailure());

  alignas(64) float values[16];
  alignas(64) uint16_t rounded[16];
  for (int at = 0; at < 16; ++at)
    values[at] = std::ldexp(1 + 0.001f * at * at, at - 8) * (at % 3 ? 1 : -1);
  values[3] = 1 + 0x1p-8f; // A tie.
  bf16Vector(values, rounded);
  for (int at = 0; at < 16; ++at) {
    float x = values[at];
    EXPECT_EQ(bf16(x), bf16Of(x)) << x;
    EXPECT_EQ(bf16OfDouble(x), bf16Of(x)) << x;
    EXPECT_EQ(rounded[at], bf16Of(x)) << x;
    auto half = std::bit_cast<uint16_t>(static_cast<_Float16>(x));
    EXPECT_EQ(f16(x), half) << x;
    EXPECT_EQ(f16OfDouble(x), half) << x;
    EXPECT_EQ(f16Back(half), static_cast<float>(std::bit_cast<_Float16>(half)));
  }
  unsigned __int128 wide = (static_cast<unsigned __int128>(1) << 64) | 7;
  EXPECT_EQ(divide(1, 7, 13), static_cast<uint64_t>(wide / 13 % 13));
  EXPECT_EQ(ofWide(1ull << 40), 0x1p80);
  EXPECT_FLOAT_EQ(power(1.5f, 5), 7.59375f);
}

INSTANTIATE_TEST_SUITE_P(Levels, BuiltinsTest,
                         testing::Values("x86-64", "x86-64-v2", "x86-64-v3",
                                         "x86-64-v4", "znver3", "znver4",
                                         "skylake-avx512", "sapphirerapids"),
                         [](const auto &test) {
                           std::string name = test.param;
                           for (char &c : name)
                             if (c == '-')
                               c = '_';
                           return name;
                         });

TEST(HostProcessor, RefusesUnknownNames) {
  auto processor = namedProcessor("x86-64-v9");
  ASSERT_FALSE(bool(processor));
  EXPECT_EQ(llvm::toString(processor.takeError()),
            "there is no processor 'x86-64-v9' (ORCINUS_CPU takes LLVM's "
            "names, such as x86-64-v3 or znver4)");
}

} // namespace
