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

/// A table that index work makes: what docs/abi.md says of it, and what
/// `IndexHandleTypeInterface` does.
class TGNN_Table<string tableName, string elementType,
                 list<string> extentNames, string text, string upperBound = "",
                 bit distinct = 0> {
  string name = tableName;
  /// I32, I64 or F32.
  string element = elementType;
  /// A name for each extent; those of the same name are equal.
  list<string> extents = extentNames;
  string description = text;
  /// What the values are below, as TableDescription has it, and whether none is
  /// there twice.
  string below = upperBound;
  bit isDistinct = distinct;
  string initializer = "{\"" # name # "\", TableDescription::Element::" #
      element # ", {\"" # !interleave(extents, "\", \"") #
      !if(!eq(!size(extents), 1), "\", \"", "") # "\"}, \"" # below #
      "\", " # isDistinct # "}";
}

class TGNN_Type<string name, string typeMnemonic, string text,
                list<TGNN_Table> handleTables>
    : TypeDef<TGNN_Dialect, name,
              [DeclareTypeInterfaceMethods<IndexHandleTypeInterface>]> {
  let mnemonic = typeMnemonic;
  let summary = text;
  list<TGNN_Table> tables = handleTables;
  let extraClassDefinition = [{
    ::llvm::ArrayRef<::orcinus::tgnn::TableDescription>
    $cppClass::getTables() const {
      static constexpr TableDescription tables[] = {
  }] # !interleave(!foreach(table, handleTables, table.initializer), ",\n") # [{
      };
      return tables;
    }
  }];
}

def TGNN_QueryType : TGNN_Type<"Query", "query",
    "a set of (node, time) pairs to be embedded", [
      TGNN_Table<"nodes", "I32", ["rows"], "the nodes", "nodes">,
      TGNN_Table<"times", "I64", ["rows"],
          "keys with the order of the times; what compiled code computes with "
          "is in `time_deltas`">,
      TGNN_Table<"roles", "I32", ["rows"],
          "of targets: 0 who is asked for as a source, 1 as a destination", "2">,
      TGNN_Table<"self", "I32", ["queries"],
          "of a frontier: the row of each query that it was made from", "rows">,
      TGNN_Table<"neighbours", "I32", ["queries", "neighbours"],
          "of a frontier: the row of each neighbour, 0 where invalid", "read">,
      TGNN_Table<"self_offsets", "I32", ["offsets"],
          "of a frontier: the inverse of `self` in compressed rows: where each "
          "row's queries begin, and where the last one's end">,
      TGNN_Table<"self_references", "I32", ["queries"],
          "of a frontier: these queries, ascending", "queries">,
      TGNN_Table<"reference_offsets", "I32", ["offsets"],
          "of a frontier: the inverse of `neighbours`, likewise">,
      TGNN_Table<"references", "I32", ["references"],
          "of a frontier: flat positions query · k + place, the valid ones",
          "queries * neighbours">,
      TGNN_Table<"cached_rows", "I32", ["cached"],
          "of a cache lookup of F rows: the rows of the cache that are read, to "
          "which `neighbours` refers from F on", "cache">,
      TGNN_Table<"pushed_rows", "I32", ["pushed"],
          "of a cache lookup: the fresh rows that go to slots", "rows">,
      TGNN_Table<"pushed_slots", "I32", ["pushed"],
          "of a cache lookup: the slot of each", "cache", 1>
    ]>;
