//===- TGNNBase.td - The tgnn dialect, its types and enums ------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNBASE_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNBASE_TD

include "dialects/TGNN/IR/TGNNInterfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def TGNN_Dialect : Dialect {
  let name = "tgnn";
  let summary = "Temporal graph neural networks, from the model to its kernels";
  let description = [{
    The dialect says what a temporal graph neural network computes, at four
    levels, each of which prints, parses and verifies alone:

    1. *model*: `tgnn.model` with its states, layers, decoder; extents are
       named sizes (`[dim + time, dim]`).
    2. *step*: functions in which the recursion over layers is explicit data
       flow: queries, samples, frontiers, `tgnn.apply`.
    3. *dense*: pure functions of tensors, each with an adjoint.
    4. *kernels*: the dense ops that are not linear algebra on dense tensors, in
       destination-passing style, on tensors or on buffers.
  }];
  let cppNamespace = "::orcinus::tgnn";
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    /// As `#tgnn<mnemonic value>`; ops print the value alone.
    ::mlir::Attribute parseAttribute(::mlir::DialectAsmParser &parser,
                                     ::mlir::Type type) const override;
    void printAttribute(::mlir::Attribute attribute,
                        ::mlir::DialectAsmPrinter &printer) const override;
  }];
}

class TGNN_Type<string name, string typeMnemonic, string text>
    : TypeDef<TGNN_Dialect, name,
              [DeclareTypeInterfaceMethods<IndexHandleTypeInterface>]> {
  let mnemonic = typeMnemonic;
  let summary = text;
}

def TGNN_QueryType : TGNN_Type<"Query", "query",
    "a set of (node, time) pairs to be embedded">;
def TGNN_NeighbourhoodType : TGNN_Type<"Neighbourhood", "neighbourhood",
    "the sampled temporal neighbours of a query set">;
def TGNN_PendingType : TGNN_Type<"Pending", "pending",
    "the nodes of a frontier that have a pending message">;
def TGNN_ElapsedType : TGNN_Type<"Elapsed", "elapsed",
    "how long ago the nodes of a query set were updated">;
def TGNN_WalkFeaturesType : TGNN_Type<"WalkFeatures", "walk_features",
    "how the temporal walks of pairs of nodes meet">;
def TGNN_EndpointsType : TGNN_Type<"Endpoints", "endpoints",
    "the distinct endpoints of a batch's events">;
def TGNN_PairsType : TGNN_Type<"Pairs", "pairs",
    "the pairs of queries that are asked to be scored">;

def TGNN_AnyHandle : Type<
    CPred<"::llvm::isa<::orcinus::tgnn::IndexHandleTypeInterface>($_self)">,
    "a handle to index tables">;

class TGNN_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::orcinus::tgnn";
  let genSpecializedAttr = 0;
}

def TGNN_SamplingPolicyEnum : TGNN_Enum<"SamplingPolicy",
    "how neighbours are chosen", [
      I32EnumAttrCase<"Recent", 0, "recent">,
      I32EnumAttrCase<"Uniform", 1, "uniform">,
      I32EnumAttrCase<"Latest", 2, "latest">
    ]>;
def TGNN_SamplingPolicyAttr
    : EnumAttr<TGNN_Dialect, TGNN_SamplingPolicyEnum, "sampling"> {
  let assemblyFormat = "`` $value";
}

def TGNN_FrontierKeyEnum : TGNN_Enum<"FrontierKey",
    "what makes two rows of a frontier the same", [
      I32EnumAttrCase<"QueryTime", 0, "query_time">,
      I32EnumAttrCase<"EventTime", 1, "event_time">,
      I32EnumAttrCase<"Node", 2, "node">
    ]>;
def TGNN_FrontierKeyAttr
    : EnumAttr<TGNN_Dialect, TGNN_FrontierKeyEnum, "key"> {
  let assemblyFormat = "`` $value";
}

def TGNN_InitializerEnum : TGNN_Enum<"Initializer",
    "how a parameter's first values are drawn", [
      I32EnumAttrCase<"Xavier", 0, "xavier">,
      I32EnumAttrCase<"Zeros", 1, "zeros">,
      I32EnumAttrCase<"Ones", 2, "ones">,
      I32EnumAttrCase<"TimeFrequencies", 3, "time_frequencies">,
      I32EnumAttrCase<"UniformFanIn", 4, "uniform_fan_in">,
      I32EnumAttrCase<"GapShifts", 5, "gap_shifts">,
      I32EnumAttrCase<"GapRates", 6, "gap_rates">
    ]>;
