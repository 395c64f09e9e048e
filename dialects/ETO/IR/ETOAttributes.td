//===- ETOAttributes.td - Schedules, programs, reuse ----------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_ETO_IR_ETOATTRIBUTES_TD
#define ORCINUS_DIALECTS_ETO_IR_ETOATTRIBUTES_TD

include "dialects/ETO/IR/ETOBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"

class ETO_Attr<string name, string attrMnemonic> : AttrDef<ETO_Dialect, name> {
  let mnemonic = attrMnemonic;
  let genVerifyDecl = 1;
}

def ETO_SourceEnum : I32EnumAttr<"Source", "how a program was found", [
    I32EnumAttrCase<"Search", 0, "search">,
    I32EnumAttrCase<"Reuse", 1, "reuse">,
    I32EnumAttrCase<"Bridge", 2, "bridge">,
    I32EnumAttrCase<"Default", 3, "default">
  ]> {
  let cppNamespace = "::orcinus::eto";
  let genSpecializedAttr = 0;
}

def ETO_ScheduleAttr : ETO_Attr<"Schedule", "schedule"> {
  let summary = "how an operator is executed";
  let description = [{
    Named integers in the order of the schedule space that they are a point of.
    What they mean, and which of them go together, is known to the lowering of
    the operator's family alone, which rejects what it cannot do. One of no
    integers leaves all to the lowering.

    ```mlir
    #eto.schedule<tile_rows = 6, panel_vectors = 2, reduction_block = 0>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names,
                        ArrayRefParameter<"int64_t">:$values);
  let builders = [AttrBuilder<(ins "const ::orcinus::Schedule &":$schedule)>];
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// The schedule as the tuner knows it.
    ::orcinus::Schedule toSchedule() const;
  }];
}

def ETO_DispatchAttr : ETO_Attr<"Dispatch", "dispatch"> {
  let summary = "a schedule for each bucket of a dynamic extent";
  let description = [{
    The first schedule is that of a loop `loop` of at most so many iterations as
    the first bound, the second that of more, up to the second bound, and so on.
    The last schedule has no bound.

    ```mlir
    #eto.dispatch<loop 0, <tile_rows = 4> to 512, <tile_rows = 6>>
    ```
  }];
  let parameters = (ins "unsigned":$loop,
                        ArrayRefParameter<"::orcinus::eto::ScheduleAttr">:$schedules,
                        ArrayRefParameter<"int64_t">:$bounds);
  let hasCustomAssemblyFormat = 1;
}

def ETO_ProgramAttr : ETO_Attr<"Program", "program"> {
  let summary = "program information: the best program of an operator";
  let description = [{
    A schedule, the time that its program was measured to take (0 where it was
    not measured), and how it was found.

    ```mlir
    #eto.program<schedule = <tile_rows = 6>, microseconds = 12.5, source = reuse>
    ```
  }];
  let parameters = (ins "::orcinus::eto::ScheduleAttr":$schedule,
                        APFloatParameter<"">:$time,
                        EnumParameter<ETO_SourceEnum>:$source);
  let builders = [
    AttrBuilderWithInferredContext<(ins
        "::orcinus::eto::ScheduleAttr":$schedule, "double":$microseconds,
        "::orcinus::eto::Source":$source), [{
      return $_get(schedule.getContext(), schedule,
                   ::llvm::APFloat(microseconds), source);
    }]>
  ];
  let extraClassDeclaration = [{
    double getMicroseconds() const { return getTime().convertToDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
}

def ETO_InstanceAttr : ETO_Attr<"Instance", "instance"> {
  let summary = "an operator with all extents known";
  let description = [{
    An `eto.operator`, at one of its buckets where it has some (else `bucket` is
    0).

    ```mlir
    #eto.instance<@linear[512]>
    ```
  }];
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$op, "int64_t":$bucket);
  let hasCustomAssemblyFormat = 1;
}

def ETO_ReuseEdgeAttr : ETO_Attr<"ReuseEdge", "reuse_edge"> {
  let summary = "what tuning an operator from another one's program costs";
  let description = [{
    The seconds that tuning `target` is expected to take where `source` is tuned
    already, a penalty for the speed that may be lost included; without a
    source, those of the backend search.

    ```mlir
    #eto.reuse_edge<root -> @linear[512], 14.5>
    #eto.reuse_edge<@linear[512] -> @linear[1024], 2.25>
    ```
  }];
  let parameters = (ins OptionalParameter<"::orcinus::eto::InstanceAttr">:$source,
                        "::orcinus::eto::InstanceAttr":$target,
                        APFloatParameter<"">:$cost);
  let builders = [
    AttrBuilderWithInferredContext<(ins
        "::orcinus::eto::InstanceAttr":$source,
        "::orcinus::eto::InstanceAttr":$target, "double":$seconds), [{
      return $_get(target.getContext(), source, target,
                   ::llvm::APFloat(seconds));
    }]>
  ];
  let extraClassDeclaration = [{
    double getSeconds() const { return getCost().convertToDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
}

def ETO_ReuseGraphAttr : ETO_Attr<"ReuseGraph", "reuse_graph"> {
  let summary = "whose program could inform whose tuning";
  let description = [{
    The operators that are asked for, possible bridges between them, and an edge
    for each way to tune one. Stands on a module as `eto.reuse_graph`; the
    operators are those of the module.

    ```mlir
    #eto.reuse_graph<operators [@linear[256], @linear[1024]],
                     bridges [@linear_bridge],
                     edges [<root -> @linear[256], 14.5>,
                            <@linear[256] -> @linear_bridge, 2.0>]>
    ```
  }];
  let parameters = (ins
    OptionalArrayRefParameter<"::orcinus::eto::InstanceAttr">:$operators,
    OptionalArrayRefParameter<"::orcinus::eto::InstanceAttr">:$bridges,
    OptionalArrayRefParameter<"::orcinus::eto::ReuseEdgeAttr">:$edges);
  let hasCustomAssemblyFormat = 1;
}

def ETO_PlanAttr : ETO_Attr<"Plan", "plan"> {
  let summary = "in which order a set of operators is tuned, and from what";
  let description = [{
    One edge of the reuse graph for each operator that is tuned, its source
    before it. Stands on a module as `eto.plan`.

    ```mlir
    #eto.plan<[<root -> @linear[256], 14.5>,
               <@linear[256] -> @linear[512], 2.25>]>
    ```
  }];
  let parameters = (ins
    OptionalArrayRefParameter<"::orcinus::eto::ReuseEdgeAttr">:$steps);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// The expected seconds of all steps.
    double getSeconds() const;
  }];
}

#endif // ORCINUS_DIALECTS_ETO_IR_ETOATTRIBUTES_TD