def TGNN_NeighbourhoodType : TGNN_Type<"Neighbourhood", "neighbourhood",
    "the sampled temporal neighbours of a query set", [
      TGNN_Table<"nodes", "I32", ["queries", "neighbours"],
          "the neighbours, zero where there is none", "nodes">,
      TGNN_Table<"events", "I32", ["queries", "neighbours"],
          "the events that they were met in", "events">,
      TGNN_Table<"time_deltas", "F32", ["queries", "neighbours"],
          "the query's time minus the event's, in seconds">,
      TGNN_Table<"log_time_deltas", "F32", ["queries", "neighbours"],
          "ln(1 + that); made where a step function reads it">,
      TGNN_Table<"counts", "I32", ["queries"],
          "how many are valid: the first ones", "neighbours + 1">,
      TGNN_Table<"sequence_counts", "I32", ["queries"],
          "one more, of the query's own node and then these; made where a step "
          "function reads it", "neighbours + 2">
    ]>;
def TGNN_PendingType : TGNN_Type<"Pending", "pending",
    "the nodes of a frontier that have a pending message", [
      TGNN_Table<"rows", "I32", ["rows"], "their rows of the frontier, ascending",
          "frontier", 1>,
      TGNN_Table<"nodes", "I32", ["rows"], "the nodes", "nodes", 1>,
      TGNN_Table<"events", "I32", ["rows"], "the event of each message", "events">,
      TGNN_Table<"time_deltas", "F32", ["rows"],
          "its time minus the node's last update before it, in seconds">
    ]>;
def TGNN_ElapsedType : TGNN_Type<"Elapsed", "elapsed",
    "how long ago the nodes of a query set were updated", [
      TGNN_Table<"time_deltas", "F32", ["queries"], "in seconds">
    ]>;
def TGNN_CoOccurrenceType : TGNN_Type<"CoOccurrence", "co_occurrence",
    "how often the nodes of sequences occur", [
      TGNN_Table<"own", "F32", ["queries", "places"],
          "how often a place's node occurs in its own sequence, zero behind its "
          "end; made where a step function reads it">,
      TGNN_Table<"other", "F32", ["queries", "places"],
          "how often in the other; likewise">,
      TGNN_Table<"own_shares", "F32", ["queries", "shares"],
          "of each place, whether its node is its own sequence's first, and its "
          "share of the k neighbours behind it, zero behind the sequence's end; "
          "made where a step function reads it">,
      TGNN_Table<"other_shares", "F32", ["queries", "shares"],
          "the same in the other; likewise">
    ]>;
def TGNN_WalkFeaturesType : TGNN_Type<"WalkFeatures", "walk_features",
    "how the temporal walks of pairs of nodes meet", [
      TGNN_Table<"features", "F32", ["queries", "features"],
          "4 · (order + 1)² of a pair; of a neighbourhood as many for each of "
          "the k neighbours, zeros where there is none">
    ]>;
def TGNN_MailsType : TGNN_Type<"Mails", "mails",
    "the mails that lie in the slots of a query set's nodes", [
      TGNN_Table<"rows", "I32", ["queries", "slots"],
          "the row of each in `mail:NAME`, the latest one's first; behind the "
          "valid ones, rows that are zero", "mailbox">,
      TGNN_Table<"time_deltas", "F32", ["queries", "slots"],
          "the query's time minus the mail's, in seconds, zero behind the valid "
          "ones">,
      TGNN_Table<"counts", "I32", ["queries"],
          "how many are valid: the first ones", "slots + 1">
    ]>;
def TGNN_DeliveriesType : TGNN_Type<"Deliveries", "deliveries",
    "the mails of a batch and the slots that they reach", [
      TGNN_Table<"events", "I32", ["mails"],
          "the event of each mail: those of the sources, then those of the "
          "destinations", "events">,
      TGNN_Table<"self_rows", "I32", ["mails"],
          "the row of the end that sends it among the targets", "targets">,
      TGNN_Table<"other_rows", "I32", ["mails"],
          "that of its event's other end", "targets">,
      TGNN_Table<"rows", "I32", ["rows"],
          "the rows of `mail:NAME` that are written, each once", "mailbox", 1>,
      TGNN_Table<"reference_offsets", "I32", ["offsets"],
          "where the mails of each row begin, and where the last one's end">,
      TGNN_Table<"references", "I32", ["references"],
          "these mails, in the order of their events; a row becomes their mean",
          "mails">
    ]>;