def TGNN_InitializerAttr
    : EnumAttr<TGNN_Dialect, TGNN_InitializerEnum, "initializer"> {
  let assemblyFormat = "`` $value";
}

def TGNN_AttentionFormEnum : TGNN_Enum<"AttentionForm",
    "which side of the attention score is projected", [
      I32EnumAttrCase<"Automatic", 0, "automatic">,
      I32EnumAttrCase<"ProjectNeighbours", 1, "project_neighbours">,
      I32EnumAttrCase<"ProjectQuery", 2, "project_query">
    ]>;
def TGNN_AttentionFormAttr
    : EnumAttr<TGNN_Dialect, TGNN_AttentionFormEnum, "attention_form"> {
  let assemblyFormat = "`` $value";
}

def TGNN_ReuseShareEnum : TGNN_Enum<"ReuseShare",
    "which embedding of a batch a neighbour among its targets is given", [
      I32EnumAttrCase<"Paper", 0, "paper">,
      I32EnumAttrCase<"Causal", 1, "causal">
    ]>;
def TGNN_ReuseShareAttr
    : EnumAttr<TGNN_Dialect, TGNN_ReuseShareEnum, "share"> {
  let assemblyFormat = "`` $value";
}

def TGNN_CacheMissEnum : TGNN_Enum<"CacheMiss",
    "what a neighbour that is neither fresh nor cached reads", [
      I32EnumAttrCase<"Zeros", 0, "zeros">,
      I32EnumAttrCase<"Recompute", 1, "recompute">
    ]>;
def TGNN_CacheMissAttr
    : EnumAttr<TGNN_Dialect, TGNN_CacheMissEnum, "cache_miss"> {
  let assemblyFormat = "`` $value";
}

def TGNN_LookupTableEnum : TGNN_Enum<"LookupTable",
    "a table of a cache lookup that index work reads or writes", [
      I32EnumAttrCase<"CandidateKeys", 0, "candidate_keys">,
      I32EnumAttrCase<"CandidateSlots", 1, "candidate_slots">,
      I32EnumAttrCase<"EvictedKeys", 2, "evicted_keys">,
      I32EnumAttrCase<"PushedKeys", 3, "pushed_keys">,
      I32EnumAttrCase<"PushedSlots", 4, "pushed_slots">
    ]>;
def TGNN_LookupTableAttr
    : EnumAttr<TGNN_Dialect, TGNN_LookupTableEnum, "lookup_table"> {
  let assemblyFormat = "`` $value";
}

def TGNN_CachePartEnum : TGNN_Enum<"CachePart",
    "a part of a cache's map from keys to slots", [
      I32EnumAttrCase<"SlotOf", 0, "slot_of">,
      I32EnumAttrCase<"WrittenAt", 1, "written_at">
    ]>;
def TGNN_CachePartAttr
    : EnumAttr<TGNN_Dialect, TGNN_CachePartEnum, "cache_part"> {
  let assemblyFormat = "`` $value";
}

def TGNN_OptimizerKindEnum : TGNN_Enum<"OptimizerKind",
    "how parameters follow their gradients", [
      I32EnumAttrCase<"Adam", 0, "adam">,
      I32EnumAttrCase<"AdamW", 1, "adamw">,
      I32EnumAttrCase<"Sgd", 2, "sgd">
    ]>;

def TGNN_OptimizerAttr : AttrDef<TGNN_Dialect, "Optimizer"> {
  let mnemonic = "optimizer";
  let summary = "an optimizer and its settings";
  let description = [{
    `<adamw, weight_decay = 0.05, clip = 1.0>`: a kind (`adam`, `adamw`, `sgd`)
    and numbers by name. What is not given has its default. All kinds have
    `learning_rate` (1e-4), `weight_decay` (0; of `adamw` 0.01) and `clip`, the
    most that the gradients' global norm may be (0 for no bound); `adam` and
    `adamw` have `beta1` (0.9), `beta2` (0.999) and `epsilon` (1e-8); `sgd` has
    `momentum` (0) and `nesterov`, a flag.
  }];
  let parameters = (ins
    "::orcinus::tgnn::OptimizerKind":$kind,
    "::mlir::DictionaryAttr":$settings
  );
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The number of that name, or its default; 0 where the kind has no such.
    double getSetting(::llvm::StringRef name) const;
    bool hasSetting(::llvm::StringRef name) const {
      return getSettings().contains(name);
    }
    bool isNesterov() const { return hasSetting("nesterov"); }
    /// `adam` with all its defaults.
    static OptimizerAttr getDefault(::mlir::MLIRContext *context);
  }];
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNBASE_TD