def TGNN_EndpointsType : TGNN_Type<"Endpoints", "endpoints",
    "the distinct endpoints of a batch's events", [
      TGNN_Table<"nodes", "I32", ["rows"], "the nodes, ascending", "nodes", 1>,
      TGNN_Table<"self_rows", "I32", ["rows"], "the row of each in the frontier",
          "frontier">,
      TGNN_Table<"other_rows", "I32", ["rows"],
          "the row of the other endpoint of the event that its message is of",
          "frontier">,
      TGNN_Table<"other_queries", "I32", ["rows"],
          "the row of that event's query of that endpoint", "targets">
    ]>;
def TGNN_PairsType : TGNN_Type<"Pairs", "pairs",
    "the pairs of queries that are scored", [
      TGNN_Table<"sources", "I32", ["pairs"],
          "the row of each pair's source among the targets", "targets">,
      TGNN_Table<"destinations", "I32", ["pairs"], "that of its destination",
          "targets">,
      TGNN_Table<"labels", "I32", ["pairs"],
          "of a batch: 1 of an event, 0 of a negative", "2">
    ]>;

def TGNN_LabelledRowsType : TGNN_Type<"LabelledRows", "labelled_rows",
    "which targets are labelled", [
      TGNN_Table<"self", "I32", ["labels"],
          "of each label, the row of its node among the targets", "rows">,
      TGNN_Table<"self_offsets", "I32", ["offsets"],
          "the inverse of `self` in compressed rows: where each target's labels "
          "begin, and where the last one's end">,
      TGNN_Table<"self_references", "I32", ["labels"],
          "these labels, ascending", "labels">
    ]>;
def TGNN_LabelsType : TGNN_Type<"Labels", "labels",
    "what the labels of a batch say", [
      TGNN_Table<"events", "I32", ["labels"],
          "the event that each is of; of labels of nodes, that in whose batch it "
          "is asked for", "events">,
      TGNN_Table<"values", "F32", ["labels", "outputs"],
          "a number, or the share of each class">
    ]>;

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

def TGNN_MailKeepEnum : TGNN_Enum<"MailKeep",
    "what a mailbox keeps of the mails of a batch", [
      I32EnumAttrCase<"Mean", 0, "mean">,
      I32EnumAttrCase<"Last", 1, "last">,
      I32EnumAttrCase<"All", 2, "all">
    ]>;
def TGNN_MailKeepAttr
    : EnumAttr<TGNN_Dialect, TGNN_MailKeepEnum, "mail_keep"> {
  let assemblyFormat = "`` $value";
}
def TGNN_MessageChoiceEnum : TGNN_Enum<"MessageChoice",
    "which of a node's events in a batch its message is of", [
      I32EnumAttrCase<"Latest", 0, "latest">,
      I32EnumAttrCase<"DestinationLast", 1, "destination_last">
    ]>;
def TGNN_MessageChoiceAttr
    : EnumAttr<TGNN_Dialect, TGNN_MessageChoiceEnum, "messages"> {
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
      I32EnumAttrCase<"GapRates", 6, "gap_rates">,
      I32EnumAttrCase<"Normal", 7, "normal">
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
      I32EnumAttrCase<"Causal", 1, "causal">,
      I32EnumAttrCase<"Separate", 2, "separate">
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

def TGNN_LossKindEnum : TGNN_Enum<"LossKind",
    "how far predictions are from labels", [
      I32EnumAttrCase<"CrossEntropy", 0, "cross_entropy">,
      I32EnumAttrCase<"BinaryCrossEntropy", 1, "binary_cross_entropy">,
      I32EnumAttrCase<"SquaredError", 2, "squared_error">
    ]>;
def TGNN_LossKindAttr : EnumAttr<TGNN_Dialect, TGNN_LossKindEnum, "loss"> {
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
